//! What the collectors of one operation share. This is the only place that changes the operation's snapshot.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Zoned;
use jiff::civil::{Date, DateTime};
use parking_lot::Mutex;
use serde_json::value::RawValue;

use super::empty_answer;
use super::error::PollError;
use super::parse_errors::ParseErrors;
use super::quota::{QuotaExhausted, QuotaUsage, daily_quota};
use super::state_file::StateFile;
use super::{ActiveCollector, active, build, definition};
use crate::api::{ApiError, Transport};
use crate::clock::{Clock, ClockReading};
use crate::config::{Cadence, Operation};
use crate::model::{
    Collector, CollectorStatus, EndpointStats, ExpiringReport, PollFailure, Quota, Reason, Report, Snapshot,
    SnapshotStore,
};

/// The time between two warnings about the same field of the same endpoint. The counter counts every error.
const WARNING_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// What the collectors of one operation share.
pub(super) struct OperationContext {
    pub(super) clock: Clock,
    pub(super) transport: Arc<dyn Transport>,
    /// Held during a call, because wolkvox allows one call at a time per token.
    pub(super) request_lock: tokio::sync::Mutex<()>,
    pub(super) config: Operation,
    state: Arc<StateFile>,
    snapshot: Mutex<Snapshot>,
    /// The quota, and when it was last used.
    usage: Mutex<(QuotaUsage, ClockReading)>,
    /// When each warning was last logged, by endpoint and subject.
    warned: Mutex<HashMap<(&'static str, &'static str), Instant>>,
    store: Arc<SnapshotStore>,
}

/// The snapshot of an operation before its first poll.
pub(super) fn initial_snapshot(operation: &Operation, clock: &Clock, state: &StateFile) -> Snapshot {
    let today = clock.local(&operation.timezone).date();
    let usage = saved_usage(operation, today, state);
    Snapshot {
        operation: Arc::clone(&operation.name),
        timezone: operation.timezone.clone(),
        targets: Arc::clone(&operation.targets),
        quota: Quota { limit: daily_quota(operation.licenses), used: usage.used, date: usage.date },
        collectors: active(operation)
            .map(|active| CollectorStatus::new(active.name, active.cadence.interval))
            .collect(),
        endpoints: active(operation).map(|active| (definition(active.name).endpoint_stats)()).collect(),
        reports: Vec::new(),
    }
}

/// The calls that the state file has, on the running day.
fn saved_usage(operation: &Operation, today: Date, state: &StateFile) -> QuotaUsage {
    let mut usage = state.operation(&operation.name).quota.unwrap_or_else(|| QuotaUsage::new(today, 0));
    usage.roll_over(today, false);
    usage
}

/// The result of a successful poll.
#[derive(Debug)]
pub(super) struct PollResult {
    pub(super) report: Report,
    /// Rows that wolkvox sent.
    pub(super) rows: u64,
    /// The local time at which the poll started.
    pub(super) started: DateTime,
}

impl fmt::Debug for OperationContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperationContext").field("config", &self.config).finish_non_exhaustive()
    }
}

impl OperationContext {
    pub(super) fn new(
        operation: &Operation,
        transport: Arc<dyn Transport>,
        clock: Clock,
        state: Arc<StateFile>,
        store: Arc<SnapshotStore>,
    ) -> Self {
        let today = clock.local(&operation.timezone).date();
        Self {
            transport,
            request_lock: tokio::sync::Mutex::new(()),
            config: operation.clone(),
            snapshot: Mutex::new(initial_snapshot(operation, &clock, &state)),
            usage: Mutex::new((saved_usage(operation, today, &state), clock.reading())),
            warned: Mutex::new(HashMap::new()),
            clock,
            state,
            store,
        }
    }

    /// The operation's name.
    pub(super) fn operation(&self) -> &str {
        &self.config.name
    }

    /// Local time of the operation.
    pub(super) fn now(&self) -> Zoned {
        self.clock.local(&self.config.timezone)
    }

    /// The time until the next local day.
    pub(super) fn until_midnight(&self) -> Duration {
        let midnight = self.now().tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
        midnight.map_or(Duration::from_secs(60 * 60), |midnight| self.clock.until(midnight.timestamp()))
    }

    /// Counts a call against the quota, in memory and on disk. Must come before the call.
    pub(super) async fn consume_quota(&self, endpoint: &'static str) -> Result<(), PollError> {
        let today = self.now().date();
        let limit = daily_quota(self.config.licenses);
        let (result, usage) = {
            let (usage, last) = &mut *self.usage.lock();
            let was_set = !self.clock.step_since(std::mem::replace(last, self.clock.reading())).is_zero();
            (usage.try_consume(today, was_set, limit), usage.clone())
        };
        {
            let quota = &mut self.snapshot.lock().quota;
            (quota.date, quota.used) = (usage.date, usage.used);
        }
        match result {
            Ok(()) => {
                self.state.update(self.operation(), |state| state.quota = Some(usage)).await;
                self.update_stats(endpoint, |stats| stats.requests += 1);
                Ok(())
            }
            Err(QuotaExhausted) => Err(PollError::QuotaUsedUp { used: usage.used, limit: limit.unwrap_or_default() }),
        }
    }

    /// Changes the statistics of an endpoint.
    pub(super) fn update_stats(&self, endpoint: &'static str, change: impl FnOnce(&mut EndpointStats)) {
        if let Some(stats) = self.snapshot.lock().endpoints.iter_mut().find(|stats| stats.endpoint == endpoint) {
            change(stats);
        }
    }

    /// Counts the parse errors of a response, and logs each field at most once per [`WARNING_INTERVAL`].
    pub(super) fn record_parse_errors(&self, endpoint: &'static str, errors: &ParseErrors) {
        self.update_stats(endpoint, |stats| {
            for (field, times, _) in &errors.fields {
                match stats.parse_errors.iter_mut().find(|(known, _)| known == field) {
                    Some((_, count)) => *count += times,
                    None => stats.parse_errors.push((field, *times)),
                }
            }
        });
        for (field, times, shape) in &errors.fields {
            if self.should_warn(endpoint, field) {
                let form = shape.as_ref().map(ToString::to_string).unwrap_or_default();
                tracing::warn!(
                    operation = %self.operation(), endpoint, field, times, form,
                    "values in no known form, left out (form shows each digit as 9 and each letter as a; \
                     this field is logged again after an hour at the earliest)"
                );
            }
        }
    }

    /// Whether enough time has passed since the last warning about `subject`. If so, the time is noted.
    pub(super) fn should_warn(&self, endpoint: &'static str, subject: &'static str) -> bool {
        let now = self.clock.instant();
        let mut warned = self.warned.lock();
        let due = warned.get(&(endpoint, subject)).is_none_or(|last| now.duration_since(*last) >= WARNING_INTERVAL);
        if due {
            warned.insert((endpoint, subject), now);
        }
        due
    }

    /// Builds a collector from the configuration and from its state at its last successful poll, if that was saved.
    pub(super) fn build_collector(&self, name: Collector) -> Option<ActiveCollector> {
        let mut active = build(name, &self.config)?;
        if let Some(state) = self.state.operation(self.operation()).collectors.remove(name.name()) {
            active.collector.restore_state(&state);
        }
        Some(active)
    }

    /// Whether there is a state file.
    pub(super) fn saves_state(&self) -> bool {
        self.state.is_configured()
    }

    /// Writes the state of a collector into the state file.
    pub(super) async fn save_state(&self, name: Collector, state: Box<RawValue>) {
        self.state.update(self.operation(), |saved| drop(saved.collectors.insert(name.name().to_owned(), state))).await;
    }

    /// Counts a poll that ended because of a bug in the exporter, and returns it as a failure.
    pub(super) fn record_panic(&self, name: Collector, cadence: Cadence, took: Duration) -> PollError {
        let endpoint = (definition(name).endpoint_stats)().endpoint;
        self.update_stats(endpoint, |stats| stats.count_failure(Reason::Internal));
        let error = PollError::Failed(ApiError::internal("the poll panicked"));
        self.finish(name, cadence, Err(&error), took);
        error
    }

    /// Writes the result of a poll into the snapshot, publishes it, and logs what changed.
    pub(super) fn finish(
        &self,
        collector: Collector,
        cadence: Cadence,
        result: Result<PollResult, &PollError>,
        took: Duration,
    ) {
        let operation = self.operation();
        let failure = result.as_ref().err().map(|error| poll_failure(error));
        let rows = result.as_ref().map_or(0, |result| result.rows);
        let mut guard = self.snapshot.lock();
        let snapshot = &mut *guard;
        let at = self.clock.wall();
        let Some(status) = snapshot.collectors.iter_mut().find(|status| status.name == collector) else { return };
        let (was_failing, is_first) = (status.failure.is_some(), status.last_success.is_none());
        status.success = failure.is_none();
        status.duration = Some(took);
        status.last_attempt = Some(at);
        status.failure.clone_from(&failure);
        let (now, today) = (self.clock.instant(), self.now().date());
        let earlier = snapshot.reports.iter_mut().find(|report| report.collector == collector);
        let kept = earlier.filter(|earlier| empty_answer::keeps(earlier, status.rows, today, now));
        let mut kept_rows = None;
        match (result, kept) {
            (Ok(PollResult { rows: 0, .. }), Some(earlier)) => {
                earlier.expires = earlier.expires.min(now + self.until_midnight());
                if status.empty_since.is_none() {
                    status.empty_since = Some(at);
                    kept_rows = status.rows;
                }
            }
            (Ok(PollResult { report, rows, started }), _) => {
                status.last_success = Some(at);
                status.rows = Some(rows);
                status.empty_since = None;
                snapshot.reports.retain(|report| report.collector != collector);
                let expires = now + cadence.max_age;
                snapshot.reports.push(ExpiringReport { collector, expires, started, report: Arc::new(report) });
            }
            (Err(_), _) => {}
        }
        self.store.publish(snapshot.clone());
        drop(guard);

        if let Some(earlier) = kept_rows {
            tracing::warn!(
                %operation, %collector, earlier,
                "wolkvox sent no rows, although it sent some earlier today; the earlier values stay until they are too \
                 old or the day ends"
            );
        }

        match failure {
            Some(failure) => {
                let (reason, message) = (failure.reason_text(), &failure.message);
                tracing::warn!(%operation, %collector, reason, "poll failed: {message}");
            }
            None if is_first => tracing::info!(%operation, %collector, rows, "first poll succeeded"),
            None if was_failing => tracing::info!(%operation, %collector, rows, "poll succeeded again"),
            None => tracing::debug!(%operation, %collector, took_seconds = took.as_secs_f64(), "poll succeeded"),
        }
    }
}

fn poll_failure(error: &PollError) -> PollFailure {
    PollFailure { reason: error.reason(), message: error.to_string() }
}
