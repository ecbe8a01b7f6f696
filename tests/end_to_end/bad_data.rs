//! From corrupted responses, the exporter exports every readable value and nothing else, and counts every lost value.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Zoned};
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::{Corruption, Endpoint, RequestStats, Scenario, Settings};

use crate::inside::Inside;
use crate::planted::{ENDPOINTS, MAX_CORRUPTED, counted, counted_errors, planted_errors};
use crate::programs::{LIMIT, OPERATION, Simulated, time_of};
use crate::series::{Name, Values, name, of_reports};
use crate::tap::Tap;
use crate::truth::{THRESHOLDS, Truth, of_numbers, of_skill, wrong_values};

/// Enough polls for every corruption in many fields. Their pattern repeats after a few dozen responses.
const POLLS: u64 = 60;

/// Polls many corrupted responses for one simulated time, and then stops, so that the page has the values of all polls.
async fn after_many_polls() -> (Simulated, Zoned, Values) {
    let at: Timestamp = "2026-11-24T15:00:00-05".parse().unwrap();
    let clock = Clock::manual(at);
    let settings = Settings {
        scenario: Scenario::BadData,
        time: time_of(&clock),
        latency: Duration::ZERO,
        daily_quota: Some(u64::MAX),
        ..Settings::default()
    };
    let now = at.to_zoned(settings.zone.clone());
    let wolkvox = Simulated::start(settings).await;
    let tap = Tap::before(&wolkvox.url).await;
    let exporter = Inside::start_all(&tap.url, &clock, "America/Bogota");
    let enough = tokio::time::timeout(LIMIT, async {
        let requests_of =
            |stats: &RequestStats, endpoint| stats.requests.get(&Some(endpoint)).copied().unwrap_or_default();
        loop {
            let stats = wolkvox.simulation.request_stats();
            if ENDPOINTS.iter().all(|(endpoint, _)| requests_of(&stats, *endpoint) >= POLLS) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    enough.await.expect("polls continue");
    tap.refuse("");
    exporter.failing().await;
    (wolkvox, now, exporter.values())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn every_value_that_cannot_be_read_is_counted_under_its_field() {
    let (wolkvox, _, values) = after_many_polls().await;
    let stats = wolkvox.simulation.request_stats();
    assert_eq!(counted_errors(&values), planted_errors(&stats));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn every_repaired_document_and_every_duplicate_row_is_counted() {
    let (wolkvox, _, values) = after_many_polls().await;
    let stats = wolkvox.simulation.request_stats();
    for (metric, corruption) in [
        ("wolkvox_json_repairs_total", Corruption::TrailingComma),
        ("wolkvox_duplicate_rows_total", Corruption::DuplicateRow),
    ] {
        let counted: BTreeMap<&str, u64> =
            counted(&values, metric).map(|(labels, times)| (labels["endpoint"].as_str(), times)).collect();
        let planted = ENDPOINTS.map(|(endpoint, label)| {
            let times = match (endpoint, corruption) {
                // Every response of this report has a trailing comma, corrupted or not.
                (Endpoint::AgentsKpi, Corruption::TrailingComma) => stats.requests[&Some(endpoint)],
                // The duplicated row also has its only value corrupted, so one of the two rows cannot be read.
                (Endpoint::Transfers, Corruption::DuplicateRow) => 0,
                _ => stats.corruptions[&(endpoint, corruption)],
            };
            (label, times)
        });
        assert_eq!(counted, BTreeMap::from(planted), "{metric}");
    }
}

/// The counters of a skill while the clock does not move.
fn nothing_counted(id: &str) -> Truth {
    let skill = [("operation", OPERATION), ("skill_id", id)];
    let mut truth: Truth = ["inbound_calls", "answered_calls", "abandoned_calls", "corrections"]
        .map(|counted| (name(&format!("wolkvox_skill_{counted}_total"), &skill), (0.0, 0.0)))
        .into();
    for threshold in THRESHOLDS {
        let labels = [skill[0], skill[1], ("threshold_seconds", &threshold.to_string())];
        truth.insert(name("wolkvox_skill_answered_within_calls_total", &labels), (0.0, 0.0));
    }
    truth
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn every_sample_is_correct_and_only_corrupted_values_are_missing() {
    let (wolkvox, now, values) = after_many_polls().await;
    let world = wolkvox.simulation.world();
    let mut found = of_reports(values);
    // Without what holds for all skills together, such as the denominator of the service level.
    found.retain(|(_, labels), _| labels.contains_key("skill_id"));

    let mut missing = 0;
    for (place, skill) in world.skills().iter().enumerate() {
        let id = skill.id.to_string();
        let is_of_skill = |(_, labels): &Name| labels["skill_id"] == id;
        let of_this: Values =
            found.iter().filter(|(name, _)| is_of_skill(name)).map(|(n, v)| (n.clone(), *v)).collect();
        found.retain(|name, _| !is_of_skill(name));
        // At most one late correction is in effect at a time. It withdraws no call, one or two.
        let corrections = [0, 1, 2].map(|withdrawn| {
            let mut truth = of_skill(world, place, &now, withdrawn);
            truth.extend(nothing_counted(&id));
            truth
        });
        let wrong = corrections.each_ref().map(|truth| wrong_values(&of_this, truth));
        assert!(wrong.iter().any(Vec::is_empty), "{}: {wrong:#?}", skill.name);
        missing += corrections[0].len() - of_this.len();
    }
    assert!(missing <= MAX_CORRUPTED, "{missing} values of skills are missing");

    let midnight = now.start_of_day().unwrap();
    let half_an_hour_ago = now.checked_sub(SignedDuration::from_mins(30)).unwrap();
    for (window, from) in [("today", midnight), ("30m", half_an_hour_ago)] {
        let truth = of_numbers(world, window, &from, &now, &now);
        let is_of_window = |(_, labels): &Name| labels["window"] == window;
        let of_this: Values =
            found.iter().filter(|(name, _)| is_of_window(name)).map(|(n, v)| (n.clone(), *v)).collect();
        found.retain(|name, _| !is_of_window(name));
        assert_eq!(wrong_values(&of_this, &truth), [""; 0], "{window}");
        assert!(truth.len() - of_this.len() <= MAX_CORRUPTED, "{window}: {} of {} values", of_this.len(), truth.len());
    }
    assert_eq!(found, Values::new(), "series that belong to no skill and no window");
}
