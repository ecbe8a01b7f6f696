//! Each condition changes what it models, by the amount it says, and nothing else.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};

use super::super::callers::{self, Caller};
use super::super::incident::{Incident, IncidentEffect};
use super::super::tests::{abandon_ratio, alone, bogota, service_level};
use super::super::{AgentTruth, Call, CallCounts, Ending, IncidentWindow, Skill, World, demo};
use super::*;

/// A Tuesday, which has 3 % more calls than an ordinary day.
const TUESDAY: Date = date(2026, 11, 17);
const ON_TUESDAY: f64 = 1.03;
/// Indices of the skills with 2,400, 600 and 80 calls a day.
const LARGE: usize = 1;
const MEDIUM: usize = 2;
const SMALL: usize = 4;

/// The callers of that Tuesday, without a queue.
fn callers_of(seed: u64, index: usize, conditions: &Conditions) -> Vec<Caller> {
    let world = alone(seed, index);
    let never = Incident::new(IncidentEffect::NONE, IncidentWindow::NEVER, Timestamp::UNIX_EPOCH);
    callers::callers(seed, TUESDAY, &world.skills[0], &world.plan(0, TUESDAY).calls, conditions, &never)
}

/// The callers who are not in the plain world. All callers of the plain world must be there, with the same properties.
fn more_callers(seed: u64, index: usize, conditions: &Conditions) -> Vec<f64> {
    let plain: Vec<String> =
        callers_of(seed, index, &Conditions::PLAIN).iter().map(|caller| format!("{caller:?}")).collect();
    let mut plain = plain.iter().peekable();
    let mut more = callers_of(seed, index, conditions);
    more.retain(|caller| plain.next_if(|expected| **expected == format!("{caller:?}")).is_none());
    assert_eq!(plain.next(), None, "a caller of the plain world is missing");
    more.iter().map(|caller| caller.arrival).collect()
}

/// The skill at `index` alone in the plain world and in these conditions.
fn pair(seed: u64, index: usize, conditions: Conditions) -> [World; 2] {
    [alone(seed, index), alone(seed, index).with_conditions(conditions)]
}

/// Tuesday's counts at the end of the day, for each of the seeds.
fn counts(seeds: std::ops::RangeInclusive<u64>, index: usize, conditions: Conditions) -> Vec<CallCounts> {
    let night = bogota("2026-11-17T23:00");
    let of = |seed| alone(seed, index).with_conditions(conditions).skills_at(&night).remove(0).today;
    seeds.map(of).collect()
}

fn mean(counts: &[CallCounts], ratio: fn(&CallCounts) -> f64) -> f64 {
    counts.iter().map(ratio).sum::<f64>() / counts.len() as f64
}

/// The moments in the middle of the half-hours of that Tuesday, with the number of the half-hour.
fn half_hours() -> impl Iterator<Item = (usize, Timestamp)> {
    let start = bogota("2026-11-17T00:15").timestamp();
    (0..48).zip(0..).map(move |(slot, index)| (slot, start + SignedDuration::from_mins(30 * index)))
}

/// Agents planned and agents on duty in each half-hour of that Tuesday.
fn planned_and_present(world: &World) -> Vec<(usize, u16, u16)> {
    let day = world.day(0, TUESDAY);
    half_hours().map(|(slot, at)| (slot, world.rostered_at(0, at), day.shifts.on_duty(at))).collect()
}

/// The times and numbers of that Tuesday's calls.
fn arrivals(world: &World) -> Vec<(Timestamp, usize)> {
    world.day(0, TUESDAY).calls.iter().map(|call| (call.arrived, call.number)).collect()
}

#[test]
fn varying_rates_change_the_spread_of_the_calls_and_not_their_number() {
    let varying = Conditions { rate_spread: 0.2, ..Conditions::PLAIN };
    // Calls of each quarter of an hour, for many seeds.
    let quarters = |conditions: &Conditions| {
        let mut quarters = vec![Vec::new(); 96];
        for seed in 1..=200 {
            let mut counts = [0.0; 96];
            for caller in callers_of(seed, MEDIUM, conditions) {
                counts[(caller.arrival / 900.0) as usize] += 1.0;
            }
            quarters.iter_mut().zip(counts).for_each(|(all, count)| all.push(count));
        }
        quarters.retain(|counts| counts.iter().sum::<f64>() > 0.0);
        quarters
    };
    // Variance relative to the mean, less what a Poisson process has, and the calls of all days.
    let spread = |quarters: &[Vec<f64>]| {
        let of = |counts: &Vec<f64>| {
            let mean = counts.iter().sum::<f64>() / counts.len() as f64;
            let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (counts.len() - 1) as f64;
            (variance - mean, mean * mean)
        };
        let (more, squares) = quarters.iter().map(of).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        (more / squares).max(0.0).sqrt()
    };
    let (plain, varied) = (quarters(&Conditions::PLAIN), quarters(&varying));
    assert_eq!(plain.len(), 52);
    assert!(spread(&plain) < 0.06, "{}", spread(&plain));
    assert!((0.17..0.23).contains(&spread(&varied)), "{}", spread(&varied));
    let calls = |quarters: &[Vec<f64>]| quarters.iter().flatten().sum::<f64>();
    assert!((calls(&varied) / calls(&plain) - 1.0).abs() < 0.02, "{} {}", calls(&varied), calls(&plain));
    let [plain, varied] = pair(1, MEDIUM, varying);
    assert_eq!(planned_and_present(&plain), planned_and_present(&varied));
}

#[test]
fn unplanned_demand_changes_the_calls_and_not_the_roster() {
    for demand in [1.12, 1.25] {
        let conditions = Conditions { demand, ..Conditions::PLAIN };
        let calls = |conditions| (1..=100).map(|seed| callers_of(seed, MEDIUM, conditions).len()).sum::<usize>();
        let factor = calls(&conditions) as f64 / calls(&Conditions::PLAIN) as f64;
        assert!((factor / demand - 1.0).abs() < 0.02, "{factor}");
        let [plain, busier] = pair(1, LARGE, conditions);
        assert_eq!(planned_and_present(&plain), planned_and_present(&busier));
        let level = |conditions| mean(&counts(1..=5, LARGE, conditions), service_level);
        let lost = level(Conditions::PLAIN) - level(conditions);
        assert!(lost > 0.03, "{demand}: {lost}");
    }
}

#[test]
fn patience_is_multiplied_and_every_other_property_of_the_callers_stays() {
    for (patience, level_of_abandons) in [(0.5, 1.2..2.5), (6.0, 0.3..0.8)] {
        let conditions = Conditions { patience, ..Conditions::PLAIN };
        let plain = callers_of(1, LARGE, &Conditions::PLAIN);
        let expected: Vec<String> = plain
            .into_iter()
            .map(|caller| Caller {
                patience: if caller.instant { caller.patience } else { caller.patience * patience },
                ..caller
            })
            .map(|caller| format!("{caller:?}"))
            .collect();
        let callers = callers_of(1, LARGE, &conditions);
        assert_eq!(callers.iter().map(|caller| format!("{caller:?}")).collect::<Vec<_>>(), expected);
        let [plain, other] = pair(1, LARGE, conditions);
        assert_eq!(planned_and_present(&plain), planned_and_present(&other));
        let abandoned = |conditions| mean(&counts(1..=10, MEDIUM, conditions), abandon_ratio);
        let factor = abandoned(conditions) / abandoned(Conditions::PLAIN);
        assert!(level_of_abandons.contains(&factor), "{patience}: {factor}");
    }
}

#[test]
fn a_burst_doubles_the_calls_of_five_minutes() {
    let conditions = Conditions { bursts: 3, ..Conditions::PLAIN };
    let mut calls = 0;
    for seed in 1..=100 {
        let more = more_callers(seed, LARGE, &conditions);
        calls += more.len();
        let (mut bursts, mut start) = (0, f64::NEG_INFINITY);
        for arrival in more {
            if arrival > start + 300.0 {
                (bursts, start) = (bursts + 1, arrival);
            }
        }
        assert!((1..=3).contains(&bursts), "seed {seed}: {bursts} bursts");
    }
    let expected = 100.0 * 3.0 * ON_TUESDAY * 2400.0 / (13.0 * 12.0);
    assert!((calls as f64 / expected - 1.0).abs() < 0.1, "{calls}, {expected} expected");
}

#[test]
fn bursts_are_spread_over_the_opening_hours() {
    let conditions = Conditions { bursts: 3, ..Conditions::PLAIN };
    let more: Vec<f64> = (1..=100).flat_map(|seed| more_callers(seed, LARGE, &conditions)).collect();
    let hours = |from: f64, until: f64| more.iter().any(|arrival| (from * 3600.0..until * 3600.0).contains(arrival));
    assert!(hours(7.0, 8.0) && hours(19.0, 20.0) && !hours(0.0, 7.0) && !hours(20.0, 24.0));
}

#[test]
fn calls_that_waited_for_the_opening_come_within_two_minutes() {
    let conditions = Conditions { opening_calls: 0.25, ..Conditions::PLAIN };
    let more: Vec<f64> = (1..=100).flat_map(|seed| more_callers(seed, LARGE, &conditions)).collect();
    let seven = 7.0 * 3600.0;
    assert!(more.iter().all(|arrival| (seven..seven + 120.0).contains(arrival)));
    let first_half_hour = alone(1, LARGE).plan(0, TUESDAY).calls[14];
    let expected = 100.0 * 0.25 * first_half_hour;
    assert!((more.len() as f64 / expected - 1.0).abs() < 0.12, "{} calls, {expected} expected", more.len());
}

#[test]
fn on_a_closed_day_nobody_calls_in_any_condition() {
    let conditions = Conditions { rate_spread: 0.2, demand: 2.0, bursts: 9, opening_calls: 1.0, ..Conditions::PLAIN };
    assert_eq!(alone(1, LARGE).with_conditions(conditions).day(0, date(2026, 11, 22)).calls, []);
}

#[test]
fn fewer_agents_come_where_more_than_three_are_rostered() {
    for fewer in [1, 5] {
        let conditions = Conditions { agents_fewer: fewer, ..Conditions::PLAIN };
        for index in [LARGE, SMALL] {
            let [plain, tight] = pair(1, index, conditions);
            assert_eq!(arrivals(&plain), arrivals(&tight));
            for ((_, planned, all), (slot, still_planned, present)) in
                planned_and_present(&plain).into_iter().zip(planned_and_present(&tight))
            {
                assert_eq!((planned, planned), (all, still_planned));
                let expected = if planned > 3 { 3.max(planned - fewer.min(planned)) } else { planned };
                assert_eq!(present, expected, "half-hour {slot}, {planned} planned");
            }
        }
    }
}

#[test]
fn one_agent_fewer_lowers_the_service_level_a_little() {
    let tight = Conditions { agents_fewer: 1, ..Conditions::PLAIN };
    let level = |conditions| mean(&counts(1..=10, MEDIUM, conditions), service_level);
    let lost = level(Conditions::PLAIN) - level(tight);
    assert!((0.01..0.25).contains(&lost), "{lost}");
}

#[test]
fn at_lunch_15_percent_of_the_agents_are_away() {
    let [plain, lunch] = pair(1, LARGE, Conditions { lunch: 0.15, ..Conditions::PLAIN });
    assert_eq!(arrivals(&plain), arrivals(&lunch));
    for (slot, planned, present) in planned_and_present(&lunch) {
        let is_lunch = (25..27).contains(&slot);
        assert_eq!(present, if is_lunch { (planned * 85).div_ceil(100) } else { planned }, "half-hour {slot}");
        assert!(!is_lunch || present < planned);
    }
    let present = |at: &str| lunch.day(0, TUESDAY).shifts.on_duty(bogota(&format!("2026-11-17T{at}")).timestamp());
    assert!(present("12:29:59") > present("12:30") && present("13:29:59") < present("13:30"));
}

#[test]
fn without_reinforcements_only_the_roster_answers() {
    let [plain, alone] = pair(1, MEDIUM, Conditions { reinforcements: false, ..Conditions::PLAIN });
    assert_eq!(arrivals(&plain), arrivals(&alone));
    assert_eq!(planned_and_present(&plain), planned_and_present(&alone));
    let most = half_hours().map(|(_, at)| alone.rostered_at(0, at)).max().unwrap_or_default();
    let by_others = |world: &World| {
        let answered_by = |call: &Call| match call.ending {
            Ending::Answered { agent, .. } => Some(agent),
            Ending::Abandoned { .. } => None,
        };
        world.day(0, TUESDAY).calls.iter().filter_map(answered_by).filter(|agent| *agent >= most).count()
    };
    assert!(by_others(&plain) > 0);
    assert_eq!(by_others(&alone), 0);
    let staff = |world: &World| -> Vec<AgentTruth> { world.agents_on(TUESDAY, &bogota("2026-11-17T23:00")) };
    assert_eq!(staff(&alone).len(), usize::from(most));
    assert!(staff(&plain).len() > usize::from(most));
}

/// A skill with so few calls that one agent is enough.
fn tiny() -> Skill {
    Skill { calls_a_day: 25.0, ..demo().swap_remove(SMALL) }
}

fn tiny_world(conditions: Conditions) -> World {
    World { skills: vec![tiny()], ..alone(1, SMALL).with_conditions(conditions) }
}

#[test]
fn a_planner_with_a_minimum_of_one_plans_one_agent_where_one_is_enough() {
    let fewest = |world: &World| {
        let planned = half_hours().map(|(_, at)| world.rostered_at(0, at));
        planned.filter(|agents| *agents > 0).min()
    };
    let one = Conditions { least_agents: 1, ..Conditions::PLAIN };
    assert_eq!(fewest(&tiny_world(Conditions::PLAIN)), Some(2));
    assert_eq!(fewest(&tiny_world(one)), Some(1));
    assert_eq!(fewest(&alone(1, LARGE).with_conditions(one)), fewest(&alone(1, LARGE)));
    assert_eq!(arrivals(&tiny_world(one)), arrivals(&tiny_world(Conditions::PLAIN)));
}

#[test]
fn any_share_of_the_agents_who_come_can_be_missing_for_a_while() {
    let ten = bogota("2026-11-17T10:00").timestamp();
    let hour = IncidentWindow::new(ten, std::time::Duration::ZERO, Some(std::time::Duration::from_secs(3600)));
    let quarter_gone = IncidentEffect { staff_share: 0.75, ..IncidentEffect::NONE };
    let tight = Conditions { agents_fewer: 1, ..Conditions::PLAIN };
    let world = alone(1, LARGE).with_conditions(tight).with_incident(quarter_gone, hour);
    for (slot, planned, present) in planned_and_present(&world) {
        let come = if planned > 3 { planned - 1 } else { planned };
        let expected = if (20..22).contains(&slot) { (come * 3).div_ceil(4) } else { come };
        assert_eq!(present, expected, "half-hour {slot}, {planned} planned");
    }
}

#[test]
fn the_planned_agents_do_not_depend_on_an_incident() {
    let from = bogota("2026-11-17T10:00").timestamp();
    let nobody = IncidentEffect { staff_share: 0.0, ..IncidentEffect::NONE };
    let hour = IncidentWindow::new(from, std::time::Duration::ZERO, Some(std::time::Duration::from_secs(3600)));
    let planned =
        |world: &World| planned_and_present(world).into_iter().map(|(_, planned, _)| planned).collect::<Vec<_>>();
    let gone = alone(1, SMALL).with_incident(nobody, hour);
    assert_eq!(planned(&gone), planned(&alone(1, SMALL)));
    for (slot, planned, present) in planned_and_present(&gone) {
        assert_eq!(present, if (20..22).contains(&slot) { 0 } else { planned }, "half-hour {slot}");
    }
    assert_eq!(gone.rostered_at(0, bogota("2026-11-17T06:59").timestamp()), 0);
    assert_eq!(gone.rostered_at(0, bogota("2026-11-22T10:00").timestamp()), 0, "a Sunday");
}
