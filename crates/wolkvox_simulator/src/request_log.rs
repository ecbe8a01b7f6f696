//! What was asked and answered, for tests. It is never served over HTTP.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::dialect::{Corruption, Endpoint};
use crate::outage::Failure;

/// Counts since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestStats {
    /// Requests by report; `None` for those that named no report of ours.
    pub requests: BTreeMap<Option<Endpoint>, u64>,
    /// Answers by HTTP status. A dropped connection has none.
    pub statuses: BTreeMap<u16, u64>,
    /// Requests that were in flight at once, at most. The refused ones count.
    pub max_in_flight: u64,
    /// Failures dealt out by `api-down`.
    pub failures: BTreeMap<Failure, u64>,
    /// Blemishes dealt out by `bad-data`.
    pub corruptions: BTreeMap<(Endpoint, Corruption), u64>,
    /// Values made unreadable by `bad-data`, by field.
    pub unreadable: BTreeMap<(Endpoint, String), u64>,
}

/// The stats while it is written.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<LogState>);

#[derive(Debug, Default)]
struct LogState {
    stats: RequestStats,
    in_flight: u64,
    corrupted: BTreeMap<Endpoint, usize>,
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct InFlightGuard<'a>(&'a RequestLog);

impl RequestLog {
    /// A request has come.
    pub(crate) fn start_request(&self, endpoint: Option<Endpoint>) -> InFlightGuard<'_> {
        let mut state = self.state();
        *state.stats.requests.entry(endpoint).or_default() += 1;
        state.in_flight += 1;
        state.stats.max_in_flight = state.stats.max_in_flight.max(state.in_flight);
        InFlightGuard(self)
    }

    /// It was answered with `status`.
    pub(crate) fn record_status(&self, status: u16) {
        *self.state().stats.statuses.entry(status).or_default() += 1;
    }

    /// The next failure of `order`.
    pub(crate) fn next_failure(&self, order: &[Failure]) -> Failure {
        let failures = &mut self.state().stats.failures;
        let so_far = failures.values().sum::<u64>() as usize;
        let failure = order[so_far % order.len()];
        *failures.entry(failure).or_default() += 1;
        failure
    }

    /// How many answers of `endpoint` were corrupted before this one.
    pub(crate) fn next_corrupted(&self, endpoint: Endpoint) -> usize {
        let mut state = self.state();
        let next = state.corrupted.entry(endpoint).or_default();
        *next += 1;
        *next - 1
    }

    /// What was wrong with an answer.
    pub(crate) fn record_corruptions(&self, endpoint: Endpoint, corruptions: &[Corruption], unreadable: Vec<String>) {
        let mut state = self.state();
        for corruption in corruptions {
            *state.stats.corruptions.entry((endpoint, *corruption)).or_default() += 1;
        }
        for field in unreadable {
            *state.stats.unreadable.entry((endpoint, field)).or_default() += 1;
        }
    }

    /// What is written so far.
    pub(crate) fn stats(&self) -> RequestStats {
        self.state().stats.clone()
    }

    fn state(&self) -> MutexGuard<'_, LogState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
    }
}
