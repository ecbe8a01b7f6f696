//! The state of one operation as one value: the newest reports and the status of its collectors.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Collector, EndpointStats, Reason, Report, ReportContent, Targets};

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
    /// The last report of each collector that has succeeded.
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
}

/// The status of one collector.
#[derive(Clone, Debug, PartialEq)]
pub struct CollectorStatus {
    /// The collector.
    pub name: Collector,
    /// The configured time between polls.
    pub interval: Duration,
    /// Whether the last poll succeeded; false before the first.
    pub success: bool,
    /// How long the last poll took.
    pub duration: Option<Duration>,
    /// When the last poll ended.
    pub last_attempt: Option<Timestamp>,
    /// When the last successful poll ended.
    pub last_success: Option<Timestamp>,
    /// Rows that wolkvox sent in the last successful poll.
    pub rows: Option<u64>,
    /// Since when wolkvox has sent no rows although it had sent some earlier on the day. The values of the last poll with
    /// rows are kept, and the times and rows above are those of that poll.
    pub empty_since: Option<Timestamp>,
    /// The last failure, until the next success.
    pub failure: Option<PollFailure>,
}

/// Why a poll failed, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollFailure {
    /// Its class; `None` if no call was made because the quota of the day is used up.
    pub reason: Option<Reason>,
    /// What happened and what to do, in one sentence. Contains no secret and no personal data.
    pub message: String,
}

/// A report and the time at which it becomes too old to be shown.
#[derive(Clone, Debug)]
pub struct ExpiringReport {
    /// The collector that made it.
    pub collector: Collector,
    /// From this time on it is not shown.
    pub expires: Instant,
    /// The local time at which its poll started.
    pub started: DateTime,
    /// The report.
    pub report: Arc<Report>,
}

impl PollFailure {
    /// The name of its class, for labels and logs.
    pub fn reason_text(&self) -> &'static str {
        self.reason.map_or("quota_used_up", Reason::as_str)
    }
}

impl CollectorStatus {
    /// The status before the first poll.
    pub fn new(name: Collector, interval: Duration) -> Self {
        Self {
            name,
            interval,
            success: false,
            duration: None,
            last_attempt: None,
            last_success: None,
            rows: None,
            empty_since: None,
            failure: None,
        }
    }
}

impl Snapshot {
    /// Calls made since the start of the local day of `now`; zero if the last call was on an earlier day.
    pub fn calls_today(&self, now: Timestamp) -> u64 {
        let today = now.to_zoned(self.timezone.clone()).date();
        if today > self.quota.date { 0 } else { self.quota.used }
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

    /// The report of one kind; `None` if there is none yet or if it is too old at `now`.
    pub fn report<R: ReportContent>(&self, now: Instant) -> Option<&R> {
        self.fresh(now).find_map(|report| R::of(&report.report))
    }
}
