//! One operation at work: what its collectors share, and the only place that writes its snapshot.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Zoned;
use serde_json::value::RawValue;

use super::parse_errors::ParseErrors;
use super::poll_context::PollError;
use super::quota::{QuotaExhausted, QuotaUsage, daily_quota};
use super::state_file::StateFile;
use super::{active, definition};
use crate::api::Transport;
use crate::clock::Clock;
use crate::config::{Cadence, Operation, Token};
use crate::model::{
    Collector, CollectorStatus, EndpointStats, ExpiringReport, PollFailure, Quota, Report, Snapshot, SnapshotStore,
};

/// A field that cannot be read is logged this often at most; the counter has every single one.
const WARNING_EVERY: Duration = Duration::from_secs(60 * 60);

/// What the collectors of one operation share.
pub struct OperationContext {
    pub(super) clock: Clock,
    pub(super) transport: Arc<dyn Transport>,
    /// Held during a call: wolkvox wants one at a time per token.
    pub(super) request_lock: tokio::sync::Mutex<()>,
    token: Token,
    state: Arc<StateFile>,
    quota: Mutex<QuotaUsage>,
    snapshot: Mutex<Snapshot>,
    warned: Mutex<HashMap<(&'static str, &'static str), Instant>>,
    store: Arc<SnapshotStore>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An operation before its first poll.
pub(super) fn initial(operation: &Operation, clock: &Clock, state: &StateFile) -> Snapshot {
    Snapshot {
        operation: Arc::clone(&operation.name),
        timezone: operation.timezone.clone(),
        targets: Arc::clone(&operation.targets),
        quota: quota(usage(operation, clock, state), operation.licenses),
        collectors: active(operation).map(|c| CollectorStatus::new(c.name, c.cadence.interval)).collect(),
        endpoints: active(operation).map(|c| (definition(c.name).endpoint_stats)()).collect(),
        reports: Vec::new(),
    }
}

/// What the usage says, for the snapshot.
fn quota(usage: QuotaUsage, licenses: Option<u32>) -> Quota {
    Quota { limit: daily_quota(licenses), used: usage.used, date: usage.date }
}

fn usage(operation: &Operation, clock: &Clock, state: &StateFile) -> QuotaUsage {
    let today = clock.local(&operation.timezone).date();
    let mut usage = state.of(&operation.name).quota.unwrap_or(QuotaUsage::new(today));
    usage.roll_over(today);
    usage
}

impl OperationContext {
    pub(super) fn new(
        operation: &Operation,
        transport: Arc<dyn Transport>,
        clock: Clock,
        state: Arc<StateFile>,
        store: Arc<SnapshotStore>,
    ) -> Self {
        Self {
            transport,
            request_lock: tokio::sync::Mutex::new(()),
            token: operation.token.clone(),
            quota: Mutex::new(usage(operation, &clock, &state)),
            snapshot: Mutex::new(initial(operation, &clock, &state)),
            warned: Mutex::new(HashMap::new()),
            clock,
            state,
            store,
        }
    }

    /// The operation's name.
    pub fn operation(&self) -> Arc<str> {
        Arc::clone(&lock(&self.snapshot).operation)
    }

    /// Local time of the operation.
    pub(super) fn now(&self) -> Zoned {
        let zone = lock(&self.snapshot).timezone.clone();
        self.clock.local(&zone)
    }

    /// Books a call before it is made, on disk as well.
    pub(super) async fn book_call(&self, endpoint: &'static str) -> Result<(), PollError> {
        let now = self.now();
        let (booked, usage, limit) = {
            let limit = lock(&self.snapshot).quota.limit;
            let mut usage = lock(&self.quota);
            (usage.try_consume(now.date(), limit), *usage, limit)
        };
        Self::show(usage, &mut lock(&self.snapshot));
        match booked {
            Ok(()) => {
                self.state.update(&self.operation(), |state| state.quota = Some(usage)).await;
                self.count(endpoint, |stats| stats.requests += 1);
                Ok(())
            }
            Err(QuotaExhausted) => Err(PollError::QuotaUsedUp { used: usage.used, limit: limit.unwrap_or_default() }),
        }
    }

    fn show(usage: QuotaUsage, snapshot: &mut Snapshot) {
        (snapshot.quota.used, snapshot.quota.date) = (usage.used, usage.date);
    }

    /// Changes the bookkeeping of an endpoint.
    pub(super) fn count(&self, endpoint: &'static str, change: impl FnOnce(&mut EndpointStats)) {
        if let Some(stats) = lock(&self.snapshot).endpoints.iter_mut().find(|stats| stats.endpoint == endpoint) {
            change(stats);
        }
    }

    /// Counts what could not be used of an answer, and says so in the log, but not every time.
    pub(super) fn record(&self, endpoint: &'static str, errors: &ParseErrors) {
        self.count(endpoint, |stats| {
            for (field, times, _) in &errors.fields {
                match stats.parse_errors.iter_mut().find(|(known, _)| known == field) {
                    Some((_, count)) => *count += times,
                    None => stats.parse_errors.push((field, *times)),
                }
            }
        });
        for (field, times, shape) in &errors.fields {
            if self.may_warn(endpoint, field) {
                let form = shape.as_ref().map(ToString::to_string).unwrap_or_default();
                tracing::warn!(
                    operation = %self.operation(), endpoint, field, times, form,
                    "values in no known form, left out (digits are shown as 9, letters as a; next line in an hour at the earliest)"
                );
            }
        }
    }

    /// Whether a warning about `what` is due.
    pub(super) fn may_warn(&self, endpoint: &'static str, what: &'static str) -> bool {
        let now = self.clock.instant();
        let mut warned = lock(&self.warned);
        let due = warned.get(&(endpoint, what)).is_none_or(|last| now.duration_since(*last) >= WARNING_EVERY);
        if due {
            warned.insert((endpoint, what), now);
        }
        due
    }

    /// What a collector remembered before the restart.
    pub(super) fn memory_of(&self, collector: Collector) -> Option<Box<RawValue>> {
        self.state.of(&self.operation()).collectors.remove(collector.name())
    }

    /// Whether anything survives a restart.
    pub(super) fn remembers(&self) -> bool {
        self.state.is_kept()
    }

    /// Keeps what a collector has to remember.
    pub(super) async fn remember(&self, collector: Collector, memory: Box<RawValue>) {
        self.state
            .update(&self.operation(), |state| drop(state.collectors.insert(collector.name().to_owned(), memory)))
            .await;
    }

    /// Writes the end of an attempt into the snapshot, shows it to everybody, and says in the log what changed.
    pub(super) fn finish(
        &self,
        collector: Collector,
        cadence: Cadence,
        outcome: Result<(Report, u64), &PollError>,
        took: Duration,
    ) {
        let failure = outcome.as_ref().err().map(|stop| self.described(stop));
        let rows = outcome.as_ref().map_or(0, |(_, rows)| *rows);
        let mut snapshot = lock(&self.snapshot);
        let at = self.clock.wall();
        let Some(status) = snapshot.collectors.iter_mut().find(|status| status.name == collector) else { return };
        let (was_failing, is_first) = (status.failure.is_some(), status.last_success.is_none());
        status.success = failure.is_none();
        status.duration = Some(took);
        status.last_attempt = Some(at);
        status.failure.clone_from(&failure);
        if let Ok((report, received)) = outcome {
            status.last_success = Some(at);
            status.rows = Some(received);
            snapshot.reports.retain(|report| report.collector != collector);
            let expires = self.clock.instant() + cadence.max_age;
            snapshot.reports.push(ExpiringReport { collector, expires, report: Arc::new(report) });
        }
        let operation = Arc::clone(&snapshot.operation);
        self.store.publish(snapshot.clone());
        drop(snapshot);

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

    /// For people. Should wolkvox repeat the token in its message, it stays out of pages and logs.
    fn described(&self, stop: &PollError) -> PollFailure {
        PollFailure { reason: stop.reason(), message: without(self.token.expose(), stop.to_string()) }
    }
}

/// `text` without `secret`, also where it is written in capitals, as wolkvox writes its messages.
fn without(secret: &str, mut text: String) -> String {
    const REDACTED: &str = "[token]";
    let mut from = 0;
    while !secret.is_empty()
        && let Some(place) = text[from..].to_ascii_lowercase().find(&secret.to_ascii_lowercase())
    {
        text.replace_range(from + place..from + place + secret.len(), REDACTED);
        from += place + REDACTED.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_secret_is_taken_out_as_often_as_it_is_there_and_however_it_is_written() {
        let text = "¿SESAME-1? sesame-1sesame-1, sesame".to_owned();
        assert_eq!(without("sesame-1", text), "¿[token]? [token][token], sesame");
    }

    #[test]
    fn a_secret_that_is_a_part_of_its_replacement_comes_to_an_end() {
        assert_eq!(without("token", "VALIDATE TOKEN".to_owned()), "VALIDATE [token]");
        assert_eq!(without("", "VALIDATE TOKEN".to_owned()), "VALIDATE TOKEN");
    }
}
