//! Reads the shipped rules for a database without recorded series: each recorded name is replaced by its expression.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

/// One alerting rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) alert: String,
    pub(crate) severity: String,
    pub(crate) category: String,
    /// The expression, with scraped metrics only.
    pub(crate) expression: String,
    /// The rule's `for`.
    pub(crate) for_seconds: i64,
    /// The rule's `keep_firing_for`.
    pub(crate) keep_firing_seconds: i64,
}

/// All alerting rules.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) alerts: Vec<Rule>,
}

/// Path of a file of the project.
pub(crate) fn project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn yaml(path: &str) -> Value {
    let text = std::fs::read_to_string(project(path)).expect("the file is part of the project");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Identifies a version of the rules: the start of a hash over everything that decides when they fire. Annotations and
/// comments are not part of it, so a new wording needs no new study.
pub(crate) fn fingerprint() -> String {
    let mut hash = blake3::Hasher::new();
    for path in ["alerts/wolkvox-recording.rules.yml", "alerts/wolkvox-alerts.rules.yml"] {
        for rule in rules_of(path) {
            for key in ["record", "alert", "expr", "for", "keep_firing_for", "labels"] {
                hash.update(rule[key].to_string().as_bytes());
            }
        }
    }
    hash.finalize().to_hex()[..16].to_owned()
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn rules_of(path: &str) -> Vec<Value> {
    let file = yaml(path);
    elements(&file["groups"]).flat_map(|group| elements(&group["rules"])).cloned().collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Seconds of a duration such as `5m`; 0 if there is none.
fn seconds(value: &Value) -> i64 {
    let Some(text) = value.as_str() else { return 0 };
    let (number, unit) = text.split_at(text.len() - 1);
    let number: i64 = number.parse().expect("a duration is one number and one unit");
    number
        * match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            other => panic!("duration {text}: unknown unit {other}"),
        }
}

impl Rules {
    /// The shipped rules. `change` gets the name and expression of each alert and returns the expression to use.
    pub(crate) fn shipped(change: impl Fn(&str, &str) -> String) -> Self {
        let recorded: BTreeMap<String, String> = rules_of("alerts/wolkvox-recording.rules.yml")
            .iter()
            .map(|rule| (text(&rule["record"]), text(&rule["expr"])))
            .collect();
        let alerts = rules_of("alerts/wolkvox-alerts.rules.yml");
        let alerts = alerts.iter().map(|rule| Rule {
            alert: text(&rule["alert"]),
            severity: text(&rule["labels"]["severity"]),
            category: text(&rule["labels"]["category"]),
            expression: inline_recorded(&change(&text(&rule["alert"]), &text(&rule["expr"])), &recorded),
            for_seconds: seconds(&rule["for"]),
            keep_firing_seconds: seconds(&rule["keep_firing_for"]),
        });
        Self { alerts: alerts.collect() }
    }

    /// Names of all scraped metrics that the rules use.
    pub(crate) fn families(&self) -> BTreeSet<String> {
        let names = self.alerts.iter().flat_map(|rule| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            rule.expression.split(move |c: char| !is_name(c)).map(str::to_owned).collect::<Vec<_>>()
        });
        names.filter(|name| name.starts_with("wolkvox_") || name == "up").collect()
    }
}

/// Replaces recorded names in `expression` by their expressions.
fn inline_recorded(expression: &str, recorded: &BTreeMap<String, String>) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (mut done, mut rest) = (String::new(), expression);
    while let Some(start) = rest.find(is_name) {
        done.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after;
        let Some(definition) = recorded.get(name) else {
            assert!(!name.contains(':'), "{name}: no rule records this name");
            done.push_str(name);
            continue;
        };
        let definition = inline_recorded(definition, recorded);
        // PromQL allows a selector only after a metric name. Here it becomes a join with a metric that has the same
        // labels.
        if let Some(selector) = rest.strip_prefix('{') {
            let (selector, after) = selector.split_once('}').expect("the brace is closed");
            assert!(selector.starts_with("collector"), "{name}{{{selector}}}: only the label collector is supported");
            rest = after;
            let interval = format!("wolkvox_collector_interval_seconds{{{selector}}}");
            done += &["((", &definition, ") and on (operation, collector) ", &interval, ")"].concat();
        } else {
            done += &["(", &definition, ")"].concat();
        }
    }
    done.push_str(rest);
    done
}
