//! Requests of one kind, and how long they took.

use std::time::Duration;

/// Requests of one kind: how many were made, and how long each answered one took.
#[derive(Default)]
pub(crate) struct Requests {
    made: usize,
    answered: Vec<Duration>,
}

impl Requests {
    /// Adds a request; `None` is one that was not answered with 200.
    pub(crate) fn add(&mut self, took: Option<Duration>) {
        self.made += 1;
        self.answered.extend(took);
    }

    /// Adds all requests of others.
    pub(crate) fn extend(&mut self, others: Self) {
        self.made += others.made;
        self.answered.extend(others.answered);
    }

    /// How many were answered.
    pub(crate) fn answered(&self) -> usize {
        self.answered.len()
    }

    /// How many were not.
    pub(crate) fn failed(&self) -> usize {
        self.made - self.answered.len()
    }

    /// Whether each was answered.
    pub(crate) fn are_answered(&self) -> bool {
        self.made > 0 && self.answered.len() == self.made
    }

    /// The share of them that were answered.
    pub(crate) fn answered_share(&self) -> f64 {
        self.answered.len() as f64 / self.made as f64
    }

    /// "200 of 200".
    pub(crate) fn share(&self) -> String {
        format!("{} of {}", self.answered.len(), self.made)
    }

    /// The time within which this share of the answered requests was answered.
    pub(crate) fn within(&self, share: f64) -> Duration {
        let mut sorted = self.answered.clone();
        sorted.sort_unstable();
        let index = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(index.saturating_sub(1)).copied().unwrap_or(Duration::MAX)
    }

    /// "2 ms, 5 ms": half of them, and 99 % of them.
    pub(crate) fn latency(&self) -> String {
        format!("{}, {}", text(self.within(0.5)), text(self.within(0.99)))
    }
}

/// A duration for people.
pub(crate) fn text(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if time == Duration::MAX || seconds >= 10_000.0 => "never".to_owned(),
        seconds if seconds >= 1.0 => format!("{seconds:.1} s"),
        seconds => format!("{:.1} ms", seconds * 1000.0),
    }
}
