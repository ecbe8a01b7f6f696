//! Both formats give every Prometheus the same series, and their metadata is that of the catalogue.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use axum::http::header;
use axum::routing::get;
use axum::{Router, serve};
use futures_util::future::join_all;
use tokio::net::TcpListener;
use wolkvox_exporter::metrics::catalogue::{self, Entry};
use wolkvox_exporter::model::Collector;
use wolkvox_simulator::Settings;

use crate::programs::{Exporter, LIMIT, Simulated, accept, config};
use crate::series::{Values, differences, stored};
use crate::support::exposition::Format;
use crate::support::http;
use crate::support::peers::PrometheusVersion;
use crate::support::prometheus::Prometheus;
use crate::support::simulated;

const FORMATS: [(&str, Format); 2] = [("openmetrics", Format::OpenMetrics), ("text", Format::Text)];

/// Type, help and unit by name, as `/api/v1/targets/metadata` has them.
type Metadata = BTreeSet<[String; 4]>;

/// Starts a proxy that requests one format from the exporter, because Prometheus 2 has no setting for the format.
/// Returns host and port.
async fn in_one_format(format: Format, exporter: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let router = Router::new().route(
        "/metrics",
        get(move || async move {
            let response = http::get_with(&exporter, &[("accept", accept(format))]).await;
            let content_type = response.header("content-type").unwrap_or_default().to_owned();
            ([(header::CONTENT_TYPE, content_type)], response.body)
        }),
    );
    tokio::spawn(async move { serve(listener, router).await });
    address
}

/// A configuration with one job for each format, named after the format.
async fn jobs(version: PrometheusVersion, exporter: &Exporter) -> String {
    let mut config = "global: {scrape_interval: 1s}\nscrape_configs:\n".to_owned();
    for (job, format) in FORMATS {
        let (target, protocols) = match version {
            PrometheusVersion::V2 => (in_one_format(format, exporter.url()).await, ""),
            PrometheusVersion::V3 if format == Format::Text => {
                (exporter.address().to_owned(), "scrape_protocols: [PrometheusText0.0.4], ")
            }
            PrometheusVersion::V3 => (exporter.address().to_owned(), "scrape_protocols: [OpenMetricsText1.0.0], "),
        };
        let _ = writeln!(config, "  - {{job_name: {job}, {protocols}static_configs: [{{targets: ['{target}']}}]}}");
    }
    config
}

/// An exporter that has polled once and will not poll again during the test, scraped in both formats.
async fn scraped_in_both(version: PrometheusVersion) -> (Simulated, Exporter, Prometheus) {
    let wolkvox = Simulated::start(Settings::default()).await;
    let collectors = simulated::collectors().into_iter().map(|collector| match collector {
        Collector::AgentsKpi => format!("{collector}: {{interval: 1h, agent_names: true}}"),
        _ => format!("{collector}: {{interval: 1h}}"),
    });
    let collectors = format!("{{{}}}", collectors.collect::<Vec<_>>().join(", "));
    let exporter = Exporter::serve(&config(&wolkvox.url, &collectors)).await;
    exporter.page_when("a whole poll", |page| page.contains("\nwolkvox_up{operation=\"Ventas \\\"Ñ\\\"\"} 1\n")).await;
    let prometheus = Prometheus::start(version, &jobs(version, &exporter).await).await;
    prometheus.wait_until("wolkvox_up == 1", LIMIT, |jobs| jobs.len() == FORMATS.len()).await.unwrap();
    (wolkvox, exporter, prometheus)
}

/// Replaces values about the time of the scrape or the scrape itself by 0.
fn without_scrape_values(mut values: Values) -> Values {
    for ((metric, _), value) in &mut values {
        // One job may have been scraped once more than the other.
        if metric.starts_with("process_") || ["scrape_duration_seconds", "scrape_series_added"].contains(&&**metric) {
            *value = 0.0;
        }
    }
    values
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn both_formats_have_the_same_series_with_the_same_values() {
    join_all(PrometheusVersion::ALL.map(async |version| {
        let (_wolkvox, _exporter, prometheus) = scraped_in_both(version).await;
        let [openmetrics, text] = FORMATS.map(|(job, _)| job);
        let (openmetrics, text) = (stored(&prometheus, openmetrics).await, stored(&prometheus, text).await);
        assert!(openmetrics.len() > 300, "{version:?}: {} series", openmetrics.len());
        assert_eq!(
            differences(&without_scrape_values(text), &without_scrape_values(openmetrics)),
            [""; 0],
            "{version:?}"
        );
        assert_eq!(prometheus.warnings(), [""; 0], "{version:?}");
    }))
    .await;
}

/// The metadata of the catalogue, with names, types and units as in this format.
fn catalogued(format: Format) -> Metadata {
    let is_simulated = |family: &Entry| simulated::has_family(&family.collector, family.help);
    let metadata = catalogue::families().into_iter().filter(is_simulated).map(|family| {
        let (name, kind, unit) = match format {
            Format::Text => (family.name, family.kind, ""),
            Format::OpenMetrics if family.info => {
                (family.name.strip_suffix("_info").unwrap(), "info", family.unit.unwrap_or_default())
            }
            Format::OpenMetrics => {
                let name = family.name.strip_suffix("_total").unwrap_or(family.name);
                (name, family.kind, family.unit.unwrap_or_default())
            }
        };
        [name, kind, family.help, unit].map(str::to_owned)
    });
    metadata.filter(|[name, ..]| is_always_there(name)).collect()
}

/// Families without a sample here: there is no limit of open files, no failure after a successful poll, no state file, and
/// the time of the daily reset is known only after days.
const NOT_THERE: [&str; 5] = [
    "process_max_fds",
    "wolkvox_collector_failure",
    "wolkvox_exporter_state_last_write_successful",
    "wolkvox_exporter_web_config_last_reload_successful",
    "wolkvox_skill_daily_reset_time_of_day_seconds",
];

/// Whether the family always has a sample.
fn is_always_there(name: &str) -> bool {
    !NOT_THERE.iter().any(|family| name.starts_with(family))
}

async fn stored_metadata(prometheus: &Prometheus, job: &str) -> Metadata {
    let matching = format!("{{job=\"{job}\"}}");
    let metadata = prometheus.api("/api/v1/targets/metadata", &[("match_target", &matching)]).await.unwrap();
    let entries = metadata.as_array().expect("metadata is a list").iter();
    let texts = entries
        .map(|entry| ["metric", "type", "help", "unit"].map(|key| entry[key].as_str().unwrap_or_default().to_owned()));
    texts.filter(|[name, ..]| is_always_there(name)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn type_help_and_unit_are_those_of_the_catalogue() {
    join_all(PrometheusVersion::ALL.map(async |version| {
        let (_wolkvox, _exporter, prometheus) = scraped_in_both(version).await;
        for (job, format) in FORMATS {
            // The metadata in Prometheus may be one scrape older than the samples.
            let mut last = Metadata::new();
            let expected = catalogued(format);
            let found = tokio::time::timeout(LIMIT, async {
                while last != expected {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    last = stored_metadata(&prometheus, job).await;
                }
            });
            let found = found.await;
            let missing: Vec<_> = expected.difference(&last).collect();
            let surplus: Vec<_> = last.difference(&expected).collect();
            assert!(found.is_ok(), "{version:?} {job}: missing {missing:#?}, surplus {surplus:#?}");
        }
    }))
    .await;
}
