//! The shipped dashboards: they match their source, pass the rules, use existing metrics, and are equal in both
//! languages.

#[path = "../support/mod.rs"]
mod support;

mod links;
mod promql;
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rules::{Known, RULES, findings};
use serde_json::{Value, json};
use support::dashboard::{MOST_QUERIES, files, files_as_opened, folder, list, queries_on_opening, text};
use support::process::run;

/// The dashboards by uid, first in English, then in Spanish.
fn languages() -> [std::collections::BTreeMap<String, Value>; 2] {
    [files(&folder()), files(&folder().join("es"))]
}

fn known() -> Known {
    Known::with_boards(languages().iter().flat_map(|boards| boards.values()))
}

/// The dashboard in which faults are planted.
fn wallboard() -> Value {
    files(&folder()).remove("wolkvox-wall").expect("the wallboard exists")
}

#[test]
fn every_dashboard_passes_every_rule() {
    let known = known();
    let [english, spanish] = languages();
    assert_eq!(english.len(), 7, "{:?}", english.keys());
    for (name, board) in english.iter().chain(&spanish) {
        assert_eq!(findings(board, &known), [""; 0], "{name} ({})", text(board, "uid"));
    }
}

/// A planted fault, the rule that must find it, and a part of its message.
struct Fault {
    rule: &'static str,
    message: &'static str,
    plant: fn(&mut Value),
}

/// Changes the expression of the first query of the first panel.
fn rewrite(board: &mut Value, change: impl Fn(&str) -> String) {
    let expression = &mut board["panels"][0]["targets"][0]["expr"];
    *expression = json!(change(expression.as_str().expect("the first panel has a query")));
}

/// The properties of the overrides for this name, on any panel.
fn properties<'a>(board: &'a mut Value, name: &'a str) -> impl Iterator<Item = &'a mut Value> {
    let panels = board["panels"].as_array_mut().expect("there are panels").iter_mut();
    let overrides = panels.filter_map(|panel| panel["fieldConfig"]["overrides"].as_array_mut()).flatten();
    let named = overrides.filter(move |one| one["matcher"]["options"] == name);
    named.filter_map(|one| one["properties"].as_array_mut()).flatten()
}

/// Changes the addresses of the links of the overrides for this name.
fn relink(board: &mut Value, name: &str, change: impl Fn(&str) -> String) {
    for property in properties(board, name).filter(|one| one["id"] == "links") {
        for link in property["value"].as_array_mut().expect("there are links") {
            link["url"] = json!(change(link["url"].as_str().expect("a link has an address")));
        }
    }
}

const RAW: &str = r#"{job=~"$job", instance=~"$instance", operation=~"$operation"}"#;

const FAULTS: [Fault; 58] = [
    Fault { rule: "classic", message: "__inputs", plant: |board| board["__inputs"] = json!([]) },
    Fault { rule: "classic", message: "spec", plant: |board| board["spec"] = json!({}) },
    Fault { rule: "classic", message: "schemaVersion", plant: |board| board["schemaVersion"] = json!(38) },
    Fault { rule: "classic", message: "editable", plant: |board| board["editable"] = json!(true) },
    Fault { rule: "classic", message: "missing uid", plant: |board| board["uid"] = json!("") },
    Fault {
        rule: "panel types",
        message: "piechart",
        plant: |board| board["panels"][0]["type"] = json!("grafana-piechart-panel"),
    },
    Fault { rule: "ids", message: "id 1", plant: |board| board["panels"][1]["id"] = json!(1) },
    Fault { rule: "grid", message: "overlaps", plant: |board| board["panels"][1]["gridPos"]["x"] = json!(3) },
    Fault { rule: "grid", message: "gaps", plant: |board| board["panels"][1]["gridPos"]["w"] = json!(3) },
    Fault { rule: "grid", message: "24 columns", plant: |board| board["panels"][5]["gridPos"]["x"] = json!(22) },
    Fault {
        rule: "grid",
        message: "a screen has 28",
        plant: |board| {
            for panel in board["panels"].as_array_mut().expect("there are panels").iter_mut().rev().take(2) {
                panel["gridPos"]["h"] = json!(13);
            }
        },
    },
    Fault {
        rule: "texts",
        message: "no unit",
        plant: |board| board["panels"][2]["fieldConfig"]["defaults"]["unit"] = Value::Null,
    },
    Fault { rule: "texts", message: "no title", plant: |board| board["panels"][2]["title"] = json!("") },
    Fault { rule: "texts", message: "no description", plant: |board| board["panels"][2]["description"] = json!("") },
    Fault {
        rule: "texts",
        message: "no noValue",
        plant: |board| board["panels"][2]["fieldConfig"]["defaults"]["noValue"] = json!(""),
    },
    Fault {
        rule: "missing values",
        message: "\"Waiting now\" has no value mapping",
        plant: |board| board["panels"][0]["fieldConfig"]["defaults"]["mappings"] = json!([]),
    },
    Fault {
        rule: "missing values",
        message: "has no value mapping for empty",
        plant: |board| {
            let panels = board["panels"].as_array_mut().expect("there are panels");
            let table = panels.iter_mut().find(|panel| panel["type"] == "table").expect("the wallboard has a table");
            table["fieldConfig"]["defaults"]["mappings"].as_array_mut().expect("there are mappings").pop();
        },
    },
    Fault {
        rule: "missing values",
        message: "the column \"Value #A\" has no value mapping",
        plant: |board| {
            for property in properties(board, "Value #A") {
                if property["id"] == "mappings" {
                    property["value"].as_array_mut().expect("there are mappings").pop();
                }
            }
        },
    },
    Fault {
        rule: "text columns",
        message: "skill_id",
        plant: |board| properties(board, "skill_id").filter(|one| one["id"] == "unit").for_each(|one| *one = json!({})),
    },
    Fault {
        rule: "data source",
        message: "P1809",
        plant: |board| board["panels"][3]["datasource"]["uid"] = json!("P1809F7CD0C75ACF3"),
    },
    Fault {
        rule: "data source",
        message: "has no data source",
        plant: |board| drop(board["panels"][3]["targets"][0].as_object_mut().expect("a target").remove("datasource")),
    },
    Fault {
        rule: "variables",
        message: "instance",
        plant: |board| board["templating"]["list"][2]["allValue"] = json!(".*"),
    },
    Fault {
        rule: "variables",
        message: "datasource",
        plant: |board| board["templating"]["list"][0]["query"] = json!("loki"),
    },
    Fault {
        rule: "variables",
        message: "$shift is not defined",
        plant: |board| rewrite(board, |old| old.replace("$skill_id", "$shift")),
    },
    Fault {
        rule: "variables",
        message: "no query uses $shift",
        plant: |board| {
            let mut unused = board["templating"]["list"][3].clone();
            unused["name"] = json!("shift");
            board["templating"]["list"].as_array_mut().expect("there are variables").push(unused);
        },
    },
    Fault {
        rule: "variables",
        message: "labels(job)",
        plant: |board| board["templating"]["list"][1]["query"]["query"] = json!("labels(job)"),
    },
    Fault {
        rule: "variables",
        message: "not the address that the alerts have",
        plant: |board| {
            let variables = board["templating"]["list"].as_array_mut().expect("there are variables");
            let runbook = variables.iter_mut().find(|one| one["name"] == "runbook").expect("it is a variable");
            runbook["query"]["query"] = json!("query_result(wolkvox_up)");
        },
    },
    Fault {
        rule: "series",
        message: "unknown series operation_skill:wolkvox_skill_queue:max",
        plant: |board| rewrite(board, |old| old.replacen("wolkvox_skill_calls_in_queue", "wolkvox_skill_queue", 1)),
    },
    Fault {
        rule: "series",
        message: "has no label skill",
        plant: |board| rewrite(board, |old| old.replacen("skill_id=", "skill=", 1)),
    },
    Fault {
        rule: "series",
        message: "use the recorded series",
        plant: |board| rewrite(board, |_| format!("sum(increase(wolkvox_skill_inbound_calls_total{RAW}[30m]))")),
    },
    Fault {
        rule: "series",
        message: "by (skill): the operand has no label skill",
        plant: |board| rewrite(board, |old| format!("max by (skill) ({old})")),
    },
    Fault { rule: "series", message: "is not PromQL", plant: |board| rewrite(board, |old| format!("sum({old}")) },
    Fault { rule: "series", message: "empty", plant: |board| rewrite(board, |_| String::new()) },
    Fault {
        rule: "target",
        message: "lacks the matcher instance",
        plant: |board| rewrite(board, |_| r#"sum(wolkvox_up{job=~"$job"})"#.to_owned()),
    },
    Fault {
        rule: "counters",
        message: "_total inside",
        plant: |board| rewrite(board, |_| format!("sum(wolkvox_transfers_total{RAW})")),
    },
    Fault {
        rule: "counters",
        message: "$__rate_interval",
        plant: |board| rewrite(board, |_| format!("sum(rate(wolkvox_transfers_total{RAW}[5m]))")),
    },
    Fault {
        rule: "counters",
        message: "wolkvox_up inside",
        plant: |board| rewrite(board, |_| format!("increase(wolkvox_up{RAW}[5m])")),
    },
    Fault {
        rule: "averages",
        message: "uses avg",
        plant: |board| rewrite(board, |old| old.replacen("sum(", "avg(", 1)),
    },
    Fault {
        rule: "labels",
        message: "no label queue",
        plant: |board| board["panels"][0]["targets"][0]["legendFormat"] = json!("{{queue}}"),
    },
    Fault {
        rule: "labels",
        message: "no label skill_id",
        plant: |board| {
            board["panels"][0]["targets"][0]["legendFormat"] = json!("{{skill_id}}");
            rewrite(board, |old| format!("sum({old})"));
        },
    },
    Fault {
        rule: "labels",
        message: "has no label target",
        plant: |board| {
            board["templating"]["list"][1]["query"]["query"] = json!("label_values(wolkvox_up, target)");
        },
    },
    Fault {
        rule: "annotations",
        message: "1 annotations: expected critical alerts and others",
        plant: |board| drop(board["annotations"]["list"].as_array_mut().expect("there are annotations").pop()),
    },
    Fault {
        rule: "annotations",
        message: "firing alerts with severity=\"critical\" in red",
        plant: |board| board["annotations"]["list"][0]["iconColor"] = json!("orange"),
    },
    Fault {
        rule: "annotations",
        message: "a switch, and to be on",
        plant: |board| board["annotations"]["list"][1]["hide"] = json!(true),
    },
    Fault {
        rule: "annotations",
        message: "old and new versions of Grafana differ",
        plant: |board| board["annotations"]["list"][0]["target"]["expr"] = json!("ALERTS"),
    },
    Fault {
        rule: "annotations",
        message: "the result has no label alert",
        plant: |board| board["annotations"]["list"][0]["titleFormat"] = json!("{{alert}}"),
    },
    Fault {
        rule: "series",
        message: "ALERTS has no label group",
        plant: |board| {
            let expression = &mut board["annotations"]["list"][0]["expr"];
            *expression = json!(expression.as_str().expect("it is a text").replace("severity=", "group="));
        },
    },
    Fault {
        rule: "query ids",
        message: "query id",
        plant: |board| {
            let panels = board["panels"].as_array_mut().expect("there are panels");
            let table = panels.iter_mut().find(|panel| panel["type"] == "table").expect("the wallboard has a table");
            table["targets"][1]["refId"] = json!("A");
        },
    },
    Fault {
        rule: "links",
        message: "leads to an unknown dashboard",
        plant: |board| board["links"][1]["url"] = json!("/d/wolkvox-skills"),
    },
    Fault {
        rule: "links",
        message: "dashboards of this language",
        plant: |board| board["links"][0]["tags"] = json!(["wolkvox"]),
    },
    Fault {
        rule: "links",
        message: "no section of the runbook",
        plant: |board| {
            let link = json!({"url": "${runbook:raw}#wolkvoxqueue"});
            board["panels"][0]["links"] = json!([link]);
        },
    },
    Fault {
        rule: "links",
        message: "/d/wolkvox-tile?${__url_time_range} leads to an unknown dashboard",
        plant: |board| {
            let link = &mut board["panels"][0]["fieldConfig"]["defaults"]["links"][0];
            link["url"] = json!("/d/wolkvox-tile?${__url_time_range}");
        },
    },
    Fault {
        rule: "links",
        message: "/d/wolkvox-skill?${__url_time_range} does not keep",
        plant: |board| {
            for property in properties(board, "skill_name").filter(|one| one["id"] == "links") {
                property["value"][0]["url"] = json!("/d/wolkvox-skill?${__url_time_range}");
            }
        },
    },
    Fault {
        rule: "links",
        message: "does not keep the time range",
        plant: |board| relink(board, "skill_name", |url| url.replace("${__url_time_range}", "time=${__value.time}")),
    },
    Fault {
        rule: "links",
        message: "wolkvox-skill has no variable dnis",
        plant: |board| relink(board, "skill_name", |url| url.replace("var-skill_id=", "var-dnis=")),
    },
    Fault {
        rule: "links",
        message: "the table has no column skill",
        plant: |board| relink(board, "skill_name", |url| url.replace("fields.skill_id", "fields.skill")),
    },
    Fault {
        rule: "links",
        message: "wolkvox-wall has no variable window",
        plant: |board| relink(board, "skill_name", |url| format!("{url}&${{window:queryparam}}")),
    },
    Fault {
        rule: "links",
        message: "has no label dnis",
        plant: |board| relink(board, "A", |url| url.replace("labels.skill_id", "labels.dnis")),
    },
];

#[test]
fn every_planted_fault_is_found_by_its_rule() {
    let known = known();
    for Fault { rule, message, plant } in FAULTS {
        let mut board = wallboard();
        plant(&mut board);
        let found = findings(&board, &known);
        assert!(
            found.iter().any(|finding| finding.starts_with(&format!("{rule}: ")) && finding.contains(message)),
            "the rule {rule} did not report {message:?}; findings: {found:#?}"
        );
    }
}

#[test]
fn every_rule_has_a_planted_fault() {
    let rules: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.rule).collect();
    assert_eq!(rules, RULES.iter().map(|(name, _)| *name).collect());
}

#[test]
fn file_names_are_uids() {
    let [english, spanish] = languages();
    assert!(english.keys().eq(spanish.keys()));
    for (name, board) in &english {
        assert_eq!(text(board, "uid"), name);
    }
    for (name, board) in &spanish {
        assert_eq!(text(board, "uid"), format!("{name}-es"));
    }
}

/// A dashboard without the values that can differ between languages: texts, uid, tags and link addresses.
fn without_texts(value: &Value) -> Value {
    const TEXT_KEYS: [&str; 9] =
        ["title", "description", "label", "legendFormat", "text", "noValue", "uid", "tags", "url"];
    match value {
        Value::Object(fields) => {
            let named = fields.get("id").is_some_and(|id| id == "displayName");
            let annotation = fields.contains_key("iconColor");
            let kept = fields.iter().map(|(key, value)| {
                let word = TEXT_KEYS.contains(&key.as_str()) && value.is_string()
                    || key == "tags"
                    || named && key == "value"
                    || annotation && key == "name";
                (key.clone(), if word { json!("…") } else { without_texts(value) })
            });
            Value::Object(kept.collect())
        }
        Value::Array(elements) => elements.iter().map(without_texts).collect(),
        other => other.clone(),
    }
}

#[test]
fn both_languages_differ_only_in_texts() {
    let [english, spanish] = languages();
    for (name, board) in &english {
        assert!(
            without_texts(board) == without_texts(&spanish[name]),
            "{name}: the languages differ in more than texts"
        );
    }
}

#[test]
fn a_different_query_in_one_language_is_found() {
    let (one, mut other) = (wallboard(), wallboard());
    assert_eq!(without_texts(&one), without_texts(&other));
    rewrite(&mut other, |old| format!("{old} + 0"));
    assert_ne!(without_texts(&one), without_texts(&other));
}

#[test]
fn spanish_dashboards_have_spanish_descriptions() {
    let [english, spanish] = languages();
    for (name, board) in &english {
        let descriptions = |board: &Value| -> Vec<String> {
            list(board, "panels").iter().map(|panel| text(panel, "description").to_owned()).collect()
        };
        let same = descriptions(board)
            .into_iter()
            .zip(descriptions(&spanish[name]))
            .filter(|(one, other)| !one.is_empty() && one == other);
        assert_eq!(same.collect::<Vec<_>>(), [], "{name}");
    }
}

#[test]
fn the_wallboard_shows_no_agent() {
    assert!(!wallboard().to_string().contains("agent_"));
}

/// Each query that a dashboard sends when it is opened costs Prometheus something, again with each refresh.
#[test]
fn an_open_dashboard_sends_few_queries() {
    for (name, board) in files_as_opened(&folder()) {
        let queries = queries_on_opening(&board);
        assert!((10..=MOST_QUERIES).contains(&queries), "{name}: {queries} queries");
    }
}

#[test]
fn every_alert_has_a_readable_name_first_steps_and_an_address_in_the_runbook() {
    let alerts = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts");
    let read = |name: &str| fs::read_to_string(alerts.join(name)).expect("a file of the alerts is text");
    let (rules, runbook) = (read("wolkvox-alerts.rules.yml"), read("RUNBOOK.md"));
    let names: BTreeSet<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: Wolkvox")).collect();
    assert!(names.len() > 20, "{names:?}");
    let boards = &languages()[0];
    // A television has no room for the first steps.
    let columns = [("wolkvox-wall", "alertname"), ("wolkvox-wall", "runbook")].into_iter().chain(
        ["wolkvox-skill", "wolkvox-exporter"]
            .into_iter()
            .flat_map(|board| ["alertname", "runbook", "todo"].into_iter().map(move |column| (board, column))),
    );
    for (board, column) in columns {
        let table = list(&boards[board], "panels").iter().find(|panel| panel["title"] == "Alerts firing now");
        let overrides = list(&table.expect("the dashboard has alerts")["fieldConfig"], "overrides");
        let of_column = overrides.iter().filter(|one| one["matcher"]["options"] == column);
        let properties = of_column.flat_map(|one| list(one, "properties")).filter(|one| one["id"] == "mappings");
        let mappings = properties.flat_map(|one| list(one, "value")).filter(|one| one["type"] == "value");
        let options: Vec<_> = mappings.filter_map(|one| one["options"].as_object()).flatten().collect();
        assert_eq!(options.iter().map(|(name, _)| name.as_str()).collect::<BTreeSet<_>>(), names, "{column}");
        for (name, option) in options.iter().filter(|_| column == "runbook") {
            assert_eq!(text(option, "text"), name.to_lowercase());
            assert!(runbook.contains(&format!("# Wolkvox{name}\n")), "the runbook has no section Wolkvox{name}");
        }
    }
}

#[test]
fn panel_and_recording_rule_have_the_same_limit_between_at_risk_and_missed() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/wolkvox-recording.rules.yml");
    let rules = fs::read_to_string(rules).expect("rules are text");
    let shares = |text: &str, before: &str| -> BTreeSet<String> {
        let shares = text.split(before).skip(1).filter_map(|rest| rest.split_once(" * "));
        shares.map(|(share, _)| share.to_owned()).filter(|share| share.parse::<f64>().is_ok()).collect()
    };
    let state = rules.split("record: ").find(|rule| rule.starts_with("operation_skill:wolkvox_skill_state:code"));
    // The code is the number of parts of the target that are missing, so `missed` begins when more than one is.
    let state = state.expect("the state is recorded");
    let parts = state.split_once("target:ratio) * ").and_then(|(_, rest)| rest.split_once(','));
    let parts: f64 = parts.and_then(|(parts, _)| parts.parse().ok()).expect("the rule has a number of parts");
    let of_rule = BTreeSet::from([(1.0 - 1.0 / parts).to_string()]);
    let level = list(&wallboard(), "panels").iter().find(|panel| panel["title"] == "Service level, 30 min").cloned();
    let level = level.expect("the wallboard has the panel");
    let query = text(&list(&level, "targets")[0], "expr").to_owned();
    let of_panel = &shares(&query, ">= round(") | &shares(&query, "< round(");
    assert_eq!(of_rule, of_panel);
    // Each condition has its share.
    for before in [">= round(", "< round("] {
        assert_eq!(shares(&query, before).len(), 1, "{query}");
    }
}

fn generate(into: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("grafana/generate.py");
    let mut python = std::process::Command::new("python3");
    let output = run(python.arg(script).arg(into), "");
    assert!(output.status.success(), "{}", output.stderr);
}

#[test]
fn the_files_match_their_source() {
    let fresh = tempfile::tempdir().expect("there is room for a folder");
    generate(fresh.path());
    for subfolder in ["", "es"] {
        let (generated, shipped) = (fresh.path().join(subfolder), folder().join(subfolder));
        let names: BTreeSet<String> = files(&generated).into_keys().collect();
        assert_eq!(names, files(&shipped).into_keys().collect());
        for name in names {
            let read =
                |folder: &Path| fs::read_to_string(folder.join(format!("{name}.json"))).expect("a dashboard is text");
            assert!(
                read(&generated) == read(&shipped),
                "{subfolder}/{name}.json does not match grafana/source: run `make dashboards`"
            );
        }
    }
}
