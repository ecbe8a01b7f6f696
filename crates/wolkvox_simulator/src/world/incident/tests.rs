//! Each scenario of the contact centre has its effect exactly during its incident, whatever the size of the skill.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Zoned};

use super::super::tests::{WEEKDAYS, abandon_ratio, alone, bogota, real_hours, service_level};
use super::super::{AgentTruth, Call, CallCounts, Ending, World};
use super::*;
use crate::Scenario;

const SCENARIOS: [Scenario; 5] =
    [Scenario::Rush, Scenario::Understaffed, Scenario::SlowDecay, Scenario::TrunkDown, Scenario::StuckQueue];
/// The open skills of the demo: 1200, 2400, 600, 250 and 80 calls a day.
const SIZES: std::ops::Range<usize> = 0..5;
/// Seeds for each of them. The fewer calls a day has, the more days are needed to average out chance.
const SEEDS: [u64; 5] = [5, 3, 8, 16, 32];
const TUESDAY: Date = jiff::civil::date(2026, 11, 17);

/// The incident that starts at `from` and has the length of the scenario.
fn window(scenario: Scenario, from: &Zoned) -> IncidentWindow {
    IncidentWindow::new(from.timestamp(), Duration::ZERO, scenario.effects().lasts)
}

fn with_incident(world: World, scenario: Scenario, window: IncidentWindow) -> World {
    world.with_incident(scenario.effects().incident, window)
}

/// The incident of most tests: it starts on Tuesday at 10:35, five minutes after the start of a demo.
fn on_tuesday(scenario: Scenario) -> IncidentWindow {
    window(scenario, &bogota("2026-11-17T10:35"))
}

/// The skill at `index` without and with the incident, for each seed.
fn pairs(scenario: Scenario, index: usize) -> impl Iterator<Item = (World, World)> {
    (1..=SEEDS[index])
        .map(move |seed| (alone(seed, index), with_incident(alone(seed, index), scenario, on_tuesday(scenario))))
}

/// Tuesday's calls of the only skill of `world`.
fn calls(world: &World) -> Vec<Call> {
    world.day(0, TUESDAY).calls.clone()
}

/// Counts of the calls that arrived between two times of Tuesday, at the end of that day.
fn between<'a>(worlds: impl IntoIterator<Item = &'a World>, from: &str, until: &str) -> CallCounts {
    let at = |time: &str| bogota(&format!("2026-11-17T{time}")).timestamp();
    let mut counts = CallCounts::default();
    for world in worlds {
        let until = at(until) - SignedDuration::from_millis(1);
        world.each_call(0, at(from), until, |call| counts.add(call, at("23:59:59")));
    }
    counts
}

/// The results of [`between`] for the skill at `index` without and with the incident, over all seeds.
fn compared(scenario: Scenario, index: usize, from: &str, until: &str) -> (CallCounts, CallCounts) {
    let (healthy, affected): (Vec<_>, Vec<_>) = pairs(scenario, index).unzip();
    (between(&healthy, from, until), between(&affected, from, until))
}

/// All queries of a world on that Tuesday.
fn all_there_is(world: &World, at: &Zoned) -> String {
    let start = bogota("2026-11-17T00:00");
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        world.skills_at(at),
        world.dnis_between(None, &start, at, at),
        world.transfers_between(&start, at, at),
        world.ivr_between(&start, at, at),
        world.agents_on(TUESDAY, at),
    )
}

/// Whether all callers of the healthy day for whom `is_expected` is true also call in the affected world, at the same
/// time and with the same number.
fn has_the_callers_of(affected: &World, healthy: &World, is_expected: impl Fn(&Call) -> bool) -> bool {
    let of = |world: &World| calls(world).iter().map(|call| (call.arrived, call.number)).collect::<BTreeSet<_>>();
    let (affected, healthy) = (of(affected), calls(healthy));
    healthy.iter().filter(|call| is_expected(call)).all(|call| affected.contains(&(call.arrived, call.number)))
}

#[test]
fn an_incident_does_not_change_the_past() {
    for from in ["2026-11-17T07:00:00.0004", "2026-11-17T09:13:07.1239", "2026-11-17T10:59:59.999", "2026-11-17T17:00"]
    {
        let from = bogota(from);
        let before = from.checked_sub(SignedDuration::from_millis(1)).unwrap();
        let healthy = real_hours(1);
        let moments = [before.clone(), before.checked_sub(SignedDuration::from_secs(3)).unwrap()];
        let expected = moments.clone().map(|moment| all_there_is(&healthy, &moment));
        for scenario in SCENARIOS {
            let world = with_incident(real_hours(1), scenario, window(scenario, &from));
            for (moment, expected) in moments.iter().zip(&expected) {
                assert!(all_there_is(&world, moment) == *expected, "{scenario:?} from {from}, seen at {moment}");
            }
        }
    }
}

#[test]
fn the_past_does_not_change_when_the_queue_gets_stuck_while_a_call_rings() {
    let past = |world: &World, before: Timestamp| {
        let before = before.to_zoned(jiff::tz::TimeZone::get("America/Bogota").unwrap());
        (world.skills_at(&before).remove(0).today, world.agents_on(TUESDAY, &before))
    };
    let healthy = alone(2, 1);
    let answered = |call: &Call| match call.ending {
        Ending::Answered { at, .. } => Some(at),
        Ending::Abandoned { .. } => None,
    };
    let calls = calls(&healthy);
    // Pairs of calls in which the later one is answered first, because the earlier one rings for longer. The queue gets
    // stuck while the earlier one rings.
    let overtaking = calls.windows(2).filter_map(|pair| Some((answered(&pair[0])?, answered(&pair[1])?)));
    let overtaking: Vec<_> = overtaking.filter(|(ringing, before)| before < ringing).take(30).collect();
    assert_eq!(overtaking.len(), 30);
    for (ringing, before) in overtaking {
        let from = before + SignedDuration::from_millis(1);
        let window = IncidentWindow::new(from, Duration::ZERO, Some(Duration::from_secs(600)));
        let stuck = with_incident(alone(2, 1), Scenario::StuckQueue, window);
        assert!(past(&stuck, before) == past(&healthy, before), "{from}");
        assert!(past(&stuck, ringing) != past(&healthy, ringing), "it still rings: {ringing}");
    }
}

#[test]
fn the_order_of_queries_does_not_change_an_incident() {
    for scenario in SCENARIOS {
        let world = || with_incident(real_hours(3), scenario, on_tuesday(scenario));
        let (now, later) = (bogota("2026-11-17T11:20"), bogota("2026-11-18T10:00"));
        let (one, other) = (world(), world());
        other.skills_at(&later);
        assert!(all_there_is(&one, &now) == all_there_is(&other, &now), "{scenario:?}");
    }
}

#[test]
fn a_rush_has_almost_twice_the_calls_and_a_low_service_level() {
    for (index, level_at_most) in SIZES.zip([0.45, 0.30, 0.60, 0.70, 0.85]) {
        let (healthy, rush) = compared(Scenario::Rush, index, "10:35", "12:35");
        let factor = rush.inbound as f64 / healthy.inbound as f64;
        assert!((1.65..1.95).contains(&factor), "skill {index}: {factor} times the calls");
        assert!(service_level(&rush) < level_at_most, "skill {index}: {}", service_level(&rush));
        assert!(service_level(&rush) < service_level(&healthy) - 0.1, "skill {index}");
        assert!(abandon_ratio(&rush) > 2.0 * abandon_ratio(&healthy), "skill {index}: {}", abandon_ratio(&rush));
        assert!(rush.answered() > healthy.answered(), "skill {index}");
    }
    let (_, hour) = compared(Scenario::Rush, 0, "11:00", "12:00");
    assert!(service_level(&hour) < 0.45, "{}", service_level(&hour));
    for (healthy, rush) in pairs(Scenario::Rush, 0) {
        assert!(has_the_callers_of(&rush, &healthy, |_| true));
    }
}

#[test]
fn a_rush_starts_and_ends_on_time() {
    // So many callers that the first and the last one show the limits.
    let effect = IncidentEffect { demand_factor: 500.0, ..IncidentEffect::NONE };
    let from = bogota("2026-11-17T10:35:07").timestamp();
    let lasts = Duration::from_secs(100);
    let world = alone(1, 1).with_incident(effect, IncidentWindow::new(from, Duration::ZERO, Some(lasts)));
    let expected: BTreeSet<_> = calls(&alone(1, 1)).iter().map(|call| call.arrived).collect();
    let more: Vec<_> = calls(&world).iter().map(|call| call.arrived).filter(|at| !expected.contains(at)).collect();
    let (first, last) = (more[0].duration_since(from), more[more.len() - 1].duration_since(from));
    assert!((0..1000).contains(&first.as_millis()), "{first}");
    assert!((99_000..100_000).contains(&last.as_millis()), "{last}");
}

#[test]
fn half_of_the_agents_have_a_low_service_level() {
    for (index, level_at_most) in SIZES.zip([0.45, 0.30, 0.60, 0.70, 0.85]) {
        let (healthy, understaffed) = compared(Scenario::Understaffed, index, "10:35", "20:00");
        assert_eq!(understaffed.inbound, healthy.inbound);
        let level = service_level(&understaffed);
        assert!(level < level_at_most && level < service_level(&healthy) - 0.1, "skill {index}: {level}");
        assert!(abandon_ratio(&understaffed) > 2.0 * abandon_ratio(&healthy), "skill {index}");
    }
}

#[test]
fn missing_agents_take_no_calls_and_one_of_two_agents_stays() {
    let present = |rostered: u16| rostered.div_ceil(2);
    for index in SIZES {
        let window = on_tuesday(Scenario::Understaffed);
        for (healthy, understaffed) in pairs(Scenario::Understaffed, index) {
            let rostered = |at| healthy.day(0, TUESDAY).shifts.on_duty(at);
            let busy: Vec<(u16, u16)> = calls(&understaffed)
                .iter()
                .filter_map(|call| match call.ending {
                    // A call that rang before the incident is still answered.
                    Ending::Answered { at, agent, .. } if window.contains(at - SignedDuration::from_secs(6)) => {
                        Some((agent, rostered(at).max(rostered(at - SignedDuration::from_secs(6)))))
                    }
                    _ => None,
                })
                .collect();
            assert!(busy.iter().all(|(agent, rostered)| *agent < present(*rostered)), "skill {index}");
            let there = |minutes: i64| {
                let at = bogota("2026-11-17T10:35").timestamp() + SignedDuration::from_mins(minutes);
                (rostered(at), understaffed.day(0, TUESDAY).shifts.on_duty(at))
            };
            let there: Vec<_> = (0..600).step_by(5).map(there).collect();
            assert!(there.iter().all(|(rostered, on_duty)| *on_duty == present(*rostered)), "{there:?}");
            assert!(index < 4 || there.contains(&(2, 1)), "{there:?}");
        }
    }
}

#[test]
fn missing_agents_are_rostered_and_not_logged_in() {
    let (start, later) = (bogota("2026-11-17T10:35"), bogota("2026-11-17T10:55"));
    for index in SIZES {
        for (healthy, understaffed) in pairs(Scenario::Understaffed, index) {
            let logged_in = |world: &World, at: &Zoned| -> BTreeMap<_, AgentTruth> {
                world.agents_on(TUESDAY, at).into_iter().map(|truth| (truth.agent.id, truth)).collect()
            };
            let ids = |staff: &BTreeMap<u32, AgentTruth>| staff.keys().copied().collect::<Vec<_>>();
            let (then, now) = (logged_in(&understaffed, &start), logged_in(&understaffed, &later));
            assert_eq!(ids(&now), ids(&logged_in(&healthy, &later)), "skill {index}");
            // Twenty minutes within a half-hour: present agents are logged in for all of them, missing agents only
            // until the end of their last call.
            let shifts = healthy.day(0, TUESDAY);
            let present = shifts.shifts.on_duty(start.timestamp()).div_ceil(2).into();
            for (number, (id, truth)) in now.iter().enumerate() {
                let (more, busy) = (truth.logged_in - then[id].logged_in, truth.busy - then[id].busy);
                let expected = if number < present { SignedDuration::from_mins(20) } else { busy };
                assert_eq!(more, expected, "skill {index}, agent {number}");
                assert!(truth.busy <= truth.logged_in, "{truth:?}");
            }
        }
    }
}

#[test]
fn in_slow_decay_the_service_level_falls_over_hours() {
    let level = |from, until| service_level(&compared(Scenario::SlowDecay, 0, from, until).1);
    let levels = [level("10:35", "12:05"), level("12:05", "14:05"), level("14:35", "17:05")];
    assert!(levels.is_sorted_by(|earlier, later| earlier > later), "{levels:?}");
    assert!((0.81..0.91).contains(&levels[0]) && (0.59..0.71).contains(&levels[2]), "{levels:?}");
    for (index, lost) in SIZES.zip([0.15, 0.20, 0.05, 0.05, 0.01]) {
        let (healthy, decayed) = compared(Scenario::SlowDecay, index, "14:35", "17:05");
        assert_eq!(healthy.inbound, decayed.inbound);
        assert!(service_level(&decayed) < service_level(&healthy) - lost, "skill {index}: {}", service_level(&decayed));
        assert!(abandon_ratio(&decayed) > 1.2 * abandon_ratio(&healthy), "skill {index}");
    }
}

#[test]
fn handling_times_grow_evenly_for_three_hours_and_stay() {
    let from = bogota("2026-11-17T10:35").timestamp();
    for (healthy, decayed) in pairs(Scenario::SlowDecay, 0) {
        let handling = |call: &Call| match call.ending {
            Ending::Answered { at, agent_free, .. } => Some((at, agent_free.duration_since(at).as_secs_f64())),
            Ending::Abandoned { .. } => None,
        };
        let pairs: Vec<_> = calls(&healthy)
            .iter()
            .zip(&calls(&decayed))
            .filter_map(|(usual, decayed)| Some((handling(usual)?.1, handling(decayed)?)))
            .collect();
        assert!(pairs.len() > 800, "{}", pairs.len());
        for (usual, (at, handling)) in pairs {
            let hours = at.duration_since(from).as_secs_f64() / 3600.0;
            let expected = usual * (1.0 + 0.35 * (hours / 3.0).clamp(0.0, 1.0));
            assert!((handling - expected).abs() < 0.005, "after {hours} h {handling} s, {expected} expected");
        }
    }
}

#[test]
fn no_call_arrives_while_the_trunk_is_down() {
    let window = on_tuesday(Scenario::TrunkDown);
    let (from, until) = (bogota("2026-11-17T10:35"), bogota("2026-11-17T12:04:59.999"));
    for index in SIZES {
        for (healthy, cut) in pairs(Scenario::TrunkDown, index) {
            assert!(calls(&cut).iter().all(|call| !window.contains(call.arrived)), "skill {index}");
            assert!(has_the_callers_of(&cut, &healthy, |call| !window.contains(call.arrived)), "skill {index}");
            assert!(calls(&cut).len() < calls(&healthy).len());
            assert_eq!(cut.ivr_between(&from, &until, &until), []);
            assert_eq!(cut.skills_at(&until)[0].today.waiting, 0);
            assert_eq!(cut.agents_on(TUESDAY, &until).len(), healthy.agents_on(TUESDAY, &until).len());
        }
    }
    // A large skill has calls right before and right after the incident.
    for (_, cut) in pairs(Scenario::TrunkDown, 1) {
        assert!(between([&cut], "10:34", "10:35").inbound > 0 && between([&cut], "12:05", "12:07").inbound > 0);
    }
}

#[test]
fn no_call_is_answered_while_the_queue_is_stuck() {
    let window = on_tuesday(Scenario::StuckQueue);
    let end = bogota("2026-11-17T11:20");
    let last = end.checked_sub(SignedDuration::from_millis(1)).unwrap();
    for index in SIZES {
        let mut waited = 0;
        let mut served = 0;
        for (healthy, stuck) in pairs(Scenario::StuckQueue, index) {
            let calls = calls(&stuck);
            let in_window = |call: &&Call| window.contains(call.arrived);
            assert!(has_the_callers_of(&stuck, &healthy, |_| true) && calls.len() == self::calls(&healthy).len());
            assert!(calls.iter().all(|call| match call.ending {
                Ending::Answered { at, .. } => !window.contains(at),
                Ending::Abandoned { .. } => true,
            }));
            let gone = |call: &Call| match call.ending {
                Ending::Abandoned { at } | Ending::Answered { at, .. } => at,
            };
            let waiting: Vec<_> = calls.iter().filter(in_window).filter(|call| gone(call) >= end.timestamp()).collect();
            assert_eq!(stuck.skills_at(&last)[0].today.waiting, waiting.len() as u64, "skill {index}");
            waited += waiting.len();
            served += waiting.iter().filter(|call| matches!(call.ending, Ending::Answered { .. })).count();
            let logged_in = |world: &World| -> SignedDuration {
                let agents = world.agents_on(TUESDAY, &last);
                agents.iter().fold(SignedDuration::ZERO, |sum, truth| sum + truth.logged_in)
            };
            let ratio = logged_in(&stuck).as_secs_f64() / logged_in(&healthy).as_secs_f64();
            assert!((0.97..1.03).contains(&ratio), "the agents are there: {ratio}");
        }
        assert!(waited > 0 && served * 10 >= waited * 7, "skill {index}: {served} of {waited} served");
        let during = compared(Scenario::StuckQueue, index, "10:35", "11:15").1;
        assert!(abandon_ratio(&during) > 0.75 && service_level(&during) < 0.02, "skill {index}");
    }
}

#[test]
fn in_every_incident_the_queue_grows_or_becomes_empty() {
    let waiting = |world: &World, at: &str| world.skills_at(&bogota(at))[0].today.waiting;
    for scenario in SCENARIOS {
        let (mut usual, mut queue) = (0, 0);
        // At first the reinforcements make up for a slow decay.
        let hour = if scenario == Scenario::SlowDecay { 16 } else { 11 };
        for (healthy, affected) in pairs(scenario, 0) {
            for minute in ["05", "10", "15"] {
                let at = format!("2026-11-17T{hour}:{minute}");
                usual += waiting(&healthy, &at);
                queue += waiting(&affected, &at);
            }
        }
        let grows = match scenario {
            Scenario::TrunkDown => queue == 0 && usual > 0,
            Scenario::SlowDecay => queue > usual,
            _ => 2 * queue > 5 * usual,
        };
        assert!(grows, "{scenario:?}: {queue} wait, usually {usual}");
    }
}

#[test]
fn the_contact_centre_recovers_after_the_incident() {
    for (scenario, from, until) in [
        (Scenario::Rush, "13:05", "17:05"),
        (Scenario::TrunkDown, "12:35", "16:35"),
        (Scenario::StuckQueue, "11:50", "15:50"),
    ] {
        for index in SIZES {
            let (healthy, recovered) = compared(scenario, index, from, until);
            assert_eq!(recovered.inbound, healthy.inbound);
            let lost = service_level(&healthy) - service_level(&recovered);
            assert!(lost.abs() < 0.02, "{scenario:?}, skill {index}: {lost}");
            let more = abandon_ratio(&recovered) - abandon_ratio(&healthy);
            assert!(more.abs() < 0.01, "{scenario:?}, skill {index}: {more}");
        }
    }
    // The day after is the same as without an incident.
    for scenario in SCENARIOS {
        let noon = bogota("2026-11-18T12:00");
        let world = with_incident(real_hours(1), scenario, on_tuesday(scenario));
        assert_eq!(world.skills_at(&noon), real_hours(1).skills_at(&noon), "{scenario:?}");
    }
}

#[test]
fn agents_transfers_and_numbers_match_the_calls_in_every_incident() {
    let start = bogota("2026-11-17T00:00");
    for scenario in SCENARIOS {
        let world = with_incident(real_hours(2), scenario, on_tuesday(scenario));
        let mut now = bogota("2026-11-17T10:20");
        while now < bogota("2026-11-17T21:40") {
            let skills = world.skills_at(&now);
            let sum = |count: fn(&CallCounts) -> u64| skills.iter().map(|skill| count(&skill.today)).sum::<u64>();
            let (inbound, answered) = (sum(|today| today.inbound), sum(CallCounts::answered));
            assert_eq!(
                answered + sum(CallCounts::abandoned) + sum(|today| today.waiting),
                inbound,
                "{scenario:?} {now}"
            );
            let agents = world.agents_on(TUESDAY, &now);
            assert_eq!(agents.iter().map(|truth| truth.calls).sum::<u64>(), answered, "{scenario:?} {now}");
            let numbers = world.dnis_between(None, &start, &now, &now);
            assert_eq!(numbers.iter().map(|number| number.calls.inbound).sum::<u64>(), inbound, "{scenario:?} {now}");
            let transfers = world.transfers_between(&start, &now, &now).len() as f64 / answered as f64;
            assert!((0.03..0.08).contains(&transfers), "{scenario:?} {now}: {transfers}");
            let passed: u64 = world.ivr_between(&start, &now, &now).iter().map(|option| option.calls).sum();
            assert!(passed >= inbound && passed <= inbound + inbound / 9, "{scenario:?} {now}: {passed} of {inbound}");
            now = now.checked_add(SignedDuration::from_mins(47)).unwrap();
        }
    }
}

#[test]
fn no_call_outlasts_its_date_of_demand_in_an_endless_incident() {
    for scenario in SCENARIOS {
        let from = bogota("2026-11-16T10:35").timestamp();
        let world = with_incident(real_hours(4), scenario, IncidentWindow::new(from, Duration::ZERO, None));
        for (place, skill) in world.skills().iter().enumerate() {
            for day in WEEKDAYS {
                let midnight = world.calendar.origin(day.parse::<Date>().unwrap().tomorrow().unwrap());
                let day = world.day(place, day.parse().unwrap());
                let over = |call: &Call| match call.ending {
                    Ending::Answered { agent_free, .. } => agent_free,
                    Ending::Abandoned { at } => at,
                };
                let last = day.calls.iter().map(over).max();
                let slack = SignedDuration::from_hours(1);
                assert!(last.is_none_or(|last| last + slack < midnight), "{scenario:?} {} {last:?}", skill.name);
            }
        }
    }
}

#[test]
fn seconds_truncate_back_to_the_same_milliseconds() {
    let cut = |seconds: f64| (seconds * 1000.0) as i64;
    // 1.001 is one of the values for which simple division does not give the same milliseconds back.
    assert_ne!(cut(1.001), 1001);
    assert!((0..86_400_000).step_by(97).chain([1001]).all(|milliseconds| cut(seconds(milliseconds)) == milliseconds));
}
