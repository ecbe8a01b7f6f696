//! wolkvox closes idle connections. A call that meets such a closing is made again on a new connection, once.
//!
//! In these tests a poll makes two calls, one for each skill. Nearly always the second one uses the connection of the
//! first; it opens a new one if it comes before the HTTP client has put the first one aside.

use std::collections::BTreeMap;

use crate::support::authority::Authority;
use crate::support::exporter::{Configuration, Exporter, Operation};
use crate::support::page::{series, value};
use crate::support::wolkvox::{Reply, Request, Step, Wolkvox, envelope, head, healthy, skill};

/// What the exporter counted in one poll.
#[derive(Debug, PartialEq)]
struct Counted {
    failures: BTreeMap<String, f64>,
    requests: Option<f64>,
    quota_used: Option<f64>,
}

impl Counted {
    fn of(page: &str) -> Self {
        let prefix = r#"wolkvox_api_request_failures_total{operation="ventas",endpoint="skills",reason=""#;
        let failures = series(page, prefix).into_iter().filter(|(_, count)| *count > 0.0);
        let reason = |series: &str| series[prefix.len()..].trim_end_matches("\"}").to_owned();
        Self {
            failures: failures.map(|(series, count)| (reason(series), count)).collect(),
            requests: value(page, r#"wolkvox_api_requests_total{operation="ventas",endpoint="skills"}"#),
            quota_used: value(page, r#"wolkvox_api_quota_used{operation="ventas"}"#),
        }
    }

    fn expected(calls: f64, failures: &[&str]) -> Self {
        Self {
            failures: failures.iter().map(|reason| ((*reason).to_owned(), 1.0)).collect(),
            requests: Some(calls),
            quota_used: Some(calls),
        }
    }
}

/// The first page for which `is_there` holds, of an exporter that polls this server. It trusts `authority`.
async fn page_when(url: &str, interval: &str, authority: &Authority, is_there: impl Fn(&str) -> bool) -> String {
    let operation = Operation {
        collectors: format!("{{skills: {{interval: {interval}, skill_ids: [\"1\", \"2\"]}}, dnis: false}}"),
        ..Operation::of_skills("ventas", url)
    };
    let configuration = Configuration::of(&[operation]);
    let roots = configuration.path("authority.pem");
    std::fs::write(&roots, authority.pem()).expect("the folder can be written to");
    let exporter = Exporter::serve(configuration.command().env("SSL_CERT_FILE", roots)).await;
    exporter.metrics_when("the polls", is_there).await
}

/// Polls a server that answers each call with `healthy`, except those that `other` answers.
async fn poll(other: fn(&Request) -> Option<Reply>) -> (Wolkvox, String) {
    let wolkvox = Wolkvox::start(move |request| other(request).unwrap_or_else(|| healthy(request)));
    let attempt = r#"wolkvox_collector_last_attempt_timestamp_seconds{operation="ventas",collector="skills"}"#;
    let is_ended = |page: &str| value(page, attempt).is_some();
    // The next poll comes after an hour.
    let page = page_when(&wolkvox.url(), "1h", &Authority::new("unused"), is_ended).await;
    (wolkvox, page)
}

/// The same, with polls of new exporters until one used a connection twice.
async fn poll_on_one_connection(other: fn(&Request) -> Option<Reply>) -> (Wolkvox, String) {
    loop {
        let (wolkvox, page) = poll(other).await;
        if wolkvox.requests().iter().any(|request| request.on_connection > 1) {
            return (wolkvox, page);
        }
    }
}

fn skills_called(wolkvox: &Wolkvox) -> Vec<String> {
    wolkvox.requests().iter().map(|request| request.parameter("skill_id")).collect()
}

const SUCCESS: &str = r#"wolkvox_collector_success{operation="ventas",collector="skills"}"#;

#[tokio::test]
async fn a_call_on_a_connection_that_is_being_closed_is_made_again_and_is_no_failure() {
    let (wolkvox, page) = poll_on_one_connection(|request| (request.on_connection == 2).then(|| Reply::raw(""))).await;
    assert_eq!(skills_called(&wolkvox), ["1", "2", "2"]);
    assert_eq!(wolkvox.connections().len(), 2);
    assert_eq!(Counted::of(&page), Counted::expected(3.0, &[]));
    assert_eq!(value(&page, SUCCESS), Some(1.0), "{page}");
    for id in ["1", "2"] {
        let series = format!("wolkvox_skill_calls_in_queue{{operation=\"ventas\",skill_id=\"{id}\"}}");
        assert_eq!(value(&page, &series), Some(2.0), "{page}");
    }
}

#[tokio::test]
async fn the_second_closing_in_a_row_is_a_failure() {
    let (wolkvox, page) =
        poll_on_one_connection(|request| matches!(request.number, 2 | 3).then(|| Reply::raw(""))).await;
    assert_eq!(skills_called(&wolkvox), ["1", "2", "2"]);
    assert_eq!(Counted::of(&page), Counted::expected(3.0, &["connect"]));
}

#[tokio::test]
async fn a_new_connection_that_is_closed_without_an_answer_is_a_failure() {
    let (wolkvox, page) = poll(|request| (request.parameter("skill_id") == "1").then(|| Reply::raw(""))).await;
    let called = skills_called(&wolkvox);
    assert_eq!(called.iter().filter(|id| *id == "1").count(), 1, "{called:?}");
    assert_eq!(Counted::of(&page), Counted::expected(called.len() as f64, &["connect"]));
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_before_is_not_one_that_is_being_closed() {
    let (wolkvox, page) = poll(|request| {
        Some(match request.parameter("skill_id").as_str() {
            "1" => Reply::raw(http(&[("connection", "close")], request)),
            _ => Reply::raw(""),
        })
    })
    .await;
    assert_eq!(skills_called(&wolkvox), ["1", "2"]);
    assert_eq!(Counted::of(&page), Counted::expected(2.0, &["connect"]));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_failure() {
    let (wolkvox, page) = poll_on_one_connection(|request| {
        let half = format!("{}content-length: 1000\r\n\r\n{{\"code\": 200", head(200, &[]));
        (request.number == 2).then(|| Reply::raw(half))
    })
    .await;
    assert_eq!(skills_called(&wolkvox), ["1", "2"]);
    assert_eq!(Counted::of(&page), Counted::expected(2.0, &["truncated"]));
}

#[tokio::test]
async fn silence_on_the_connection_of_an_earlier_call_is_no_closing() {
    // The exporter waits for the answer. It comes in the end, so only one call was made.
    let (wolkvox, page) = poll_on_one_connection(|request| {
        let wait = Step::Wait(std::time::Duration::from_secs(1));
        (request.number == 2).then(|| Reply::steps([wait, Step::Send(http(&[], request).into())]))
    })
    .await;
    assert_eq!(skills_called(&wolkvox), ["1", "2"]);
    assert_eq!(Counted::of(&page), Counted::expected(2.0, &[]));
}

/// A complete response with a row of the requested skill.
fn http(headers: &[(&str, &str)], request: &Request) -> String {
    let json = envelope(200, "", &format!("[{}]", skill(&request.parameter("skill_id"), 100)));
    format!("{}content-length: {}\r\n\r\n{json}", head(200, headers), json.len())
}

#[tokio::test]
async fn every_way_to_close_a_connection_is_recognized_with_and_without_tls() {
    let authority = Authority::new("trusted");
    for (name, end) in [
        ("closed", Reply::raw("")),
        ("abandoned", Reply::steps([Step::Abandon])),
        ("reset", Reply::steps([Step::Reset])),
    ] {
        for tls in [None, Some(authority.acceptor("127.0.0.1", |_| {}))] {
            let with_tls = tls.is_some();
            let end = end.clone();
            let script = move |request: &Request| {
                if request.on_connection == 2 { end.clone() } else { healthy(request) }
            };
            let wolkvox = match tls {
                Some(tls) => Wolkvox::start_tls(tls, script),
                None => Wolkvox::start(script),
            };
            let page = page_when(&wolkvox.url(), "1s", &authority, |page| {
                Counted::of(page).requests >= Some(6.0) && value(page, SUCCESS) == Some(1.0)
            })
            .await;
            assert!(wolkvox.requests().iter().any(|request| request.on_connection == 2), "{name}, TLS {with_tls}");
            assert_eq!(Counted::of(&page).failures, BTreeMap::new(), "{name}, TLS {with_tls}: {page}");
        }
    }
}
