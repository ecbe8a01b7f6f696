//! The shipped rules, `alerts/*.rules.yml`, and the series that they may read.

use std::path::{Path, PathBuf};

use serde_json::Value;
use wolkvox_exporter::metrics::catalogue;

use super::promql::{self, Known, Labels, Query};

/// The files of rules, in the order in which Prometheus needs them: recorded series first.
pub(crate) const FILES: [&str; 4] = [SITE, RECORDING, HALF_HOURS, ALERTS];

/// The addresses of a site.
pub(crate) const SITE: &str = "wolkvox-addresses.rules.yml";

/// The series with the addresses of a site: its labels are the beginnings of all links.
pub(crate) const ADDRESSES: &str = "site:wolkvox_addresses:timestamp";

/// The recorded series that alerts and dashboards read.
pub(crate) const RECORDING: &str = "wolkvox-recording.rules.yml";

/// The recorded half-hours, which only the manager's dashboard reads.
pub(crate) const HALF_HOURS: &str = "wolkvox-half-hours.rules.yml";

/// The alerts.
pub(crate) const ALERTS: &str = "wolkvox-alerts.rules.yml";

/// The labels that Prometheus adds to every series that it scrapes.
const TARGET: [&str; 2] = ["job", "instance"];

/// A label of the exporter, and its name if the target has a label of the same name and the job has no `honor_labels`.
const REPLACED: [(&str, &str); 2] = [("operation", "exported_operation"), ("team", "exported_team")];

/// An alerting rule.
#[derive(Clone, Debug)]
pub(crate) struct Alert {
    /// Its name. Two rules with different severity can have the same name.
    pub(crate) name: String,
    /// Its severity.
    pub(crate) severity: String,
    /// Its category.
    pub(crate) category: String,
    /// The labels that come from its expression.
    pub(crate) labels: Labels,
    /// The rule as in the file.
    pub(crate) rule: Value,
}

/// A file or folder in `alerts`.
pub(crate) fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts").join(name)
}

/// A YAML file.
///
/// # Panics
/// When it cannot be read.
pub(crate) fn yaml(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The elements of an array. None if the value is not an array.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text.
///
/// # Panics
/// When it is something else.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("expected a text, not {value}"))
}

/// The groups of rules, in their order.
pub(crate) fn groups() -> Vec<Value> {
    FILES.iter().flat_map(|file| list(&yaml(&shipped(file))["groups"]).to_vec()).collect()
}

/// All rules, in their order.
pub(crate) fn rules() -> Vec<Value> {
    groups().iter().flat_map(|group| list(&group["rules"]).to_vec()).collect()
}

/// Every alert of the rules.
///
/// # Panics
/// When there is none, or one has no severity or no category.
pub(crate) fn alerts() -> Vec<Alert> {
    alerts_of(&rules())
}

/// Every alert of `rules`.
///
/// # Panics
/// As [`alerts`].
pub(crate) fn alerts_of(rules: &[Value]) -> Vec<Alert> {
    let alerts: Vec<Alert> = read(rules)
        .0
        .into_iter()
        .filter(|(rule, _)| rule.get("alert").is_some())
        .map(|(rule, query)| Alert {
            name: text(&rule["alert"]).to_owned(),
            severity: text(&rule["labels"]["severity"]).to_owned(),
            category: text(&rule["labels"]["category"]).to_owned(),
            labels: query.labels,
            rule: rule.clone(),
        })
        .collect();
    assert!(!alerts.is_empty(), "the rules have no alert");
    alerts
}

/// Reads the expressions of `rules`. Also returns all scraped and recorded series.
pub(crate) fn read(rules: &[Value]) -> (Vec<(&Value, Query)>, Known) {
    let mut known = scraped();
    // A rule may read its own last value, and what a later group records, so the labels of a series are complete only
    // after it was read twice.
    for rule in rules.iter().chain(rules) {
        if let Some(record) = rule.get("record") {
            let labels = query(rule, &known).labels;
            known.insert(text(record).to_owned(), labels);
        }
    }
    let queries = rules.iter().map(|rule| (rule, query(rule, &known))).collect();
    (queries, known)
}

/// The expression of a rule, with the labels that the rule adds to a recorded series.
fn query(rule: &Value, known: &Known) -> Query {
    let mut query = promql::read(text(&rule["expr"]), known);
    if rule.get("record").is_some() {
        query.labels.extend(rule["labels"].as_object().into_iter().flat_map(|labels| labels.keys().cloned()));
    }
    query
}

/// The series that Prometheus gets from the exporter, and `up`.
fn scraped() -> Known {
    let mut known = Known::new();
    let mut add = |name: String, labels: &[&str]| {
        let replaced = REPLACED.iter().filter(|(label, _)| labels.contains(label)).map(|(_, replaced)| replaced);
        known.insert(name, labels.iter().chain(&TARGET).chain(replaced).map(ToString::to_string).collect());
    };
    add("up".to_owned(), &[]);
    for family in catalogue::families() {
        if family.kind == "histogram" {
            add(format!("{}_bucket", family.name), &[family.labels, &["le"]].concat());
            add(format!("{}_sum", family.name), family.labels);
            add(format!("{}_count", family.name), family.labels);
        } else {
            add(family.name.to_owned(), family.labels);
        }
    }
    known
}
