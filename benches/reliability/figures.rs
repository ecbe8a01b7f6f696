//! The rows of the table.

use std::fmt;
use std::time::Duration;

/// The head of the table.
pub(crate) const HEAD: &str = "| Fault | Figure | Before | Now | Limit |\n|---|---|---|---|---|";

/// One row.
pub(crate) struct Figure {
    fault: String,
    what: &'static str,
    before: &'static str,
    now: String,
    limit: String,
    pub(crate) is_within: bool,
}

impl Figure {
    /// A figure without a limit.
    pub(crate) fn new(fault: impl Into<String>, what: &'static str, before: &'static str, now: String) -> Self {
        Self { fault: fault.into(), what, before, now, limit: String::new(), is_within: true }
    }

    /// The same figure with a limit.
    pub(crate) fn limited(mut self, limit: impl Into<String>, is_within: bool) -> Self {
        (self.limit, self.is_within) = (limit.into(), is_within);
        self
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, what, before, now, limit, is_within } = self;
        let mark = if *is_within { "" } else { " (beyond the limit)" };
        write!(f, "| {fault} | {what} | {before} | {now}{mark} | {limit} |")
    }
}

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

/// A number of bytes in megabytes.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
