//! The reading of `PromQL` finds the labels of a result and the names that do not exist.

use super::support::promql::{Known, Labels, Selector, read};

fn known() -> Known {
    let series = [("a_total", &["job", "x", "le"][..]), ("b:c:d", &["x", "y"]), ("info", &["x", "name"])];
    series.iter().map(|(name, labels)| ((*name).to_owned(), names(labels))).collect()
}

fn names(labels: &[&str]) -> Labels {
    labels.iter().map(|label| (*label).to_owned()).collect()
}

fn labels(expression: &str) -> Labels {
    let query = read(expression, &known());
    assert_eq!(query.findings, [""; 0], "{expression}");
    query.labels
}

fn findings(expression: &str) -> String {
    read(expression, &known()).findings.join("; ")
}

#[test]
fn selectors_have_their_matchers_range_and_function() {
    let query = read(
        r#"sum by (le) (rate(a_total{job=~"$job", x!="}"}[$__rate_interval])) > 2 + max(b:c:d offset 1w)"#,
        &known(),
    );
    let rate = Selector {
        name: "a_total".to_owned(),
        matchers: vec![r#"job=~"$job""#.to_owned(), r#"x!="}""#.to_owned()],
        range: Some("$__rate_interval".to_owned()),
        inside: Some("rate".to_owned()),
    };
    let max = Selector { name: "b:c:d".to_owned(), matchers: Vec::new(), range: None, inside: Some("max".to_owned()) };
    assert_eq!(query.selectors, [rate, max]);
    let calls: Vec<_> = query.calls.iter().map(|(name, series)| (name.as_str(), series.concat())).collect();
    assert_eq!(calls, [("rate", "a_total".to_owned()), ("sum", "a_total".to_owned()), ("max", "b:c:d".to_owned())]);
}

#[test]
fn the_labels_of_a_result_follow_from_its_operands() {
    for (expression, expected) in [
        ("b:c:d", &["x", "y"][..]),
        ("sum(b:c:d)", &[]),
        ("sum without (y) (b:c:d)", &["x"]),
        ("topk by (x) (1, b:c:d)", &["x", "y"]),
        (r#"count_values by (x) ("value", b:c:d)"#, &["x", "value"]),
        ("time() - b:c:d", &["x", "y"]),
        ("max_over_time((b:c:d * 2)[5m:1m])", &["x", "y"]),
        ("b:c:d * on (x) info", &["x"]),
        ("b:c:d * ignoring (y, name) info", &["x"]),
        ("b:c:d * on (x) group_left (name) info", &["x", "y", "name"]),
        ("info * on (x) group_right (name) b:c:d", &["x", "y", "name"]),
        ("b:c:d and on (x) info", &["x", "y"]),
        ("b:c:d unless on (x) info", &["x", "y"]),
        ("b:c:d or info", &["x", "y", "name"]),
        (r#"label_replace(b:c:d @ end(), "z", "$1", "x", "(.+)")"#, &["x", "y", "z"]),
        (r#"label_replace(b:c:d, "z", "constant", "", "")"#, &["x", "y", "z"]),
        (r#"label_join(b:c:d, "z", "-", "x", "y")"#, &["x", "y", "z"]),
        ("histogram_quantile(0.9, sum by (le, x) (rate(a_total[5m])))", &["x"]),
        (r#"absent(b:c:d{x="1", y=~"2|3"})"#, &["x"]),
        ("vector(scalar(b:c:d))", &[]),
    ] {
        assert_eq!(labels(expression), names(expected), "{expression}");
    }
}

#[test]
fn names_that_do_not_exist_are_found_in_every_position() {
    for (expression, finding) in [
        ("sum(", "is not PromQL"),
        ("", "is not PromQL"),
        ("e", "unknown series e"),
        ("vector(1) + scalar(e)", "unknown series e"),
        ("topk(scalar(e), info)", "unknown series e"),
        (r#"info{z="1"}"#, "info has no label z"),
        (r#"max_over_time(info{z="1"}[5m])"#, "info has no label z"),
        ("sum by (z) (info)", "by (z): the operand has no label z"),
        ("sum by (name) (sum by (x) (info))", "by (name): the operand has no label name"),
        ("sum without (z) (info)", "without (z): the operand"),
        ("info * on (y) b:c:d", "on (y): the operand"),
        ("info and on (name) b:c:d", "on (name): the operand"),
        ("info * ignoring (z) b:c:d", "ignoring (z): the operand"),
        ("b:c:d * on (x) group_left (y) info", "group_left (y): the operand"),
        ("info * on (x) group_right (y) b:c:d", "group_right (y): the operand"),
        (r#"label_replace(info, "z", "$1", "y", "(.+)")"#, "label_replace (y): the operand"),
        (r#"label_join(info, "z", "-", "x", "y")"#, "label_join (y): the operand"),
        ("histogram_quantile(0.9, sum by (x) (rate(a_total[5m])))", "histogram_quantile (le): the operand"),
    ] {
        assert!(findings(expression).contains(finding), "{expression}: {}", findings(expression));
    }
}
