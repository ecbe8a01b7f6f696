//! What goes wrong in the contact centre itself while there is window.
//!
//! It changes what happens from the first millisecond of the window on, and nothing before.

use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;

use super::reinforcements;
use crate::incident_window::IncidentWindow;

/// What weighs on the contact centre during the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct IncidentEffect {
    /// How many times the expected calls come, at least once.
    pub(crate) demand_factor: f64,
    /// Share of the agents who are there. Unless all are, nobody steps in for them.
    pub(crate) staff_share: f64,
    /// How many times as long as usual an agent is busy with a call at last.
    pub(crate) handling_factor: f64,
    /// The time in which the handling times grow to that, evenly.
    pub(crate) handling_grows_for: Duration,
    /// Whether calls come in at all.
    pub(crate) calls_arrive: bool,
    /// Whether callers in the queue are given to agents.
    pub(crate) queue_moves: bool,
}

impl IncidentEffect {
    /// All is well.
    pub(crate) const NONE: Self = Self {
        demand_factor: 1.0,
        staff_share: 1.0,
        handling_factor: 1.0,
        handling_grows_for: Duration::ZERO,
        calls_arrive: true,
        queue_moves: true,
    };
}

/// A effect with its time, seen from the origin of a date of demand.
#[derive(Clone, Debug)]
pub(super) struct Incident {
    effect: IncidentEffect,
    window: IncidentWindow,
    /// Start and end of the window, milliseconds from the origin.
    milliseconds: [i64; 2],
    /// The same in seconds.
    seconds: Range<f64>,
}

impl Incident {
    pub(super) fn new(effect: IncidentEffect, window: IncidentWindow, origin: Timestamp) -> Self {
        let (from, until) = window.milliseconds_from(origin);
        Self { effect, window, milliseconds: [from, until], seconds: seconds(from)..seconds(until) }
    }

    /// Where the window starts and ends, milliseconds from the origin.
    pub(super) fn edges_ms(&self) -> [i64; 2] {
        self.milliseconds
    }

    /// How many times the expected calls come on top of them, and when (seconds from the origin).
    pub(super) fn extra_demand(&self) -> (f64, &Range<f64>) {
        (self.effect.demand_factor - 1.0, &self.seconds)
    }

    /// How many of `rostered` agents are there, milliseconds from the origin. At least one is.
    pub(super) fn present(&self, rostered: u16, at: i64) -> u16 {
        if self.is_active(at) { (f64::from(rostered) * self.effect.staff_share).ceil() as u16 } else { rostered }
    }

    /// How many others can step in beside `rostered` agents, milliseconds from the origin. What keeps agents away keeps
    /// these away as well, or busy with it.
    pub(super) fn reinforcements(&self, rostered: u16, at: i64) -> u16 {
        if self.is_active(at) && self.effect.staff_share < 1.0 { 0 } else { reinforcements::available_for(rostered) }
    }

    /// Whether there is window, milliseconds from the origin.
    fn is_active(&self, at: i64) -> bool {
        let [from, until] = self.milliseconds;
        (from..until).contains(&at)
    }

    /// How many times as long as usual the call takes that is answered at `at`, seconds from the origin.
    pub(super) fn handling_factor(&self, at: f64) -> f64 {
        if !self.seconds.contains(&at) {
            return 1.0;
        }
        let grown = (at - self.seconds.start) / self.effect.handling_grows_for.as_secs_f64();
        1.0 + (self.effect.handling_factor - 1.0) * grown.min(1.0)
    }

    /// Whether no call comes in at `at`.
    pub(super) fn blocks_call(&self, at: Timestamp) -> bool {
        !self.effect.calls_arrive && self.window.contains(at)
    }

    /// When the queue gives no caller to an agent, seconds from the origin; maybe never.
    pub(super) fn queue_stop(&self) -> Range<f64> {
        if self.effect.queue_moves { 0.0..0.0 } else { self.seconds.clone() }
    }
}

/// So many `milliseconds` in seconds, such that they are the same again when what is less than one is cut.
pub(super) fn seconds(milliseconds: i64) -> f64 {
    let nearest = milliseconds as f64 / 1000.0;
    if ((nearest * 1000.0) as i64) < milliseconds { nearest.next_up() } else { nearest }
}

#[cfg(test)]
mod tests;
