//! The state of one operation as one value: the newest reports and the status of its collectors.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Collector, EndpointStats, PollFailure, Report, ReportContent, RequestKey, RequestStatus, Targets};

/// How far both clocks may differ at the end of a day.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// The state of one operation.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The configured name.
    pub operation: Arc<str>,
    /// Its time zone.
    pub timezone: TimeZone,
    /// Its targets per skill.
    pub targets: Arc<Targets>,
    /// The day's calls to wolkvox.
    pub quota: Quota,
    /// Every enabled collector, in the order of [`Collector::ALL`].
    pub collectors: Vec<CollectorStatus>,
    /// Every endpoint that an enabled collector uses.
    pub endpoints: Vec<EndpointStats>,
    /// The last report of each request that has succeeded, in the order of the collectors and their requests.
    pub reports: Vec<ExpiringReport>,
}

/// Calls of the running local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls that the operation may make in a day; `None` if its licenses are not configured.
    pub limit: Option<u64>,
    /// Calls made on [`Quota::date`].
    pub used: u64,
    /// The local day of the last call.
    pub date: Date,
    /// When that day ends by the monotonic clock, which is not set as the system's time is.
    pub day_ends: Instant,
}

/// The status of one collector.
#[derive(Clone, Debug, PartialEq)]
pub struct CollectorStatus {
    /// The collector.
    pub name: Collector,
    /// The configured time between polls.
    pub interval: Duration,
    /// Whether the last poll succeeded: at least one request did, and none failed in a way that concerns all. False
    /// before the first poll.
    pub success: bool,
    /// How long the last poll took.
    pub duration: Option<Duration>,
    /// When the last poll ended.
    pub last_attempt: Option<Timestamp>,
    /// The failure of the last poll, until the next success.
    pub failure: Option<PollFailure>,
    /// The requests of each poll, in order.
    pub requests: Vec<RequestStatus>,
}

/// A report and the time at which it becomes too old to be shown.
#[derive(Clone, Debug)]
pub struct ExpiringReport {
    /// The collector that made it.
    pub collector: Collector,
    /// The request that it was made of: an index of [`CollectorStatus::requests`].
    pub request: usize,
    /// From this time on it is not shown.
    pub expires: Instant,
    /// The local time at which its poll started.
    pub started: DateTime,
    /// The report.
    pub report: Arc<Report>,
}

impl CollectorStatus {
    /// The status before the first poll.
    pub fn new(name: Collector, interval: Duration, requests: Vec<RequestKey>) -> Self {
        let requests = requests.into_iter().map(RequestStatus::new).collect();
        Self { name, interval, success: false, duration: None, last_attempt: None, failure: None, requests }
    }

    /// When the last poll with a good response ended.
    pub fn last_success(&self) -> Option<Timestamp> {
        self.requests.iter().filter_map(|request| request.last_success).max()
    }

    /// Rows that wolkvox sent in the last good response of each request; `None` before the first.
    pub fn rows(&self) -> Option<u64> {
        self.requests.iter().filter_map(|request| request.rows).reduce(|sum, rows| sum + rows)
    }
}

impl Snapshot {
    /// Calls made since the start of the local day of `now`; zero if the last call was on an earlier day. A system's time
    /// that was set to another day does not make another day.
    pub fn calls_today(&self, now: Timestamp, instant: Instant) -> u64 {
        let today = now.to_zoned(self.timezone.clone()).date();
        let has_passed = instant + CLOCK_TOLERANCE >= self.quota.day_ends;
        if today > self.quota.date && has_passed { 0 } else { self.quota.used }
    }

    /// The start of the next local day after `now`; `None` after the last day of the calendar.
    pub fn next_day(&self, now: Timestamp) -> Option<Timestamp> {
        let tomorrow = now.to_zoned(self.timezone.clone()).tomorrow();
        tomorrow.and_then(|tomorrow| tomorrow.start_of_day()).ok().map(|midnight| midnight.timestamp())
    }

    /// Whether every enabled collector has finished its first poll.
    pub fn is_complete(&self) -> bool {
        self.collectors.iter().all(|collector| collector.last_attempt.is_some())
    }

    /// Whether the last poll of every enabled collector succeeded.
    pub fn is_up(&self) -> bool {
        self.collectors.iter().all(|collector| collector.success)
    }

    /// The reports that are not too old at `now`.
    pub fn fresh(&self, now: Instant) -> impl Iterator<Item = &ExpiringReport> {
        self.reports.iter().filter(move |report| now < report.expires)
    }

    /// The reports of one kind that are not too old at `now`: one for each request of its collector.
    pub fn reports_of<R: ReportContent + 'static>(&self, now: Instant) -> impl Iterator<Item = &R> {
        self.fresh(now).filter_map(|report| R::of(&report.report))
    }

    /// The first of [`Self::reports_of`].
    #[cfg(test)]
    pub(crate) fn report<R: ReportContent + 'static>(&self, now: Instant) -> Option<&R> {
        self.reports_of(now).next()
    }
}
