//! Strict parsers accept every page, also when wolkvox fails.

use std::net::TcpListener;

use futures_util::future::join_all;
use wolkvox_simulator::Settings;

use crate::programs::{Exporter, Simulated, config, read};
use crate::series::values_of;
use crate::support::exposition::Format;
use crate::support::peers::PrometheusVersion;
use crate::support::promtool::check_metrics;
use crate::tap::Tap;

/// The scenario `healthy` and each scenario that changes responses, with a text that the page contains during the
/// trouble, in a sample that is not 0. Scenarios that change the contact centre change only values.
const SCENARIOS: [(&str, &str); 5] = [
    ("healthy", "wolkvox_up{"),
    ("bad-data", "wolkvox_parse_errors_total{operation=\"demo\",endpoint=\"skill_6\",field=\"asa\"}"),
    ("api-down", "reason=\"http_status\"}"),
    ("bad-token", "reason=\"unauthorized\"}"),
    ("quota", "reason=\"quota\"}"),
];

/// A round of polls needs 9 calls, so the quota of the scenario `quota` is soon used up. The clock is fast, so that the
/// trouble starts after seconds.
const DEMO: &str = "--speed 60 --poll.interval 1s --wolkvox.licenses 10000 --wolkvox.skill-id 4173 \
                    --wolkvox.skill-id 4180 --wolkvox.skill-id 4211";

/// Checks the page with the reference parsers of both formats and with both versions of promtool. They run on another
/// thread, so they do not block the exporter.
async fn assert_accepted(exporter: &Exporter, what: &str) {
    let (openmetrics, text) = (exporter.page(Format::OpenMetrics).await, exporter.page(Format::Text).await);
    let what = what.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        assert!(!values_of(&read(Format::OpenMetrics, &openmetrics)).is_empty(), "{what}");
        assert!(!values_of(&read(Format::Text, &text)).is_empty(), "{what}");
        for version in PrometheusVersion::ALL {
            check_metrics(version, &text).unwrap_or_else(|findings| panic!("{what}, {version:?}: {findings}\n{text}"));
        }
    });
    read.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn parsers_and_promtool_accept_the_page_in_every_scenario_that_changes_responses() {
    join_all(SCENARIOS.map(async |(scenario, sign)| {
        let demo = Exporter::demo(&format!("{DEMO} --scenario {scenario}")).await;
        let trouble = |page: &str| page.lines().any(|line| line.contains(sign) && !line.ends_with(" 0"));
        demo.page_when(sign, trouble).await;
        assert_accepted(&demo, scenario).await;
        demo.stop().await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn parsers_accept_the_page_before_the_first_poll() {
    // Accepts connections and never sends a response.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let exporter = Exporter::serve(&config(&url, "{}")).await;
    assert_accepted(&exporter, "before the first poll").await;
    assert!(exporter.page(Format::Text).await.contains("\nwolkvox_up{operation=\"Ventas \\\"Ñ\\\"\"} 0\n"));
    exporter.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn parsers_accept_the_page_when_all_values_are_too_old() {
    let wolkvox = Simulated::start(Settings::default()).await;
    let tap = Tap::before(&wolkvox.url).await;
    let collectors = "{skills: {interval: 1s, max_age: 2s}, dnis: {interval: 1s, max_age: 2s}}";
    let exporter = Exporter::serve(&config(&tap.url, collectors)).await;
    let is_there = |page: &str, family| page.contains(&format!("\n{family}{{"));
    let families = ["wolkvox_skill_inbound_calls_today", "wolkvox_dnis_inbound_calls"];
    exporter.page_when("values", |page| families.iter().all(|family| is_there(page, family))).await;
    tap.refuse("");
    let old = |page: &str| !page.contains("wolkvox_skill_") && !page.contains("wolkvox_dnis_");
    exporter.page_when("the end of old values", old).await;
    assert_accepted(&exporter, "all values too old").await;
    exporter.stop().await;
}
