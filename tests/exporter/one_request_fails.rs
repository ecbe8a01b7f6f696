//! A skill or a window that fails does not affect the others of its report, and metrics, log, overview page and `probe`
//! name it. A threshold that wolkvox does not send is named in the same places.

use crate::support::exporter::{Configuration, Exporter, Operation, run_to_end};
use crate::support::page::value;
use crate::support::wolkvox::{Reply, Request, Wolkvox, healthy};

/// Answers for skill 4180 with an error, and for the others as usual.
fn without_4180(request: &Request) -> Reply {
    if request.parameter("skill_id") == "4180" {
        Reply::envelope(400, "SOME PARAMETERS ARE REQUIRED", "null")
    } else {
        healthy(request)
    }
}

fn of_request(family: &str, skill_id: &str) -> String {
    format!(
        r#"wolkvox_collector_request_{family}{{operation="ventas",collector="skills",skill_id="{skill_id}",window=""}}"#
    )
}

fn configuration(wolkvox: &Wolkvox, more: &[&str]) -> Configuration {
    Configuration::of(&[Operation {
        collectors: r#"{skills: {interval: 1s, max_age: 1h, skill_ids: ["4173", "4180"]}, dnis: false}"#.to_owned(),
        more: more.iter().copied().map(ToOwned::to_owned).collect(),
        ..Operation::of_skills("ventas", &wolkvox.url())
    }])
}

const IN_QUEUE: [&str; 2] = [
    r#"wolkvox_skill_calls_in_queue{operation="ventas",skill_id="4173"}"#,
    r#"wolkvox_skill_calls_in_queue{operation="ventas",skill_id="4180"}"#,
];

#[tokio::test]
async fn a_failing_skill_is_named_everywhere_and_the_other_stays_fresh() {
    let wolkvox = Wolkvox::start(healthy);
    let exporter = Exporter::serve(&mut configuration(&wolkvox, &[]).command()).await;
    let both = |page: &str| IN_QUEUE.iter().all(|series| value(page, series) == Some(2.0));
    exporter.metrics_when("both skills", both).await;
    wolkvox.answers(without_4180);
    let is_failing = |page: &str| value(page, &of_request("success", "4180")) == Some(0.0);
    let failing = exporter.metrics_when("the failure of one skill", is_failing).await;
    let time = |page: &str, skill_id| value(page, &of_request("last_success_timestamp_seconds", skill_id)).unwrap();
    let later = |page: &str| time(page, "4173") > time(&failing, "4173");
    let page = exporter.metrics_when("a later success of the other skill", later).await;
    assert!(time(&page, "4180") <= time(&failing, "4180") && both(&page), "{page}");
    assert_eq!(value(&page, &of_request("success", "4173")), Some(1.0));
    assert_eq!(value(&page, r#"wolkvox_up{operation="ventas"}"#), Some(1.0));
    let overview = exporter.page("/").await;
    assert!(overview.contains("skill_id 4180: ") && !overview.contains("skill_id 4173: "), "{overview}");
    assert!(overview.contains("(last success "), "{overview}");
    let log = exporter.process.stderr();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("one request of the poll failed")).collect();
    assert!(lines.len() == 1 && lines[0].contains("skill_id 4180"), "{log}");
}

#[tokio::test]
async fn probe_names_the_request_that_fails() {
    let wolkvox = Wolkvox::start(without_4180);
    let (code, process) = run_to_end(configuration(&wolkvox, &[]).command().arg("probe")).await;
    assert_eq!(code, Some(1));
    assert!(process.stdout().contains("partly failed"), "{}", process.stdout());
    let error = process.stderr();
    assert!(error.contains("skills, skill_id 4180: ") && !error.contains("skill_id 4173: "), "{error}");
}

#[tokio::test]
async fn a_threshold_that_wolkvox_does_not_send_is_named_everywhere() {
    let targets = [
        "targets:",
        r#"  - {skill_ids: ["4173"], service_level: {threshold_seconds: 300, ratio: 0.9}}"#,
        "  - {service_level: {threshold_seconds: 20, ratio: 0.8}}",
    ];
    let wolkvox = Wolkvox::start(healthy);
    let configuration = configuration(&wolkvox, &targets);
    let (code, process) = run_to_end(configuration.command().arg("check-config")).await;
    assert_eq!(code, Some(0));
    assert!(process.stdout().contains("skills asks for the service level within 300 s"), "{}", process.stdout());
    let exporter = Exporter::serve(&mut configuration.command()).await;
    let measurable = |page: &str, seconds| {
        let labels = format!(r#"operation="ventas",threshold_seconds="{seconds}""#);
        value(page, &format!("wolkvox_skill_service_level_target_measurable{{{labels}}}"))
    };
    let both = |page: &str| measurable(page, 300) == Some(0.0) && measurable(page, 20) == Some(1.0);
    exporter.metrics_when("what can be measured", both).await;
    let asked_for = wolkvox.requests().iter().map(|request| request.parameter("services_time")).collect::<Vec<_>>();
    assert!(asked_for.iter().all(|seconds| seconds.is_empty() || seconds == "300"), "{asked_for:?}");
    let overview = exporter.page("/").await;
    assert!(overview.contains("skill_id 4173: wolkvox sends no service level within 300 s"), "{overview}");
    assert!(exporter.process.stderr().contains("threshold_seconds=[300]"), "{}", exporter.process.stderr());
}
