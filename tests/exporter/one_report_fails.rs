//! A report that always fails is nobody's trouble but its own: the others stay fresh, its reason is shown, and it costs
//! no more calls than its back-off allows.

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
use wolkvox_exporter::metrics::{Encoding, ExporterInfo, Format, Page};
use wolkvox_exporter::model::Collector;

/// A collector, and the report that it reads.
const REPORTS: [(&str, &str); Collector::ALL.len()] = {
    let mut reports = [("", ""); Collector::ALL.len()];
    let mut index = 0;
    while index < Collector::ALL.len() {
        reports[index] = (Collector::ALL[index].name(), endpoint(Collector::ALL[index]));
        index += 1;
    }
    reports
};

/// wolkvox's name of the report.
const fn endpoint(collector: Collector) -> &'static str {
    match collector {
        Collector::Skills => "skills",
        Collector::Dnis => "skill_6",
        Collector::AgentsKpi => "agents_kpi",
        Collector::Transfers => "chat_9",
        Collector::Ivr => "diagram_1_3",
    }
}

const INTERVAL: Duration = Duration::from_secs(1);

/// Polls of the healthy reports that are waited for: time enough for a report without back-off to give itself away.
const POLLS: usize = 6;

/// A way to fail: its name, its reason, whether it waits for the slow end at once, and the reply.
type Way = (&'static str, &'static str, bool, fn() -> Reply);

const WAYS: [Way; 7] = [
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

/// A series of each report that is there as soon as it was read.
fn a_value(collector: &str, operation: &str) -> String {
    let family = match collector {
        "skills" => "wolkvox_skill_calls_in_queue",
        "dnis" => "wolkvox_dnis_inbound_calls",
        "agents_kpi" => "wolkvox_agent_calls_today",
        "transfers" => "wolkvox_transfers_today",
        _ => "wolkvox_ivr_option_calls",
    };
    format!("{family}{{operation=\"{operation}\"")
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

/// When a report was asked for.
fn calls(wolkvox: &Wolkvox, report: &str) -> Vec<Instant> {
    wolkvox.requests().iter().filter(|request| request.report() == report).map(|request| request.at).collect()
}

/// Polls of the reports that do not fail, of that one of them which has the fewest; numbers are asked for twice a poll.
fn healthy_polls(wolkvox: &Wolkvox, failing: &str) -> usize {
    let polls = |report| calls(wolkvox, report).len() / if report == "skill_6" { 2 } else { 1 };
    REPORTS.iter().filter(|(_, report)| *report != failing).map(|(_, report)| polls(report)).min().unwrap_or(0)
}

/// What is wrong with a page on which `failing` alone should be in trouble.
fn wrong(page: &str, operation: &str, failing: (&str, &str), reason: &str) -> Vec<String> {
    let (failing, endpoint) = failing;
    let mut wrong = Vec::new();
    let counted = failures(page, operation);
    if counted.keys().ne([&format!("endpoint=\"{endpoint}\",reason=\"{reason}\"")]) {
        wrong.push(format!("{operation}: failures are {counted:?}"));
    }
    if value(page, &format!("wolkvox_up{{operation=\"{operation}\"}}")) != Some(0.0) {
        wrong.push(format!("{operation}: it is up"));
    }
    for (collector, _) in REPORTS {
        let is_healthy = collector != failing;
        let success = of("wolkvox_collector_success", operation, collector, page);
        let attempt = of("wolkvox_collector_last_attempt_timestamp_seconds", operation, collector, page);
        let fresh = of("wolkvox_collector_last_success_timestamp_seconds", operation, collector, page);
        let has_values = page.contains(&a_value(collector, operation));
        if success != Some(f64::from(u8::from(is_healthy))) || has_values != is_healthy {
            wrong.push(format!("{operation}: {collector} has success {success:?}, values: {has_values}"));
        }
        if is_healthy && fresh != attempt {
            wrong.push(format!("{operation}: {collector} tried at {attempt:?}, succeeded at {fresh:?}"));
        }
    }
    wrong
}

/// Calls that came sooner than the back-off allows.
fn hasty(operation: &str, calls: &[Instant], interval: Duration, lasting: bool) -> Vec<String> {
    let least = |failures: u32| {
        let intervals = if lasting { 10 } else { 2_u32.saturating_pow(failures - 1).min(10) };
        // A fifth of it is left to chance.
        (interval * intervals).mul_f64(0.8)
    };
    (1..)
        .zip(calls.windows(2))
        .filter(|(failures, pair)| pair[1] - pair[0] < least(*failures))
        .map(|(failures, pair)| format!("{operation}: call {failures} was followed after {:?}", pair[1] - pair[0]))
        .collect()
}

#[tokio::test]
async fn a_report_that_is_refused_leaves_the_other_four_alone() {
    let mut cases = Vec::new();
    for (collector, report) in REPORTS {
        for (name, reason, lasting, reply) in WAYS {
            let wolkvox = Wolkvox::start(
                move |request: &Request| {
                    if request.report() == report { reply() } else { healthy(request) }
                },
            );
            cases.push((format!("{collector}-{name}"), (collector, report), reason, lasting, wolkvox));
        }
    }
    let every = |(collector, _): (&str, &str)| format!("{collector}: {{interval: 1s, max_age: 1m}}");
    let collectors = format!("{{{}}}", REPORTS.map(every).join(", "));
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
        found.extend(wrong(&page, name, *failing, reason));
        found.extend(hasty(name, &calls(wolkvox, failing.1), INTERVAL, *lasting));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    exporter.page("/-/ready").await;
}

/// The time limit of a call. It is far above what a healthy report needs on a slow machine; the calls to the silent report use all
/// of it, and the other reports wait meanwhile.
const CALL_LIMIT: Duration = Duration::from_secs(5);

/// Between two polls of a report, in this process.
const QUICK: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_never_answers_leaves_the_other_four_alone() {
    join_all(REPORTS.map(async |failing| {
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
        let mut operation = config.expect("the configuration is sound").operations.remove(0);
        let cadence = Cadence { interval: QUICK, max_age: Duration::from_secs(600) };
        let on = &mut operation.collectors;
        on.skills.as_mut().unwrap().cadence = cadence;
        on.dnis.as_mut().unwrap().cadence = cadence;
        on.agents_kpi.as_mut().unwrap().cadence = cadence;
        on.transfers.as_mut().unwrap().cadence = cadence;
        on.ivr.as_mut().unwrap().cadence = cadence;

        let clock = Clock::system();
        let limits = Limits { total: CALL_LIMIT, ..Limits::default() };
        install_crypto_provider();
        let client = Client::new(operation.base_url.clone(), operation.token.clone(), limits, clock.clone());
        let client = Arc::new(client.expect("plain http needs nothing"));
        let state = Arc::new(StateFile::open(None).unwrap());
        let (board, posts) = collect::build_pollers(&[(operation, client)], &clock, &state);
        let page = Arc::new(Page::new(board.current(), Arc::new(ExporterInfo::started(clock.wall())), clock.clone()));
        let following = tokio::spawn({
            let page = Arc::clone(&page);
            async move { page.follow(board).await }
        });
        let pollers = PollerTasks::start(posts);
        let said = || {
            let page = page.body(Format::Text004, Encoding::Identity).concat();
            String::from_utf8(page).expect("a page is UTF-8")
        };
        until("two silences, and polls of the others", || {
            healthy_polls(&wolkvox, report) >= POLLS && failures(&said(), collector).values().sum::<f64>() >= 2.0
        })
        .await;
        let page = said();
        assert_eq!(wrong(&page, collector, failing, "timeout"), [""; 0]);
        let distances: Vec<Duration> = calls(&wolkvox, report).windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (failures, distance) in (0..).zip(&distances) {
            // The server may see a call later than the exporter makes it, but not half a time limit later.
            let least = CALL_LIMIT / 2 + (QUICK * 2_u32.pow(failures).min(10)).mul_f64(0.8);
            assert!(*distance >= least, "{collector}: {distances:?}");
        }
        drop(pollers);
        following.abort();
    }))
    .await;
}
