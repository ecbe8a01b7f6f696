//! A counter that appears in the middle of a day starts at 0 in Prometheus, so that `increase()` sees its first calls.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use futures_util::future::join_all;

use crate::programs::{Exporter, LIMIT, OPERATION, config};
use crate::rises::rises;
use crate::series::name;
use crate::support::daytime;
use crate::support::peers::PrometheusVersion;
use crate::support::prometheus::{Prometheus, Series, scrape_config};
use crate::support::wolkvox::{Reply, Request, Wolkvox, skill, transfer};

/// The calls of a skill that wolkvox lists for the first time, and the transfers of a new kind.
const CALLS: u32 = 5;
const TRANSFERS: u32 = 3;

/// One skill and one transfer, and after `has_more` also a second skill and transfers of another kind.
fn rows(request: &Request, has_more: bool) -> Reply {
    // An event has the same time in every response.
    static AT: OnceLock<String> = OnceLock::new();
    let mut rows;
    if request.report() == "skills" {
        rows = vec![skill("4173", 100)];
        rows.extend(has_more.then(|| skill("4180", CALLS)));
    } else {
        let at = AT.get_or_init(|| request.parameter("date_end"));
        rows = vec![transfer("c-0", "SKILL", at)];
        let others = (1..=TRANSFERS).map(|n| transfer(&format!("c-{n}"), "SKILL", at).replace("chat", "whatsapp"));
        rows.extend(others.filter(|_| has_more));
    }
    Reply::rows(&rows)
}

/// The first response to each report has the new rows. Later calls fail, so that the page does not change.
fn once() -> impl Fn(&Request) -> Reply {
    let asked = [AtomicU8::new(0), AtomicU8::new(0)];
    move |request| {
        let asked = &asked[usize::from(request.report() == "skills")];
        if asked.fetch_max(1, Ordering::SeqCst) == 0 { rows(request, true) } else { Reply::http(500, &[], "") }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn increase_sees_the_first_calls_of_a_skill_and_the_first_transfers_of_a_kind() {
    let wolkvox = Wolkvox::start(|request| rows(request, false));
    let collectors = "{skills: {interval: 1s, max_age: 1h}, dnis: false, transfers: {interval: 1s, max_age: 1h}}";
    let zone = format!("    timezone: {}\n    licenses:", daytime::zone());
    let exporter = Exporter::serve(&config(&wolkvox.url(), collectors).replace("    licenses:", &zone)).await;
    let scraped = scrape_config(&[("wolkvox", exporter.address())]);
    let prometheis = PrometheusVersion::ALL.map(async |version| (version, Prometheus::start(version, &scraped).await));
    let prometheis = join_all(prometheis).await;

    let operation = ("operation", OPERATION);
    let skill = [operation, ("skill_id", "4180")];
    let kind = [operation, ("channel", "whatsapp"), ("receiver_type", "skill")];
    let counters = [
        ("wolkvox_skill_inbound_calls_total", name("wolkvox_skill_inbound_calls_total", &skill), CALLS),
        ("wolkvox_transfers_total", name("wolkvox_transfers_total", &kind), TRANSFERS),
    ];
    let both = r#"wolkvox_skill_inbound_calls_total{skill_id="4180"} or wolkvox_transfers_total{channel="whatsapp"}"#;
    let known = "wolkvox_skill_inbound_calls_total or wolkvox_transfers_total";
    let wait = async |expression: &str, enough: &(dyn Fn(&[Series]) -> bool + Sync)| {
        for (version, prometheus) in &prometheis {
            let found = prometheus.wait_until(expression, LIMIT, enough).await;
            found.unwrap_or_else(|error| panic!("{version:?}: {error}"));
        }
    };
    wait(known, &|found| found.len() == 2).await;
    wolkvox.answers(once());
    wait(both, &|found| found.len() == 2).await;
    wolkvox.answers(|request| rows(request, true));
    wait(both, &|found| found.len() == 2 && found.iter().all(|counter| counter.value > 0.0)).await;

    for (version, prometheus) in &prometheis {
        for (metric, series, expected) in &counters {
            let rises = rises(prometheus, metric).await;
            // It counts from the first sample, so it is complete only if that sample is 0.
            let (rise, expected) = (&rises[series], f64::from(*expected));
            assert!(rise.is_within(expected, expected), "{version:?}: {series:?} {rise:?}");
        }
    }
    exporter.stop().await;
}
