//! A Prometheus with a simulated morning of 200 skills that repeats itself for a week. The samples of half-hours repeat for a
//! month, because tiles of the manager's dashboard add them up.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::history::{at, prometheus_with_history, simulate_morning};
use crate::remote_write::{Request, Sending};
use crate::support::dashboard::{files, folder, list};
use crate::support::peers::PrometheusVersion;
use crate::support::prometheus::Prometheus;

/// The end of the part that repeats. It is before wolkvox refuses the token.
const END: &str = "2026-11-17T11:30:00-05:00";
/// The length of that part.
const PART: i64 = 6 * 3_600;
/// How many times it is there: 7 days, and 31 days.
const WEEK: i64 = 7 * 24 * 3_600 / PART;
const MONTH: i64 = 31 * 24 * 3_600 / PART;

/// Seconds in one request. Prometheus accepts samples that are less than an hour older than the newest ones.
const SLICE: i64 = 1_800;
/// Series in one request.
const BATCH: usize = 2_000;

/// A series of the part that repeats.
struct Series {
    /// Sorted by name.
    labels: BTreeMap<String, String>,
    /// Milliseconds and values.
    samples: Vec<(i64, f64)>,
    is_of_half_hours: bool,
}

/// The moment at which the dashboards end.
pub(crate) fn end() -> Timestamp {
    at(END)
}

/// A Prometheus with that data.
pub(crate) async fn prometheus() -> Prometheus {
    let version = PrometheusVersion::V3;
    let series = {
        let morning = simulate_morning();
        let source = prometheus_with_history(version, morning.path(), end()).await;
        series_of(&source).await
    };
    let flags = ["--web.enable-remote-write-receiver"];
    let prometheus = Prometheus::start_with_flags(version, "scrape_configs: []\n", &[], &flags, &[]).await;
    for times_before in (0..MONTH).rev() {
        write(prometheus.url(), &series, times_before).await;
    }
    // Blocks are made of all that is older than some hours, as in a Prometheus that has run for long.
    let folder = prometheus.stop_and_keep().await.expect("Prometheus stops");
    Prometheus::start_over(version, folder).await
}

/// The series of the part that repeats, as far as a dashboard reads them.
async fn series_of(source: &Prometheus) -> Vec<Series> {
    let boards: String = files(&folder()).values().map(ToString::to_string).collect();
    let names = source.api("/api/v1/label/__name__/values", &[]).await.expect("Prometheus has names");
    let names = names.as_array().cloned().unwrap_or_default();
    let mut all = Vec::new();
    for name in names.iter().filter_map(Value::as_str).filter(|name| boards.contains(name)) {
        let query = format!("{name}[{PART}s]");
        let found = source.api("/api/v1/query", &[("query", &query), ("time", END)]).await;
        let found = found.unwrap_or_else(|error| panic!("{query}: {error}"));
        for series in list(&found, "result") {
            let labels = series["metric"].as_object().into_iter().flatten();
            let labels = labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
            let sample = |pair: &Value| Some(((pair[0].as_f64()? * 1e3) as i64, pair[1].as_str()?.parse().ok()?));
            let samples = list(series, "values").iter().filter_map(sample).collect();
            all.push(Series { labels, samples, is_of_half_hours: name.ends_with(":half_hour") });
        }
    }
    all
}

/// Writes the part so many times earlier.
async fn write(url: &str, series: &[Series], times_before: i64) {
    let shift = SignedDuration::from_secs(PART * times_before);
    let start = (end() - SignedDuration::from_secs(PART)).as_millisecond();
    let wanted: Vec<&Series> = series.iter().filter(|one| times_before < WEEK || one.is_of_half_hours).collect();
    for slice in 0..PART / SLICE {
        // A sample at the start belongs to the part before.
        let from = start + slice * SLICE * 1_000;
        let is_in = |at: i64| from < at && at <= from + SLICE * 1_000;
        let mut sending = Sending::to(url);
        for batch in wanted.chunks(BATCH) {
            let mut request = Request::default();
            for one in batch {
                let samples = one.samples.iter().filter(|(at, _)| is_in(*at));
                let mut samples = samples.map(|(at, value)| (at - shift.as_millis() as i64, *value)).peekable();
                if samples.peek().is_some() {
                    let labels = one.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                    request.add(labels, samples);
                }
            }
            sending.send(request).await;
        }
        sending.end().await;
    }
}
