//! What was asked and answered, for tests. It is never served over HTTP.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::dialect::{Blemish, Endpoint};
use crate::outage::Failure;

/// Counts since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// Requests by report; `None` for those that named no report of ours.
    pub requests: BTreeMap<Option<Endpoint>, u64>,
    /// Answers by HTTP status. A dropped connection has none.
    pub statuses: BTreeMap<u16, u64>,
    /// Requests that were in flight at once, at most. The refused ones count.
    pub max_in_flight: u64,
    /// Failures dealt out by `api-down`.
    pub failures: BTreeMap<Failure, u64>,
    /// Blemishes dealt out by `bad-data`.
    pub blemishes: BTreeMap<(Endpoint, Blemish), u64>,
    /// Values made unreadable by `bad-data`, by field.
    pub unreadable: BTreeMap<(Endpoint, String), u64>,
}

impl Journal {
    /// Requests of all kinds.
    pub fn total_requests(&self) -> u64 {
        self.requests.values().sum()
    }
}

/// The journal while it is written.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    journal: Journal,
    in_flight: u64,
    spoilt: BTreeMap<Endpoint, usize>,
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Visit<'a>(&'a Recorder);

impl Recorder {
    /// A request has come.
    pub(crate) fn enter(&self, endpoint: Option<Endpoint>) -> Visit<'_> {
        let mut open = self.open();
        *open.journal.requests.entry(endpoint).or_default() += 1;
        open.in_flight += 1;
        open.journal.max_in_flight = open.journal.max_in_flight.max(open.in_flight);
        Visit(self)
    }

    /// It was answered with `status`.
    pub(crate) fn answered(&self, status: u16) {
        *self.open().journal.statuses.entry(status).or_default() += 1;
    }

    /// The next failure of `turns`.
    pub(crate) fn next_failure(&self, turns: &[Failure]) -> Failure {
        let failures = &mut self.open().journal.failures;
        let so_far = failures.values().sum::<u64>() as usize;
        let failure = turns[so_far % turns.len()];
        *failures.entry(failure).or_default() += 1;
        failure
    }

    /// How many answers of `endpoint` were spoilt before this one.
    pub(crate) fn next_spoilt(&self, endpoint: Endpoint) -> usize {
        let mut open = self.open();
        let next = open.spoilt.entry(endpoint).or_default();
        *next += 1;
        *next - 1
    }

    /// What was wrong with an answer.
    pub(crate) fn spoilt(&self, endpoint: Endpoint, blemishes: &[Blemish], unreadable: Vec<String>) {
        let mut open = self.open();
        for blemish in blemishes {
            *open.journal.blemishes.entry((endpoint, *blemish)).or_default() += 1;
        }
        for field in unreadable {
            *open.journal.unreadable.entry((endpoint, field)).or_default() += 1;
        }
    }

    /// What is written so far.
    pub(crate) fn copy(&self) -> Journal {
        self.open().journal.clone()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.0.open().in_flight -= 1;
    }
}
