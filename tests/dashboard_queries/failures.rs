//! The exporter's dashboard shows a failure whose counter was above 0 when Prometheus read it for the first time:
//! `increase()` is 0 then, for as long as the exporter waits before it tries again.

use serde_json::{Value, json};

use super::asking::of_variable;
use super::support::dashboard::{files, folder, targets};
use super::support::peers::PrometheusVersion;
use super::support::promtool::promtool;

/// The minute in which the queries are asked.
const AFTER: &str = "20m";

/// A series of the exporter whose value is the same in every scrape.
fn constant(name: &str, labels: &str, value: u32) -> Value {
    json!({"series": format!(r#"{name}{{job="wolkvox",instance="a:9909",operation="demo",{labels}}}"#),
        "values": format!("{value}x30")})
}

/// The expression of a query of the exporter's dashboard.
fn query(panel: &str, letter: &str) -> String {
    let board = &files(&folder())["wolkvox-exporter"];
    let found = targets(board).into_iter().find(|target| target.panel == panel && target.letter == letter);
    of_variable(&found.unwrap_or_else(|| panic!("the dashboard has no query {letter} of {panel}")).expression)
}

/// A case for promtool: what the three queries about failures must return.
fn case(name: &str, series: &[Value], failing: u32, reasons: &[&str], single_requests: u32) -> Value {
    let reasons: Vec<_> = reasons
        .iter()
        .map(|reason| json!({"labels": format!(r#"{{operation="demo",reason="{reason}"}}"#), "value": 1}))
        .collect();
    let single: Vec<_> = (single_requests > 0)
        .then(|| json!({"labels": r#"{operation="demo"}"#, "value": single_requests}))
        .into_iter()
        .collect();
    json!({"name": name, "interval": "1m", "input_series": series, "promql_expr_test": [
        {"expr": query("Failing collectors", "A"), "eval_time": AFTER, "exp_samples": [{"labels": "{}", "value": failing}]},
        {"expr": query("Failures by reason", "A"), "eval_time": AFTER, "exp_samples": reasons},
        {"expr": query("Failures by reason", "B"), "eval_time": AFTER, "exp_samples": single},
    ]})
}

#[test]
#[ignore = "needs the peers: make test"]
fn a_failure_before_the_first_scrape_is_shown() {
    let collector = |success| constant("wolkvox_collector_success", r#"collector="skills""#, success);
    let request = |id: &str, success| {
        let labels = format!(r#"collector="skills",skill_id="{id}""#);
        constant("wolkvox_collector_request_success", &labels, success)
    };
    let refused = [
        collector(0),
        request("4173", 0),
        constant("wolkvox_collector_failure_info", r#"collector="skills",reason="unauthorized""#, 1),
        constant("wolkvox_api_request_failures_total", r#"endpoint="skills",reason="unauthorized""#, 1),
    ];
    let mut refused = case("the operation is refused", &refused, 1, &["unauthorized"], 0);
    let increase = json!({"expr": "sum(increase(wolkvox_api_request_failures_total[20m]))", "eval_time": AFTER,
        "exp_samples": [{"labels": "{}", "value": 0}]});
    refused["promql_expr_test"].as_array_mut().expect("a case has queries").push(increase);
    let one = [collector(1), request("4173", 1), request("4180", 0)];
    let healthy = [collector(1), request("4173", 1), request("4180", 1)];
    let cases = json!({"evaluation_interval": "1m", "tests": [
        refused,
        case("one of two requests fails", &one, 1, &[], 1),
        case("nothing fails", &healthy, 0, &[], 0),
    ]});
    let file = tempfile::NamedTempFile::new().expect("a file can be created");
    std::fs::write(file.path(), cases.to_string()).expect("a file can be written");
    for version in PrometheusVersion::ALL {
        let tested = promtool(version, &["test", "rules", &file.path().to_string_lossy()], "");
        assert!(tested.status.success(), "{version:?}: {}{}", tested.stdout, tested.stderr);
    }
}
