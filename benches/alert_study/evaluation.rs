//! Evaluates when alerts fire and which of them are sent. Prometheus evaluates the expressions over the whole period.
//! `for` and `keep_firing_for` are applied here as its rule manager applies them, and the inhibition rules come from
//! the shipped Alertmanager configuration.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::rules::{Rule, Rules, yaml};
use crate::support::prometheus::Prometheus;

/// Seconds between two evaluations.
pub(crate) const STEP: i64 = 60;

/// Evaluations in one query. Prometheus allows 11,000; about a day keeps each query below the timeout of the client.
const POINTS: i64 = 1500;
/// A query with fewer evaluations than this is not made shorter when it fails.
const FEWEST_POINTS: i64 = 50;

pub(crate) type Labels = BTreeMap<String, String>;

/// One alert, from the time it starts to fire to the time it ends.
#[derive(Clone, Debug)]
pub(crate) struct FiredAlert {
    pub(crate) rule: Rule,
    /// Labels of the expression result and of the rule.
    pub(crate) labels: Labels,
    /// Start as Unix time in seconds.
    pub(crate) from: i64,
    /// End of the alert, or of the period if the alert still fires, as Unix time in seconds.
    pub(crate) until: i64,
}

impl FiredAlert {
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// All alerts that fire between two times, sorted by start.
pub(crate) async fn fired_alerts(prometheus: &Prometheus, rules: &Rules, from: i64, until: i64) -> Vec<FiredAlert> {
    fired_alerts_every(STEP, prometheus, rules, from, until).await
}

/// [`fired_alerts`] with an evaluation every `step` seconds.
pub(crate) async fn fired_alerts_every(
    step: i64,
    prometheus: &Prometheus,
    rules: &Rules,
    from: i64,
    until: i64,
) -> Vec<FiredAlert> {
    let mut found = Vec::new();
    for rule in &rules.alerts {
        let mut series: BTreeMap<Labels, Vec<i64>> = BTreeMap::new();
        let (mut start, mut points) = (from, POINTS);
        while start < until {
            let end = (start + points * step).min(until) - step;
            let [query, first, last, every] =
                [rule.expression.clone(), start.to_string(), end.to_string(), step.to_string()];
            let range = [("query", query.as_str()), ("start", &first), ("end", &last), ("step", &every)];
            let result = match prometheus.api("/api/v1/query_range", &range).await {
                Ok(result) => result,
                // On a busy machine a query can take longer than allowed. A shorter one takes less.
                Err(_) if points > FEWEST_POINTS => {
                    points /= 4;
                    continue;
                }
                // The error repeats the query, which is very long. The reason is at its end.
                Err(error) => {
                    let end: String = error.chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
                    panic!("{}: …{end}", rule.alert)
                }
            };
            for sample in result["result"].as_array().into_iter().flatten() {
                let times = sample["values"].as_array().into_iter().flatten();
                let times = times.filter_map(|value| value[0].as_f64()).map(|at| at as i64);
                series.entry(labels(&sample["metric"])).or_default().extend(times);
            }
            start = end + step;
        }
        for (mut labels, times) in series {
            labels.insert("alertname".to_owned(), rule.alert.clone());
            labels.insert("severity".to_owned(), rule.severity.clone());
            labels.insert("category".to_owned(), rule.category.clone());
            for (from, until) in firing_spans(&times, step, rule.for_seconds, rule.keep_firing_seconds, until) {
                found.push(FiredAlert { rule: rule.clone(), labels: labels.clone(), from, until });
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

/// The state of an alert, as the rule manager of Prometheus keeps it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlertState {
    for_seconds: i64,
    keep_firing_seconds: i64,
    /// Since when the expression is true.
    active: Option<i64>,
    firing: bool,
    last_true: i64,
}

/// What an evaluation changes for those who are notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Fires,
    Resolves,
    Nothing,
}

impl AlertState {
    pub(crate) fn new(for_seconds: i64, keep_firing_seconds: i64) -> Self {
        Self { for_seconds, keep_firing_seconds, active: None, firing: false, last_true: 0 }
    }

    /// Takes the result of the evaluation at this time.
    pub(crate) fn evaluate(&mut self, is_true: bool, at: i64) -> Change {
        let fired = self.firing;
        if is_true {
            self.last_true = at;
            let since = *self.active.get_or_insert(at);
            self.firing |= at - since >= self.for_seconds;
        } else if !fired || at - self.last_true > self.keep_firing_seconds {
            (self.active, self.firing) = (None, false);
        }
        match (fired, self.firing) {
            (false, true) => Change::Fires,
            (true, false) => Change::Resolves,
            _ => Change::Nothing,
        }
    }
}

/// Converts the times at which an expression was true into the spans during which its alert fires.
pub(crate) fn firing_spans(
    times: &[i64],
    step: i64,
    for_seconds: i64,
    keep_firing_seconds: i64,
    end: i64,
) -> Vec<(i64, i64)> {
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return Vec::new() };
    let mut spans = Vec::new();
    let mut state = AlertState::new(for_seconds, keep_firing_seconds);
    let (mut fires_since, mut left) = (None, times.iter().copied().peekable());
    for at in (first..=last).step_by(step.unsigned_abs() as usize) {
        let ends = state.last_true + step + keep_firing_seconds;
        match state.evaluate(left.next_if_eq(&at).is_some(), at) {
            Change::Fires => fires_since = Some(at),
            Change::Resolves => spans.extend(fires_since.take().map(|since| (since, ends))),
            Change::Nothing => {}
        }
    }
    assert!(left.peek().is_none(), "an expression was true between two evaluations");
    spans.extend(fires_since.map(|since| (since, (last + step + keep_firing_seconds).min(end))));
    spans
}

/// The inhibition rules of Alertmanager.
pub(crate) struct Inhibition(Vec<Value>);

impl Inhibition {
    pub(crate) fn shipped() -> Self {
        Self(yaml("alerts/alertmanager.yml")["inhibit_rules"].as_array().cloned().unwrap_or_default())
    }

    /// Whether no notification is sent when `firing` starts, because another alert of `all` fires at that time or
    /// within the grouping time after it.
    pub(crate) fn inhibits(&self, firing: &FiredAlert, all: &[FiredAlert]) -> bool {
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

/// Whether all matchers match. They are written as in the configuration of Alertmanager.
fn matches(matchers: &Value, labels: &Labels) -> bool {
    matchers.as_array().into_iter().flatten().filter_map(Value::as_str).all(|matcher| {
        let at = matcher.find(['=', '!']).expect("a matcher has an operator");
        let (name, rest) = matcher.split_at(at);
        let operator: String = rest.chars().take_while(|c| "=!~".contains(*c)).collect();
        let value = rest[operator.len()..].trim().trim_matches('"');
        let actual = labels.get(name.trim()).map_or("", String::as_str);
        match operator.as_str() {
            "=" => actual == value,
            "!=" => actual != value,
            "=~" => matches_pattern(actual, value),
            "!~" => !matches_pattern(actual, value),
            other => panic!("{matcher}: unknown operator {other}"),
        }
    })
}

/// Matches the subset of regular expressions that the file uses: alternatives of whole words, with `.+` at the end.
fn matches_pattern(text: &str, pattern: &str) -> bool {
    pattern.split('|').any(|one| match one.strip_suffix(".+") {
        Some(start) => text.len() > start.len() && text.starts_with(start),
        None => text == one,
    })
}
