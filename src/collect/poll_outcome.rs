//! What a poll brought: the result of each of its requests, and how it changes the snapshot.
//!
//! Requests are independent: the values of one that failed stay until they are too old, while the others are replaced.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::empty_answer;
use super::error::PollError;
use crate::config::Cadence;
use crate::model::{Collector, ExpiringReport, PollFailure, Report, RequestKey, RequestStatus, Snapshot};

/// The results of one poll.
#[derive(Debug)]
pub(super) struct PollOutcome {
    /// One for each request of the poll, in order. A reload may have changed the requests of the next poll.
    pub(super) results: Vec<(RequestKey, Result<PollResult, PollError>)>,
    /// The failure of the whole poll; `None` if a request succeeded and no failure concerns all requests.
    pub(super) failure: Option<PollError>,
}

/// The result of a successful request.
#[derive(Debug)]
pub(super) struct PollResult {
    pub(super) report: Report,
    /// Rows that wolkvox sent.
    pub(super) rows: u64,
    /// The local time at which the request started.
    pub(super) started: DateTime,
}

/// When a poll ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct PollEnd {
    pub(super) at: Timestamp,
    pub(super) now: Instant,
    /// The local day.
    pub(super) today: Date,
    /// The end of the local day.
    pub(super) midnight: Instant,
    /// How long the poll took.
    pub(super) took: Duration,
}

/// Something about one request that belongs into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestEvent {
    pub(super) key: RequestKey,
    pub(super) kind: RequestEventKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RequestEventKind {
    /// It failed, after a success or in another way than before.
    Failed(PollFailure),
    /// It succeeded after a failure.
    SucceededAgain,
    /// There were no rows after so many earlier on the day.
    BecameEmpty(u64),
}

impl PollOutcome {
    /// All requests of a collector failed in the same way.
    pub(super) fn failed(requests: Vec<RequestKey>, error: &PollError) -> Self {
        let results = requests.into_iter().map(|key| (key, Err(error.clone()))).collect();
        Self { results, failure: Some(error.clone()) }
    }

    /// Writes status and reports into the snapshot. Returns what happened to single requests.
    pub(super) fn apply(
        self,
        snapshot: &mut Snapshot,
        collector: Collector,
        cadence: Cadence,
        end: &PollEnd,
    ) -> Vec<RequestEvent> {
        let Snapshot { collectors, reports, .. } = snapshot;
        let Some(status) = collectors.iter_mut().find(|status| status.name == collector) else { return Vec::new() };
        status.success = self.failure.is_none();
        status.duration = Some(end.took);
        status.last_attempt = Some(end.at);
        status.failure = self.failure.as_ref().map(PollFailure::from);
        let mut events = Vec::new();
        for (key, result) in self.results {
            let found = status.requests.iter_mut().enumerate().find(|(_, status)| status.key == key);
            let Some((request, status)) = found else { continue };
            let slot = reports.partition_point(|report| (report.collector, report.request) < (collector, request));
            let earlier =
                reports.get_mut(slot).filter(|earlier| (earlier.collector, earlier.request) == (collector, request));
            let had_failed = status.failure.is_some();
            let kind = match result {
                Ok(result) => {
                    status.failure = None;
                    let became_empty = match earlier {
                        Some(earlier)
                            if result.rows == 0 && empty_answer::keeps(earlier, status.rows, end.today, end.now) =>
                        {
                            earlier.expires = earlier.expires.min(end.midnight);
                            let earlier_rows = status.rows.filter(|_| status.empty_since.is_none());
                            status.empty_since.get_or_insert(end.at);
                            earlier_rows
                        }
                        earlier => {
                            set_success(status, result.rows, end.at);
                            let report = ExpiringReport {
                                collector,
                                request,
                                expires: end.now + cadence.max_age,
                                started: result.started,
                                report: Arc::new(result.report),
                            };
                            match earlier {
                                Some(earlier) => *earlier = report,
                                None => reports.insert(slot, report),
                            }
                            None
                        }
                    };
                    let again = had_failed.then_some(RequestEventKind::SucceededAgain);
                    became_empty.map(RequestEventKind::BecameEmpty).or(again)
                }
                Err(error) => {
                    let failure = PollFailure::from(&error);
                    let is_new = status.failure.as_ref() != Some(&failure);
                    status.failure = Some(failure.clone());
                    is_new.then_some(RequestEventKind::Failed(failure))
                }
            };
            events.extend(kind.map(|kind| RequestEvent { key: status.key.clone(), kind }));
        }
        events
    }
}

fn set_success(status: &mut RequestStatus, rows: u64, at: Timestamp) {
    status.last_success = Some(at);
    status.rows = Some(rows);
    status.empty_since = None;
}

impl From<&PollError> for PollFailure {
    fn from(error: &PollError) -> Self {
        Self { reason: error.reason(), message: error.to_string() }
    }
}
