//! How much a counter has risen in Prometheus: by its samples, and by `increase()`, which extrapolates.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::series::{Name, Values, name};
use crate::support::prometheus::Prometheus;

/// The increase of a counter.
#[derive(Debug)]
pub(crate) struct Rise {
    /// From its first sample to its last. A decrease is a restart from 0.
    pub(crate) counted: f64,
    /// The result of `increase()`, which is absent for a single sample.
    increase: Option<f64>,
    /// The share that `increase()` may have added by extrapolation.
    extrapolated: f64,
}

/// At each end `increase()` extrapolates by half the average distance of two samples, or to the edge of its window if
/// the edge is nearer than this number of distances.
const EXTRAPOLATED: f64 = 1.1;

/// Seconds after a scrape, before the next one, so that `increase()` extrapolates to the edge of its window.
const AFTER_SCRAPE: f64 = 0.5;

/// The increase of each series of a counter in the last hour.
pub(crate) async fn rises(prometheus: &Prometheus, metric: &str) -> BTreeMap<Name, Rise> {
    let scraped = prometheus.query("timestamp(up)").await.unwrap()[0].value;
    let at = (scraped + AFTER_SCRAPE).to_string();
    let ask = async |expression: &str| {
        let data = prometheus.api("/api/v1/query", &[("query", expression), ("time", &at)]).await.unwrap();
        data["result"].as_array().expect("a vector").clone()
    };
    let named = |series: &Value| {
        let labels = series["metric"].as_object().expect("labels are an object").iter();
        let labels: Vec<(&str, &str)> = labels
            .filter(|(label, _)| !["__name__", "job", "instance"].contains(&label.as_str()))
            .map(|(label, value)| (label.as_str(), value.as_str().expect("a label is text")))
            .collect();
        name(metric, &labels)
    };
    let number =
        |sample: &Value| sample[1].as_str().and_then(|value| value.parse::<f64>().ok()).expect("a sample is a number");
    let window = format!("{metric}[1h]");
    let increases = ask(&format!("increase({window})")).await;
    let increases: Values = increases.iter().map(|series| (named(series), number(&series["value"]))).collect();
    let samples = ask(&window).await;
    let rises = samples.iter().map(|series| {
        let samples: Vec<f64> = series["values"].as_array().expect("samples are a list").iter().map(number).collect();
        let rise = |pair: &[f64]| if pair[1] < pair[0] { pair[1] } else { pair[1] - pair[0] };
        // A first sample of 0 is not extrapolated backwards.
        let ends = if samples[0] == 0.0 { 1.0 } else { 2.0 };
        let distances = samples.len().saturating_sub(1).max(1) as f64;
        let (name, counted) = (named(series), samples.windows(2).map(rise).sum());
        let increase = increases.get(&name).copied();
        (name, Rise { counted, increase, extrapolated: ends * EXTRAPOLATED / distances })
    });
    rises.collect()
}

impl Rise {
    /// Whether both results are between `least` and `most` events, apart from extrapolation.
    pub(crate) fn is_within(&self, least: f64, most: f64) -> bool {
        // The tolerance for floating-point errors.
        let nearly = 1e-9 * most;
        let extrapolated = most * (1.0 + self.extrapolated);
        (least..=most).contains(&self.counted)
            && self
                .increase
                .map_or(most == 0.0, |increase| (least - nearly..=extrapolated + nearly).contains(&increase))
    }
}
