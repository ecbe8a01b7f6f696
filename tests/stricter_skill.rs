//! The example of an alert that is stricter for one skill: it fires earlier for this skill, changes nothing for the
//! others, and the skill has one notification.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use support::peers::PrometheusVersion;
use support::promql;
use support::promtool::promtool;
use support::rules::{self, ALERTS, RECORDING, list, rules, shipped, text, yaml};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/stricter-skill.rules.yml")
}

/// The rule of the example.
fn stricter() -> Value {
    list(&list(&yaml(&example())["groups"])[0]["rules"])[0].clone()
}

/// A recorded series of a skill of the operation in the example.
fn series(name: &str, skill: &str, values: &str) -> Value {
    let series = format!(r#"operation_skill:wolkvox_skill_{name}{{operation="ventas-co",skill_id="{skill}"}}"#);
    json!({"series": series, "values": values})
}

/// A skill whose service level is at first between the stricter limits and the shipped ones, then below both.
fn skill(id: &str) -> Vec<Value> {
    let watched = "operation_skill:wolkvox_skill_watched:info";
    let labels = format!(r#"operation="ventas-co",skill_id="{id}",skill_name="Ventas",team="ventas""#);
    vec![
        json!({"series": format!("{watched}{{{labels}}}"), "values": "1x60"}),
        series("service_level:ratio2h", id, "0.74x60"),
        series("service_level:burn_least2h", id, "1.1x19 1.3x40"),
        series("inbound_calls:increase2h", id, "40x60"),
        series("service_level:burn30m", id, "1.3x19 1.6x40"),
    ]
}

/// What must fire at a time: the skill, and whether it is the stricter alert.
fn firing(time: &str, expected: &[(&str, &str)]) -> Value {
    let firing = r#"ALERTS{alertname="WolkvoxServiceLevelSlowBurn",alertstate="firing"}"#;
    let labels = |skill: &str, own: &str| match own {
        "" => format!(r#"{{skill_id="{skill}"}}"#),
        own => format!(r#"{{skill_id="{skill}",limits="{own}"}}"#),
    };
    let samples: Vec<_> =
        expected.iter().map(|(skill, own)| json!({"labels": labels(skill, own), "value": 1})).collect();
    json!({"expr": format!("count by (skill_id, limits) ({firing})"), "eval_time": time, "exp_samples": samples})
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_skill_fires_earlier_and_the_others_as_before() {
    let folder = tempfile::tempdir().expect("a folder can be created");
    let mut files: Vec<PathBuf> = [RECORDING, ALERTS].map(shipped).to_vec();
    files.push(example());
    let groups = files.iter().flat_map(|file| list(&yaml(file)["groups"]).to_vec());
    let groups: Vec<_> = groups.map(|group| group["name"].clone()).collect();
    let both = [skill("4173"), skill("4180")].concat();
    let cases = json!({"rule_files": files, "evaluation_interval": "1m", "group_eval_order": groups, "tests": [{
        "name": "stricter for one skill", "interval": "1m",
        "input_series": both,
        "promql_expr_test": [
            firing("4m", &[]),
            firing("5m", &[("4173", "own")]),
            firing("34m", &[("4173", "own")]),
            // The alert with the label `limits` inhibits the other one of the same skill: tests/alertmanager.rs.
            firing("35m", &[("4173", "own"), ("4173", ""), ("4180", "")]),
        ],
    }]});
    let file = folder.path().join("cases.yml");
    fs::write(&file, cases.to_string()).expect("a file can be written");
    for version in PrometheusVersion::ALL {
        let checked =
            promtool(version, &["check", "rules", "--lint=all", "--lint-fatal", &example().to_string_lossy()], "");
        assert!(checked.status.success(), "{version:?}: {checked:?}");
        let tested = promtool(version, &["test", "rules", &file.to_string_lossy()], "");
        assert!(tested.status.success(), "{version:?}: {}{}", tested.stdout, tested.stderr);
    }
}

/// Otherwise the stricter alert would not inhibit the original, or would go to somebody else.
#[test]
fn the_copy_differs_from_the_original_only_as_it_must() {
    let (all, copy) = (rules(), stricter());
    let original = all.iter().find(|rule| rule["alert"] == copy["alert"]).expect("the original is a shipped rule");
    let mut labels = copy["labels"].clone();
    assert_eq!(labels.as_object_mut().expect("it has labels").remove("limits"), Some(json!("own")));
    assert_eq!(labels, original["labels"]);
    for link in ["runbook_url", "dashboard_url"] {
        assert_eq!(copy["annotations"][link], original["annotations"][link]);
    }
    let (_, known) = rules::read(&all);
    let read = |rule: &Value| promql::read(text(&rule["expr"]), &known);
    assert_eq!(read(&copy).findings, Vec::<String>::new());
    assert_eq!(read(&copy).labels, read(original).labels);
    let selected = |rule: &Value| {
        let selectors = read(rule).selectors;
        selectors.into_iter().map(|selector| selector.name).collect::<Vec<_>>()
    };
    assert_eq!(selected(&copy), selected(original));
}
