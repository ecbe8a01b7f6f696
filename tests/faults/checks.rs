//! The checks find planted errors.

use std::collections::BTreeMap;

use serde_json::json;
use wolkvox_exporter::clock::Clock;

use crate::fault::{Outcome, Reading};
use crate::ledger::Ledger;
use crate::page::{Highest, Page};
use crate::support::wolkvox::Request;

/// A call for the report `skills`, with its number on its connection.
fn call(on_connection: usize) -> Request {
    Request {
        number: 1,
        on_connection,
        at: Clock::system().instant(),
        path: "/api/v2/real_time.php".to_owned(),
        query: "api=skills&skill_id=all".to_owned(),
        headers: BTreeMap::new(),
    }
}

/// A ledger after these outcomes, each with the number of its call on its connection.
fn after(outcomes: Vec<(usize, Outcome)>) -> Ledger {
    let mut ledger = Ledger::new("o", true);
    for (on_connection, outcome) in outcomes {
        ledger.called(&call(on_connection));
        ledger.answered(&call(on_connection), outcome);
    }
    ledger
}

/// A response with one skill, of which so many calls were received.
fn received(calls: &str) -> (usize, Outcome) {
    let rows = vec![json!({"skill_id": "1", "skill_name": "A", "stat_inbound": calls, "by_abandon": "5.00 %"})];
    (1, Outcome::Rows(Reading { rows, ..Reading::default() }))
}

/// The samples that a page has after a response with so many calls, if so many were counted.
fn page(calls: f64, counted: f64) -> Vec<(&'static str, f64)> {
    vec![
        (r#"wolkvox_skill_abandon_ratio{operation="o",skill_id="1"}"#, 0.05),
        (r#"wolkvox_skill_corrections_total{operation="o",skill_id="1"}"#, 0.0),
        (r#"wolkvox_skill_inbound_calls_today{operation="o",skill_id="1"}"#, calls),
        (r#"wolkvox_skill_inbound_calls_total{operation="o",skill_id="1"}"#, counted),
        (r#"wolkvox_skill_info{operation="o",skill_id="1",skill_name="A",team=""}"#, 1.0),
    ]
}

#[test]
fn samples_that_are_not_those_of_one_answer_are_found() {
    let ledger = || after(vec![received("1,000"), received("1,004")]);
    for right in [page(1000.0, 0.0), page(1004.0, 4.0), Vec::new()] {
        assert_eq!(ledger().wrong_samples(&right), Vec::<String>::new());
    }
    // Of no answer, of two answers, and with a sample that is missing.
    for wrong in [page(1001.0, 1.0), page(1004.0, 0.0), page(1000.0, 4.0), page(1000.0, 0.0)[1..].to_vec()] {
        assert_eq!(ledger().wrong_samples(&wrong).len(), 1, "{wrong:?}");
    }
    let mut ledger = ledger();
    assert!(ledger.wrong_samples(&page(1004.0, 4.0)).is_empty());
    assert_eq!(ledger.wrong_samples(&page(1000.0, 0.0)).len(), 1, "the answer before the one that was shown");
}

#[test]
fn counts_that_differ_from_the_calls_are_found() {
    let closed = || (2, Outcome::Breaks);
    let calls = vec![(1, Outcome::Empty), closed(), (1, Outcome::Fails("http_status")), closed(), closed()];
    let ledger = after(calls);
    let counted = |requests: f64, http_status: f64, connect: f64, used: f64| {
        let page = [
            (r#"wolkvox_api_requests_total{operation="o",endpoint="skills"}"#, requests),
            (
                r#"wolkvox_api_request_failures_total{operation="o",endpoint="skills",reason="http_status"}"#,
                http_status,
            ),
            (r#"wolkvox_api_request_failures_total{operation="o",endpoint="skills",reason="connect"}"#, connect),
            (r#"wolkvox_api_empty_answers_total{operation="o",endpoint="skills"}"#, 1.0),
            (r#"wolkvox_api_quota_used{operation="o"}"#, used),
        ];
        ledger.miscounts(&page).expect("no call is open").len()
    };
    // Of two closings in a row, the second is a failure.
    assert_eq!(counted(5.0, 1.0, 1.0, 5.0), 0);
    assert_eq!(counted(5.0, 1.0, 2.0, 5.0), 1);
    assert_eq!(counted(5.0, 0.0, 1.0, 5.0), 1);
    assert_eq!(counted(4.0, 1.0, 1.0, 5.0), 1);
    assert_eq!(counted(5.0, 1.0, 1.0, 4.0), 1);
}

#[test]
fn calls_that_were_refused_must_be_counted_as_calls_and_as_failures() {
    let mut ledger = after(vec![(1, Outcome::Empty)]);
    ledger.has_refused = true;
    let page = |requests: f64| {
        [
            (r#"wolkvox_api_requests_total{operation="o",endpoint="skills"}"#, requests),
            (r#"wolkvox_api_request_failures_total{operation="o",endpoint="skills",reason="connect"}"#, 2.0),
            (r#"wolkvox_api_empty_answers_total{operation="o",endpoint="skills"}"#, 1.0),
            (r#"wolkvox_api_quota_used{operation="o"}"#, requests),
        ]
    };
    assert_eq!(ledger.miscounts(&page(3.0)), Some(Vec::new()));
    assert_eq!(ledger.miscounts(&page(2.0)).map(|miscounts| miscounts.len()), Some(2));
    ledger.has_refused = false;
    assert_eq!(ledger.miscounts(&page(3.0)).map(|miscounts| miscounts.len()), Some(3));
}

#[test]
fn a_counter_that_falls_is_found_also_if_it_was_absent_in_between() {
    let mut highest = Highest::default();
    let page =
        |value: &str| format!("# TYPE a_total counter\na_total{{operation=\"o\"}} {value}\n# TYPE b gauge\nb 1\n");
    let falls: Vec<usize> = [page("2"), page("2"), "b 0\n".to_owned(), page("1"), page("3")]
        .iter()
        .map(|page| highest.falls(&Page::read(page)).len())
        .collect();
    assert_eq!(falls, [0, 0, 0, 1, 0]);
}
