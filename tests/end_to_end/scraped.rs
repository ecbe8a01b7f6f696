//! Prometheus stores exactly the values of wolkvox's responses, and logs no warning about the page.

use std::time::Duration;

use futures_util::future::join_all;

use crate::programs::{Exporter, LIMIT, OPERATION, config, simulate};
use crate::series::{Values, differences, name, of_reports, stored};
use crate::support::peers::PrometheusVersion;
use crate::support::process::Process;
use crate::support::prometheus::{Prometheus, scrape_config};
use crate::tap::Tap;
use crate::wording::{self, figure, rows};

/// Metrics with one value for each skill, and their fields.
const OF_SKILLS: [(&str, &str); 5] = [
    ("wolkvox_skill_calls_in_queue", "calls_in_queue_now"),
    ("wolkvox_skill_inbound_calls_today", "stat_inbound"),
    ("wolkvox_skill_answered_calls_today", "stat_answer"),
    ("wolkvox_skill_abandoned_calls_today", "stat_abandon"),
    ("wolkvox_skill_abandon_ratio", "by_abandon"),
];

/// Metrics with one value for each number and window, and their fields.
const OF_NUMBERS: [(&str, &str); 6] = [
    ("wolkvox_dnis_inbound_calls", "inbound_calls"),
    ("wolkvox_dnis_answered_calls", "answer_calls"),
    ("wolkvox_dnis_abandoned_calls", "abandon_calls"),
    ("wolkvox_dnis_abandon_ratio", "abandon"),
    ("wolkvox_dnis_average_speed_of_answer_seconds", "asa"),
    ("wolkvox_dnis_average_time_to_abandon_seconds", "ata"),
];

/// Counters of day totals, and their fields. They have a series as soon as the total was read, and do not change while
/// the total does not change.
const COUNTED: [(&str, &str); 3] = [
    ("wolkvox_skill_inbound_calls_total", "stat_inbound"),
    ("wolkvox_skill_answered_calls_total", "stat_answer"),
    ("wolkvox_skill_abandoned_calls_total", "stat_abandon"),
];

/// Metrics of what the exporter infers from all responses so far.
const INFERRED: [&str; 2] =
    ["wolkvox_skill_service_level_denominator_info", "wolkvox_skill_service_level_target_measurable"];

const THRESHOLDS: [&str; 3] = ["10", "20", "30"];

fn of_skills(document: &str) -> Values {
    let mut values = Values::new();
    for row in rows(document) {
        let id = wording::name(&row, "skill_id");
        let skill = [("operation", OPERATION), ("skill_id", id)];
        for (metric, field) in OF_SKILLS {
            values.extend(figure(&row, field).map(|value| (name(metric, &skill), value)));
        }
        for (metric, field) in COUNTED {
            values.extend(figure(&row, field).map(|_| (name(metric, &skill), 0.0)));
        }
        for threshold in THRESHOLDS {
            let labels = [skill[0], skill[1], ("threshold_seconds", threshold)];
            let field = format!("service_level_{threshold}seg");
            let level = figure(&row, &field);
            // Without calls, the number within a threshold is 0, if the response has the threshold.
            if level.is_some() || row.get(&field).is_some() && figure(&row, "stat_inbound") == Some(0.0) {
                values.insert(name("wolkvox_skill_answered_within_calls_total", &labels), 0.0);
            }
            values.extend(level.map(|level| (name("wolkvox_skill_service_level_ratio", &labels), level)));
        }
        values.insert(name("wolkvox_skill_corrections_total", &skill), 0.0);
        let is_configured = id == "4173";
        let (called, team) = (wording::name(&row, "skill_name"), if is_configured { "ventas" } else { "" });
        values.insert(name("wolkvox_skill_info", &[skill[0], skill[1], ("skill_name", called), ("team", team)]), 1.0);
        if is_configured {
            let labels = [skill[0], skill[1], ("threshold_seconds", "20")];
            values.insert(name("wolkvox_skill_service_level_target_ratio", &labels), 0.8);
            values.insert(name("wolkvox_skill_abandon_target_ratio", &skill), 0.05);
            values.insert(name("wolkvox_skill_open", &skill), 1.0);
        }
    }
    values
}

fn of_numbers(document: &str, window: &str) -> Values {
    let selection = [("operation", OPERATION), ("skill_id", "all"), ("window", window)];
    let mut values = Values::from([(name("wolkvox_dnis_merged", &selection), 0.0)]);
    for row in rows(document) {
        let labels = [selection[0], selection[1], selection[2], ("dnis", wording::name(&row, "dnis"))];
        for (metric, field) in OF_NUMBERS {
            values.extend(figure(&row, field).map(|value| (name(metric, &labels), value)));
        }
        for threshold in THRESHOLDS {
            let labels = [labels[0], labels[1], labels[2], labels[3], ("threshold_seconds", threshold)];
            let level = figure(&row, &format!("service_level_{threshold}seg"));
            values.extend(level.map(|level| (name("wolkvox_dnis_service_level_ratio", &labels), level)));
        }
    }
    values
}

/// The values in the responses to the last complete poll of each collector.
fn served(tap: &Tap) -> Values {
    let mut values = of_skills(&tap.passed("api=skills").last().expect("skills were polled").body);
    let numbers = tap.passed("api=skill_6");
    let [today, half_hour] = numbers.chunks_exact(2).last().expect("numbers were polled") else {
        unreachable!("a chunk holds two")
    };
    assert!(today.query.contains("000000&date_end="), "the windows come in the order of the configuration: {today:?}");
    values.extend(of_numbers(&today.body, "today"));
    values.extend(of_numbers(&half_hour.body, "30m"));
    values
}

/// Waits until `prometheus` has exactly the served series.
async fn agrees(prometheus: &Prometheus, tap: &Tap) -> Result<Values, String> {
    let mut last = Vec::new();
    let agreed = tokio::time::timeout(LIMIT, async {
        loop {
            let found = of_reports(stored(prometheus, "wolkvox").await);
            let mut compared = found.clone();
            // What the exporter infers from responses is not in them.
            compared.retain(|(metric, _), _| !INFERRED.contains(&metric.as_str()));
            last = differences(&compared, &served(tap));
            if last.is_empty() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    agreed.await.map_err(|_| last.join("\n"))
}

async fn stop(mut process: Process) {
    let status = process.terminate(LIMIT).await.unwrap();
    assert!(status.success(), "{status}: {}", process.output());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn after_sixty_scrapes_every_prometheus_has_exactly_the_series_of_wolkvox() {
    // The clock of the simulator does not move, so all responses for skills are equal. Rolling windows move with the
    // exporter's clock.
    let (wolkvox, url) = simulate("--speed 0").await;
    let tap = Tap::before(&url).await;
    let collectors = "{skills: {interval: 2s, max_age: 1h}, dnis: {interval: 2s, max_age: 1h}}";
    let exporter = Exporter::serve(&config(&tap.url, collectors)).await;

    let scraped = scrape_config(&[("wolkvox", exporter.address())]);
    let prometheis = join_all(PrometheusVersion::ALL.map(async |version| {
        let prometheus = Prometheus::start(version, &scraped).await;
        let how_often = "count_over_time(up{job=\"wolkvox\"}[5m])";
        prometheus.wait_until(how_often, LIMIT, |found| found.iter().any(|count| count.value >= 60.0)).await.unwrap();
        (version, prometheus)
    }))
    .await;
    // Failed polls change no value, so the expected values are fixed from now on.
    tap.refuse("");

    for (version, prometheus) in prometheis {
        let found = agrees(&prometheus, &tap).await.unwrap_or_else(|error| panic!("{version:?}:\n{error}"));
        let denominator = |denominator| {
            found.keys().filter(|(_, labels)| labels.get("denominator").is_some_and(|of| of == denominator)).count()
        };
        assert_eq!((denominator("inbound"), denominator("answered")), (1, 0), "{version:?}");
        let up = prometheus.query("min_over_time(up{job=\"wolkvox\"}[5m])").await.unwrap();
        assert_eq!(up.iter().map(|up| up.value).collect::<Vec<_>>(), [1.0], "{version:?}");
        assert_eq!(prometheus.warnings(), [""; 0], "{version:?}");
        assert!(prometheus.stop().await.unwrap().success(), "{version:?}");
    }
    exporter.stop().await;
    stop(wolkvox).await;
}
