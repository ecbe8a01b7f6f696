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
    /// Seconds between two evaluations, if its group has an interval of its own.
    pub(crate) interval: Option<i64>,
}

/// All alerting rules.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) alerts: Vec<Rule>,
}

/// The files of a set of rules, as paths of the project. They may be one file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuleFiles {
    pub(crate) recording: &'static str,
    pub(crate) alerts: &'static str,
}

/// The shipped rules.
pub(crate) const SHIPPED: RuleFiles =
    RuleFiles { recording: "alerts/wolkvox-recording.rules.yml", alerts: "alerts/wolkvox-alerts.rules.yml" };

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
    for (path, kind) in [(SHIPPED.recording, "record"), (SHIPPED.alerts, "alert")] {
        for rule in rules_of(path, kind) {
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

/// The rules of this kind, `record` or `alert`, in a file.
fn rules_of(path: &str, kind: &str) -> Vec<Value> {
    with_intervals(path, kind).into_iter().map(|(rule, _)| rule).collect()
}

/// The rules of this kind, and the seconds between two evaluations if their group has an interval of its own.
fn with_intervals(path: &str, kind: &str) -> Vec<(Value, Option<i64>)> {
    let file = yaml(path);
    let of_group = |group: &Value| {
        let interval = group["interval"].is_string().then(|| seconds(&group["interval"]));
        let rules = elements(&group["rules"]).filter(|rule| rule[kind].is_string());
        rules.map(|rule| (rule.clone(), interval)).collect::<Vec<_>>()
    };
    elements(&file["groups"]).flat_map(of_group).collect()
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

impl Rule {
    /// The rule of the file with this expression, in a group with this interval.
    fn new(rule: &Value, interval: Option<i64>, expression: String) -> Self {
        Self {
            alert: text(&rule["alert"]),
            severity: text(&rule["labels"]["severity"]),
            category: text(&rule["labels"]["category"]),
            expression,
            for_seconds: seconds(&rule["for"]),
            keep_firing_seconds: seconds(&rule["keep_firing_for"]),
            interval,
        }
    }
}

/// A recording rule.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) expression: String,
    /// Seconds between two evaluations, if its group has an interval of its own.
    pub(crate) interval: Option<i64>,
}

/// The recording rules by their names. Several rules may record one name, with different labels.
pub(crate) type RecordedRules = BTreeMap<String, Vec<Recorded>>;

fn recorded_rules(files: RuleFiles) -> RecordedRules {
    let mut all = RecordedRules::new();
    for (rule, interval) in with_intervals(files.recording, "record") {
        all.entry(text(&rule["record"])).or_default().push(Recorded { expression: text(&rule["expr"]), interval });
    }
    all
}

impl Rules {
    /// The shipped rules.
    pub(crate) fn shipped() -> Self {
        let recorded = recorded_rules(SHIPPED);
        let alerts = with_intervals(SHIPPED.alerts, "alert").into_iter().map(|(rule, interval)| {
            let expression = inline_recorded(&text(&rule["expr"]), &recorded);
            Rule::new(&rule, interval, expression)
        });
        Self { alerts: alerts.collect() }
    }

    /// The alerting rules with their expressions as they are written, and the recording rules by their names. `change`
    /// gets the name and expression of each recording rule and returns the expression to use.
    pub(crate) fn as_written(files: RuleFiles, change: impl Fn(&str, &str) -> String) -> (Vec<Rule>, RecordedRules) {
        let mut recorded = recorded_rules(files);
        for (name, rules) in &mut recorded {
            for rule in rules {
                rule.expression = change(name, &rule.expression);
            }
        }
        let alerts = with_intervals(files.alerts, "alert").into_iter();
        let alerts = alerts.map(|(rule, interval)| Rule::new(&rule, interval, text(&rule["expr"])));
        (alerts.collect(), recorded)
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
fn inline_recorded(expression: &str, recorded: &RecordedRules) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (mut done, mut rest) = (String::new(), expression);
    while let Some(start) = rest.find(is_name) {
        done.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after;
        let Some(rules) = recorded.get(name) else {
            assert!(!name.contains(':'), "{name}: no rule records this name");
            done.push_str(name);
            continue;
        };
        let definitions = rules.iter().map(|rule| inline_recorded(&rule.expression, recorded));
        let mut definition = definitions.collect::<Vec<_>>().join(") or (");
        // PromQL allows a selector only after a metric name. Here it becomes a join with a metric that has the same
        // labels.
        if let Some(selector) = rest.strip_prefix('{') {
            let (selector, after) = selector.split_once('}').expect("the brace is closed");
            assert!(selector.starts_with("collector"), "{name}{{{selector}}}: only the label collector is supported");
            rest = after;
            let interval = format!("wolkvox_collector_interval_seconds{{{selector}}}");
            definition = ["(", &definition, ") and on (operation, collector) ", &interval].concat();
        }
        // An offset is allowed only after a selector, and after a subquery. This one has one step, at the moment of the
        // evaluation, because the evaluations are at whole minutes.
        if let Some(offset) = rest.strip_prefix(" offset ") {
            let end = offset.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(offset.len());
            let (back, after) = offset.split_at(end);
            rest = after;
            done += &["last_over_time(((", &definition, "))[1m:1m] offset ", back, ")"].concat();
        } else {
            done += &["((", &definition, "))"].concat();
        }
    }
    done.push_str(rest);
    done
}
