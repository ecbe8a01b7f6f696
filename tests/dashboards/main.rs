//! The dashboards that are shipped: what their source makes, whole, true to the metrics, and the same in both languages.

#[path = "../support/mod.rs"]
mod support;

mod promql;
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rules::{Known, RULES, findings};
use serde_json::{Value, json};
use support::dashboard::{files, folder, list, text};
use support::process::run;

/// Every board, by language: English, Spanish.
fn languages() -> [std::collections::BTreeMap<String, Value>; 2] {
    [files(&folder()), files(&folder().join("es"))]
}

fn known() -> Known {
    let uids =
        languages().iter().flat_map(|boards| boards.values()).map(|board| text(board, "uid").to_owned()).collect();
    Known::with_boards(uids)
}

/// The board in which faults are planted.
fn wall() -> Value {
    files(&folder()).remove("wolkvox-wall").expect("there is a wall")
}

#[test]
fn every_dashboard_keeps_every_rule() {
    let known = known();
    let [english, spanish] = languages();
    assert_eq!(english.len(), 6, "{:?}", english.keys());
    for (name, board) in english.iter().chain(&spanish) {
        assert_eq!(findings(board, &known), [""; 0], "{name} ({})", text(board, "uid"));
    }
}

/// A mistake, the rule that must see it, and a part of what it must say.
struct Fault {
    rule: &'static str,
    says: &'static str,
    plant: fn(&mut Value),
}

/// The first expression of the first panel, changed.
fn rewrite(board: &mut Value, change: impl Fn(&str) -> String) {
    let expression = &mut board["panels"][0]["targets"][0]["expr"];
    *expression = json!(change(expression.as_str().expect("the first panel has a query")));
}

/// What the overrides for that name say, on any panel.
fn properties<'a>(board: &'a mut Value, name: &'a str) -> impl Iterator<Item = &'a mut Value> {
    let panels = board["panels"].as_array_mut().expect("there are panels").iter_mut();
    let overrides = panels.filter_map(|panel| panel["fieldConfig"]["overrides"].as_array_mut()).flatten();
    let named = overrides.filter(move |one| one["matcher"]["options"] == name);
    named.filter_map(|one| one["properties"].as_array_mut()).flatten()
}

const RAW: &str = r#"{job=~"$job", instance=~"$instance", operation=~"$operation"}"#;

const FAULTS: [Fault; 42] = [
    Fault { rule: "classic", says: "__inputs", plant: |board| board["__inputs"] = json!([]) },
    Fault { rule: "classic", says: "spec", plant: |board| board["spec"] = json!({}) },
    Fault { rule: "classic", says: "schemaVersion", plant: |board| board["schemaVersion"] = json!(38) },
    Fault { rule: "classic", says: "editable", plant: |board| board["editable"] = json!(true) },
    Fault { rule: "classic", says: "no uid", plant: |board| board["uid"] = json!("") },
    Fault {
        rule: "kinds",
        says: "piechart",
        plant: |board| board["panels"][0]["type"] = json!("grafana-piechart-panel"),
    },
    Fault { rule: "ids", says: "id 1", plant: |board| board["panels"][1]["id"] = json!(1) },
    Fault { rule: "grid", says: "lies over", plant: |board| board["panels"][1]["gridPos"]["x"] = json!(3) },
    Fault { rule: "grid", says: "gaps", plant: |board| board["panels"][1]["gridPos"]["w"] = json!(3) },
    Fault { rule: "grid", says: "24 columns", plant: |board| board["panels"][5]["gridPos"]["x"] = json!(22) },
    Fault {
        rule: "grid",
        says: "a screen 28",
        plant: |board| {
            for panel in board["panels"].as_array_mut().expect("there are panels").iter_mut().rev().take(2) {
                panel["gridPos"]["h"] = json!(13);
            }
        },
    },
    Fault {
        rule: "texts",
        says: "no unit",
        plant: |board| board["panels"][2]["fieldConfig"]["defaults"]["unit"] = Value::Null,
    },
    Fault { rule: "texts", says: "no title", plant: |board| board["panels"][2]["title"] = json!("") },
    Fault { rule: "texts", says: "no description", plant: |board| board["panels"][2]["description"] = json!("") },
    Fault {
        rule: "texts",
        says: "no noValue",
        plant: |board| board["panels"][2]["fieldConfig"]["defaults"]["noValue"] = json!(""),
    },
    Fault {
        rule: "nothing",
        says: "\"Waiting now\" has no look",
        plant: |board| board["panels"][0]["fieldConfig"]["defaults"]["mappings"] = json!([]),
    },
    Fault {
        rule: "nothing",
        says: "has no look for empty",
        plant: |board| {
            let panels = board["panels"].as_array_mut().expect("there are panels");
            let table = panels.iter_mut().find(|panel| panel["type"] == "table").expect("the wall has a table");
            table["fieldConfig"]["defaults"]["mappings"].as_array_mut().expect("there are mappings").pop();
        },
    },
    Fault {
        rule: "nothing",
        says: "the column \"Value #A\" has no look",
        plant: |board| {
            for property in properties(board, "Value #A") {
                if property["id"] == "mappings" {
                    property["value"].as_array_mut().expect("there are mappings").pop();
                }
            }
        },
    },
    Fault {
        rule: "columns",
        says: "skill_id",
        plant: |board| properties(board, "skill_id").filter(|one| one["id"] == "unit").for_each(|one| *one = json!({})),
    },
    Fault {
        rule: "data source",
        says: "P1809",
        plant: |board| board["panels"][3]["datasource"]["uid"] = json!("P1809F7CD0C75ACF3"),
    },
    Fault {
        rule: "data source",
        says: "has none",
        plant: |board| drop(board["panels"][3]["targets"][0].as_object_mut().expect("a target").remove("datasource")),
    },
    Fault {
        rule: "variables",
        says: "instance",
        plant: |board| board["templating"]["list"][2]["allValue"] = json!(".*"),
    },
    Fault {
        rule: "variables",
        says: "datasource",
        plant: |board| board["templating"]["list"][0]["query"] = json!("loki"),
    },
    Fault {
        rule: "variables",
        says: "$team is not defined",
        plant: |board| rewrite(board, |old| old.replace("$skill_id", "$team")),
    },
    Fault {
        rule: "variables",
        says: "$team changes nothing",
        plant: |board| {
            let mut idle = board["templating"]["list"][3].clone();
            idle["name"] = json!("team");
            board["templating"]["list"].as_array_mut().expect("there are variables").push(idle);
        },
    },
    Fault {
        rule: "variables",
        says: "no query",
        plant: |board| board["templating"]["list"][1]["query"]["query"] = json!("labels(job)"),
    },
    Fault {
        rule: "series",
        says: "there is no series operation_skill:wolkvox_skill_queue:max",
        plant: |board| rewrite(board, |old| old.replacen("wolkvox_skill_calls_in_queue", "wolkvox_skill_queue", 1)),
    },
    Fault {
        rule: "series",
        says: "has no label skill",
        plant: |board| rewrite(board, |old| old.replacen("skill_id=", "skill=", 1)),
    },
    Fault {
        rule: "series",
        says: "a rule records",
        plant: |board| rewrite(board, |_| format!("sum(increase(wolkvox_skill_inbound_calls_total{RAW}[30m]))")),
    },
    Fault {
        rule: "series",
        says: "by (skill): the operand has no label skill",
        plant: |board| rewrite(board, |old| format!("max by (skill) ({old})")),
    },
    Fault { rule: "series", says: "is not PromQL", plant: |board| rewrite(board, |old| format!("sum({old}")) },
    Fault { rule: "series", says: "empty", plant: |board| rewrite(board, |_| String::new()) },
    Fault {
        rule: "target",
        says: "lacks instance",
        plant: |board| rewrite(board, |_| r#"sum(wolkvox_up{job=~"$job"})"#.to_owned()),
    },
    Fault {
        rule: "counters",
        says: "_total in",
        plant: |board| rewrite(board, |_| format!("sum(wolkvox_transfers_total{RAW})")),
    },
    Fault {
        rule: "counters",
        says: "$__rate_interval",
        plant: |board| rewrite(board, |_| format!("sum(rate(wolkvox_transfers_total{RAW}[5m]))")),
    },
    Fault {
        rule: "counters",
        says: "wolkvox_up in",
        plant: |board| rewrite(board, |_| format!("increase(wolkvox_up{RAW}[5m])")),
    },
    Fault { rule: "ratios", says: "averages", plant: |board| rewrite(board, |old| old.replacen("sum(", "avg(", 1)) },
    Fault {
        rule: "labels",
        says: "no label queue",
        plant: |board| board["panels"][0]["targets"][0]["legendFormat"] = json!("{{queue}}"),
    },
    Fault {
        rule: "labels",
        says: "no label skill_id",
        plant: |board| {
            board["panels"][0]["targets"][0]["legendFormat"] = json!("{{skill_id}}");
            rewrite(board, |old| format!("sum({old})"));
        },
    },
    Fault {
        rule: "labels",
        says: "has no label target",
        plant: |board| {
            board["templating"]["list"][1]["query"]["query"] = json!("label_values(wolkvox_up, target)");
        },
    },
    Fault {
        rule: "letters",
        says: "the letter",
        plant: |board| board["panels"][0]["targets"][1]["refId"] = json!("A"),
    },
    Fault {
        rule: "links",
        says: "leads nowhere",
        plant: |board| board["links"][0]["url"] = json!("/d/wolkvox-skills"),
    },
];

#[test]
fn every_planted_fault_is_found_by_its_rule() {
    let known = known();
    for Fault { rule, says, plant } in FAULTS {
        let mut board = wall();
        plant(&mut board);
        let found = findings(&board, &known);
        assert!(
            found.iter().any(|finding| finding.starts_with(&format!("{rule}: ")) && finding.contains(says)),
            "nobody said {says:?} by the rule {rule}, only {found:#?}"
        );
    }
}

#[test]
fn every_rule_has_a_fault_that_it_finds() {
    let tried: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.rule).collect();
    assert_eq!(tried, RULES.iter().map(|(name, _)| *name).collect());
}

#[test]
fn the_name_of_a_file_is_the_uid() {
    let [english, spanish] = languages();
    assert!(english.keys().eq(spanish.keys()));
    for (name, board) in &english {
        assert_eq!(text(board, "uid"), name);
    }
    for (name, board) in &spanish {
        assert_eq!(text(board, "uid"), format!("{name}-es"));
    }
}

/// A dashboard without what may differ between languages: words, uid, tags, and where links lead.
fn without_words(value: &Value) -> Value {
    const WORDS: [&str; 9] = ["title", "description", "label", "legendFormat", "text", "noValue", "uid", "tags", "url"];
    match value {
        Value::Object(fields) => {
            let named = fields.get("id").is_some_and(|id| id == "displayName");
            let kept = fields.iter().map(|(key, value)| {
                let word =
                    WORDS.contains(&key.as_str()) && value.is_string() || key == "tags" || named && key == "value";
                (key.clone(), if word { json!("…") } else { without_words(value) })
            });
            Value::Object(kept.collect())
        }
        Value::Array(elements) => elements.iter().map(without_words).collect(),
        other => other.clone(),
    }
}

#[test]
fn both_languages_are_equal_in_all_but_words() {
    let [english, spanish] = languages();
    for (name, board) in &english {
        assert!(without_words(board) == without_words(&spanish[name]), "{name} is not the same in both languages");
    }
}

#[test]
fn another_query_in_one_language_is_a_difference() {
    let (one, mut other) = (wall(), wall());
    assert_eq!(without_words(&one), without_words(&other));
    rewrite(&mut other, |old| format!("{old} + 0"));
    assert_ne!(without_words(&one), without_words(&other));
}

#[test]
fn spanish_boards_speak_spanish() {
    let [english, spanish] = languages();
    for (name, board) in &english {
        let words = |board: &Value| -> Vec<String> {
            list(board, "panels").iter().map(|panel| text(panel, "description").to_owned()).collect()
        };
        let same =
            words(board).into_iter().zip(words(&spanish[name])).filter(|(one, other)| !one.is_empty() && one == other);
        assert_eq!(same.collect::<Vec<_>>(), [], "{name}");
    }
}

#[test]
fn the_wall_names_no_agent() {
    assert!(!wall().to_string().contains("agent_"));
}

#[test]
fn tiles_and_the_recorded_state_agree_on_what_is_at_risk() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/wolkvox-recording.rules.yml");
    let rules = fs::read_to_string(rules).expect("rules are text");
    let shares = |text: &str, before: &str| -> BTreeSet<String> {
        let shares = text.split(before).skip(1).filter_map(|rest| rest.split_once(" * "));
        shares.map(|(share, _)| share.to_owned()).filter(|share| share.parse::<f64>().is_ok()).collect()
    };
    let state = rules.split("record: ").find(|rule| rule.starts_with("operation_skill:wolkvox_skill_state:code"));
    // The line of what is at risk, and that of what is missed.
    let state = state.expect("the state is recorded");
    let of_rule = &shares(state, ">= round(") | &shares(state, "< round(");
    let level = list(&wall(), "panels").iter().find(|panel| panel["title"] == "Service level, 30 min").cloned();
    let level = level.expect("the wall has it");
    let query = |index: usize| text(&list(&level, "targets")[index], "expr").to_owned();
    let of_tile = &shares(&query(1), ">= round(") | &shares(&query(2), "< round(");
    assert_eq!((of_rule.len(), &of_rule), (1, &of_tile));
    // None of the lines is without its share.
    for (line, before) in [(state, ">= round("), (state, "< round("), (&query(1), ">= round("), (&query(2), "< round(")]
    {
        assert_eq!(shares(line, before).len(), 1, "{line}");
    }
}

fn generate(into: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("grafana/generate.py");
    let mut python = std::process::Command::new("python3");
    let made = run(python.arg(script).arg(into), "");
    assert!(made.status.success(), "{}", made.stderr);
}

#[test]
fn the_files_are_what_their_source_makes() {
    let fresh = tempfile::tempdir().expect("there is room for a folder");
    generate(fresh.path());
    for place in ["", "es"] {
        let (made, kept) = (fresh.path().join(place), folder().join(place));
        let names: BTreeSet<String> = files(&made).into_keys().collect();
        assert_eq!(names, files(&kept).into_keys().collect());
        for name in names {
            let read =
                |folder: &Path| fs::read_to_string(folder.join(format!("{name}.json"))).expect("a dashboard is text");
            assert!(
                read(&made) == read(&kept),
                "{place}/{name} is not what grafana/source makes: run `make dashboards`"
            );
        }
    }
}
