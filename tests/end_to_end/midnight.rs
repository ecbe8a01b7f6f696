//! At midnight counters continue and day totals restart. Both are compared with the simulated calls.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::world::{SkillTruth, World};
use wolkvox_simulator::{Endpoint, Settings, Simulation};

use crate::inside::Inside;
use crate::programs::{OPERATION, Simulated, time_of};
use crate::series::{Values, value};
use crate::tap::Tap;

/// The simulated contact centre has many calls at any hour, because its week is aligned so that it starts at 10:30.
const EVENING: &str = "2026-11-24T22:30:00-05[America/Bogota]";
const MIDNIGHT: &str = "2026-11-25T00:00:00-05[America/Bogota]";

/// A step of the fast clock, and the pause after it.
const STEP: SignedDuration = SignedDuration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);

/// After this number of steps the fast clock waits for a complete poll, so that polls keep up on a slow machine.
const STEPS_BETWEEN_POLLS: usize = 10;

/// The counter, the gauge of the day, and the expected value of the day.
type Counted = (&'static str, &'static str, fn(&SkillTruth) -> u64);

const COUNTED: [Counted; 3] = [
    ("wolkvox_skill_inbound_calls_total", "wolkvox_skill_inbound_calls_today", |skill| skill.today.inbound),
    ("wolkvox_skill_answered_calls_total", "wolkvox_skill_answered_calls_today", |skill| skill.today.answered()),
    ("wolkvox_skill_abandoned_calls_total", "wolkvox_skill_abandoned_calls_today", |skill| skill.today.abandoned()),
];

fn settings(clock: &Clock) -> Settings {
    Settings { time: time_of(clock), latency: Duration::ZERO, daily_quota: Some(u64::MAX), ..Settings::default() }
}

/// The number of calls to `skills` and to `skill_6` that wolkvox has received.
fn received_calls(simulation: &Simulation) -> [u64; 2] {
    let stats = simulation.request_stats();
    [Endpoint::Skills, Endpoint::Dnis].map(|of| stats.requests.get(&Some(of)).copied().unwrap_or_default())
}

fn of_skill(values: &Values, metric: &str, id: u32) -> u64 {
    value(values, metric, &[("operation", OPERATION), ("skill_id", &id.to_string())]) as u64
}

/// The number of calls of a skill (by its index in the world) that arrived after one time and until another.
fn calls(world: &World, place: usize, after: Timestamp, until: Timestamp) -> u64 {
    let mut calls = 0;
    world.each_call(place, after, until, |call| calls += u64::from(call.arrived > after));
    calls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn counters_miss_only_the_calls_between_the_last_poll_of_a_day_and_its_end() {
    let (evening, midnight): (Zoned, Zoned) = (EVENING.parse().unwrap(), MIDNIGHT.parse().unwrap());
    let clock = Clock::manual(evening.timestamp());
    let wolkvox = Simulated::start(settings(&clock)).await;
    let world = wolkvox.simulation.world();
    let exporter = Inside::start(&wolkvox.url, &clock);

    let mut before: Option<(Zoned, Vec<SkillTruth>)> = None;
    let mut counted = vec![[0; COUNTED.len()]; world.skills().len()];
    let mut last_before_midnight = evening.timestamp();
    for minutes in [0, 7, 30, 31, 58, 89, 91, 92, 120, 133, 200] {
        let now = &evening + minutes.minutes();
        clock.set(now.timestamp());
        exporter.polled_after(received_calls(&wolkvox.simulation)).await;
        let truth = world.skills_at(&now);
        if now < midnight {
            last_before_midnight = now.timestamp();
        }
        let values = exporter.values();
        for (place, skill) in truth.iter().enumerate() {
            for (column, (counter, today, of_day)) in COUNTED.iter().enumerate() {
                if let Some((then, truth_then)) = &before {
                    let had = if then.date() == now.date() { of_day(&truth_then[place]) } else { 0 };
                    counted[place][column] += of_day(skill) - had;
                }
                let shown = [of_skill(&values, counter, skill.id), of_skill(&values, today, skill.id)];
                assert_eq!(
                    shown,
                    [counted[place][column], of_day(skill)],
                    "{now}: {counter}, {today} of {}",
                    skill.name
                );
            }
            assert_eq!(of_skill(&values, "wolkvox_skill_corrections_total", skill.id), 0, "{now}: {}", skill.name);
        }
        before = Some((now, truth));
    }

    let (end, truth) = before.unwrap();
    let values = exporter.values();
    for (place, skill) in truth.iter().enumerate() {
        let all = calls(world, place, evening.timestamp(), end.timestamp());
        let unseen = calls(world, place, last_before_midnight, midnight.timestamp());
        assert_eq!(of_skill(&values, COUNTED[0].0, skill.id), all - unseen, "{}", skill.name);
    }
    let by_number = values
        .iter()
        .filter(|((metric, labels), _)| metric == "wolkvox_dnis_inbound_calls" && labels["window"] == "today");
    let by_skill: u64 = truth.iter().map(|skill| skill.today.inbound).sum();
    assert!(by_skill > 100, "{by_skill}");
    assert_eq!(by_number.map(|(_, calls)| *calls as u64).sum::<u64>(), by_skill, "numbers and skills of the new day");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn counters_on_a_fast_clock_miss_no_more_than_the_calls_between_two_polls() {
    let (evening, midnight): (Zoned, Zoned) = (EVENING.parse().unwrap(), MIDNIGHT.parse().unwrap());
    let clock = Clock::manual(evening.timestamp());
    let wolkvox = Simulated::start(settings(&clock)).await;
    let tap = Tap::on(clock.clone(), &wolkvox.url).await;
    let exporter = Inside::start(&tap.url, &clock);
    let end = midnight.timestamp() + SignedDuration::from_hours(1);
    let mut highest = 0;
    for steps in 1.. {
        if clock.now() >= end {
            break;
        }
        clock.set(clock.now() + STEP);
        if steps % STEPS_BETWEEN_POLLS == 0 {
            exporter.polled_after(received_calls(&wolkvox.simulation)).await;
        }
        if clock.now() < midnight.timestamp() && exporter.holds("wolkvox_skill_inbound_calls_today{") {
            highest = of_skill(&exporter.values(), COUNTED[0].1, 4180);
        }
        tokio::time::sleep(PAUSE).await;
    }
    tap.refuse("");
    exporter.failing().await;

    let values = exporter.values();
    let polls = tap.passed("api=skills");
    let (opening, closing) = (polls.first().unwrap(), polls.last().unwrap());
    let last_before_midnight = polls.iter().rfind(|poll| poll.answered < midnight.timestamp()).unwrap();
    let world = wolkvox.simulation.world();
    for (place, skill) in world.skills().iter().enumerate() {
        let unseen = calls(world, place, last_before_midnight.asked, midnight.timestamp());
        let least = calls(world, place, opening.answered, closing.asked).saturating_sub(unseen);
        let most = calls(world, place, opening.asked, closing.answered);
        let counted = of_skill(&values, COUNTED[0].0, skill.id);
        assert!((least..=most).contains(&counted), "{}: {counted} is not in {least}..={most}", skill.name);
    }
    let new_day = of_skill(&values, COUNTED[0].1, 4180);
    assert!(new_day < highest, "the day's calls fell from {highest} to {new_day}");
    assert!(polls.len() > 10, "{} polls in two and a half hours", polls.len());
}
