//! Who is on duty when: the roster of a date, and the agents who are present.

use jiff::{SignedDuration, Timestamp};

use super::calendar::{SLOT_SECONDS, SLOTS};
use super::conditions::Conditions;
use super::incident::{Incident, seconds};

/// Length of a half-hour, in milliseconds.
const SLOT: i64 = SLOT_SECONDS as i64 * 1000;
/// Length of a date, in milliseconds.
const DATE: i64 = (SLOTS as f64 * SLOT_SECONDS) as i64 * 1000;

/// The roster of one skill and date. Agents are numbered from 0. If `n` agents are on duty, they are the first `n`.
/// Reinforcements are numbered after all agents of the roster, in the same way.
#[derive(Clone, Debug)]
pub(super) struct Shifts {
    origin: Timestamp,
    conditions: Conditions,
    /// The largest number of agents that the roster has at one time on that date.
    rostered: u16,
    /// In the order of time. The first step starts at the origin. The last one has no agents and no end.
    steps: Vec<Step>,
}

/// A period in which nothing changes.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Milliseconds from the origin. The step ends where the next one starts.
    from: i64,
    /// How many agents are rostered.
    rostered: u16,
    /// How many of them are present.
    present: u16,
    /// How many reinforcements are available.
    reinforcements: u16,
}

impl Shifts {
    /// The roster `agents` has one entry for each half-hour, counted from `origin`.
    pub(super) fn new(origin: Timestamp, agents: &[u16; SLOTS], conditions: &Conditions, incident: &Incident) -> Self {
        let edges = incident.edges_ms().into_iter().filter(|edge| (0..DATE).contains(edge));
        let mut starts: Vec<i64> = (0..DATE).step_by(SLOT as usize).chain(edges).collect();
        starts.sort_unstable();
        starts.dedup();
        let step = |from: i64| {
            let slot = (from / SLOT) as usize;
            let rostered = agents[slot];
            let present = incident.present(conditions.present(rostered, slot), from);
            let reinforcements = incident.reinforcements(conditions.reinforcements_for(rostered), from);
            Step { from, rostered, present, reinforcements }
        };
        let closed = Step { from: DATE, rostered: 0, present: 0, reinforcements: 0 };
        let rostered = agents.iter().copied().max().unwrap_or(0);
        let steps = starts.into_iter().map(step).chain([closed]).collect();
        Self { origin, conditions: *conditions, rostered, steps }
    }

    /// How many people may take calls on that date: rostered agents and reinforcements.
    pub(super) fn headcount(&self) -> u16 {
        self.rostered + self.conditions.reinforcements_for(self.rostered)
    }

    /// Whether `agent` is not on the roster and takes only calls that have waited for long.
    pub(super) fn is_reinforcement(&self, agent: u16) -> bool {
        agent >= self.rostered
    }

    /// How many agents are rostered at `at`, present or missing.
    pub(super) fn rostered_at(&self, at: Timestamp) -> u16 {
        self.step_at(at).map_or(0, |step| step.rostered)
    }

    /// How many rostered agents are on duty at `at`.
    pub(super) fn on_duty(&self, at: Timestamp) -> u16 {
        self.step_at(at).map_or(0, |step| step.present)
    }

    /// `None` before the date.
    fn step_at(&self, at: Timestamp) -> Option<&Step> {
        let at = self.offset(at);
        self.steps.iter().take_while(|step| step.from <= at).last()
    }

    /// When `agent` is on duty, not before `from` (both in seconds from the origin); `None` if not again on that date.
    pub(super) fn next_on_duty(&self, agent: u16, from: f64) -> Option<f64> {
        let begun = self.steps.partition_point(|step| seconds(step.from) <= from);
        let step = self.steps[begun.saturating_sub(1)..].iter().find(|step| self.is_present(agent, step))?;
        Some(from.max(seconds(step.from)))
    }

    fn is_present(&self, agent: u16, step: &Step) -> bool {
        match agent.checked_sub(self.rostered) {
            Some(index) => step.reinforcements > index,
            None => step.present > agent,
        }
    }

    fn is_scheduled(&self, agent: u16, step: &Step) -> bool {
        match agent.checked_sub(self.rostered) {
            Some(index) => self.conditions.reinforcements_for(step.rostered) > index,
            None => step.rostered > agent,
        }
    }

    /// Whether `agent` is scheduled at any time between two moments, present or missing.
    pub(super) fn is_rostered(&self, agent: u16, from: Timestamp, until: Timestamp) -> bool {
        self.time(from, until, |step| self.is_scheduled(agent, step)).is_positive()
    }

    /// How long `agent` is on duty between two moments.
    pub(super) fn time_on_duty(&self, agent: u16, from: Timestamp, until: Timestamp) -> SignedDuration {
        self.time(from, until, |step| self.is_present(agent, step))
    }

    /// The total length, between two moments, of the steps for which `is_counted` is true.
    fn time(&self, from: Timestamp, until: Timestamp, is_counted: impl Fn(&Step) -> bool) -> SignedDuration {
        let (from, until) = (self.offset(from), self.offset(until));
        let of_step = |pair: &[Step]| (pair[1].from.min(until) - pair[0].from.max(from)).max(0);
        let counted = self.steps.windows(2).filter(|pair| is_counted(&pair[0]));
        SignedDuration::from_millis(counted.map(of_step).sum())
    }

    /// Milliseconds from the origin.
    fn offset(&self, at: Timestamp) -> i64 {
        at.as_millisecond() - self.origin.as_millisecond()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::incident::IncidentEffect;
    use super::*;
    use crate::incident_window::IncidentWindow;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    /// Two agents in the first and the third half-hour, one in the second.
    fn shifts() -> Shifts {
        shifts_in(&Incident::new(IncidentEffect::NONE, IncidentWindow::NEVER, at(0)))
    }

    fn shifts_in(incident: &Incident) -> Shifts {
        let mut agents = [0; SLOTS];
        agents[..3].copy_from_slice(&[2, 1, 2]);
        Shifts::new(at(0), &agents, &Conditions::PLAIN, incident)
    }

    #[test]
    fn a_break_is_not_time_on_duty() {
        let on_duty = |agent, from, until| shifts().time_on_duty(agent, at(from), at(until)).as_mins();
        assert_eq!((on_duty(0, 0, 90), on_duty(1, 0, 90), on_duty(3, 0, 90)), (90, 60, 0));
        assert_eq!((on_duty(1, 10, 70), on_duty(1, 30, 60), on_duty(0, 12, 15)), (30, 0, 3));
    }

    #[test]
    fn time_outside_the_date_does_not_count() {
        let whole = shifts().time_on_duty(0, at(-100_000), at(100_000));
        assert_eq!((whole.as_mins(), shifts().time_on_duty(0, at(9), at(3)).as_mins()), (90, 0));
        assert_eq!([-1, 0, 45, 89, 90, 100_000].map(|minute| shifts().on_duty(at(minute))), [0, 2, 1, 2, 0, 0]);
    }

    #[test]
    fn missing_agents_are_rostered_and_not_on_duty() {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let window = IncidentWindow::new(at(0), minutes(10), Some(minutes(60)));
        let shifts =
            shifts_in(&Incident::new(IncidentEffect { staff_share: 0.5, ..IncidentEffect::NONE }, window, at(0)));
        assert_eq!([0, 9, 10, 69, 70, 90].map(|minute| shifts.on_duty(at(minute))), [2, 2, 1, 1, 2, 0]);
        assert_eq!(shifts.time_on_duty(1, at(0), at(90)).as_mins(), 10 + 20);
        assert_eq!([0.0, 600.0, 4300.0].map(|from| shifts.next_on_duty(1, from)), [0.0, 4200.0, 4300.0].map(Some));
        assert!(shifts.is_rostered(1, at(10), at(20)));
    }

    #[test]
    fn the_reinforcement_is_missing_when_agents_are_missing() {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let window = IncidentWindow::new(at(0), minutes(10), Some(minutes(60)));
        let shifts =
            shifts_in(&Incident::new(IncidentEffect { staff_share: 0.5, ..IncidentEffect::NONE }, window, at(0)));
        assert_eq!([0, 1, 2].map(|agent| shifts.is_reinforcement(agent)), [false, false, true]);
        assert_eq!([0.0, 600.0, 4300.0].map(|from| shifts.next_on_duty(2, from)), [0.0, 4200.0, 4300.0].map(Some));
        assert_eq!((shifts.headcount(), shifts.is_rostered(2, at(10), at(20))), (3, true));
        assert_eq!(shifts.time_on_duty(2, at(0), at(90)).as_mins(), 10 + 20);
    }
}
