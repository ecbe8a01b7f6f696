//! The snapshot of an operation while it is changed, and how a new configuration changes it.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::quota::{QuotaUsage, daily_quota};
use super::{active, definition};
use crate::clock::Clock;
use crate::config::Operation;
use crate::model::{
    Collector, CollectorStatus, DurationHistogram, EndpointStats, ExpiringReport, Quota, RequestKey, RequestStatus,
    Snapshot,
};

/// What an operation publishes, and the counters that it does not publish at the moment.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) snapshot: Snapshot,
    /// Statistics of collectors that are switched off now. They continue when the collector is switched on again.
    hidden: Vec<EndpointStats>,
}

/// The snapshot of an operation before its first poll.
pub(super) fn initial_snapshot(operation: &Operation, clock: &Clock, usage: &QuotaUsage) -> Snapshot {
    Snapshot {
        operation: Arc::clone(&operation.name),
        timezone: operation.timezone.clone(),
        targets: Arc::clone(&operation.targets),
        quota: Quota {
            limit: daily_quota(operation.licenses),
            used: usage.used,
            date: usage.date,
            day_ends: clock.instant() + until_midnight(clock, &operation.timezone),
        },
        collectors: active(operation)
            .map(|active| CollectorStatus::new(active.name, active.cadence.interval, active.collector.requests()))
            .collect(),
        endpoints: active(operation).map(|active| (definition(active.name).endpoint_stats)()).collect(),
        reports: Vec::new(),
    }
}

/// The time until the next local day.
pub(super) fn until_midnight(clock: &Clock, timezone: &TimeZone) -> Duration {
    let midnight = clock.local(timezone).tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
    midnight.map_or(Duration::from_secs(60 * 60), |midnight| clock.until(midnight.timestamp()))
}

impl Published {
    pub(super) fn new(snapshot: Snapshot) -> Self {
        Self { snapshot, hidden: Vec::new() }
    }

    /// The statistics of an endpoint, also if its collector is switched off.
    pub(super) fn endpoint(&mut self, endpoint: &str) -> Option<&mut EndpointStats> {
        self.snapshot.endpoints.iter_mut().chain(&mut self.hidden).find(|stats| stats.endpoint == endpoint)
    }

    /// The durations of all calls of collectors that are switched off now.
    pub(super) fn hidden_durations(&self) -> impl Iterator<Item = (&'static str, &DurationHistogram)> {
        self.hidden.iter().map(|stats| (stats.endpoint, &stats.duration))
    }

    /// Applies a new configuration. What it does not change stays: the status of requests that are still made, their
    /// values, and all counters.
    pub(super) fn apply(&mut self, old: &Operation, new: &Operation, clock: &Clock) {
        let Self { snapshot, hidden } = self;
        snapshot.timezone = new.timezone.clone();
        snapshot.targets = Arc::clone(&new.targets);
        snapshot.quota.limit = daily_quota(new.licenses);
        if old.timezone != new.timezone {
            snapshot.quota.day_ends = clock.instant() + until_midnight(clock, &new.timezone);
        }
        let mut known_stats = std::mem::take(&mut snapshot.endpoints);
        known_stats.append(hidden);
        let mut known_collectors = std::mem::take(&mut snapshot.collectors);
        let mut known_reports = std::mem::take(&mut snapshot.reports);
        for active in active(new) {
            let requests = active.collector.requests();
            let known = known_collectors.extract_if(.., |status| status.name == active.name).next();
            let reports: Vec<_> = known_reports.extract_if(.., |report| report.collector == active.name).collect();
            let status = match known {
                Some(known) => {
                    snapshot.reports.extend(kept_reports(reports, active.name, old, new, &known.requests, &requests));
                    changed_status(known, active.cadence.interval, requests)
                }
                None => CollectorStatus::new(active.name, active.cadence.interval, requests),
            };
            snapshot.collectors.push(status);
            let zero = (definition(active.name).endpoint_stats)();
            let known = known_stats.extract_if(.., |stats| stats.endpoint == zero.endpoint).next();
            snapshot.endpoints.push(known.unwrap_or(zero));
        }
        *hidden = known_stats;
    }
}

/// The status of a collector whose requests are other ones now.
fn changed_status(known: CollectorStatus, interval: Duration, requests: Vec<RequestKey>) -> CollectorStatus {
    let mut known_requests = known.requests;
    let mut status = |key: RequestKey| {
        let known = known_requests.extract_if(.., |request| request.key == key).next();
        known.unwrap_or_else(|| RequestStatus::new(key))
    };
    let requests = requests.into_iter().map(&mut status).collect();
    CollectorStatus { interval, requests, ..known }
}

/// The reports of requests that are still made, in the order of the requests. There are none if the collector shows its
/// values in another way now, because a page must not show what the new configuration hides.
fn kept_reports(
    reports: Vec<ExpiringReport>,
    collector: Collector,
    old: &Operation,
    new: &Operation,
    before: &[RequestStatus],
    after: &[RequestKey],
) -> Vec<ExpiringReport> {
    if !new.collectors.shows_values_like(&old.collectors, collector) {
        return Vec::new();
    }
    let ages = (old.collectors.cadence(collector), new.collectors.cadence(collector));
    let mut kept: Vec<_> = reports
        .into_iter()
        .filter_map(|report| {
            let key = &before.get(report.request)?.key;
            let request = after.iter().position(|known| known == key)?;
            let expires = match ages {
                (Some(old), Some(new)) if new.max_age < old.max_age => {
                    let less = old.max_age.saturating_sub(new.max_age);
                    report.expires.checked_sub(less).unwrap_or(report.expires)
                }
                (Some(old), Some(new)) => report.expires + new.max_age.saturating_sub(old.max_age),
                _ => report.expires,
            };
            Some(ExpiringReport { request, expires, ..report })
        })
        .collect();
    kept.sort_by_key(|report| report.request);
    kept
}
