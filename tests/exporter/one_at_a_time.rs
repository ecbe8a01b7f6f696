//! wolkvox gets one call at a time for each token. Operations do not wait for each other.

use std::time::Duration;

use crate::support::exporter::{Configuration, Exporter, Operation, until};
use crate::support::page::value;
use crate::support::wolkvox::{Reply, Wolkvox, healthy};

/// Both collectors, several skills and windows: thirteen calls a round, wanted every second.
const EVERYTHING: &str = "{skills: {interval: 1s, skill_ids: [\"4173\", \"4180\", \"4190\"]}, \
     dnis: {interval: 1s, skill_ids: [\"4173\", \"4180\"], windows: [today, 30m, 1h, 2h, 1d]}}";

fn everything(name: &str, wolkvox: &Wolkvox) -> Operation {
    Operation { collectors: EVERYTHING.to_owned(), ..Operation::of_skills(name, &wolkvox.url()) }
}

#[tokio::test]
async fn two_calls_of_one_token_are_never_in_flight_together() {
    let wolkvox = Wolkvox::start(|request| healthy(request).after(Duration::from_millis(40)));
    let exporter = Exporter::serve(&mut Configuration::of(&[everything("one", &wolkvox)]).command()).await;
    until("three rounds of all calls", || wolkvox.count() >= 3 * 13).await;
    assert_eq!(wolkvox.most_in_flight("token-of-one"), 1);
    for report in ["skills", "skill_6"] {
        let endpoint = format!("wolkvox_api_requests_total{{operation=\"one\",endpoint=\"{report}\"}}");
        exporter.metrics_when(report, |page| value(page, &endpoint) >= Some(3.0)).await;
    }
}

#[tokio::test]
async fn calls_of_one_token_stay_one_at_a_time_when_answers_break_off() {
    let wolkvox = Wolkvox::start(|request| match request.number % 3 {
        0 => Reply::raw("").after(Duration::from_millis(20)),
        1 => Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").after(Duration::from_millis(20)),
        _ => healthy(request).after(Duration::from_millis(20)),
    });
    let _exporter = Exporter::serve(&mut Configuration::of(&[everything("one", &wolkvox)]).command()).await;
    until("a few calls, most of them failures", || wolkvox.count() >= 8).await;
    assert_eq!(wolkvox.most_in_flight("token-of-one"), 1);
}

#[tokio::test]
async fn calls_of_two_tokens_are_in_flight_together() {
    let wolkvox = Wolkvox::start(|_| Reply::hang());
    let operations = [everything("one", &wolkvox), everything("two", &wolkvox)];
    let _exporter = Exporter::serve(&mut Configuration::of(&operations).command()).await;
    // Neither is ever answered, so both are in flight only if neither waits for the other.
    until("one call of each token", || {
        wolkvox.in_flight("token-of-one") == 1 && wolkvox.in_flight("token-of-two") == 1
    })
    .await;
}

#[tokio::test]
async fn an_operation_that_hangs_delays_no_other() {
    let wolkvox =
        Wolkvox::start(|request| if request.token() == "token-of-hanging" { Reply::hang() } else { healthy(request) });
    let operations = [everything("hanging", &wolkvox), everything("well", &wolkvox)];
    let exporter = Exporter::serve(&mut Configuration::of(&operations).command()).await;
    let calls = |token: &str| wolkvox.requests().iter().filter(|request| request.token() == token).count();
    until("three rounds of the operation that is well", || calls("token-of-well") >= 3 * 13).await;
    assert_eq!((calls("token-of-hanging"), wolkvox.in_flight("token-of-hanging")), (1, 1));
    let page = exporter.metrics().await;
    assert_eq!(value(&page, r#"wolkvox_up{operation="well"}"#), Some(1.0));
    assert_eq!(value(&page, r#"wolkvox_up{operation="hanging"}"#), Some(0.0));
}
