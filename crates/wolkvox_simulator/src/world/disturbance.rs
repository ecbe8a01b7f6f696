//! What goes wrong in the contact centre itself while there is trouble.
//!
//! It changes what happens from the first millisecond of the trouble on, and nothing before.

use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;

use super::helpers;
use crate::trouble::Trouble;

/// What weighs on the contact centre during the trouble.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Strain {
    /// How many times the expected calls come, at least once.
    pub(crate) demand: f64,
    /// Share of the agents who are there. Unless all are, nobody steps in for them.
    pub(crate) staff: f64,
    /// How many times as long as usual an agent is busy with a call at last.
    pub(crate) handling: f64,
    /// The time in which the handling times grow to that, evenly.
    pub(crate) handling_grows_for: Duration,
    /// Whether calls come in at all.
    pub(crate) connected: bool,
    /// Whether callers in the queue are given to agents.
    pub(crate) distributed: bool,
}

impl Strain {
    /// All is well.
    pub(crate) const NONE: Self = Self {
        demand: 1.0,
        staff: 1.0,
        handling: 1.0,
        handling_grows_for: Duration::ZERO,
        connected: true,
        distributed: true,
    };
}

/// A strain with its time, seen from the origin of a date of demand.
#[derive(Clone, Debug)]
pub(super) struct Disturbance {
    strain: Strain,
    trouble: Trouble,
    /// Start and end of the trouble, milliseconds from the origin.
    milliseconds: [i64; 2],
    /// The same in seconds.
    seconds: Range<f64>,
}

impl Disturbance {
    pub(super) fn new(strain: Strain, trouble: Trouble, origin: Timestamp) -> Self {
        let (from, until) = trouble.milliseconds_from(origin);
        Self { strain, trouble, milliseconds: [from, until], seconds: seconds(from)..seconds(until) }
    }

    /// Where the trouble starts and ends, milliseconds from the origin.
    pub(super) fn edges(&self) -> [i64; 2] {
        self.milliseconds
    }

    /// How many times the expected calls come on top of them, and when (seconds from the origin).
    pub(super) fn surge(&self) -> (f64, &Range<f64>) {
        (self.strain.demand - 1.0, &self.seconds)
    }

    /// How many of `rostered` agents are there, milliseconds from the origin. At least one is.
    pub(super) fn present(&self, rostered: u16, at: i64) -> u16 {
        if self.lasts(at) { (f64::from(rostered) * self.strain.staff).ceil() as u16 } else { rostered }
    }

    /// How many others can step in beside `rostered` agents, milliseconds from the origin. What keeps agents away keeps
    /// these away as well, or busy with it.
    pub(super) fn helpers(&self, rostered: u16, at: i64) -> u16 {
        if self.lasts(at) && self.strain.staff < 1.0 { 0 } else { helpers::beside(rostered) }
    }

    /// Whether there is trouble, milliseconds from the origin.
    fn lasts(&self, at: i64) -> bool {
        let [from, until] = self.milliseconds;
        (from..until).contains(&at)
    }

    /// How many times as long as usual the call takes that is answered at `at`, seconds from the origin.
    pub(super) fn handling(&self, at: f64) -> f64 {
        if !self.seconds.contains(&at) {
            return 1.0;
        }
        let grown = (at - self.seconds.start) / self.strain.handling_grows_for.as_secs_f64();
        1.0 + (self.strain.handling - 1.0) * grown.min(1.0)
    }

    /// Whether no call comes in at `at`.
    pub(super) fn cuts_off(&self, at: Timestamp) -> bool {
        !self.strain.connected && self.trouble.contains(at)
    }

    /// When the queue gives no caller to an agent, seconds from the origin; maybe never.
    pub(super) fn jam(&self) -> Range<f64> {
        if self.strain.distributed { 0.0..0.0 } else { self.seconds.clone() }
    }
}

/// So many `milliseconds` in seconds, such that they are the same again when what is less than one is cut.
pub(super) fn seconds(milliseconds: i64) -> f64 {
    let nearest = milliseconds as f64 / 1000.0;
    if ((nearest * 1000.0) as i64) < milliseconds { nearest.next_up() } else { nearest }
}

#[cfg(test)]
mod tests;
