//! The state of one operation, as one value: what its collectors last saw and how they are doing.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{EndpointStats, Reason, Report, ReportContent, Targets};

/// The name of a collector; a label value and a configuration key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectorName(pub &'static str);

impl fmt::Display for CollectorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// All that is known of one operation.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The configured name.
    pub operation: Arc<str>,
    /// Where its clocks are.
    pub timezone: TimeZone,
    /// What it promised per skill.
    pub targets: Arc<Targets>,
    /// The day's calls to wolkvox.
    pub quota: Quota,
    /// Every enabled collector, in the order of the collectors' table.
    pub collectors: Vec<CollectorStatus>,
    /// Every endpoint that an enabled collector uses.
    pub endpoints: Vec<EndpointStats>,
    /// The last good report of each collector that had one.
    pub reports: Vec<ExpiringReport>,
}

/// Calls of the running local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls a day the operation may make; `None` when its licences are not configured.
    pub limit: Option<u64>,
    /// Calls made on [`Quota::date`].
    pub used: u64,
    /// The local day that was counted last.
    pub date: Date,
}

/// How one collector is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct CollectorStatus {
    /// Which one.
    pub name: CollectorName,
    /// The configured time between polls.
    pub interval: Duration,
    /// Whether the last attempt succeeded; false before the first.
    pub success: bool,
    /// How long the last attempt took.
    pub duration: Option<Duration>,
    /// When the last attempt ended.
    pub last_attempt: Option<Timestamp>,
    /// When the last successful attempt ended.
    pub last_success: Option<Timestamp>,
    /// Rows that wolkvox sent in the last successful attempt.
    pub rows: Option<u64>,
    /// What went wrong last, until the next success.
    pub failure: Option<PollFailure>,
}

/// Why an attempt failed, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollFailure {
    /// Its class; `None` when no call was made because the day's quota is used up.
    pub reason: Option<Reason>,
    /// One sentence that says what happened and what to do. Holds no secret and no personal data.
    pub message: String,
}

/// A report and the moment from which it is too old to be shown.
#[derive(Clone, Debug)]
pub struct ExpiringReport {
    /// Whose it is.
    pub collector: CollectorName,
    /// From then on it is not shown.
    pub expires: Instant,
    /// The values.
    pub report: Arc<Report>,
}

impl PollFailure {
    /// The name of its class, for labels and logs.
    pub fn reason_text(&self) -> &'static str {
        self.reason.map_or("quota_used_up", Reason::as_str)
    }
}

impl CollectorStatus {
    /// A collector that has not tried yet.
    pub fn new(name: CollectorName, interval: Duration) -> Self {
        Self {
            name,
            interval,
            success: false,
            duration: None,
            last_attempt: None,
            last_success: None,
            rows: None,
            failure: None,
        }
    }
}

impl Snapshot {
    /// Calls made since the start of the local day of `now`: none yet, if the last one was on an earlier day.
    pub fn calls_today(&self, now: Timestamp) -> u64 {
        let today = now.to_zoned(self.timezone.clone()).date();
        if today > self.quota.date { 0 } else { self.quota.used }
    }

    /// Whether every enabled collector has finished its first attempt.
    pub fn is_complete(&self) -> bool {
        self.collectors.iter().all(|collector| collector.last_attempt.is_some())
    }

    /// Whether the last attempt of every enabled collector succeeded.
    pub fn is_up(&self) -> bool {
        self.collectors.iter().all(|collector| collector.success)
    }

    /// The reports that are not too old at `now`.
    pub fn fresh(&self, now: Instant) -> impl Iterator<Item = &ExpiringReport> {
        self.reports.iter().filter(move |report| now < report.expires)
    }

    /// The report of one kind, unless there is none yet or it is too old at `now`.
    pub fn report<R: ReportContent>(&self, now: Instant) -> Option<&R> {
        self.fresh(now).find_map(|report| R::of(&report.report))
    }
}
