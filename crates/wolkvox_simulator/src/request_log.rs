//! Statistics of requests and responses, for tests. They are never served over HTTP.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::dialect::{Corruption, Endpoint};
use crate::outage::Failure;

/// Counts since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestStats {
    /// Requests by report; `None` counts requests for no known report.
    pub requests: BTreeMap<Option<Endpoint>, u64>,
    /// Responses by HTTP status. A dropped connection has no status.
    pub statuses: BTreeMap<u16, u64>,
    /// The largest number of requests in flight at the same time, including refused ones.
    pub max_in_flight: u64,
    /// Failures caused by `api-down`.
    pub failures: BTreeMap<Failure, u64>,
    /// Corruptions caused by `bad-data`.
    pub corruptions: BTreeMap<(Endpoint, Corruption), u64>,
    /// Values made unreadable by `bad-data`, by report and field.
    pub unreadable: BTreeMap<(Endpoint, String), u64>,
}

/// Collects the statistics while the simulation runs.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<LogState>);

#[derive(Debug, Default)]
struct LogState {
    stats: RequestStats,
    in_flight: u64,
    corrupted: BTreeMap<Endpoint, usize>,
}

/// Counts a request as in flight until it is dropped.
#[derive(Debug)]
pub(crate) struct InFlightGuard<'a>(&'a RequestLog);

impl RequestLog {
    /// Counts a new request.
    pub(crate) fn start_request(&self, endpoint: Option<Endpoint>) -> InFlightGuard<'_> {
        let mut state = self.state();
        *state.stats.requests.entry(endpoint).or_default() += 1;
        state.in_flight += 1;
        state.stats.max_in_flight = state.stats.max_in_flight.max(state.in_flight);
        InFlightGuard(self)
    }

    /// Counts a response with this `status`.
    pub(crate) fn record_status(&self, status: u16) {
        *self.state().stats.statuses.entry(status).or_default() += 1;
    }

    /// Returns the next failure of `order`, and counts it.
    pub(crate) fn next_failure(&self, order: &[Failure]) -> Failure {
        let failures = &mut self.state().stats.failures;
        let so_far = failures.values().sum::<u64>() as usize;
        let failure = order[so_far % order.len()];
        *failures.entry(failure).or_default() += 1;
        failure
    }

    /// Returns how many corrupted responses of `endpoint` came before, and counts one more.
    pub(crate) fn next_corrupted(&self, endpoint: Endpoint) -> usize {
        let mut state = self.state();
        let next = state.corrupted.entry(endpoint).or_default();
        *next += 1;
        *next - 1
    }

    /// Counts the corruptions of a response.
    pub(crate) fn record_corruptions(&self, endpoint: Endpoint, corruptions: &[Corruption], unreadable: Vec<String>) {
        let mut state = self.state();
        for corruption in corruptions {
            *state.stats.corruptions.entry((endpoint, *corruption)).or_default() += 1;
        }
        for field in unreadable {
            *state.stats.unreadable.entry((endpoint, field)).or_default() += 1;
        }
    }

    /// The statistics so far.
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
