//! The tools that check the exporter in other tests accept good input and find faults.

use std::time::Duration;

use axum::http::header;
use axum::routing::get;
use axum::{Router, serve};
use futures_util::future::join_all;
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::alertmanager::{Alertmanager, labels};
use crate::support::exposition::{Format, parse};
use crate::support::http;
use crate::support::peers::{AlertmanagerVersion, PrometheusVersion};
use crate::support::process::run;
use crate::support::prometheus::{Prometheus, scrape_config};
use crate::support::promtool::{check_metrics, promtool};
use crate::support::sink::Sink;

const OPENMETRICS: &str = "\
# HELP demo_queue_calls Calls that wait.
# TYPE demo_queue_calls gauge
# UNIT demo_queue_calls calls
demo_queue_calls{skill=\"Atención \\\"24 h\\\"\"} 7
# HELP demo_calls Calls so far.
# TYPE demo_calls counter
demo_calls_total 12
# EOF
";

const TEXT: &str = "\
# HELP demo_queue_calls Calls that wait.
# TYPE demo_queue_calls gauge
demo_queue_calls{skill=\"Atención \\\"24 h\\\"\"} 7
# HELP demo_calls_total Calls so far.
# TYPE demo_calls_total counter
demo_calls_total 12
";

const LIMIT: Duration = Duration::from_secs(300);

/// Serves `page` at `/metrics` until the test's runtime ends. Returns host and port.
async fn serve_page(content_type: &'static str, page: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let router =
        Router::new().route("/metrics", get(move || async move { ([(header::CONTENT_TYPE, content_type)], page) }));
    tokio::spawn(async move { serve(listener, router).await });
    address
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn every_prometheus_stores_the_values_of_a_page() {
    let text = serve_page("text/plain; version=0.0.4; charset=utf-8", TEXT).await;
    let openmetrics = serve_page("application/openmetrics-text; version=1.0.0; charset=utf-8", OPENMETRICS).await;
    let config = scrape_config(&[("text", text.as_str()), ("openmetrics", openmetrics.as_str())]);
    join_all(PrometheusVersion::ALL.map(async |version| {
        let prometheus = Prometheus::start(version, &config).await;
        let found = prometheus.wait_until("demo_queue_calls", LIMIT, |series| series.len() == 2).await.unwrap();
        for series in &found {
            assert!((series.value - 7.0).abs() < f64::EPSILON, "{version:?}: {series:?}");
            assert_eq!(series.label("skill"), "Atención \"24 h\"", "{version:?}");
        }
        assert_eq!(prometheus.warnings(), [""; 0], "{version:?}");
        assert!(prometheus.stop().await.unwrap().success(), "{version:?}");
    }))
    .await;
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn every_prometheus_reports_a_page_that_it_cannot_read() {
    let broken = serve_page("text/plain; version=0.0.4; charset=utf-8", "demo_queue_calls seven\n").await;
    let config = scrape_config(&[("broken", broken.as_str())]);
    join_all(PrometheusVersion::ALL.map(async |version| {
        let prometheus = Prometheus::start(version, &config).await;
        let up = prometheus.wait_for("up{job=\"broken\"}", LIMIT).await.unwrap();
        assert!(up[0].value.abs() < f64::EPSILON, "{version:?}: {up:?}");
    }))
    .await;
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn an_invalid_query_is_an_error_with_the_message_of_prometheus() {
    let prometheus = Prometheus::start(PrometheusVersion::V3, "global: {}\n").await;
    assert!(prometheus.query("sum(").await.unwrap_err().contains("parse error"));
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn prometheus_evaluates_rules_from_files_beside_its_configuration() {
    let config = "global: {evaluation_interval: 1s}\nrule_files: [rules/demo.yml]\n";
    let rules = "groups: [{name: demo, rules: [{record: demo:answer, expr: vector(42)}]}]\n";
    let files = [("rules/demo.yml", rules)];
    let prometheus = Prometheus::start_with_files(PrometheusVersion::V2, config, &files).await;
    let response = prometheus.wait_for("demo:answer", LIMIT).await.unwrap();
    assert!((response[0].value - 42.0).abs() < f64::EPSILON, "{response:?}");
}

#[tokio::test]
async fn the_http_client_returns_status_headers_and_body() {
    let address = serve_page("text/plain; version=0.0.4", TEXT).await;
    let response = http::wait_until_ok(&format!("http://{address}/metrics"), LIMIT).await.unwrap();
    assert_eq!((response.status, response.header("content-type")), (200, Some("text/plain; version=0.0.4")));
    assert_eq!(response.text(), TEXT);
    assert_eq!(http::get(&format!("http://{address}/nothing")).await.status, 404);
}

#[test]
#[ignore = "needs the peers: make test"]
fn both_reference_parsers_read_the_same_from_both_formats() {
    let openmetrics = parse(Format::OpenMetrics, OPENMETRICS).unwrap();
    let text = parse(Format::Text, TEXT).unwrap();
    assert_eq!(openmetrics.len(), 2);
    for (open, text) in openmetrics.iter().zip(&text) {
        assert_eq!((&open.name, &open.kind, &open.samples), (&text.name, &text.kind, &text.samples));
    }
    assert_eq!(openmetrics[0].unit, "calls");
    assert_eq!(openmetrics[0].samples[0].labels["skill"], "Atención \"24 h\"");
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_strict_parser_refuses_a_page_without_its_end() {
    let page = OPENMETRICS.replace("# EOF\n", "");
    assert!(parse(Format::OpenMetrics, &page).unwrap_err().contains("# EOF"));
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_strict_parser_refuses_a_counter_without_total() {
    let page = OPENMETRICS.replace("demo_calls_total", "demo_calls");
    assert!(parse(Format::OpenMetrics, &page).is_err());
}

#[test]
#[ignore = "needs the peers: make test"]
fn promtool_has_no_findings_for_a_valid_page() {
    for version in PrometheusVersion::ALL {
        check_metrics(version, TEXT).unwrap();
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn promtool_finds_a_counter_without_total_and_a_missing_help() {
    for version in PrometheusVersion::ALL {
        let findings = check_metrics(version, "# TYPE demo_calls counter\ndemo_calls 12\n").unwrap_err();
        assert!(findings.contains("_total"), "{version:?}: {findings}");
        assert!(findings.contains("help"), "{version:?}: {findings}");
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn promtool_refuses_a_rule_that_does_not_parse() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.yml");
    std::fs::write(&rules, "groups: [{name: demo, rules: [{record: demo:answer, expr: 'sum('}]}]\n").unwrap();
    for version in PrometheusVersion::ALL {
        let output = promtool(version, &["check", "rules", rules.to_str().unwrap()], "");
        assert!(!output.status.success(), "{version:?}: {output:?}");
    }
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn every_alertmanager_notifies_about_firing_and_resolved_alerts() {
    join_all(AlertmanagerVersion::ALL.map(async |version| {
        let sink = Sink::start().await;
        let config = format!(
            "route: {{receiver: sink, group_wait: 0s, group_interval: 1s}}\n\
             receivers: [{{name: sink, webhook_configs: [{{url: '{}'}}]}}]\n",
            sink.url()
        );
        let alertmanager = Alertmanager::start(version, &config, &[]).await;
        let labels = labels("alertname=Demo skill=Atención");
        alertmanager.fire(std::slice::from_ref(&labels)).await;
        let notified = sink.wait_until(LIMIT, |notified| !notified.is_empty()).await.unwrap();
        assert_eq!((notified[0].status.as_str(), notified[0].receiver.as_str()), ("firing", "sink"), "{version:?}");
        assert_eq!(notified[0].alerts[0].labels, labels, "{version:?}");
        assert_eq!(alertmanager.alerts().await[0].labels, labels, "{version:?}");

        alertmanager.post(&json!([{"labels": labels, "endsAt": "2026-01-01T00:00:00Z"}])).await;
        let notified = sink.wait_until(LIMIT, |notified| notified.len() > 1).await.unwrap();
        assert_eq!(notified[1].status, "resolved", "{version:?}");
        assert!(alertmanager.stop().await.unwrap().success(), "{version:?}");
    }))
    .await;
}

#[test]
#[ignore = "needs the peers: make test"]
fn amtool_accepts_the_time_zones_of_the_contact_centres() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alertmanager.yml");
    for version in AlertmanagerVersion::ALL {
        for (zone, exists) in [("America/Bogota", true), ("America/Macondo", false)] {
            let text = format!(
                "route: {{receiver: nobody}}\nreceivers: [{{name: nobody}}]\n\
                 time_intervals: [{{name: open, time_intervals: [{{location: {zone}}}]}}]\n"
            );
            std::fs::write(&path, text).unwrap();
            let output = run(version.amtool().arg("check-config").arg(&path), "");
            assert_eq!(output.status.success(), exists, "{version:?} {zone}: {output:?}");
        }
    }
}
