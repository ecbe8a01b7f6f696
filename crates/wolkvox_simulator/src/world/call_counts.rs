//! Counts and waiting times of a set of calls at a moment.

use jiff::Timestamp;

use super::queue::{Call, Ending};

/// Counts of calls, and the waiting times from which averages and service levels are calculated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallCounts {
    /// Calls received.
    pub inbound: u64,
    /// The calls among them that are waiting in queue.
    pub waiting: u64,
    /// Waiting times of the answered calls, milliseconds, in the order of arrival.
    answer_waits: Vec<u32>,
    /// Waiting times of the abandoned calls, milliseconds, in the order of arrival.
    abandon_waits: Vec<u32>,
}

impl CallCounts {
    /// Adds `call` in its state at `moment`. It must have arrived by then.
    pub(super) fn add(&mut self, call: &Call, moment: Timestamp) {
        self.inbound += 1;
        match call.ending {
            Ending::Answered { at, .. } if at <= moment => self.answer_waits.push(wait(call, at)),
            Ending::Abandoned { at } if at <= moment => self.abandon_waits.push(wait(call, at)),
            _ => self.waiting += 1,
        }
    }

    /// Calls answered.
    pub fn answered(&self) -> u64 {
        self.answer_waits.len() as u64
    }

    /// Calls abandoned.
    pub fn abandoned(&self) -> u64 {
        self.abandon_waits.len() as u64
    }

    /// Calls answered within `seconds`.
    pub fn answered_within(&self, seconds: u32) -> u64 {
        let limit = u64::from(seconds) * 1000;
        self.answer_waits.iter().filter(|wait| u64::from(**wait) <= limit).count() as u64
    }

    /// Mean waiting time of the answered calls, seconds; `None` without one.
    pub fn average_speed_of_answer(&self) -> Option<f64> {
        mean_seconds(&self.answer_waits)
    }

    /// Mean waiting time of the abandoned calls, seconds; `None` without one.
    pub fn average_time_to_abandon(&self) -> Option<f64> {
        mean_seconds(&self.abandon_waits)
    }

    /// Removes the last `calls` answered calls, in the order of arrival, as a late correction does.
    pub(crate) fn remove_answered(&mut self, calls: usize) {
        let kept = self.answer_waits.len().saturating_sub(calls);
        self.inbound -= (self.answer_waits.len() - kept) as u64;
        self.answer_waits.truncate(kept);
    }
}

fn wait(call: &Call, end: Timestamp) -> u32 {
    u32::try_from(end.duration_since(call.arrived).as_millis()).unwrap_or(u32::MAX)
}

fn mean_seconds(waits: &[u32]) -> Option<f64> {
    let sum: f64 = waits.iter().copied().map(f64::from).sum();
    (!waits.is_empty()).then(|| sum / waits.len() as f64 / 1000.0)
}
