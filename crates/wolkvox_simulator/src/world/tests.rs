//! Properties of every world, and of a healthy day.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::calendar::SLOT_SECONDS;
use super::*;

pub(super) const WEEKDAYS: [&str; 5] = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"];

pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

pub(super) fn bogota(civil: &str) -> Zoned {
    civil.parse::<DateTime>().unwrap().to_zoned(zone("America/Bogota")).unwrap()
}

pub(super) fn real_hours(seed: u64) -> World {
    World::new(seed, Calendar::real_hours(zone("America/Bogota")), demo())
}

/// The skill at `index` alone. Its days are the same as with the other skills.
pub(super) fn alone(seed: u64, index: usize) -> World {
    World::new(seed, Calendar::real_hours(zone("America/Bogota")), vec![demo().swap_remove(index)])
}

/// The counts of each day of a working week, for five seeds, of the skill at `index`.
fn healthy_days(index: usize) -> Vec<CallCounts> {
    let days_of = |seed| {
        let world = alone(seed, index);
        WEEKDAYS.map(|day| world.skills_at(&bogota(&format!("{day}T23:00"))).remove(0).today)
    };
    (1..=5).flat_map(days_of).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

pub(super) fn service_level(day: &CallCounts) -> f64 {
    day.answered_within(20) as f64 / day.inbound as f64
}

pub(super) fn abandon_ratio(day: &CallCounts) -> f64 {
    day.abandoned() as f64 / day.inbound as f64
}

#[test]
fn healthy_weeks_are_within_the_bands_for_every_size_of_skill() {
    for index in 0..5 {
        let days = healthy_days(index);
        let level = mean(days.iter().map(service_level));
        let abandoned = mean(days.iter().map(abandon_ratio));
        assert!((0.85..0.92).contains(&level), "skill {index}: service level {level}");
        assert!((0.02..0.06).contains(&abandoned), "skill {index}: abandon ratio {abandoned}");
    }
}

#[test]
fn a_healthy_day_is_the_same_as_in_earlier_versions() {
    // Calls, answered, abandoned, answered within 20 seconds; the mean wait of the answered ones in milliseconds.
    let figures = |index| {
        let day = alone(1, index).skills_at(&bogota("2026-11-17T23:00")).remove(0).today;
        let wait = day.average_speed_of_answer().map(|seconds| (seconds * 1000.0).round() as u64);
        ([day.inbound, day.answered(), day.abandoned(), day.answered_within(20)], wait)
    };
    let expected = [
        ([1122, 1087, 35, 1043], Some(4857)),
        ([2484, 2407, 77, 2253], Some(5728)),
        ([650, 622, 28, 564], Some(8069)),
        ([245, 233, 12, 212], Some(7257)),
        ([94, 92, 2, 84], Some(6613)),
    ];
    assert_eq!([0, 1, 2, 3, 4].map(figures), expected);
}

#[test]
fn most_healthy_days_of_large_skills_are_near_the_bands() {
    for index in [0, 1] {
        let days = healthy_days(index);
        let good = days.iter().filter(|day| service_level(day) > 0.83 && abandon_ratio(day) < 0.065).count();
        assert!(good * 10 >= days.len() * 9, "skill {index}: {good} of {}", days.len());
    }
}

#[test]
fn agents_of_large_skills_are_busy_but_not_overloaded_at_peak() {
    for index in [0, 1] {
        let (mut busy, mut staffed) = (0.0, 0.0);
        for seed in 1..=5 {
            let world = alone(seed, index);
            for day in WEEKDAYS {
                let ten = bogota(&format!("{day}T10:00")).timestamp();
                let noon = bogota(&format!("{day}T12:00")).timestamp();
                let plan = world.plan(0, day.parse().unwrap());
                staffed += (20..24).map(|slot| f64::from(plan.agents[slot]) * SLOT_SECONDS).sum::<f64>();
                world.each_call(0, bogota(&format!("{day}T00:00")).timestamp(), noon, |call| {
                    if let Ending::Answered { at, agent_free, .. } = call.ending {
                        let within = agent_free.min(noon).duration_since(at.max(ten)).as_secs_f64();
                        busy += within.max(0.0);
                    }
                });
            }
        }
        let occupancy = busy / staffed;
        assert!((0.70..0.86).contains(&occupancy), "skill {index}: occupancy {occupancy}");
    }
}

#[test]
fn the_mean_number_of_calls_matches_the_skill() {
    for (index, expected) in [(0, 1200.0), (1, 2400.0), (2, 600.0), (3, 250.0), (4, 80.0)] {
        let calls = mean(healthy_days(index).iter().map(|day| day.inbound as f64));
        assert!((calls / expected - 1.02).abs() < 0.06, "{calls} calls, {expected} expected");
    }
}

#[test]
fn every_inbound_call_is_answered_abandoned_or_waiting() {
    let world = real_hours(1);
    let mut at = bogota("2026-11-17T06:50");
    while at < bogota("2026-11-17T20:40") {
        for skill in world.skills_at(&at) {
            let today = skill.today;
            assert_eq!(today.answered() + today.abandoned() + today.waiting, today.inbound, "{at}");
        }
        at = at.checked_add(7.minutes()).unwrap();
    }
}

#[test]
fn the_numbers_of_a_skill_add_up_to_the_skill() {
    let (world, now) = (real_hours(2), bogota("2026-11-17T11:17:31"));
    for skill in world.skills_at(&now) {
        let rows = world.dnis_between(Some(skill.id), &bogota("2026-11-17T00:00"), &now, &now);
        let sum = |count: fn(&CallCounts) -> u64| rows.iter().map(|row| count(&row.calls)).sum::<u64>();
        assert_eq!(sum(|calls| calls.inbound), skill.today.inbound);
        assert_eq!(sum(CallCounts::answered), skill.today.answered());
        assert_eq!(sum(CallCounts::abandoned), skill.today.abandoned());
        assert_eq!(sum(|calls| calls.answered_within(20)), skill.today.answered_within(20));
    }
}

#[test]
fn a_number_of_two_skills_is_one_row_when_all_are_merged() {
    let (world, now) = (real_hours(2), bogota("2026-11-17T15:00"));
    let (from, shared) = (bogota("2026-11-17T00:00"), &world.skills[0].numbers[2]);
    let of = |skill| {
        let rows = world.dnis_between(skill, &from, &now, &now);
        let shared: Vec<u64> = rows.iter().filter(|row| row.dnis == *shared).map(|row| row.calls.inbound).collect();
        assert_eq!(shared.len(), 1);
        shared[0]
    };
    assert_eq!(of(Some(4173)) + of(Some(4180)), of(None));
}

#[test]
fn the_order_of_queries_does_not_change_the_result() {
    let (now, later) = (bogota("2026-11-17T10:00"), bogota("2026-11-18T10:00"));
    let forwards = real_hours(9);
    let backwards = real_hours(9);
    let tuesday = forwards.skills_at(&now);
    backwards.skills_at(&later);
    assert_eq!(backwards.skills_at(&now), tuesday);
}

#[test]
fn day_totals_start_again_at_local_midnight_while_calls_continue() {
    let start = bogota("2026-11-18T00:00");
    let calendar = Calendar::busy_at(zone("America/Bogota"), start.timestamp());
    let world = World::new(1, calendar, demo());
    let before = world.skills_at(&bogota("2026-11-17T23:59:59"))[1].today.inbound;
    let after = world.skills_at(&bogota("2026-11-18T00:10"))[1].today.inbound;
    assert!(before > 1000, "{before}");
    assert!((20..200).contains(&after), "{after}");
}

#[test]
fn a_shifted_world_is_busy_at_its_start_at_any_hour() {
    for hour in [0, 3, 9, 14, 23] {
        let start = bogota(&format!("2026-11-22T{hour:02}:40"));
        let world = World::new(1, Calendar::busy_at(zone("America/Bogota"), start.timestamp()), demo());
        let earlier = start.checked_sub(SignedDuration::from_mins(30)).unwrap();
        let calls: u64 = world.dnis_between(Some(4180), &earlier, &start, &start).iter().map(|n| n.calls.inbound).sum();
        assert!((90..200).contains(&calls), "{hour} h: {calls} calls in half an hour");
    }
}

#[test]
fn with_real_hours_there_are_no_calls_at_night() {
    let skills = real_hours(1).skills_at(&bogota("2026-11-17T06:59:59"));
    assert!(skills.iter().all(|skill| skill.today == CallCounts::default()));
}

#[test]
fn days_of_23_and_25_hours_are_whole() {
    let santiago = zone("America/Santiago");
    for (day, hours) in [("2026-09-06", 23), ("2026-04-04", 25)] {
        let noon = format!("{day}T12:00").parse::<DateTime>().unwrap().to_zoned(santiago.clone()).unwrap();
        let start = noon.start_of_day().unwrap();
        let next = noon.tomorrow().unwrap().start_of_day().unwrap();
        assert_eq!(next.duration_since(&start), SignedDuration::from_hours(hours));
        let world = World::new(1, Calendar::busy_at(santiago.clone(), noon.timestamp()), demo());
        let last = next.checked_sub(SignedDuration::from_millis(1)).unwrap();
        let today = &world.skills_at(&last)[1].today;
        let rows = world.dnis_between(Some(4180), &start, &last, &last);
        assert_eq!(rows.iter().map(|row| row.calls.inbound).sum::<u64>(), today.inbound);
        assert!(today.inbound > 1000, "{day}: {}", today.inbound);
    }
}

#[test]
fn no_event_outlasts_its_date_of_demand() {
    let world = real_hours(4);
    for (place, skill) in demo().iter().enumerate() {
        for day in WEEKDAYS {
            let midnight = world.calendar.origin(day.parse::<Date>().unwrap().tomorrow().unwrap());
            let day = world.day(place, day.parse().unwrap());
            let over = |call: &Call| match call.ending {
                Ending::Answered { agent_free, .. } => agent_free,
                Ending::Abandoned { at } => at,
            };
            let last = day.calls.iter().map(over).chain(day.ivr_visits.iter().map(ivr::IvrVisit::ended)).max();
            let slack = SignedDuration::from_hours(1);
            assert!(last.is_none_or(|last| last + slack < midnight), "{} {last:?}", skill.name);
        }
    }
}
