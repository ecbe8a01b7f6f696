//! Values that are too old end in Prometheus at once, while the scrapes of the exporter continue.

use std::time::Duration;

use futures_util::future::join_all;
use wolkvox_simulator::Settings;

use crate::programs::{Exporter, LIMIT, Simulated, config};
use crate::support::peers::PrometheusVersion;
use crate::support::prometheus::{Prometheus, scrape_config};
use crate::tap::Tap;

/// Prometheus shows a series for 5 minutes after its last sample, but a series that is marked stale ends at once. This
/// limit is below 5 minutes to distinguish the two.
const BEFORE_LOOKBACK: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn values_that_are_too_old_are_stale_in_prometheus_and_come_back() {
    let wolkvox = Simulated::start(Settings::default()).await;
    let tap = Tap::before(&wolkvox.url).await;
    let collectors = "{skills: {interval: 1s, max_age: 10m}, dnis: {interval: 1s, max_age: 3s}}";
    let exporter = Exporter::serve(&config(&tap.url, collectors)).await;
    let scraped = scrape_config(&[("wolkvox", exporter.address())]);
    let prometheis = join_all(PrometheusVersion::ALL.map(async |version| {
        let prometheus = Prometheus::start(version, &scraped).await;
        prometheus.wait_for("wolkvox_dnis_inbound_calls", LIMIT).await.unwrap();
        prometheus
    }))
    .await;

    tap.refuse("api=skill_6");
    for prometheus in &prometheis {
        let gone = "count({__name__=~\"wolkvox_dnis_.*\"})";
        prometheus.wait_until(gone, BEFORE_LOOKBACK, <[_]>::is_empty).await.unwrap();
        for expected in [
            "wolkvox_skill_inbound_calls_today",
            "wolkvox_collector_last_success_timestamp_seconds{collector=\"dnis\"} > 0",
            "wolkvox_collector_success{collector=\"dnis\"} == 0",
            "wolkvox_collector_success{collector=\"skills\"} == 1",
            "wolkvox_up == 0",
            "min_over_time(up[5m]) == 1",
        ] {
            assert_ne!(prometheus.query(expected).await.unwrap(), [], "{expected}");
        }
    }

    tap.refuse_nothing();
    for prometheus in prometheis {
        prometheus.wait_for("wolkvox_dnis_inbound_calls", LIMIT).await.unwrap();
        assert_ne!(prometheus.query("min_over_time(up[5m]) == 1").await.unwrap(), []);
        assert_eq!(prometheus.warnings(), [""; 0]);
    }
}
