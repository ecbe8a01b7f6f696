//! Keeps the collectors polling: one task each, none of which ever ends by itself.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::context::{self, OperationContext};
use super::poll_context::{PollContext, PollError};
use super::schedule::Schedule;
use super::state_file::StateFile;
use super::{ActiveCollector, ReportCollector, active};
use crate::api::{ApiError, Transport};
use crate::clock::Clock;
use crate::config::{Cadence, Operation};
use crate::model::{Collector, Reason, SnapshotStore};

/// Between the first polls of two operations: several of them may share one of wolkvox's servers.
const STAGGER: Duration = Duration::from_millis(20);

/// Until how long after midnight the first poll of a new day's quota is put off, by chance.
const AFTER_MIDNIGHT: Duration = Duration::from_secs(60);

/// Between two looks at the clock while the next day is awaited.
const RECHECK: Duration = Duration::from_secs(5 * 60);

/// An operation, its collectors, and how they reach wolkvox.
pub struct OperationPoller {
    context: Arc<OperationContext>,
    collectors: Vec<ActiveCollector>,
}

/// Makes the store and one context an operation; its collectors remember what the state file has of them.
pub fn build_pollers(
    operations: &[(Operation, Arc<dyn Transport>)],
    clock: &Clock,
    state: &Arc<StateFile>,
) -> (Arc<SnapshotStore>, Vec<OperationPoller>) {
    let snapshots = operations.iter().map(|(operation, _)| context::initial(operation, clock, state)).collect();
    let store = Arc::new(SnapshotStore::new(snapshots));
    let pollers = operations.iter().map(|(operation, transport)| {
        let (transport, state, store) = (Arc::clone(transport), Arc::clone(state), Arc::clone(&store));
        let context = Arc::new(OperationContext::new(operation, transport, clock.clone(), state, store));
        let collectors = active(operation).map(|mut active| {
            if let Some(memory) = context.memory_of(active.name) {
                active.collector.restore(&memory);
            }
            active
        });
        OperationPoller { collectors: collectors.collect(), context }
    });
    let pollers = pollers.collect();
    (store, pollers)
}

/// The running collectors. Dropping it stops them, in the middle of a call if need be.
#[derive(Debug)]
pub struct PollerTasks(#[expect(dead_code, reason = "held for its drop")] JoinSet<()>);

impl PollerTasks {
    /// Starts every collector of every operation.
    pub fn start(pollers: Vec<OperationPoller>) -> Self {
        let mut tasks = JoinSet::new();
        for (place, poller) in (0_u32..).zip(pollers) {
            for enabled in poller.collectors {
                let context = Arc::clone(&poller.context);
                tasks.spawn(async move {
                    tokio::time::sleep(STAGGER * place).await;
                    keep_polling(&context, enabled).await;
                });
            }
        }
        Self(tasks)
    }
}

/// Polls every collector of every operation once, operations side by side.
pub async fn poll_once(pollers: Vec<OperationPoller>) {
    futures_util::future::join_all(pollers.into_iter().map(|poller| async move {
        for mut enabled in poller.collectors {
            let _ = attempt(&poller.context, enabled.name, enabled.cadence, &mut *enabled.collector).await;
        }
    }))
    .await;
}

async fn keep_polling(context: &OperationContext, enabled: ActiveCollector) {
    let ActiveCollector { name, cadence, mut collector, .. } = enabled;
    let mut schedule = Schedule::new(cadence.interval, context.clock.instant(), fastrand::f64());
    loop {
        let attempting = AssertUnwindSafe(attempt(context, name, cadence, &mut *collector)).catch_unwind();
        let outcome = attempting.await.unwrap_or_else(|_| {
            let bug = PollError::Failed(ApiError::new(
                Reason::BadJson,
                "the poll ended unexpectedly: please report this as a bug",
            ));
            context.finish(name, cadence, Err(&bug), Duration::ZERO);
            Err(bug)
        });
        let now = context.clock.instant();
        let next = match outcome {
            Ok(()) => schedule.after_success(now),
            Err(PollError::QuotaUsedUp { .. }) => {
                past_midnight(context).await;
                continue;
            }
            Err(PollError::Failed(failure)) => {
                let next = schedule.after_failure(now, &failure, fastrand::f64());
                // A new day has a new quota: waiting longer than midnight would be for nothing.
                if failure.reason == Reason::Quota { next.min(now + until_midnight(context)) } else { next }
            }
        };
        sleep_until(Instant::from_std(next)).await;
    }
}

async fn attempt(
    context: &OperationContext,
    name: Collector,
    cadence: Cadence,
    collector: &mut dyn ReportCollector,
) -> Result<(), PollError> {
    let started = context.clock.instant();
    let mut poll = PollContext::new(context);
    let outcome = collector.poll(&mut poll).await;
    let (rows, took) = (poll.rows(), context.clock.instant().duration_since(started));
    match outcome {
        Ok(report) => {
            // On disk before it is shown: what Prometheus has seen counted must not be counted again after a crash.
            if let Some(memory) = context.remembers().then(|| collector.memory()).flatten() {
                context.remember(name, memory).await;
            }
            context.finish(name, cadence, Ok((report, rows)), took);
            Ok(())
        }
        Err(stop) => {
            context.finish(name, cadence, Err(&stop), took);
            Err(stop)
        }
    }
}

/// Waits for the next local day. Timers stand still while a machine sleeps and know nothing of a clock that is set, so the
/// clock is asked again and again.
async fn past_midnight(context: &OperationContext) {
    let today = context.now().date();
    while context.now().date() == today {
        tokio::time::sleep(until_midnight(context).min(RECHECK)).await;
    }
}

fn until_midnight(context: &OperationContext) -> Duration {
    let midnight = context.now().tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
    let wait = midnight.map_or(Duration::from_secs(60 * 60), |midnight| context.clock.until(midnight.timestamp()));
    wait + AFTER_MIDNIGHT.mul_f64(fastrand::f64())
}
