//! The skills of a team, and skills of two operations with the same id.

use serde_json::{Value, json};

use super::asking::of_variable_with;
use super::support::dashboard::{Asked, files, folder, targets, variables};
use super::support::peers::PrometheusVersion;
use super::support::promtool::promtool;

/// The series of a skill with a name: seen all the time, and with a team in the minutes of `teams`.
fn skill(id: &str, teams: &[(&str, &str)]) -> Vec<Value> {
    let labels = format!(r#"operation="ventas",skill_id="{id}",skill_name="Skill {id}""#);
    let seen = format!("operation_skill:wolkvox_skill_seen:timestamp{{{labels}}}");
    let state = format!(r#"operation_skill:wolkvox_skill_state:code{{operation="ventas",skill_id="{id}"}}"#);
    let mut series = vec![json!({"series": seen, "values": "0+60x60"}), json!({"series": state, "values": "0x60"})];
    for (team, values) in teams {
        let team = if team.is_empty() { String::new() } else { format!(r#",team="{team}""#) };
        let name = format!("operation_skill:wolkvox_skill_name:info{{{labels}{team}}}");
        series.push(json!({"series": name, "values": values}));
    }
    series
}

/// Runs cases with promtool.
fn check(cases: &Value) {
    let file = tempfile::NamedTempFile::new().expect("a file can be created");
    std::fs::write(file.path(), cases.to_string()).expect("a file can be written");
    for version in PrometheusVersion::ALL {
        let tested = promtool(version, &["test", "rules", &file.path().to_string_lossy()], "");
        assert!(tested.status.success(), "{version:?}: {}{}", tested.stdout, tested.stderr);
    }
}

/// What the variable of the skills has when this team is selected.
fn case(board: &str, team: &str, expected: &[&str]) -> Value {
    let asked = variables(&files(&folder())[board]).expect("variables have queries");
    let Asked::Result(expression) = &asked["skill_id"] else { panic!("the skills are a query") };
    let query = of_variable_with(expression, &[("team", team), ("operation", ".+")]);
    let samples: Vec<_> =
        expected.iter().map(|id| json!({"labels": format!(r#"{{skill_id="{id}"}}"#), "value": 1})).collect();
    json!({"expr": format!("count by (skill_id) ({query})"), "eval_time": "60m", "exp_samples": samples})
}

#[test]
#[ignore = "needs the peers: make test"]
fn a_team_has_its_skills_and_those_whose_team_is_not_known() {
    let series = [
        skill("1", &[("ventas", "1x60")]),
        skill("2", &[("soporte", "1x60")]),
        skill("3", &[("", "1x60")]),
        // From one team to another.
        skill("4", &[("soporte", "1x30"), ("ventas", "_x30 1x29")]),
        // Broken for half an hour: its exporter is gone.
        skill("5", &[("ventas", "1x30")]),
        // Broken for longer than Prometheus has data.
        skill("6", &[]),
    ];
    let mut expected = Vec::new();
    for board in ["wolkvox-wall", "wolkvox-skill"] {
        expected.extend([
            case(board, ".*", &["1", "2", "3", "4", "5", "6"]),
            case(board, "ventas", &["1", "4", "5", "6"]),
            case(board, "soporte", &["2", "6"]),
            case(board, "(ventas|soporte)", &["1", "2", "4", "5", "6"]),
        ]);
    }
    check(&json!({"evaluation_interval": "1m", "tests": [
        {"name": "teams", "interval": "1m", "input_series": series.concat(), "promql_expr_test": expected},
    ]}));
}

/// Otherwise two lines of a graph would have the same name.
#[test]
#[ignore = "needs the peers: make test"]
fn lines_have_the_operation_if_two_operations_have_a_skill_with_this_id() {
    let board = &files(&folder())["wolkvox-skill"];
    let line = targets(board).into_iter().find(|target| target.panel == "Service level" && target.letter == "A");
    let line = line.expect("the graph has a line");
    assert_eq!(line.legend, "15 min{{of}}");
    let query = of_variable_with(&line.expression, &[("skill_id", "1"), ("operation", ".+")]);
    let case = |operations: &[&str], of: &[&str]| {
        let series = |name: &str, operation: &str| {
            let labels = format!(r#"operation="{operation}",skill_id="1""#);
            json!({"series": format!("operation_skill:wolkvox_skill_{name}{{{labels}}}"), "values": "0.5x60"})
        };
        let of_operation =
            |operation: &&str| [series("state:code", operation), series("service_level:ratio15m", operation)];
        let series: Vec<_> = operations.iter().flat_map(of_operation).collect();
        let labels = of.iter().map(|of| if of.is_empty() { "{}".to_owned() } else { format!(r#"{{of="{of}"}}"#) });
        let samples: Vec<_> = labels.map(|labels| json!({"labels": labels, "value": 0.5})).collect();
        json!({"name": format!("{operations:?}"), "interval": "1m", "input_series": series, "promql_expr_test": [
            {"expr": format!("max by (of) ({query})"), "eval_time": "60m", "exp_samples": samples},
        ]})
    };
    let tests = [case(&["ventas"], &[""]), case(&["ventas", "soporte"], &[" · soporte", " · ventas"])];
    check(&json!({"evaluation_interval": "1m", "tests": tests}));
}
