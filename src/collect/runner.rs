//! Keeps the collectors polling: one task each, which never ends by itself.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::context::{self, OperationContext};
use super::error::PollError;
use super::poll_context::PollContext;
use super::poll_outcome::{PollOutcome, PollResult};
use super::schedule::Schedule;
use super::state_file::StateFile;
use super::{ActiveCollector, ReportCollector};
use crate::api::Transport;
use crate::clock::Clock;
use crate::config::Operation;
use crate::model::{Collector, Reason, SnapshotStore};

/// The time between the first polls of two operations, because several of them may share one of wolkvox's servers.
const STAGGER: Duration = Duration::from_millis(20);

/// The first poll of a new day's quota comes at a random time of this length after midnight.
const MAX_DELAY_AFTER_MIDNIGHT: Duration = Duration::from_secs(60);

/// The time between two checks of the clock while a collector waits for the next day.
const CLOCK_CHECK_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// The time between two looks at the token file while a collector waits because its token was refused. A person who
/// has replaced the token should not have to wait for the end of the back-off or restart the exporter.
const TOKEN_CHECK_INTERVAL: Duration = Duration::from_secs(15);

/// An operation and its collectors, ready to poll.
#[derive(Debug)]
pub struct OperationPoller {
    pub(super) context: Arc<OperationContext>,
    pub(super) collectors: Vec<ActiveCollector>,
}

/// Builds the store and one poller per operation. The collectors continue with the state that the state file has.
pub fn build_pollers(
    operations: &[(Operation, Arc<dyn Transport>)],
    clock: &Clock,
    state: &Arc<StateFile>,
) -> (Arc<SnapshotStore>, Vec<OperationPoller>) {
    let start = |(operation, _): &(Operation, _)| {
        let usage = context::saved_usage(operation, clock, state);
        let snapshot = context::initial_snapshot(operation, clock, &usage);
        (usage, snapshot)
    };
    let starts: Vec<_> = operations.iter().map(start).collect();
    let store = Arc::new(SnapshotStore::new(starts.iter().map(|(_, snapshot)| snapshot.clone()).collect()));
    let pollers = operations.iter().zip(starts).map(|((operation, transport), start)| {
        let (transport, state, store) = (Arc::clone(transport), Arc::clone(state), Arc::clone(&store));
        let context = Arc::new(OperationContext::new(operation, transport, clock.clone(), state, store, start));
        let collectors = Collector::ALL.into_iter().filter_map(|name| context.build_collector(name)).collect();
        OperationPoller { context, collectors }
    });
    let pollers = pollers.collect();
    (store, pollers)
}

/// The running collectors. Dropping it stops them, also in the middle of a call.
#[derive(Debug)]
pub struct PollerTasks(#[expect(dead_code, reason = "held for its drop")] JoinSet<()>);

impl PollerTasks {
    /// Starts every collector of every operation.
    pub fn start(pollers: Vec<OperationPoller>) -> Self {
        let mut tasks = JoinSet::new();
        for (index, poller) in (0_u32..).zip(pollers) {
            for active in poller.collectors {
                let context = Arc::clone(&poller.context);
                tasks.spawn(async move {
                    tokio::time::sleep(STAGGER * index).await;
                    keep_polling(&context, active).await;
                });
            }
        }
        Self(tasks)
    }
}

/// Polls every collector of every operation once, the operations concurrently.
pub async fn poll_once(pollers: Vec<OperationPoller>) {
    futures_util::future::join_all(pollers.into_iter().map(|poller| async move {
        for mut active in poller.collectors {
            // The failure is in the snapshot.
            let _ = poll(&poller.context, &mut active).await;
        }
    }))
    .await;
}

async fn keep_polling(context: &OperationContext, mut active: ActiveCollector) {
    let mut schedule = Schedule::new(active.cadence.interval, context.clock.instant(), fastrand::f64());
    loop {
        let result = poll_or_rebuild(context, &mut active).await;
        let now = context.clock.instant();
        let next = match result {
            Ok(()) => schedule.after_success(now),
            Err(PollError::QuotaUsedUp { .. }) => {
                wait_for_next_day(context).await;
                continue;
            }
            Err(PollError::Failed(error)) => {
                let next = schedule.after_failure(now, &error, fastrand::f64());
                // A server that asked for a longer wait gets it, also if the token is a new one.
                if error.reason == Reason::Unauthorized && error.retry_after.is_none() {
                    wait_for_new_token(context, next).await;
                    continue;
                }
                // A new day has a new quota, so a wait that goes beyond midnight would be too long.
                if error.reason == Reason::Quota { next.min(now + until_midnight(context)) } else { next }
            }
        };
        sleep_until(Instant::from_std(next)).await;
    }
}

/// Polls once. After a panic the collector is rebuilt, because its state may be half changed.
async fn poll_or_rebuild(context: &OperationContext, active: &mut ActiveCollector) -> Result<(), PollError> {
    let started = context.clock.instant();
    // The assertion holds: the collector is replaced after a panic, and the context's locks guard values that are
    // consistent after every single change.
    let polling = AssertUnwindSafe(poll(context, active)).catch_unwind();
    if let Ok(result) = polling.await {
        return result;
    }
    // Without a state file its counters start from zero, as after a restart: nothing is counted twice.
    if let Some(rebuilt) = context.build_collector(active.name) {
        *active = rebuilt;
    }
    let took = context.clock.instant().duration_since(started);
    Err(context.record_panic(active, took))
}

async fn poll(context: &OperationContext, active: &mut ActiveCollector) -> Result<(), PollError> {
    let ActiveCollector { name, cadence, collector } = active;
    let started = context.clock.instant();
    let outcome = make_requests(context, collector.as_mut()).await;
    let took = context.clock.instant().duration_since(started);
    // Saved before it is published: calls that Prometheus has seen must not be counted again after a crash.
    if context.saves_state()
        && outcome.results.iter().any(Result::is_ok)
        && let Some(state) = collector.state()
    {
        context.save_state(*name, state).await;
    }
    let failure = outcome.failure.clone();
    context.finish(*name, *cadence, outcome, took);
    failure.map_or(Ok(()), Err)
}

/// Makes the requests of a poll, one after the other. It ends early after a failure that the next request would have
/// too.
async fn make_requests(context: &OperationContext, collector: &mut dyn ReportCollector) -> PollOutcome {
    let count = collector.requests().len();
    let mut results: Vec<Result<PollResult, PollError>> = Vec::with_capacity(count);
    let mut has_timed_out = false;
    for request in 0..count {
        let local_start = context.now().datetime();
        let mut poll = PollContext::new(context);
        match collector.poll(request, &mut poll).await {
            Ok(report) => results.push(Ok(PollResult { report, rows: poll.rows(), started: local_start })),
            // One report may be too slow, but a server that does not respond must not delay the poll by a minute for
            // each request.
            Err(error) if error.concerns_all_requests() || error.is_timeout() && has_timed_out => {
                results.resize_with(count, || Err(error.clone()));
                return PollOutcome { results, failure: Some(error) };
            }
            Err(error) => {
                has_timed_out |= error.is_timeout();
                results.push(Err(error));
            }
        }
    }
    let failure =
        if results.iter().any(Result::is_ok) { None } else { results.last().and_then(|r| r.as_ref().err().cloned()) };
    PollOutcome { results, failure }
}

/// Waits until `end`, or until there is another token than the refused one.
async fn wait_for_new_token(context: &OperationContext, end: std::time::Instant) {
    while let Some(left) = end.checked_duration_since(context.clock.instant()).filter(|left| !left.is_zero()) {
        tokio::time::sleep(left.min(TOKEN_CHECK_INTERVAL)).await;
        if context.transport.has_new_token().await {
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
