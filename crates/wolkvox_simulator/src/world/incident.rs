//! What goes wrong in the contact centre itself during an incident.
//!
//! It changes events from the first millisecond of the incident, and nothing before.

use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;

use super::arrivals::Surge;
use crate::incident_window::IncidentWindow;

/// The effect of an incident on the contact centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IncidentEffect {
    /// Calls as a multiple of the expected calls; at least 1.
    pub demand_factor: f64,
    /// Share of the agents who are present, from 0 to 1, rounded up to whole agents. If it is below 1, there are no
    /// reinforcements either.
    pub staff_share: f64,
    /// Handling time as a multiple of the usual one, at the end of the growth.
    pub handling_factor: f64,
    /// How long the handling time takes to grow to that multiple, evenly.
    pub handling_grows_for: Duration,
    /// Whether calls arrive.
    pub calls_arrive: bool,
    /// Whether waiting calls are given to agents.
    pub queue_moves: bool,
}

impl IncidentEffect {
    /// No effect.
    pub const NONE: Self = Self {
        demand_factor: 1.0,
        staff_share: 1.0,
        handling_factor: 1.0,
        handling_grows_for: Duration::ZERO,
        calls_arrive: true,
        queue_moves: true,
    };
}

/// An incident relative to the origin of a date of demand.
#[derive(Clone, Debug)]
pub(super) struct Incident {
    effect: IncidentEffect,
    window: IncidentWindow,
    /// Start and end, milliseconds from the origin.
    milliseconds: [i64; 2],
    /// Start and end, seconds from the origin.
    seconds: Range<f64>,
}

impl Incident {
    pub(super) fn new(effect: IncidentEffect, window: IncidentWindow, origin: Timestamp) -> Self {
        let (from, until) = window.milliseconds_from(origin);
        Self { effect, window, milliseconds: [from, until], seconds: seconds(from)..seconds(until) }
    }

    /// Start and end, milliseconds from the origin.
    pub(super) fn edges_ms(&self) -> [i64; 2] {
        self.milliseconds
    }

    /// The additional calls.
    pub(super) fn extra_demand(&self) -> Surge {
        Surge { factor: self.effect.demand_factor - 1.0, when: self.seconds.clone() }
    }

    /// How many of the agents who would come without the incident are present at `at` (milliseconds from the origin).
    pub(super) fn present(&self, agents: u16, at: i64) -> u16 {
        if self.is_active(at) { (f64::from(agents) * self.effect.staff_share).ceil() as u16 } else { agents }
    }

    /// How many of the `available` reinforcements there are at `at` (milliseconds from the origin). If agents are
    /// missing, there are none, because the same cause keeps them away or busy.
    pub(super) fn reinforcements(&self, available: u16, at: i64) -> u16 {
        if self.is_active(at) && self.effect.staff_share < 1.0 { 0 } else { available }
    }

    /// Whether the incident is active at `at`, milliseconds from the origin.
    fn is_active(&self, at: i64) -> bool {
        let [from, until] = self.milliseconds;
        (from..until).contains(&at)
    }

    /// Handling time, as a multiple of the usual one, of a call that is answered at `at` (seconds from the origin).
    pub(super) fn handling_factor(&self, at: f64) -> f64 {
        if !self.seconds.contains(&at) {
            return 1.0;
        }
        let grown = (at - self.seconds.start) / self.effect.handling_grows_for.as_secs_f64();
        1.0 + (self.effect.handling_factor - 1.0) * grown.min(1.0)
    }

    /// Whether the incident keeps a call from arriving at `at`.
    pub(super) fn blocks_call(&self, at: Timestamp) -> bool {
        !self.effect.calls_arrive && self.window.contains(at)
    }

    /// When no waiting call is given to an agent, seconds from the origin; empty if the queue always moves.
    pub(super) fn queue_stop(&self) -> Range<f64> {
        if self.effect.queue_moves { 0.0..0.0 } else { self.seconds.clone() }
    }
}

/// Converts milliseconds to seconds so that truncating back gives the same milliseconds.
pub(super) fn seconds(milliseconds: i64) -> f64 {
    let nearest = milliseconds as f64 / 1000.0;
    if ((nearest * 1000.0) as i64) < milliseconds { nearest.next_up() } else { nearest }
}

#[cfg(test)]
mod tests;
