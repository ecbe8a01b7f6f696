//! Values that are too old are no longer exported. The metrics about their age stay. After the next successful poll all
//! values are exported again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::http;
use crate::support::page::{families, value};
use crate::support::wolkvox::{Reply, Request, Wolkvox, healthy, skill};

const OPEN_METRICS: &[(&str, &str)] = &[("accept", "application/openmetrics-text;version=1.0.0")];

fn of(collector: &str, family: &str) -> String {
    format!("wolkvox_collector_{family}{{operation=\"ventas\",collector=\"{collector}\"}}")
}

/// Both collectors are polled every second. Skills are shown for three seconds after a poll, so a busy machine may miss
/// them on a single page.
fn ventas(wolkvox: &Wolkvox, dnis_max_age: &str) -> Configuration {
    let collectors =
        format!("{{skills: {{interval: 1s, max_age: 3s}}, dnis: {{interval: 1s, max_age: {dnis_max_age}}}}}");
    let operation = Operation { collectors, ..Operation::of_skills("ventas", &wolkvox.url()) };
    Configuration::of(&[operation])
}

/// A wolkvox that received `inbound` calls today.
fn with_calls(inbound: &Arc<AtomicU32>) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let inbound = Arc::clone(inbound);
    move |request| match request.report().as_str() {
        "skills" => Reply::rows(&[skill("4173", inbound.load(Ordering::SeqCst))]),
        _ => healthy(request),
    }
}

/// The same, but one report fails.
fn without(
    report: &'static str,
    others: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| if request.report() == report { Reply::http(500, &[], "") } else { others(request) }
}

/// The number of lines that contain `prefix`, in each format.
async fn shown(exporter: &Exporter, prefix: &str) -> [usize; 2] {
    let open_metrics = http::get_with(&format!("{}/metrics", exporter.url), OPEN_METRICS).await;
    assert!(open_metrics.text().ends_with("# EOF\n"));
    [exporter.metrics().await.as_str(), open_metrics.text()]
        .map(|page| page.lines().filter(|line| line.contains(prefix)).count())
}

#[tokio::test]
async fn a_collector_that_fails_for_longer_than_max_age_loses_its_families_and_gets_them_back() {
    let calls = Arc::new(AtomicU32::new(100));
    let wolkvox = Wolkvox::start(with_calls(&calls));
    let exporter = Exporter::serve(&mut ventas(&wolkvox, "1h").command()).await;
    let counter = r#"wolkvox_skill_inbound_calls_total{operation="ventas",skill_id="4173"}"#;
    let dnis = r#"wolkvox_dnis_inbound_calls{operation="ventas",skill_id="all",dnis="6015550101",window="today"}"#;
    exporter
        .metrics_when("both collectors", |page| value(page, counter) == Some(0.0) && value(page, dnis).is_some())
        .await;
    calls.store(110, Ordering::SeqCst);
    let before = exporter.metrics_when("ten calls counted", |page| value(page, counter) == Some(10.0)).await;

    wolkvox.answers(without("skills", with_calls(&calls)));
    let success = of("skills", "success");
    let failed = exporter.metrics_when("a failed poll", |page| value(page, &success) == Some(0.0)).await;
    let last_success = value(&failed, &of("skills", "last_success_timestamp_seconds"));
    assert!(last_success >= value(&before, &of("skills", "last_success_timestamp_seconds")));

    let gone = exporter.metrics_when("no skills", |page| !page.contains("wolkvox_skill_")).await;
    assert_eq!(shown(&exporter, "wolkvox_skill_").await, [0, 0]);
    // The metrics about the age of the values and about the failure stay.
    assert_eq!(value(&gone, &of("skills", "last_success_timestamp_seconds")), last_success);
    for family in ["success", "duration_seconds", "last_attempt_timestamp_seconds", "interval_seconds", "rows"] {
        assert!(value(&gone, &of("skills", family)).is_some(), "{family} is missing");
    }
    assert_eq!(value(&gone, r#"wolkvox_up{operation="ventas"}"#), Some(0.0));
    // The other collector and the process work.
    assert!(value(&gone, dnis).is_some());
    assert!(shown(&exporter, "wolkvox_dnis_").await.iter().all(|lines| *lines > 0));
    exporter.page("/-/healthy").await;
    exporter.page("/-/ready").await;
    assert!(exporter.page("/").await.contains("stale"));

    calls.store(117, Ordering::SeqCst);
    wolkvox.answers(with_calls(&calls));
    let back = exporter.metrics_when("the skills again", |page| value(page, counter).is_some()).await;
    assert_eq!(value(&back, counter), Some(17.0), "the counter continues from its last value");
    assert_eq!(families(&back), families(&before));
    assert!(value(&back, &of("skills", "last_success_timestamp_seconds")) > last_success);
    let in_both_formats = async { while shown(&exporter, "wolkvox_skill_").await.contains(&0) {} };
    assert!(tokio::time::timeout(LIMIT, in_both_formats).await.is_ok(), "the skills are not shown in both formats");
    exporter.metrics_when("up", |page| value(page, r#"wolkvox_up{operation="ventas"}"#) == Some(1.0)).await;
}

#[tokio::test]
async fn values_expire_at_max_age_although_the_next_poll_hangs() {
    let wolkvox = Wolkvox::start(healthy);
    let exporter = Exporter::serve(&mut ventas(&wolkvox, "3s").command()).await;
    let both = |page: &str| page.contains("wolkvox_skill_info{") && page.contains("wolkvox_dnis_inbound_calls{");
    exporter.metrics_when("both collectors", both).await;
    wolkvox.answers(|_| Reply::hang());
    let gone = |page: &str| !page.contains("wolkvox_skill_") && !page.contains("wolkvox_dnis_");
    // A call that hangs fails after a minute. Without a check of the clock, the values would stay until then.
    let page = exporter.metrics_when("the end of their age", gone).await;
    assert!(value(&page, &of("skills", "last_success_timestamp_seconds")).is_some());
    assert_eq!(shown(&exporter, "wolkvox_skill_").await, [0, 0]);
    assert_eq!(shown(&exporter, "wolkvox_dnis_").await, [0, 0]);
    assert_eq!(wolkvox.in_flight("token-of-ventas"), 1, "the poll still hangs");
    exporter.page("/-/healthy").await;
}

#[tokio::test]
async fn values_are_shown_between_a_failure_and_max_age() {
    let wolkvox = Wolkvox::start(healthy);
    let operation = Operation {
        collectors: "{skills: {interval: 1s, max_age: 1h}, dnis: false}".to_owned(),
        ..Operation::of_skills("ventas", &wolkvox.url())
    };
    let exporter = Exporter::serve(&mut Configuration::of(&[operation]).command()).await;
    exporter.metrics_when("the skills", |page| page.contains("wolkvox_skill_info{")).await;
    wolkvox.answers(|_| Reply::http(500, &[], ""));
    let failures = r#"wolkvox_api_request_failures_total{operation="ventas",endpoint="skills",reason="http_status"}"#;
    let page = exporter.metrics_when("two failures", |page| value(page, failures) >= Some(2.0)).await;
    assert!(page.contains("wolkvox_skill_info{"));
    assert_eq!(value(&page, r#"wolkvox_up{operation="ventas"}"#), Some(0.0));
    let age = exporter.page("/").await;
    assert!(age.contains("failing"), "{age}");
}
