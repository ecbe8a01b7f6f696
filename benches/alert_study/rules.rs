//! The shipped rules, ready to be asked of a database that holds no recorded series: each recorded name is replaced by
//! what it stands for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

/// One alerting rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) alert: String,
    pub(crate) severity: String,
    pub(crate) category: String,
    /// In terms of what is scraped.
    pub(crate) expression: String,
    /// Seconds.
    pub(crate) hold: i64,
    /// Seconds.
    pub(crate) keep: i64,
}

/// All of them.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) alerts: Vec<Rule>,
}

/// A file of the project.
pub(crate) fn project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn yaml(path: &str) -> Value {
    let text = std::fs::read_to_string(project(path)).expect("the file is part of the project");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Tells rules from others: the beginning of a hash of all that decides when they fire, their texts left out.
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

/// Seconds of `5m` and the like; 0 for nothing.
fn seconds(value: &Value) -> i64 {
    let Some(text) = value.as_str() else { return 0 };
    let (number, unit) = text.split_at(text.len() - 1);
    let number: i64 = number.parse().expect("one number and one unit");
    number
        * match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            other => panic!("{text}: the unit {other} is not expected here"),
        }
}

impl Rules {
    /// The rules as they are shipped, after `change` of the text of the alerts' expressions.
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
            expression: inlined(&change(&text(&rule["alert"]), &text(&rule["expr"])), &recorded),
            hold: seconds(&rule["for"]),
            keep: seconds(&rule["keep_firing_for"]),
        });
        Self { alerts: alerts.collect() }
    }

    /// The names of everything scraped that they use.
    pub(crate) fn families(&self) -> BTreeSet<String> {
        let names = self.alerts.iter().flat_map(|rule| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            rule.expression.split(move |c: char| !is_name(c)).map(str::to_owned).collect::<Vec<_>>()
        });
        names.filter(|name| name.starts_with("wolkvox_") || name == "up").collect()
    }
}

/// `expression` without recorded names.
fn inlined(expression: &str, recorded: &BTreeMap<String, String>) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (mut done, mut rest) = (String::new(), expression);
    while let Some(start) = rest.find(is_name) {
        done.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after;
        let Some(meaning) = recorded.get(name) else {
            assert!(!name.contains(':'), "{name} is recorded nowhere");
            done.push_str(name);
            continue;
        };
        let meaning = inlined(meaning, recorded);
        // A selection can stand behind a name only: what it selects is told by a family that has the same labels.
        if let Some(selection) = rest.strip_prefix('{') {
            let (selection, after) = selection.split_once('}').expect("the brace is closed");
            assert!(selection.starts_with("collector"), "{name}{{{selection}}}: only collectors are selected so far");
            rest = after;
            let interval = format!("wolkvox_collector_interval_seconds{{{selection}}}");
            done += &["((", &meaning, ") and on (operation, collector) ", &interval, ")"].concat();
        } else {
            done += &["(", &meaning, ")"].concat();
        }
    }
    done.push_str(rest);
    done
}
