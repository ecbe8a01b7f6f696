//! From corrupted responses, the exporter exports every readable value and nothing else, and counts every lost value.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Zoned};
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::world::{Ending, World};
use wolkvox_simulator::{Corruption, Endpoint, RequestStats, Scenario, Settings};

use crate::inside::Inside;
use crate::programs::{LIMIT, OPERATION, Simulated, time_of};
use crate::series::{Name, Values, name, of_reports};
use crate::tap::Tap;

/// Enough polls for every corruption in many fields. Their pattern repeats after a few dozen responses.
const POLLS: u64 = 60;

/// The maximum of values that the simulator corrupts in one response.
const MAX_CORRUPTED: usize = 3;

/// A report, and its label `endpoint`.
const ENDPOINTS: [(Endpoint, &str); 5] = [
    (Endpoint::Skills, "skills"),
    (Endpoint::Dnis, "skill_6"),
    (Endpoint::AgentsKpi, "agents_kpi"),
    (Endpoint::Transfers, "chat_9"),
    (Endpoint::Ivr, "diagram_1_3"),
];

const THRESHOLDS: [u32; 3] = [10, 20, 30];

/// The largest rounding error of a percentage with two decimals, and of a duration in whole seconds.
const OF_RATIO: f64 = 0.000_050_001;
const OF_SECONDS: f64 = 0.500_001;

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

fn counted<'a>(
    values: &'a Values,
    metric: &'static str,
) -> impl Iterator<Item = (&'a BTreeMap<String, String>, u64)> + use<'a> {
    let of_metric = values.iter().filter(move |((name, _), _)| name == metric);
    of_metric.map(|((_, labels), value)| (labels, *value as u64))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn every_value_that_cannot_be_read_is_counted_under_its_field() {
    let (wolkvox, _, values) = after_many_polls().await;
    let stats = wolkvox.simulation.request_stats();
    let mut planted: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (endpoint, label) in ENDPOINTS {
        let of_endpoint = stats.unreadable.iter().filter(|((of, _), _)| *of == endpoint);
        planted.extend(of_endpoint.map(|((_, field), times)| ((label, field.as_str()), *times)));
        planted.insert((label, "row"), stats.corruptions[&(endpoint, Corruption::StrayRecord)]);
    }
    let counted: BTreeMap<(&str, &str), u64> = counted(&values, "wolkvox_parse_errors_total")
        .map(|(labels, times)| ((labels["endpoint"].as_str(), labels["field"].as_str()), times))
        .filter(|(_, times)| *times > 0)
        .collect();
    assert_eq!(counted, planted);
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

/// A value and its largest rounding error.
type Truth = BTreeMap<Name, (f64, f64)>;

/// A share, if `whole` is not 0.
fn share(part: u64, whole: u64) -> Option<(f64, f64)> {
    (whole > 0).then(|| (part as f64 / whole as f64, OF_RATIO))
}

#[expect(clippy::unnecessary_wraps, reason = "same type as for the other values")]
fn exactly(count: u64) -> Option<(f64, f64)> {
    Some((count as f64, 0.0))
}

/// The expected series of a skill (by its index in the world) at that time, after a late correction has removed the
/// last `withdrawn` answered calls from the day.
fn of_skill(world: &World, place: usize, now: &Zoned, withdrawn: usize) -> Truth {
    let midnight = now.start_of_day().unwrap().timestamp();
    let (mut waiting, mut abandoned, mut waits) = (0, 0, Vec::new());
    world.each_call(place, midnight, now.timestamp(), |call| match call.ending {
        Ending::Answered { at, .. } if at <= now.timestamp() => waits.push(at.duration_since(call.arrived)),
        Ending::Abandoned { at } if at <= now.timestamp() => abandoned += 1,
        _ => waiting += 1,
    });
    waits.truncate(waits.len().saturating_sub(withdrawn));
    let answered = waits.len() as u64;
    let inbound = waiting + abandoned + answered;
    let skill = &world.skills()[place];
    let id = skill.id.to_string();
    let labels = [("operation", OPERATION), ("skill_id", id.as_str())];
    let mut truth = Truth::new();
    let mut put = |metric: &str, more: &[(&str, &str)], value: Option<(f64, f64)>| {
        truth.extend(value.map(|value| (name(metric, &[&labels, more].concat()), value)));
    };
    put("wolkvox_skill_info", &[("skill_name", skill.name)], exactly(1));
    put("wolkvox_skill_calls_in_queue", &[], exactly(waiting));
    put("wolkvox_skill_inbound_calls_today", &[], exactly(inbound));
    put("wolkvox_skill_answered_calls_today", &[], exactly(answered));
    put("wolkvox_skill_abandoned_calls_today", &[], exactly(abandoned));
    put("wolkvox_skill_abandon_ratio", &[], share(abandoned, inbound));
    // The clock does not move, so nothing is counted.
    put("wolkvox_skill_inbound_calls_total", &[], exactly(0));
    put("wolkvox_skill_answered_calls_total", &[], exactly(0));
    put("wolkvox_skill_abandoned_calls_total", &[], exactly(0));
    put("wolkvox_skill_corrections_total", &[], exactly(0));
    // The default targets of an operation without a file: 80/20, at most 5 % abandoned, always open.
    let target = [("threshold_seconds", "20")];
    put("wolkvox_skill_service_level_target_ratio", &target, Some((0.8, 0.0)));
    put("wolkvox_skill_abandon_target_ratio", &[], Some((0.05, 0.0)));
    put("wolkvox_skill_open", &[], exactly(1));
    for threshold in THRESHOLDS {
        let in_time = waits.iter().filter(|wait| **wait <= SignedDuration::from_secs(threshold.into())).count();
        let level = share(in_time as u64, inbound);
        let threshold = threshold.to_string();
        let more = [("threshold_seconds", threshold.as_str())];
        put("wolkvox_skill_service_level_ratio", &more, level);
        put("wolkvox_skill_answered_within_calls_total", &more, exactly(0));
    }
    truth
}

/// The expected series of the dialled numbers in a window.
fn of_numbers(world: &World, window: &str, from: &Zoned, now: &Zoned) -> Truth {
    let mut truth = Truth::new();
    let selection = [("operation", OPERATION), ("skill_id", "all"), ("window", window)];
    truth.extend(exactly(0).map(|none| (name("wolkvox_dnis_merged", &selection), none)));
    for number in world.dnis_between(None, from, now, now) {
        let calls = &number.calls;
        let labels = [selection[0], selection[1], selection[2], ("dnis", number.dnis.as_str())];
        let mut put = |metric: &str, more: &[(&str, &str)], value: Option<(f64, f64)>| {
            truth.extend(value.map(|value| (name(metric, &[&labels, more].concat()), value)));
        };
        let seconds = |mean: Option<f64>| mean.map(|mean| (mean, OF_SECONDS));
        put("wolkvox_dnis_inbound_calls", &[], exactly(calls.inbound));
        put("wolkvox_dnis_answered_calls", &[], exactly(calls.answered()));
        put("wolkvox_dnis_abandoned_calls", &[], exactly(calls.abandoned()));
        put("wolkvox_dnis_abandon_ratio", &[], share(calls.abandoned(), calls.inbound));
        put("wolkvox_dnis_average_speed_of_answer_seconds", &[], seconds(calls.average_speed_of_answer()));
        put("wolkvox_dnis_average_time_to_abandon_seconds", &[], seconds(calls.average_time_to_abandon()));
        for threshold in THRESHOLDS {
            let level = share(calls.answered_within(threshold), calls.inbound);
            let threshold = threshold.to_string();
            put("wolkvox_dnis_service_level_ratio", &[("threshold_seconds", threshold.as_str())], level);
        }
    }
    truth
}

/// The values on the page that differ from the expected ones.
fn wrong_values(found: &Values, truth: &Truth) -> Vec<String> {
    let is_true =
        |name: &Name, found: f64| truth.get(name).is_some_and(|(value, rounding)| (found - value).abs() <= *rounding);
    let wrong = found.iter().filter(|(name, found)| !is_true(name, **found));
    wrong.map(|(name, found)| format!("{name:?} {found}, expected {:?}", truth.get(name))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn every_sample_is_correct_and_only_corrupted_values_are_missing() {
    let (wolkvox, now, values) = after_many_polls().await;
    let world = wolkvox.simulation.world();
    let mut found = of_reports(values);
    found.retain(|(metric, _), _| metric != "wolkvox_skill_service_level_denominator_info");

    let mut missing = 0;
    for (place, skill) in world.skills().iter().enumerate() {
        let id = skill.id.to_string();
        let is_of_skill = |(_, labels): &Name| labels["skill_id"] == id;
        let of_this: Values =
            found.iter().filter(|(name, _)| is_of_skill(name)).map(|(n, v)| (n.clone(), *v)).collect();
        found.retain(|name, _| !is_of_skill(name));
        // At most one late correction is in effect at a time. It withdraws no call, one or two.
        let corrections = [0, 1, 2].map(|withdrawn| of_skill(world, place, &now, withdrawn));
        let wrong = corrections.each_ref().map(|truth| wrong_values(&of_this, truth));
        assert!(wrong.iter().any(Vec::is_empty), "{}: {wrong:#?}", skill.name);
        missing += corrections[0].len() - of_this.len();
    }
    assert!(missing <= MAX_CORRUPTED, "{missing} values of skills are missing");

    let midnight = now.start_of_day().unwrap();
    let half_an_hour_ago = now.checked_sub(SignedDuration::from_mins(30)).unwrap();
    for (window, from) in [("today", midnight), ("30m", half_an_hour_ago)] {
        let truth = of_numbers(world, window, &from, &now);
        let is_of_window = |(_, labels): &Name| labels["window"] == window;
        let of_this: Values =
            found.iter().filter(|(name, _)| is_of_window(name)).map(|(n, v)| (n.clone(), *v)).collect();
        found.retain(|name, _| !is_of_window(name));
        assert_eq!(wrong_values(&of_this, &truth), [""; 0], "{window}");
        assert!(truth.len() - of_this.len() <= MAX_CORRUPTED, "{window}: {} of {} values", of_this.len(), truth.len());
    }
    assert_eq!(found, Values::new(), "series that belong to no skill and no window");
}
