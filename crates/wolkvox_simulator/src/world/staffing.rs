//! How many agents a half-hour needs: the steady state of a queue with impatient callers (M/M/n+M, "Erlang A").
//!
//! The formulas are those of Baccelli and Hebuterne: the density of the waiting time of a caller with endless patience,
//! integrated numerically.

use super::calendar::{SLOT_SECONDS, SLOTS};

/// The time to answer of the target service level, seconds.
const THRESHOLD: f64 = 20.0;
/// No half-hour is planned below this service level. Reinforcements are not counted.
const MIN_SERVICE_LEVEL: f64 = 0.80;
/// The planned service level of the day as a whole. Once it is reached, a half-hour gets only the agents that
/// [`MIN_SERVICE_LEVEL`] needs.
const DAY_SERVICE_LEVEL: f64 = 0.86;
/// More agents than any skill of the demo can need; ends the search.
const MAX_AGENTS: u16 = 400;
/// Step and end of the integration, seconds.
const STEP: f64 = 2.0;
const HORIZON: f64 = 900.0;

/// The expected load of a half-hour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// Calls expected in the half-hour.
    pub(super) calls: f64,
    /// Mean time an agent is busy with a call, seconds.
    pub(super) handling: f64,
    /// Mean patience, seconds.
    pub(super) patience: f64,
    /// Share of callers who hang up at once.
    pub(super) instant_hang_ups: f64,
    /// Mean time from the choice of an agent to the answer, seconds.
    pub(super) ring: f64,
}

/// Agents of each half-hour, at least `least` while calls are expected. After the last busy half-hour they stay for one
/// more, because callers may still wait.
pub(super) fn roster(loads: &[Option<Load>; SLOTS], least: u16) -> [u16; SLOTS] {
    let mut roster = [0; SLOTS];
    let (mut calls, mut in_time) = (0.0, 0.0);
    for (slot, load) in loads.iter().enumerate() {
        match load {
            Some(load) => {
                let wanted = if in_time < DAY_SERVICE_LEVEL * calls { DAY_SERVICE_LEVEL } else { MIN_SERVICE_LEVEL };
                let (agents, level) = agents_for(load, wanted, least);
                roster[slot] = agents;
                calls += load.calls;
                in_time += load.calls * level;
            }
            None if slot > 0 && loads[slot - 1].is_some() => roster[slot] = roster[slot - 1],
            None => {}
        }
    }
    roster
}

fn agents_for(load: &Load, wanted: f64, least: u16) -> (u16, f64) {
    let least = least.max(1);
    let busy = load.calls * load.handling / SLOT_SECONDS;
    // The service level grows with the agents, so the search can start near its end.
    let mut agents = (busy as u16).clamp(least, MAX_AGENTS);
    let mut level = service_level(load, agents);
    if level < wanted {
        while level < wanted && agents < MAX_AGENTS {
            agents += 1;
            level = service_level(load, agents);
        }
        return (agents, level);
    }
    while agents > least {
        let with_fewer = service_level(load, agents - 1);
        if with_fewer < wanted {
            break;
        }
        (agents, level) = (agents - 1, with_fewer);
    }
    (agents, level)
}

/// Expected share of all callers who are answered within [`THRESHOLD`].
fn service_level(load: &Load, agents: u16) -> f64 {
    let n = f64::from(agents);
    let arrivals = load.calls * (1.0 - load.instant_hang_ups) / SLOT_SECONDS;
    let service = 1.0 / load.handling;
    let leaving = 1.0 / load.patience;
    let offered = arrivals / service;
    // Sum of the probabilities of fewer than n busy agents, relative to the probability of n - 1.
    let free = (1..agents).fold(1.0, |sum, k| 1.0 + sum * f64::from(k) / offered);
    let (mut waits, mut answered_in_time) = (0.0, 0.0);
    let mut at = STEP / 2.0;
    while at < HORIZON {
        let patient = (-leaving * at).exp();
        let density = arrivals * (arrivals * (1.0 - patient) / leaving - n * service * at).exp() * STEP;
        waits += density;
        if at < THRESHOLD - load.ring {
            answered_in_time += density * patient;
        }
        if density < 1e-7 {
            break;
        }
        at += STEP;
    }
    (1.0 - load.instant_hang_ups) * (free + answered_in_time) / (free + waits)
}

#[cfg(test)]
mod tests {
    use super::super::Conditions;
    use super::*;

    fn load(calls: f64) -> Load {
        Load { calls, handling: 300.0, patience: 150.0, instant_hang_ups: 0.0, ring: 0.0 }
    }

    #[test]
    fn more_agents_answer_more_calls_in_time() {
        let levels: Vec<f64> = (15..30).map(|agents| service_level(&load(120.0), agents)).collect();
        assert!(levels.is_sorted(), "{levels:?}");
        assert!(levels[0] < 0.6 && levels[14] > 0.98, "{levels:?}");
    }

    #[test]
    fn the_roster_has_the_fewest_agents_that_are_enough() {
        let least = Conditions::PLAIN.least_agents;
        for calls in [1.0, 3.0, 12.0, 40.0, 120.0, 300.0] {
            for wanted in [MIN_SERVICE_LEVEL, DAY_SERVICE_LEVEL] {
                let enough = (least..=MAX_AGENTS).find(|agents| service_level(&load(calls), *agents) >= wanted);
                assert_eq!(Some(agents_for(&load(calls), wanted, least).0), enough, "{calls} calls, {wanted}");
            }
        }
    }

    #[test]
    fn endless_patience_gives_the_erlang_c_formula() {
        // Erlang C for 20 erlang and 24 agents: 0.298 wait, service level 1 - 0.298 * exp(-4 * 20 / 300).
        let patient = Load { patience: 1e9, ..load(120.0) };
        let level = service_level(&patient, 24);
        assert!((level - 0.772).abs() < 0.01, "{level}");
    }

    #[test]
    fn agents_stay_for_waiting_callers_at_closing_time() {
        let mut loads = [None; SLOTS];
        loads[20] = Some(load(60.0));
        let roster = roster(&loads, Conditions::PLAIN.least_agents);
        assert!(roster[20] > 0);
        assert_eq!((roster[19], roster[21], roster[22]), (0, roster[20], 0));
    }
}
