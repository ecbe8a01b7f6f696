//! A report that always fails does not affect the others: their values stay fresh, the reason of the failure is shown,
//! and the report causes no more calls than its back-off allows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::support::exporter::{Configuration, Exporter, Operation, until};
use crate::support::page::{series, value};
use crate::support::wolkvox::{Reply, Request, Wolkvox, healthy};
use wolkvox_exporter::api::{Client, Limits, install_crypto_provider};
use wolkvox_exporter::clock::Clock;
use wolkvox_exporter::collect::{self, PollerTasks, StateFile};
use wolkvox_exporter::config::{self, Cadence, SingleOperation, Sources};
use wolkvox_exporter::metrics::{Encoding, ExporterInfo, Format, Page, catalogue};
use wolkvox_exporter::model::Collector;

/// Every collector, and the report that it calls.
fn reports() -> [(&'static str, &'static str); Collector::ALL.len()] {
    Collector::ALL.map(|collector| (collector.name(), collect::endpoint(collector)))
}

const INTERVAL: Duration = Duration::from_secs(1);

/// The test waits for this number of polls of the healthy reports. In this time, a report without back-off would make
/// visibly more calls.
const POLLS: usize = 6;

/// A failure: its name, its reason, whether the first wait is already the longest, and the reply.
type FailureCase = (&'static str, &'static str, bool, fn() -> Reply);

const FAILURES: [FailureCase; 7] = [
    ("error-body", "http_status", false, || Reply::envelope(500, "INTERNAL ERROR", "null")),
    ("not-found", "http_status", false, || Reply::http(404, &[], "<h1>Not Found</h1>")),
    ("html", "bad_json", false, || Reply::http(200, &[], "<h1>It works!</h1>")),
    ("quota", "quota", true, || Reply::envelope(403, "TOKEN LIMIT EXCEEDED", "null")),
    ("token", "unauthorized", true, || Reply::envelope(403, "Please validate token", "null")),
    ("at-a-time", "concurrency", false, || {
        Reply::envelope(403, "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)", "null")
    }),
    ("backup", "maintenance", false, || Reply::envelope(403, "SERVER IN BACKUP", "null")),
];

/// Whether the page has a value of the collector.
fn has_values(page: &str, collector: &str, operation: &str) -> bool {
    let families = catalogue::families().into_iter().filter(|family| family.collector == collector);
    let starts: Vec<String> = families.map(|family| format!("{}{{operation=\"{operation}\"", family.name)).collect();
    page.lines().any(|line| starts.iter().any(|start| line.starts_with(start)))
}

fn of(family: &str, operation: &str, collector: &str, page: &str) -> Option<f64> {
    value(page, &format!("{family}{{operation=\"{operation}\",collector=\"{collector}\"}}"))
}

/// Failures by report and reason.
fn failures(page: &str, operation: &str) -> BTreeMap<String, f64> {
    let prefix = format!("wolkvox_api_request_failures_total{{operation=\"{operation}\",");
    series(page, &prefix)
        .into_iter()
        .filter(|(_, failures)| *failures > 0.0)
        .map(|(series, failures)| (series[prefix.len()..].trim_end_matches('}').to_owned(), failures))
        .collect()
}

/// The times of the calls of a report.
fn calls(wolkvox: &Wolkvox, report: &str) -> Vec<Instant> {
    wolkvox.requests().iter().filter(|request| request.report() == report).map(|request| request.at).collect()
}

/// The times of the first call of each poll of a report. The second call of `dnis` is for a window that does not start at
/// midnight.
fn polls(wolkvox: &Wolkvox, report: &str) -> Vec<Instant> {
    let is_first = |request: &Request| report != "skill_6" || request.parameter("date_ini").ends_with("000000");
    let requests = wolkvox.requests();
    let first = requests.iter().filter(|request| request.report() == report && is_first(request));
    first.map(|request| request.at).collect()
}

/// The smallest number of polls among the reports that do not fail. A poll of `dnis` has two calls.
fn healthy_polls(wolkvox: &Wolkvox, failing: &str) -> usize {
    let polls = |report| calls(wolkvox, report).len() / if report == "skill_6" { 2 } else { 1 };
    reports().iter().filter(|(_, report)| *report != failing).map(|(_, report)| polls(report)).min().unwrap_or(0)
}

/// The differences from a page on which only `failing` fails.
fn findings(page: &str, operation: &str, failing: (&str, &str), reason: &str) -> Vec<String> {
    let (failing, endpoint) = failing;
    let mut found = Vec::new();
    let counted = failures(page, operation);
    if counted.keys().ne([&format!("endpoint=\"{endpoint}\",reason=\"{reason}\"")]) {
        found.push(format!("{operation}: failures are {counted:?}"));
    }
    if value(page, &format!("wolkvox_up{{operation=\"{operation}\"}}")) != Some(0.0) {
        found.push(format!("{operation}: it is up"));
    }
    for (collector, _) in reports() {
        let is_healthy = collector != failing;
        let success = of("wolkvox_collector_success", operation, collector, page);
        let attempt = of("wolkvox_collector_last_attempt_timestamp_seconds", operation, collector, page);
        let fresh = of("wolkvox_collector_last_success_timestamp_seconds", operation, collector, page);
        let has_values = has_values(page, collector, operation);
        if success != Some(f64::from(u8::from(is_healthy))) || has_values != is_healthy {
            found.push(format!("{operation}: {collector} has success {success:?}, values: {has_values}"));
        }
        if is_healthy && fresh != attempt {
            found.push(format!("{operation}: {collector} tried at {attempt:?}, succeeded at {fresh:?}"));
        }
    }
    found
}

/// Polls that came sooner than the back-off allows.
fn early_polls(operation: &str, polls: &[Instant], interval: Duration, lasting: bool) -> Vec<String> {
    let least = |failures: u32| {
        let intervals = if lasting { 10 } else { 2_u32.saturating_pow(failures - 1).min(10) };
        // The jitter shortens a wait by a fifth at most.
        (interval * intervals).mul_f64(0.8)
    };
    (1..)
        .zip(polls.windows(2))
        .filter(|(failures, pair)| pair[1] - pair[0] < least(*failures))
        .map(|(failures, pair)| format!("{operation}: poll {failures} was followed after {:?}", pair[1] - pair[0]))
        .collect()
}

#[tokio::test]
async fn a_report_that_is_rejected_does_not_affect_the_others() {
    let mut cases = Vec::new();
    for (collector, report) in reports() {
        for (name, reason, lasting, reply) in FAILURES {
            let wolkvox = Wolkvox::start(
                move |request: &Request| {
                    if request.report() == report { reply() } else { healthy(request) }
                },
            );
            cases.push((format!("{collector}-{name}"), (collector, report), reason, lasting, wolkvox));
        }
    }
    let every = |(collector, _): (&str, &str)| format!("{collector}: {{interval: 1s, max_age: 1m}}");
    let collectors = format!("{{{}}}", reports().map(every).join(", "));
    let operation = |(name, .., wolkvox): &(String, _, _, _, Wolkvox)| Operation {
        collectors: collectors.clone(),
        ..Operation::of_skills(name, &wolkvox.url())
    };
    let configuration = Configuration::of(&cases.iter().map(operation).collect::<Vec<_>>());
    let exporter = Exporter::serve(&mut configuration.command()).await;
    until("some polls of every report that does not fail", || {
        cases.iter().all(|(_, (_, report), _, _, wolkvox)| healthy_polls(wolkvox, report) >= POLLS)
    })
    .await;

    let page = exporter.metrics().await;
    let mut found = Vec::new();
    for (name, failing, reason, lasting, wolkvox) in &cases {
        found.extend(findings(&page, name, *failing, reason));
        found.extend(early_polls(name, &polls(wolkvox, failing.1), INTERVAL, *lasting));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    exporter.page("/-/ready").await;
}

/// The time limit of a call. It is far above what a healthy report needs on a slow machine; the calls without a
/// response use all of it, and the other reports wait meanwhile.
const CALL_LIMIT: Duration = Duration::from_secs(5);

/// The poll interval of the exporter that runs inside the test process.
const SHORT_INTERVAL: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_without_a_response_does_not_affect_the_others() {
    join_all(reports().map(async |failing| {
        let (collector, report) = failing;
        let wolkvox = Wolkvox::start(
            move |request: &Request| {
                if request.report() == report { Reply::hang() } else { healthy(request) }
            },
        );
        let operation = SingleOperation {
            base_url: Some(wolkvox.url()),
            name: Some(collector.to_owned()),
            collectors: Collector::ALL.map(|collector| (collector, true)).to_vec(),
            ..SingleOperation::default()
        };
        let sources = Sources { operation, ..Sources::default() };
        let config = config::load(&sources, &|name| (name == "WOLKVOX_TOKEN").then(|| "hush".to_owned()));
        let mut operation = config.expect("the configuration is valid").operations.remove(0);
        let cadence = Cadence { interval: SHORT_INTERVAL, max_age: Duration::from_secs(600) };
        for collector in Collector::ALL {
            *operation.collectors.cadence_mut(collector).expect("it is on") = cadence;
        }

        let clock = Clock::system();
        let limits = Limits { total: CALL_LIMIT, ..Limits::default() };
        install_crypto_provider();
        let client = Client::new(&operation, limits, clock.clone());
        let client = Arc::new(client.expect("plain http needs no certificates"));
        let state = Arc::new(StateFile::open(None).unwrap());
        let (store, pollers) = collect::build_pollers(&[(operation, client)], &clock, &state);
        let page = Arc::new(Page::new(store.current(), Arc::new(ExporterInfo::started(clock.wall())), clock.clone()));
        let following = tokio::spawn({
            let page = Arc::clone(&page);
            async move { page.follow(store).await }
        });
        let poller_tasks = PollerTasks::start(pollers);
        let metrics = || {
            let page = page.body(Format::Text004, Encoding::Identity).concat();
            String::from_utf8(page).expect("a page is UTF-8")
        };
        until("two timeouts, and polls of the others", || {
            healthy_polls(&wolkvox, report) >= POLLS && failures(&metrics(), collector).values().sum::<f64>() >= 2.0
        })
        .await;
        let page = metrics();
        assert_eq!(findings(&page, collector, failing, "timeout"), [""; 0]);
        let waits: Vec<Duration> = calls(&wolkvox, report).windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (failures, wait) in (0..).zip(&waits) {
            // The server may receive a call later than the exporter makes it, but not later by half of the time limit.
            let least = CALL_LIMIT / 2 + (SHORT_INTERVAL * 2_u32.pow(failures).min(10)).mul_f64(0.8);
            assert!(*wait >= least, "{collector}: {waits:?}");
        }
        drop(poller_tasks);
        following.abort();
    }))
    .await;
}
