//! What makes healthy days harder for a contact centre and for its alerts: a world differs from the plain one by data.
//!
//! Conditions hold on every day and are no incident. The forecast and the roster that rests on it do not know them.

use super::reinforcements;

/// No condition takes the roster below this number of agents.
const SPARED_AGENTS: u16 = 3;
/// The half-hours from 12:30 to 13:30.
const LUNCH: std::ops::Range<usize> = 25..27;

/// How the healthy days of a [`World`](super::World) differ from plain ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// Standard deviation of the arrival rate of each quarter of an hour, relative to its mean. The rates are
    /// log-normal and independent of each other. 0 means that calls arrive as a Poisson process with the expected rate;
    /// above 0, counts of calls vary more than that.
    pub rate_spread: f64,
    /// Calls as a multiple of the forecast on which the roster rests, for example on a pay day that nobody planned.
    pub demand: f64,
    /// Patience of callers as a multiple of the usual patience, which the roster expects. Callers who hang up at once
    /// are not affected.
    pub patience: f64,
    /// Bursts in each day, at random times within the opening hours. Each lasts five minutes and doubles the expected
    /// calls.
    pub bursts: u16,
    /// Calls that wait for the opening: a share of the expected calls of the first half-hour. They arrive within the
    /// first two minutes, in addition to the others.
    pub opening_calls: f64,
    /// The planner's minimum: no open half-hour has fewer agents.
    pub least_agents: u16,
    /// Agents whom the planner adds in each open half-hour to those that the forecast needs.
    pub spare_agents: u16,
    /// Agents who are rostered and do not come, in each half-hour. Half-hours with up to three agents are not affected,
    /// and three agents always come.
    pub agents_fewer: u16,
    /// Share of the agents who are away for lunch from 12:30 to 13:30, rounded down to whole agents.
    pub lunch: f64,
    /// Whether reinforcements take calls that wait for long.
    pub reinforcements: bool,
}

impl Conditions {
    /// The plain world.
    pub const PLAIN: Self = Self {
        rate_spread: 0.0,
        demand: 1.0,
        patience: 1.0,
        bursts: 0,
        opening_calls: 0.0,
        // With one agent, nobody would cover a break.
        least_agents: 2,
        spare_agents: 0,
        agents_fewer: 0,
        lunch: 0.0,
        reinforcements: true,
    };

    /// How many of the `rostered` agents come to work in the half-hour `slot`.
    pub(super) fn present(&self, rostered: u16, slot: usize) -> u16 {
        let come = rostered.saturating_sub(self.agents_fewer).max(rostered.min(SPARED_AGENTS));
        let away = if LUNCH.contains(&slot) { (f64::from(come) * self.lunch) as u16 } else { 0 };
        come.saturating_sub(away)
    }

    /// How many reinforcements are available for this number of rostered agents.
    pub(super) fn reinforcements_for(&self, rostered: u16) -> u16 {
        if self.reinforcements { reinforcements::available_for(rostered) } else { 0 }
    }
}

#[cfg(test)]
mod tests;
