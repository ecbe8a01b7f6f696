//! The exporter makes no more calls in a local day than the licenses allow, also when it is killed and started again.

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation, until};
use crate::support::page::value;
use crate::support::process::{Process, Signal};
use crate::support::wolkvox::{Reply, Wolkvox, healthy};
use wolkvox_exporter::clock::Clock;

/// Calls of one poll, one for each skill. Three polls a day are 900 calls, within the 1,000 calls of one license.
const SKILLS: u64 = 300;

/// Calls a day that one license allows.
const QUOTA: u64 = 1000;

/// A time zone in which it is about noon now, so that the test does not run across a midnight.
fn noon() -> String {
    let since_noon = (Clock::system().wall().as_second() / 3600).rem_euclid(24) - 12;
    // The signs in these names are those of POSIX: zones ahead of Greenwich have a minus.
    format!("timezone: Etc/GMT{since_noon:+}")
}

/// An operation with one license whose polls need many calls.
fn many_calls(wolkvox: &Wolkvox, interval: &str) -> Operation {
    let ids: Vec<String> = (0..SKILLS).map(|id| format!("\"{id}\"")).collect();
    Operation {
        collectors: format!("{{skills: {{interval: {interval}, skill_ids: [{}]}}, dnis: false}}", ids.join(", ")),
        more: vec!["licenses: 1".to_owned(), noon()],
        ..Operation::of_skills("greedy", &wolkvox.url())
    }
}

async fn used(exporter: &Exporter) -> u64 {
    exporter.value(r#"wolkvox_api_quota_used{operation="greedy"}"#).await.expect("the metric always exists") as u64
}

#[tokio::test]
async fn a_day_has_no_more_calls_than_the_quota_also_across_kills_and_restarts() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[many_calls(&wolkvox, "8h")]);
    let state = configuration.path("state.json");
    let serve = async || Exporter::serve(configuration.command().args(["--state.file", &state])).await;

    // Kill the exporter five times during a poll, at a call without a response. Each start polls again.
    let mut expected = 0;
    for last in [150, 390, 391, 600, 850] {
        wolkvox.answers(move |request| if request.number == last { Reply::hang() } else { healthy(request) });
        let mut exporter = serve().await;
        assert_eq!(used(&exporter).await, expected, "calls from before the start");
        until("the call without a response", || wolkvox.count() == last).await;
        exporter.process.signal(Signal::KILL);
        exporter.process.wait(LIMIT).await.unwrap();
        expected = last as u64;
    }

    wolkvox.answers(healthy);
    let mut exporter = serve().await;
    assert_eq!(used(&exporter).await, 850);
    let page = exporter
        .metrics_when("the end of the quota", |page| {
            value(page, r#"wolkvox_api_quota_used{operation="greedy"}"#) == Some(QUOTA as f64)
        })
        .await;
    assert_eq!(value(&page, r#"wolkvox_api_quota_limit{operation="greedy"}"#), Some(QUOTA as f64));
    assert_eq!(value(&page, r#"wolkvox_up{operation="greedy"}"#), Some(0.0));
    assert_eq!(wolkvox.count() as u64, QUOTA);
    let line = exporter.process.wait_for_line(LIMIT, |line| line.contains("1000 of 1000 calls").then_some(())).await;
    assert_eq!(line, Ok(()));
    exporter.page("/-/healthy").await;
    assert_eq!(exporter.process.terminate(LIMIT).await.unwrap().code(), Some(0));

    // After another start, the first poll fails without a call.
    let exporter = serve().await;
    crate::support::http::wait_until_ok(&format!("{}/-/ready", exporter.url), LIMIT).await.unwrap();
    assert_eq!((used(&exporter).await, wolkvox.count() as u64), (QUOTA, QUOTA));
}

#[tokio::test]
async fn calls_of_probe_count_toward_the_quota() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[many_calls(&wolkvox, "8h")]);
    let state = configuration.path("state.json");
    let mut command = configuration.command();
    let mut probe = Process::spawn("probe", command.args(["probe", "--output", "metrics", "--state.file", &state]));
    assert_eq!(probe.wait(LIMIT).await.unwrap().code(), Some(0));
    wolkvox.answers(|_| Reply::hang());
    let exporter = Exporter::serve(configuration.command().args(["--state.file", &state])).await;
    assert_eq!(used(&exporter).await, SKILLS);
}

#[tokio::test]
async fn failed_calls_count_toward_the_quota() {
    let wolkvox = Wolkvox::start(|_| Reply::raw(""));
    let operation =
        Operation { collectors: "{skills: {interval: 2m}, dnis: false}".to_owned(), ..many_calls(&wolkvox, "8h") };
    let configuration = Configuration::of(&[operation]);
    let state = configuration.path("state.json");
    let attempt = r#"wolkvox_collector_last_attempt_timestamp_seconds{operation="greedy",collector="skills"}"#;
    for starts in 1..=3 {
        let exporter = Exporter::serve(configuration.command().args(["--state.file", &state])).await;
        exporter.metrics_when("the first attempt", |page| value(page, attempt).is_some()).await;
        assert_eq!((used(&exporter).await, wolkvox.count() as u64), (starts, starts));
    }
}

#[tokio::test]
async fn a_plan_above_the_quota_is_rejected_with_its_numbers_before_the_first_call() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[many_calls(&wolkvox, "6h")]);
    for (command, code) in [("serve", 2), ("check-config", 1)] {
        let mut process = Process::spawn(command, configuration.command().arg(command));
        assert_eq!(process.wait(LIMIT).await.unwrap().code(), Some(code), "{command}");
        let message = process.stderr();
        for part in ["greedy", "1200 calls a day", "the quota is 1000", "300 a poll every 6h"] {
            assert!(message.contains(part), "{command}: {part:?} is not in {message}");
        }
    }
    assert!(wolkvox.connections().is_empty());
}

#[tokio::test]
async fn check_config_shows_what_a_plan_costs() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[many_calls(&wolkvox, "8h")]);
    let mut process = Process::spawn("check-config", configuration.command().arg("check-config"));
    assert_eq!(process.wait(LIMIT).await.unwrap().code(), Some(0));
    assert!(process.stdout().contains("900 of 1000 calls a day (90.0 % of the quota)"), "{}", process.stdout());
    assert!(wolkvox.connections().is_empty());
}
