//! What a set of calls amounts to at a moment: counts and waits, no text.

use jiff::Timestamp;

use super::queue::{Call, Ending};

/// Counts of calls, with the waits behind every average and every service level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallCounts {
    /// Calls received.
    pub inbound: u64,
    /// Of those, how many wait at that moment.
    pub waiting: u64,
    /// Waits of the answered, milliseconds, in the order of arrival.
    answer_waits: Vec<u32>,
    /// Waits of those who gave up, milliseconds, in the order of arrival.
    abandon_waits: Vec<u32>,
}

impl CallCounts {
    /// Counts `call` as it stood at `moment`; its arrival must not be later.
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

    /// Calls whose caller gave up.
    pub fn abandoned(&self) -> u64 {
        self.abandon_waits.len() as u64
    }

    /// Calls answered within `seconds`.
    pub fn answered_within(&self, seconds: u32) -> u64 {
        let limit = u64::from(seconds) * 1000;
        self.answer_waits.iter().filter(|wait| u64::from(**wait) <= limit).count() as u64
    }

    /// Mean wait of the answered, seconds; `None` if none was.
    pub fn average_speed_of_answer(&self) -> Option<f64> {
        mean_seconds(&self.answer_waits)
    }

    /// Mean wait of those who gave up, seconds; `None` if none did.
    pub fn average_time_to_abandon(&self) -> Option<f64> {
        mean_seconds(&self.abandon_waits)
    }

    /// Takes the `calls` answered calls that arrived last out of the count, as a late correction does.
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
