//! Labels of a target replace those of the exporter unless the job has `honor_labels`, and an alert finds it.

use futures_util::future::join_all;

use crate::programs::{Exporter, LIMIT, OPERATION, config};
use crate::support::peers::PrometheusVersion;
use crate::support::prometheus::Prometheus;
use crate::support::rules::{alerts, text};
use crate::support::wolkvox::{Wolkvox, healthy};

/// Two jobs with the same target, which has the labels `team` and `operation`. Only the second has `honor_labels`.
fn jobs(exporter: &str) -> String {
    let job = |name: &str, honor_labels: bool| {
        format!(
            "  - {{job_name: {name}, honor_labels: {honor_labels}, static_configs: [{{targets: ['{exporter}'], \
             labels: {{team: x, operation: y}}}}]}}\n"
        )
    };
    format!("global: {{scrape_interval: 1s}}\nscrape_configs:\n{}{}", job("replaced", false), job("kept", true))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn the_alert_finds_a_job_whose_target_replaces_labels_of_the_exporter() {
    let alerts = alerts();
    let alert = alerts.iter().find(|alert| alert.name == "WolkvoxLabelsReplaced").unwrap();
    let wolkvox = Wolkvox::start(healthy);
    let exporter = Exporter::serve(&config(&wolkvox.url(), "{skills: {interval: 1s}, dnis: false}")).await;
    let config = jobs(exporter.address());
    join_all(PrometheusVersion::ALL.map(async |version| {
        let prometheus = Prometheus::start(version, &config).await;
        let both = |found: &[_]| found.len() == 2;
        let skills = prometheus.wait_until("wolkvox_skill_info", LIMIT, both).await.unwrap();
        for skill in &skills {
            let labels = ["team", "exported_team", "operation", "exported_operation"].map(|label| skill.label(label));
            let expected = match skill.label("job") {
                "replaced" => ["x", "ventas", "y", OPERATION],
                _ => ["ventas", "", OPERATION, ""],
            };
            assert_eq!(labels, expected, "{version:?}: {skill:?}");
        }
        let found = prometheus.query(text(&alert.rule["expr"])).await.unwrap();
        let found: Vec<&str> = found.iter().map(|series| series.label("job")).collect();
        assert_eq!(found, ["replaced"], "{version:?}");
    }))
    .await;
    exporter.stop().await;
}
