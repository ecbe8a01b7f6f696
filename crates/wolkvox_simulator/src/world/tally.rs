//! What a set of calls amounts to at a moment: counts and waits, no text.

use jiff::Timestamp;

use super::day::{Call, Ending};

/// Counts of calls, with the waits behind every average and every service level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Calls received.
    pub inbound: u64,
    /// Of those, how many wait at that moment.
    pub waiting: u64,
    /// Waits of the answered, milliseconds, in the order of arrival.
    answered_after: Vec<u32>,
    /// Waits of those who gave up, milliseconds, in the order of arrival.
    abandoned_after: Vec<u32>,
}

impl Tally {
    /// Counts `call` as it stood at `moment`; its arrival must not be later.
    pub(super) fn add(&mut self, call: &Call, moment: Timestamp) {
        self.inbound += 1;
        match call.ending {
            Ending::Answered { at, .. } if at <= moment => self.answered_after.push(wait(call, at)),
            Ending::Abandoned { at } if at <= moment => self.abandoned_after.push(wait(call, at)),
            _ => self.waiting += 1,
        }
    }

    /// Calls answered.
    pub fn answered(&self) -> u64 {
        self.answered_after.len() as u64
    }

    /// Calls whose caller gave up.
    pub fn abandoned(&self) -> u64 {
        self.abandoned_after.len() as u64
    }

    /// Calls answered within `seconds`.
    pub fn answered_within(&self, seconds: u32) -> u64 {
        let limit = u64::from(seconds) * 1000;
        self.answered_after.iter().filter(|wait| u64::from(**wait) <= limit).count() as u64
    }

    /// Mean wait of the answered, seconds; `None` if none was.
    pub fn average_speed_of_answer(&self) -> Option<f64> {
        mean_seconds(&self.answered_after)
    }

    /// Mean wait of those who gave up, seconds; `None` if none did.
    pub fn average_time_to_abandon(&self) -> Option<f64> {
        mean_seconds(&self.abandoned_after)
    }

    /// Takes the `calls` answered calls that arrived last out of the count, as a late correction does.
    pub(crate) fn withdraw(&mut self, calls: usize) {
        let kept = self.answered_after.len().saturating_sub(calls);
        self.inbound -= (self.answered_after.len() - kept) as u64;
        self.answered_after.truncate(kept);
    }
}

fn wait(call: &Call, end: Timestamp) -> u32 {
    u32::try_from(end.duration_since(call.arrived).as_millis()).unwrap_or(u32::MAX)
}

fn mean_seconds(waits: &[u32]) -> Option<f64> {
    let sum: f64 = waits.iter().copied().map(f64::from).sum();
    (!waits.is_empty()).then(|| sum / waits.len() as f64 / 1000.0)
}
