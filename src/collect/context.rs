//! What the collectors of one operation share. Only a reload of the configuration changes the operation's snapshot
//! elsewhere.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{Timestamp, Zoned};
use parking_lot::{Mutex, MutexGuard};
use serde_json::value::RawValue;
use tokio::sync::watch;

use super::error::PollError;
use super::operation_settings::{OperationSettings, RequestLock};
use super::parse_errors::ParseErrors;
use super::poll_outcome::{PollEnd, PollOutcome, RequestEvent, RequestEventKind};
use super::published::{Published, until_midnight};
use super::quota::{QuotaExhausted, QuotaUsage, daily_quota};
use super::state_file::StateFile;
use super::{ActiveCollector, Plan, build, definition};
use crate::api::ApiError;
use crate::clock::{Clock, ClockReading};
use crate::config::Operation;
use crate::model::{Collector, CollectorStatus, EndpointStats, Reason, Snapshot, SnapshotStore};

/// The time between two warnings about the same field of the same endpoint. The counter counts every error.
const WARNING_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// What the collectors of one operation share.
pub(super) struct OperationContext {
    name: Arc<str>,
    pub(super) clock: Clock,
    pub(super) request_lock: RequestLock,
    /// Replaced when the configuration is reloaded. The tasks of the collectors wait for it.
    settings: watch::Sender<Arc<OperationSettings>>,
    state: Arc<StateFile>,
    published: Mutex<Published>,
    /// The quota, and when it was last used.
    usage: Mutex<(QuotaUsage, ClockReading)>,
    /// When each warning was last logged, by endpoint and subject.
    warned: Mutex<HashMap<(&'static str, &'static str), Instant>>,
    store: Arc<SnapshotStore>,
}

/// The calls of the running day: those that the state file has, and those that it may lack. The plan does not exceed the
/// quota, so neither do the calls that are assumed for it.
pub(super) fn saved_usage(operation: &Operation, clock: &Clock, state: &StateFile) -> QuotaUsage {
    let now = clock.local(&operation.timezone);
    let midnight = now.start_of_day().map_or(now.timestamp(), |midnight| midnight.timestamp());
    let planned_since = |since: Timestamp| {
        let seconds = now.timestamp().duration_since(since.max(midnight)).as_secs().clamp(0, 86_400);
        Plan::of(operation).calls_per_day().saturating_mul(seconds.unsigned_abs()) / 86_400
    };
    let saved = state.operation(&operation.name).quota;
    let lost_since = state.lost_since().filter(|_| saved.is_some());
    let mut usage = saved.unwrap_or_else(|| QuotaUsage::new(now.date(), 0));
    usage.roll_over(now.date(), false);
    if state.has_damaged_quota(&operation.name) {
        usage.assume(planned_since(midnight));
    } else if let Some(since) = lost_since {
        usage.assume(planned_since(since));
    }
    usage
}

impl fmt::Debug for OperationContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperationContext").field("settings", &self.settings()).finish_non_exhaustive()
    }
}

impl OperationContext {
    pub(super) fn new(
        settings: OperationSettings,
        clock: Clock,
        state: Arc<StateFile>,
        store: Arc<SnapshotStore>,
        (usage, snapshot): (QuotaUsage, Snapshot),
    ) -> Self {
        Self {
            name: Arc::clone(&settings.config.name),
            request_lock: RequestLock::default(),
            settings: watch::Sender::new(Arc::new(settings)),
            published: Mutex::new(Published::new(snapshot)),
            usage: Mutex::new((usage, clock.reading())),
            warned: Mutex::new(HashMap::new()),
            clock,
            state,
            store,
        }
    }

    /// The operation's name.
    pub(super) fn operation(&self) -> &str {
        &self.name
    }

    /// The newest settings.
    pub(super) fn settings(&self) -> Arc<OperationSettings> {
        Arc::clone(&self.settings.borrow())
    }

    /// A receiver whose `changed()` completes when there are new settings.
    pub(super) fn subscribe(&self) -> watch::Receiver<Arc<OperationSettings>> {
        self.settings.subscribe()
    }

    /// Whether a poll of `collector` that started with `settings` may make another call. If not, the access has changed
    /// or the collector is switched off.
    pub(super) fn may_call(&self, settings: &OperationSettings, collector: Collector) -> bool {
        let newest = self.settings.borrow();
        newest.has_access_of(settings) && newest.config.collectors.cadence(collector).is_some()
    }

    /// What it publishes. While it is locked, no poll can publish.
    pub(super) fn published(&self) -> MutexGuard<'_, Published> {
        self.published.lock()
    }

    /// Lets the next polls use new settings.
    pub(super) fn set_settings(&self, settings: Arc<OperationSettings>) {
        self.settings.send_replace(settings);
    }

    /// Local time of the operation.
    pub(super) fn now(&self) -> Zoned {
        self.clock.local(&self.settings().config.timezone)
    }

    /// The time until the next local day.
    pub(super) fn until_midnight(&self) -> Duration {
        until_midnight(&self.clock, &self.settings().config.timezone)
    }

    /// Counts a call against the quota, in memory and on disk. Must come before the call.
    pub(super) async fn consume_quota(&self, endpoint: &'static str) -> Result<(), PollError> {
        let today = self.now().date();
        let limit = daily_quota(self.settings().config.licenses);
        let (result, usage) = {
            let (usage, last) = &mut *self.usage.lock();
            let was_set = !self.clock.step_since(std::mem::replace(last, self.clock.reading())).is_zero();
            (usage.try_consume(today, was_set, limit), usage.clone())
        };
        {
            let day_ends = self.clock.instant() + self.until_midnight();
            let quota = &mut self.published.lock().snapshot.quota;
            (quota.date, quota.used, quota.day_ends) = (usage.date, usage.used, day_ends);
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
        if let Some(stats) = self.published.lock().endpoint(endpoint) {
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
    pub(super) fn build_collector(&self, name: Collector, operation: &Operation) -> Option<ActiveCollector> {
        let mut active = build(name, operation)?;
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
    pub(super) fn record_panic(
        &self,
        active: &ActiveCollector,
        settings: &OperationSettings,
        took: Duration,
    ) -> PollError {
        let endpoint = (definition(active.name).endpoint_stats)().endpoint;
        self.update_stats(endpoint, |stats| stats.count_failure(Reason::Internal));
        let error = PollError::Failed(ApiError::internal("the poll panicked"));
        let outcome = PollOutcome::failed(active.collector.requests(), &error);
        self.finish(active.name, settings, outcome, took);
        error
    }

    /// Writes the results of a poll that started with `settings` into the snapshot, publishes it, and logs what changed.
    /// Does nothing if the collector is switched off or shows its values in another way by now.
    pub(super) fn finish(
        &self,
        collector: Collector,
        settings: &OperationSettings,
        outcome: PollOutcome,
        took: Duration,
    ) {
        let now = self.clock.instant();
        let (at, today) = (self.clock.wall(), self.now().date());
        let end = PollEnd { at, now, today, midnight: now + self.until_midnight(), took };
        let (before, after, events) = {
            let snapshot = &mut self.published.lock().snapshot;
            let newest = &self.settings().config.collectors;
            let Some(cadence) = newest.cadence(collector) else { return };
            if !newest.shows_values_like(&settings.config.collectors, collector) {
                return;
            }
            let of = |snapshot: &Snapshot| snapshot.collectors.iter().find(|status| status.name == collector).cloned();
            let before = of(snapshot);
            let events = outcome.apply(snapshot, collector, cadence, &end);
            self.store.publish(snapshot.clone());
            (before, of(snapshot), events)
        };
        if let (Some(before), Some(after)) = (before, after) {
            self.log_poll(&before, &after);
            self.log_requests(collector, &before, &after, events);
        }
    }

    fn log_poll(&self, before: &CollectorStatus, after: &CollectorStatus) {
        let (operation, collector) = (self.operation(), after.name);
        let rows = after.rows().unwrap_or_default();
        match &after.failure {
            Some(failure) => {
                let (reason, message) = (failure.reason_text(), &failure.message);
                tracing::warn!(%operation, %collector, reason, "poll failed: {message}");
            }
            None if before.last_success().is_none() => {
                tracing::info!(%operation, %collector, rows, "first poll succeeded");
            }
            None if before.failure.is_some() => tracing::info!(%operation, %collector, rows, "poll succeeded again"),
            None => {
                let took_seconds = after.duration.unwrap_or_default().as_secs_f64();
                tracing::debug!(%operation, %collector, took_seconds, "poll succeeded");
            }
        }
    }

    /// Logs what happened to single requests. A failure or success of the whole poll is logged once and not for each.
    fn log_requests(
        &self,
        collector: Collector,
        before: &CollectorStatus,
        after: &CollectorStatus,
        events: Vec<RequestEvent>,
    ) {
        let operation = self.operation();
        for RequestEvent { key, kind } in events {
            match kind {
                RequestEventKind::Failed(failure) if after.failure.is_none() => {
                    let (reason, message) = (failure.reason_text(), &failure.message);
                    tracing::warn!(
                        %operation, %collector, request = %key, reason,
                        "one request of the poll failed, the others did not: {message} (logged again when it changes)"
                    );
                }
                RequestEventKind::SucceededAgain if before.failure.is_none() => {
                    tracing::info!(%operation, %collector, request = %key, "the request succeeded again");
                }
                RequestEventKind::BecameEmpty(earlier) => {
                    tracing::warn!(
                        %operation, %collector, request = %key, earlier,
                        "wolkvox sent no rows, although it sent some earlier today; the earlier values stay until they \
                         are too old or the day ends"
                    );
                }
                RequestEventKind::Failed(_) | RequestEventKind::SucceededAgain => {}
            }
        }
    }
}
