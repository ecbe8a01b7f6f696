//! When alerts fire and who is told: expressions are evaluated by Prometheus's own engine over a whole period, `for` and
//! `keep_firing_for` as its rule manager has them, inhibition as the shipped Alertmanager configuration has it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::rules::{Rule, Rules, yaml};
use crate::support::prometheus::Prometheus;

/// Seconds between two evaluations.
pub(crate) const STEP: i64 = 60;

/// Evaluations in one question. Prometheus allows 11,000; a day or so is answered within the patience of the client.
const POINTS: i64 = 1500;

pub(crate) type Labels = BTreeMap<String, String>;

/// One alert from firing to its end.
#[derive(Clone, Debug)]
pub(crate) struct Firing {
    pub(crate) rule: Rule,
    /// Those of the expression, with the rule's own.
    pub(crate) labels: Labels,
    /// Unix time, seconds.
    pub(crate) from: i64,
    /// Where it ended, or the period did.
    pub(crate) until: i64,
}

impl Firing {
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// What fires between two moments.
pub(crate) async fn firings(prometheus: &Prometheus, rules: &Rules, from: i64, until: i64) -> Vec<Firing> {
    let mut found = Vec::new();
    for rule in &rules.alerts {
        let mut series: BTreeMap<Labels, Vec<i64>> = BTreeMap::new();
        let mut start = from;
        while start < until {
            let end = (start + POINTS * STEP).min(until) - STEP;
            let [query, first, last, step] =
                [rule.expression.clone(), start.to_string(), end.to_string(), STEP.to_string()];
            let range = [("query", query.as_str()), ("start", &first), ("end", &last), ("step", &step)];
            let answer = prometheus.api("/api/v1/query_range", &range).await;
            // The error repeats the question, which is pages long; what went wrong stands at its end.
            let answer = answer.unwrap_or_else(|error| {
                let end: String = error.chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
                panic!("{}: …{end}", rule.alert)
            });
            for one in answer["result"].as_array().into_iter().flatten() {
                let moments = one["values"].as_array().into_iter().flatten();
                let moments = moments.filter_map(|value| value[0].as_f64()).map(|at| at as i64);
                series.entry(labels(&one["metric"])).or_default().extend(moments);
            }
            start = end + STEP;
        }
        for (mut labels, moments) in series {
            labels.insert("alertname".to_owned(), rule.alert.clone());
            labels.insert("severity".to_owned(), rule.severity.clone());
            labels.insert("category".to_owned(), rule.category.clone());
            for (from, until) in spans(&moments, rule.hold, rule.keep, until) {
                found.push(Firing { rule: rule.clone(), labels: labels.clone(), from, until });
            }
        }
    }
    found.sort_by_key(|firing| firing.from);
    found
}

fn labels(metric: &Value) -> Labels {
    let labels = metric.as_object().into_iter().flatten().filter(|(name, _)| *name != "__name__");
    labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// From the moments at which an expression held to the spans in which its alert fires.
pub(crate) fn spans(moments: &[i64], hold: i64, keep: i64, end: i64) -> Vec<(i64, i64)> {
    let mut spans = Vec::new();
    let (mut active, mut firing, mut last): (Option<i64>, Option<i64>, i64) = (None, None, 0);
    for &moment in moments {
        let gap = moment - last > STEP;
        if let Some(since) = firing
            && gap
            && moment - last - STEP >= keep
        {
            spans.push((since, last + STEP + keep));
            (active, firing) = (None, None);
        } else if firing.is_none() && gap {
            active = None;
        }
        let since = *active.get_or_insert(moment);
        if firing.is_none() && moment - since >= hold {
            firing = Some(moment);
        }
        last = moment;
    }
    spans.extend(firing.map(|since| (since, (last + STEP + keep).min(end))));
    spans
}

/// Rules of inhibition.
pub(crate) struct Inhibition(Vec<Value>);

impl Inhibition {
    pub(crate) fn shipped() -> Self {
        Self(yaml("alerts/alertmanager.yml")["inhibit_rules"].as_array().cloned().unwrap_or_default())
    }

    /// Whether nobody is told when `firing` begins, because another of `all` fires at that time or within the grouping
    /// time after it.
    pub(crate) fn silences(&self, firing: &Firing, all: &[Firing]) -> bool {
        self.0.iter().any(|rule| {
            matches(&rule["target_matchers"], &firing.labels)
                && all.iter().any(|source| {
                    source.from <= firing.from + STEP
                        && firing.from < source.until
                        && matches(&rule["source_matchers"], &source.labels)
                        && !(matches(&rule["source_matchers"], &firing.labels)
                            && matches(&rule["target_matchers"], &source.labels))
                        && rule["equal"]
                            .as_array()
                            .into_iter()
                            .flatten()
                            .filter_map(Value::as_str)
                            .all(|label| source.label(label) == firing.label(label))
                })
        })
    }
}

/// Whether all matchers, written as in Alertmanager's file, hold.
fn matches(matchers: &Value, labels: &Labels) -> bool {
    matchers.as_array().into_iter().flatten().filter_map(Value::as_str).all(|matcher| {
        let at = matcher.find(['=', '!']).expect("a matcher compares");
        let (name, rest) = matcher.split_at(at);
        let sign: String = rest.chars().take_while(|c| "=!~".contains(*c)).collect();
        let value = rest[sign.len()..].trim().trim_matches('"');
        let is = labels.get(name.trim()).map_or("", String::as_str);
        match sign.as_str() {
            "=" => is == value,
            "!=" => is != value,
            "=~" => is_like(is, value),
            "!~" => !is_like(is, value),
            other => panic!("{matcher}: {other} is no comparison"),
        }
    })
}

/// Of regular expressions the file uses alternatives of whole words, and `.+` at the end.
fn is_like(text: &str, pattern: &str) -> bool {
    pattern.split('|').any(|one| match one.strip_suffix(".+") {
        Some(start) => text.len() > start.len() && text.starts_with(start),
        None => text == one,
    })
}
