//! Keeps the collectors polling: one task each, which never ends by itself.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::time::sleep_until;

use super::context::OperationContext;
use super::error::PollError;
use super::operation_settings::OperationSettings;
use super::poll_context::PollContext;
use super::poll_outcome::{PollOutcome, PollResult};
use super::schedule::Schedule;
use super::{ActiveCollector, build};
use crate::model::Reason;

/// The first poll of a new day's quota comes at a random time of this length after midnight.
const MAX_DELAY_AFTER_MIDNIGHT: Duration = Duration::from_secs(60);

/// The time between two checks of the clock while a collector waits for the next day.
const CLOCK_CHECK_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// The time between two looks at the token file while a collector waits because its token was refused. A person who
/// has replaced the token should not have to wait for the end of the back-off or restart the exporter.
const TOKEN_CHECK_INTERVAL: Duration = Duration::from_secs(15);

/// Polls every collector of an operation once.
pub(super) async fn poll_all_once(context: &OperationContext, collectors: Vec<ActiveCollector>) {
    let settings = context.settings();
    for mut active in collectors {
        // The failure is in the snapshot.
        let _ = poll(context, &settings, &mut active).await;
    }
}

/// When a collector polls next.
#[derive(Clone, Copy, Debug)]
enum Wait {
    /// At this time.
    Until(Instant),
    /// At this time, or earlier if there is another token than the refused one.
    ForNewToken(Instant),
    /// On the next local day.
    ForNextDay,
}

/// One collector and the times of its polls.
struct CollectorTask {
    context: Arc<OperationContext>,
    /// Those that `active` was built with.
    settings: Arc<OperationSettings>,
    active: ActiveCollector,
    /// False while the configuration has it switched off. It keeps its counters and its grid.
    is_on: bool,
    schedule: Schedule,
    /// Whether a poll was made to its end.
    has_polled: bool,
    /// When its last poll started.
    last_start: Option<Instant>,
    last_result: Result<(), PollError>,
    wait: Wait,
}

/// Polls one collector for ever. `settings` are those that it was built with.
pub(super) async fn keep_polling(
    context: Arc<OperationContext>,
    settings: Arc<OperationSettings>,
    active: ActiveCollector,
    delay: Duration,
) {
    let start = context.clock.instant() + delay;
    let mut changes = context.subscribe();
    let mut task = CollectorTask {
        schedule: Schedule::new(active.cadence.interval, start, fastrand::f64()),
        context,
        settings,
        active,
        is_on: true,
        has_polled: false,
        last_start: None,
        last_result: Ok(()),
        wait: Wait::Until(start),
    };
    loop {
        let newest = Arc::clone(&changes.borrow_and_update());
        if !Arc::ptr_eq(&newest, &task.settings) {
            task.change_settings(newest);
        }
        // An error means that the context was dropped, but the task has it.
        tokio::select! {
            biased;
            _ = changes.changed() => {}
            () = task.wait.over(&task.context, &task.settings), if task.is_on => task.poll().await,
        }
    }
}

impl CollectorTask {
    async fn poll(&mut self) {
        let started = self.context.clock.instant();
        self.last_start = Some(started);
        let result = poll_or_rebuild(&self.context, &self.settings, &mut self.active).await;
        let now = self.context.clock.instant();
        self.wait = match &result {
            Ok(()) => Wait::Until(self.schedule.after_success(now)),
            // Without a value so far, the new access is tried at once.
            Err(PollError::Reloaded) if !self.has_polled => Wait::Until(now),
            Err(PollError::Reloaded) => Wait::Until(self.schedule.next_tick(now)),
            Err(PollError::QuotaUsedUp { .. }) => Wait::ForNextDay,
            Err(PollError::Failed(error)) => {
                let next = self.schedule.after_failure(now, error, fastrand::f64());
                match error.reason {
                    // A server that asked for a longer wait gets it, also if the token is a new one.
                    Reason::Unauthorized if error.retry_after.is_none() => Wait::ForNewToken(next),
                    // A new day has a new quota, so a wait that goes beyond midnight would be too long.
                    Reason::Quota => Wait::Until(next.min(now + until_midnight(&self.context))),
                    _ => Wait::Until(next),
                }
            }
        };
        self.has_polled |= !matches!(result, Err(PollError::Reloaded));
        self.last_result = result;
    }

    /// Continues with other settings. The grid of the polls stays if the interval is the same.
    fn change_settings(&mut self, newest: Arc<OperationSettings>) {
        let old = std::mem::replace(&mut self.settings, newest);
        let Some(mut changed) = build(self.active.name, &self.settings.config) else {
            self.is_on = false;
            return;
        };
        self.is_on = true;
        changed.collector.continue_from(self.active.collector.as_mut());
        let before = std::mem::replace(&mut self.active, changed);
        let now = self.context.clock.instant();
        let last_failure = match &self.last_result {
            Err(PollError::Failed(error)) => Some(error),
            _ => None,
        };
        let must_wait = last_failure.is_some_and(|error| error.retry_after.is_some());
        if before.cadence.interval != self.active.cadence.interval {
            let start = self.last_start.unwrap_or(now);
            self.schedule.change_interval(self.active.cadence.interval, start, fastrand::f64());
            let tick = self.schedule.next_tick(now);
            self.wait = match self.wait {
                _ if self.last_start.is_none() || must_wait => self.wait,
                // Never later than before, because the failure may be over.
                Wait::Until(next) if last_failure.is_some() => Wait::Until(next.min(tick)),
                Wait::Until(_) => Wait::Until(tick),
                Wait::ForNewToken(next) => Wait::ForNewToken(next.min(tick)),
                Wait::ForNextDay => Wait::ForNextDay,
            };
        }
        // Somebody has changed the server, the proxy or the token, which may be what the failed poll needed.
        let is_other_server = old.config.base_url != self.settings.config.base_url;
        let may_succeed = last_failure.is_some() && (!must_wait || is_other_server);
        // More licenses have a larger quota. If it is used up as well, the poll makes no call.
        let has_other_quota = old.config.licenses != self.settings.config.licenses;
        if may_succeed && !self.settings.has_access_of(&old) || matches!(self.wait, Wait::ForNextDay) && has_other_quota
        {
            self.wait = Wait::Until(now);
        }
    }
}

impl Wait {
    async fn over(self, context: &OperationContext, settings: &OperationSettings) {
        match self {
            Self::Until(at) => sleep_until(tokio::time::Instant::from_std(at)).await,
            Self::ForNewToken(end) => wait_for_new_token(context, settings, end).await,
            Self::ForNextDay => wait_for_next_day(context).await,
        }
    }
}

/// Polls once. After a panic the collector is rebuilt, because its state may be half changed.
async fn poll_or_rebuild(
    context: &OperationContext,
    settings: &OperationSettings,
    active: &mut ActiveCollector,
) -> Result<(), PollError> {
    let started = context.clock.instant();
    // The assertion holds: the collector is replaced after a panic, and the context's locks guard values that are
    // consistent after every single change.
    let polling = AssertUnwindSafe(poll(context, settings, active)).catch_unwind();
    if let Ok(result) = polling.await {
        return result;
    }
    // Without a state file its counters start from zero, as after a restart: nothing is counted twice.
    if let Some(rebuilt) = context.build_collector(active.name, &settings.config) {
        *active = rebuilt;
    }
    let took = context.clock.instant().duration_since(started);
    Err(context.record_panic(active, settings, took))
}

async fn poll(
    context: &OperationContext,
    settings: &OperationSettings,
    active: &mut ActiveCollector,
) -> Result<(), PollError> {
    let started = context.clock.instant();
    let outcome = make_requests(context, settings, active).await;
    let took = context.clock.instant().duration_since(started);
    let failure = outcome.failure.clone();
    if failure == Some(PollError::Reloaded) {
        // The rest of the requests was not made, so the values would be those of a part only.
        return Err(PollError::Reloaded);
    }
    // Saved before it is published: calls that Prometheus has seen must not be counted again after a crash.
    if context.saves_state()
        && outcome.results.iter().any(|(_, result)| result.is_ok())
        && let Some(state) = active.collector.state()
    {
        context.save_state(active.name, state).await;
    }
    context.finish(active.name, settings, outcome, took);
    failure.map_or(Ok(()), Err)
}

/// Makes the requests of a poll, one after the other. It ends early after a failure that the next request would have
/// too.
async fn make_requests(
    context: &OperationContext,
    settings: &OperationSettings,
    active: &mut ActiveCollector,
) -> PollOutcome {
    let requests = active.collector.requests();
    let mut results: Vec<Result<PollResult, PollError>> = Vec::with_capacity(requests.len());
    let mut failure = None;
    let mut has_timed_out = false;
    for request in 0..requests.len() {
        let local_start = context.now().datetime();
        let mut poll = PollContext::new(context, settings, active.name);
        match active.collector.poll(request, &mut poll).await {
            Ok(report) => results.push(Ok(PollResult { report, rows: poll.rows(), started: local_start })),
            // One report may be too slow, but a server that does not respond must not delay the poll by a minute for
            // each request.
            Err(error) if error.concerns_all_requests() || error.is_timeout() && has_timed_out => {
                results.resize_with(requests.len(), || Err(error.clone()));
                failure = Some(error);
                break;
            }
            Err(error) => {
                has_timed_out |= error.is_timeout();
                results.push(Err(error));
            }
        }
    }
    if !results.iter().any(Result::is_ok) {
        failure = results.last().and_then(|result| result.as_ref().err().cloned());
    }
    PollOutcome { results: requests.into_iter().zip(results).collect(), failure }
}

/// Waits until `end`, or until there is another token than the refused one.
async fn wait_for_new_token(context: &OperationContext, settings: &OperationSettings, end: Instant) {
    while let Some(left) = end.checked_duration_since(context.clock.instant()).filter(|left| !left.is_zero()) {
        tokio::time::sleep(left.min(TOKEN_CHECK_INTERVAL)).await;
        if settings.transport.has_new_token().await {
            return;
        }
    }
}

/// Waits for the next local day. It checks the clock repeatedly, because timers do not advance while a machine sleeps
/// and do not notice when the clock is set.
async fn wait_for_next_day(context: &OperationContext) {
    let today = context.now().date();
    while context.now().date() == today {
        tokio::time::sleep(until_midnight(context).min(CLOCK_CHECK_INTERVAL)).await;
    }
}

fn until_midnight(context: &OperationContext) -> Duration {
    context.until_midnight() + MAX_DELAY_AFTER_MIDNIGHT.mul_f64(fastrand::f64())
}
