//! The reports of agents, transfers and menus: the page has exactly the events of the simulated contact centre. At
//! midnight counters lose nothing, and day totals restart.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::Settings;
use wolkvox_simulator::world::{SkillTruth, World};

use crate::inside::Inside;
use crate::planted::ENDPOINTS;
use crate::programs::{LIMIT, OPERATION, Simulated, time_of};
use crate::rises::{Rise, rises};
use crate::series::{Name, name, value};
use crate::support::peers::PrometheusVersion;
use crate::support::prometheus::{Prometheus, scrape_config};
use crate::tap::Tap;
use crate::truth::{self, THRESHOLDS, Truth, deviations, of_opt_in_reports};

/// After this number of calls to a report, a complete poll has begun and ended. A poll has at most two calls.
const MORE_CALLS: u64 = 6;

/// A step of the clock, and the pause after it.
const STEP: SignedDuration = SignedDuration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(25);

/// After this number of steps the clock waits for a complete poll, so that polls keep up on a slow machine.
const STEPS_BETWEEN_POLLS: usize = 60;

/// The common part of the names of a counter and a gauge of the day, and the expected value of a day.
type Counted = (&'static str, fn(&SkillTruth) -> u64);

const COUNTED: [Counted; 3] = [
    ("wolkvox_skill_inbound_calls", |skill| skill.today.inbound),
    ("wolkvox_skill_answered_calls", |skill| skill.today.answered()),
    ("wolkvox_skill_abandoned_calls", |skill| skill.today.abandoned()),
];

fn settings(clock: &Clock, zone: &TimeZone) -> Settings {
    Settings {
        time: time_of(clock),
        zone: zone.clone(),
        latency: Duration::ZERO,
        daily_quota: Some(u64::MAX),
        ..Settings::default()
    }
}

/// Waits until the page has the results of polls that began after this call.
async fn polled(wolkvox: &Simulated, exporter: &Inside) {
    let stats = wolkvox.simulation.request_stats();
    let calls = ENDPOINTS.map(|(of, label)| (label, stats.requests.get(&Some(of)).copied().unwrap_or_default()));
    exporter.has_called(&calls.map(|(label, calls)| (label, calls + MORE_CALLS))).await;
}

/// The expected series of the three reports at that time, in all windows.
fn everything(world: &World, first: &Zoned, now: &Zoned) -> Truth {
    let mut truth = truth::of_agents(world, now.date(), now);
    truth.extend(truth::of_transfers(world, first, now));
    truth.extend(truth::of_menus(world, "today", &now.start_of_day().unwrap(), now, now));
    let half_an_hour_ago = now.checked_sub(SignedDuration::from_mins(30)).unwrap();
    truth.extend(truth::of_menus(world, "30m", &half_an_hour_ago, now, now));
    truth
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn the_page_has_exactly_the_agents_transfers_and_menus_of_the_simulated_world() {
    let first: Zoned = "2026-11-24T10:00:00-05[America/Bogota]".parse().unwrap();
    let clock = Clock::manual(first.timestamp());
    let wolkvox = Simulated::start(settings(&clock, first.time_zone())).await;
    let exporter = Inside::start_all(&wolkvox.url, &clock, "America/Bogota");
    // The last two are on either side of midnight.
    for minutes in [0, 1, 45, 200, 839, 847] {
        let now = &first + minutes.minutes();
        clock.set(now.timestamp());
        polled(&wolkvox, &exporter).await;
        let truth = everything(wolkvox.simulation.world(), &first, &now);
        assert!(truth.len() > 300, "{now}: {} values", truth.len());
        let found = of_opt_in_reports(&exporter.values());
        assert_eq!(deviations(&found, &truth), [""; 0], "{now}");
    }
}

/// One night of a zone.
struct Night {
    zone: &'static str,
    evening: &'static str,
    /// The first moment of the new day.
    midnight: &'static str,
    /// The end of the night. At this time, less of the new day has passed than of the old day in the evening.
    morning: &'static str,
}

/// In the first night clocks go back at midnight, so an hour is repeated. In the second night the new day begins at
/// 01:00.
const NIGHTS: [Night; 2] = [
    Night {
        zone: "America/Santiago",
        evening: "2026-04-04T19:30:00-03[America/Santiago]",
        midnight: "2026-04-05T00:00:00-04[America/Santiago]",
        morning: "2026-04-05T02:30:00-04[America/Santiago]",
    },
    Night {
        zone: "America/Santiago",
        evening: "2026-09-05T20:30:00-04[America/Santiago]",
        midnight: "2026-09-06T01:00:00-03[America/Santiago]",
        morning: "2026-09-06T03:30:00-03[America/Santiago]",
    },
];

/// A Prometheus that scrapes during a night.
struct Observer {
    version: PrometheusVersion,
    prometheus: Prometheus,
    /// The sums of the gauges of the day in the evening, by metric.
    evening: BTreeMap<&'static str, f64>,
}

/// Gauges that restart with the day.
const TODAY: [&str; 8] = [
    "wolkvox_skill_inbound_calls_today",
    "wolkvox_skill_answered_calls_today",
    "wolkvox_skill_abandoned_calls_today",
    "wolkvox_agent_points_today",
    "wolkvox_agent_hits_today",
    "wolkvox_agent_calls_today",
    "wolkvox_transfers_today",
    "wolkvox_agent_transfers_today",
];

async fn sum(prometheus: &Prometheus, metric: &str) -> f64 {
    prometheus.query(&format!("sum({metric})")).await.unwrap().first().map_or(0.0, |sum| sum.value)
}

/// Waits for two scrapes from now on.
async fn scraped(prometheus: &Prometheus) {
    let scrapes = "sum(count_over_time(up[1h]))";
    let before = prometheus.query(scrapes).await.unwrap().first().map_or(0.0, |count| count.value);
    let enough =
        |found: &[_]| found.iter().any(|count: &crate::support::prometheus::Series| count.value >= before + 2.0);
    prometheus.wait_until(scrapes, LIMIT, enough).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn at_a_midnight_with_a_clock_change_counters_continue_and_day_totals_restart() {
    join_all(NIGHTS.map(over)).await;
}

async fn over(night: Night) {
    let moment = |text: &str| -> Zoned { text.parse().unwrap() };
    let (evening, midnight, morning) = (moment(night.evening), moment(night.midnight), moment(night.morning));
    assert_eq!(morning.start_of_day().unwrap(), midnight, "the start of the day in {}", night.zone);
    let clock = Clock::manual(evening.timestamp());
    let wolkvox = Simulated::start(settings(&clock, evening.time_zone())).await;
    let tap = Tap::on(clock.clone(), &wolkvox.url).await;
    let exporter = Inside::start_all(&tap.url, &clock, night.zone);
    polled(&wolkvox, &exporter).await;
    let address = exporter.listen().await;
    let seen = join_all(PrometheusVersion::ALL.map(async |version| {
        let prometheus = Prometheus::start(version, &scrape_config(&[("wolkvox", &address)])).await;
        prometheus.wait_for("wolkvox_transfers_total", LIMIT).await.unwrap();
        Observer { version, prometheus, evening: BTreeMap::new() }
    }))
    .await;

    let mut seen = seen;
    let mut now = evening.timestamp();
    let mut before = now;
    for steps in 1.. {
        if now >= morning.timestamp() {
            break;
        }
        if steps % STEPS_BETWEEN_POLLS == 0 {
            polled(&wolkvox, &exporter).await;
        }
        let next = now + STEP;
        if now < midnight.timestamp() && next >= midnight.timestamp() {
            for one in &mut seen {
                for metric in TODAY {
                    one.evening.insert(metric, sum(&one.prometheus, metric).await);
                }
            }
        }
        before = now;
        now = next.min(morning.timestamp());
        clock.set(now);
        tokio::time::sleep(PAUSE).await;
    }
    assert!(before < now, "the clock moved");
    polled(&wolkvox, &exporter).await;

    let world = wolkvox.simulation.world();
    let polls = tap.passed("api=skills");
    // A poll that began before midnight may have the values of either day.
    let last = polls.iter().rfind(|poll| poll.answered < midnight.timestamp()).unwrap();
    let at_most = polls.iter().rfind(|poll| poll.asked < midnight.timestamp()).unwrap().answered;
    let at_most = at_most.min(midnight.timestamp() - SignedDuration::from_nanos(1));
    let at = |then: Timestamp| world.skills_at(&then.to_zoned(evening.time_zone().clone()));
    let days = [at(evening.timestamp()), at(last.asked), at(at_most), at(morning.timestamp())];
    let truth = everything(world, &evening, &morning);
    for Observer { version, prometheus, evening: in_the_evening } in &seen {
        scraped(prometheus).await;
        let what = format!("{} at {midnight}, {version:?}", night.zone);
        compare_counters(prometheus, &days, &what).await;

        let mut transferred: Truth = truth.clone();
        transferred.retain(|(metric, _), _| metric == "wolkvox_transfers_total");
        assert!(transferred.values().map(|(events, _)| events).sum::<f64>() > 20.0, "{what}: {transferred:?}");
        let found = rises(prometheus, "wolkvox_transfers_total").await;
        let counted = found.iter().map(|(name, rise)| (name.clone(), rise.counted)).collect();
        assert_eq!(deviations(&counted, &transferred), [""; 0], "{what}");
        for (name, rise) in &found {
            assert!(rise.is_within(rise.counted, rise.counted), "{what}: {name:?} {rise:?}");
        }

        let stored = crate::series::stored(prometheus, "wolkvox").await;
        assert_eq!(deviations(&of_opt_in_reports(&stored), &truth), [""; 0], "{what}");
        for skill in &days[3] {
            let labels = [("operation", OPERATION), ("skill_id", &skill.id.to_string())];
            for (metric, of_day) in COUNTED {
                let today = value(&stored, &format!("{metric}_today"), &labels) as u64;
                assert_eq!(today, of_day(skill), "{what}: {metric}");
            }
        }
        for metric in TODAY {
            let (then, now) = (in_the_evening[metric], sum(prometheus, metric).await);
            assert!(now < then, "{what}: {metric} was {then} in the evening and is {now}");
        }
        assert_eq!(prometheus.warnings(), [""; 0], "{what}");
    }
}

/// Compares the increases of counters of skills, also by `increase()`, with the simulated calls. `days` are the skills
/// in the evening, at the earliest and latest time of the last poll of the day, and in the morning.
async fn compare_counters(prometheus: &Prometheus, days: &[Vec<SkillTruth>; 4], what: &str) {
    let [evening, at_least, at_most, morning] = days;
    let mut wrong = Vec::new();
    let mut compare = |found: &BTreeMap<Name, Rise>,
                       metric: &str,
                       place: usize,
                       threshold: Option<u32>,
                       of: &dyn Fn(&SkillTruth) -> u64| {
        let id = evening[place].id.to_string();
        let threshold = threshold.map(|seconds| seconds.to_string()).unwrap_or_default();
        let labels = [("operation", OPERATION), ("skill_id", id.as_str()), ("threshold_seconds", &threshold)];
        let until = |last: &[SkillTruth]| of(&last[place]) - of(&evening[place]) + of(&morning[place]);
        let (least, most) = (until(at_least), until(at_most));
        match found.get(&name(metric, &labels)) {
            Some(rise) if rise.is_within(least as f64, most as f64) => {}
            // Without calls, there is no share.
            None if most == 0 => {}
            rise => wrong.push(format!("{metric} {id} {threshold}: {rise:?} is not in {least}..={most}")),
        }
    };
    for (metric, of_day) in COUNTED {
        let metric = format!("{metric}_total");
        let found = rises(prometheus, &metric).await;
        (0..evening.len()).for_each(|place| compare(&found, &metric, place, None, &of_day));
    }
    let metric = "wolkvox_skill_answered_within_calls_total";
    let found = rises(prometheus, metric).await;
    for threshold in THRESHOLDS {
        let of_day = |skill: &SkillTruth| skill.today.answered_within(threshold);
        (0..evening.len()).for_each(|place| compare(&found, metric, place, Some(threshold), &of_day));
    }
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}
