//! Keeps the collectors polling: one task each, none of which ever ends by itself.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::desk::{self, Desk};
use super::schedule::Schedule;
use super::session::{Session, Stop};
use super::state_file::StateFile;
use super::{Collector, Enabled, enabled};
use crate::api::{ApiError, Transport};
use crate::clock::Clock;
use crate::config::{Cadence, Operation};
use crate::model::{CollectorName, Reason, SnapshotStore};

/// Between the first polls of two operations: several of them may share one of wolkvox's servers.
const STAGGER: Duration = Duration::from_millis(20);

/// Until how long after midnight the first poll of a new day's quota is put off, by chance.
const AFTER_MIDNIGHT: Duration = Duration::from_secs(60);

/// Between two looks at the clock while the next day is awaited.
const RECHECK: Duration = Duration::from_secs(5 * 60);

/// An operation, its collectors, and how they reach wolkvox.
pub struct Post {
    desk: Arc<Desk>,
    collectors: Vec<Enabled>,
}

/// Makes the store and one desk an operation; its collectors remember what the state file has of them.
pub fn desks(
    operations: &[(Operation, Arc<dyn Transport>)],
    clock: &Clock,
    state: &Arc<StateFile>,
) -> (Arc<SnapshotStore>, Vec<Post>) {
    let snapshots = operations.iter().map(|(operation, _)| desk::initial(operation, clock, state)).collect();
    let store = Arc::new(SnapshotStore::new(snapshots));
    let posts = operations.iter().map(|(operation, transport)| {
        let (transport, state, store) = (Arc::clone(transport), Arc::clone(state), Arc::clone(&store));
        let desk = Arc::new(Desk::new(operation, transport, clock.clone(), state, store));
        let collectors = enabled(operation).map(|(_, mut enabled)| {
            if let Some(memory) = desk.memory_of(enabled.name) {
                enabled.collector.restore(&memory);
            }
            enabled
        });
        Post { collectors: collectors.collect(), desk }
    });
    let posts = posts.collect();
    (store, posts)
}

/// The running collectors. Dropping it stops them, in the middle of a call if need be.
#[derive(Debug)]
pub struct Pollers(#[expect(dead_code, reason = "held for its drop")] JoinSet<()>);

impl Pollers {
    /// Starts every collector of every operation.
    pub fn start(posts: Vec<Post>) -> Self {
        let mut tasks = JoinSet::new();
        for (place, post) in (0_u32..).zip(posts) {
            for enabled in post.collectors {
                let desk = Arc::clone(&post.desk);
                tasks.spawn(async move {
                    tokio::time::sleep(STAGGER * place).await;
                    keep_polling(&desk, enabled).await;
                });
            }
        }
        Self(tasks)
    }
}

/// Polls every collector of every operation once, operations side by side.
pub async fn poll_once(posts: Vec<Post>) {
    futures_util::future::join_all(posts.into_iter().map(|post| async move {
        for mut enabled in post.collectors {
            let _ = attempt(&post.desk, enabled.name, enabled.cadence, &mut *enabled.collector).await;
        }
    }))
    .await;
}

async fn keep_polling(desk: &Desk, enabled: Enabled) {
    let Enabled { name, cadence, mut collector, .. } = enabled;
    let mut schedule = Schedule::new(cadence.interval, desk.clock.instant(), fastrand::f64());
    loop {
        let attempting = AssertUnwindSafe(attempt(desk, name, cadence, &mut *collector)).catch_unwind();
        let outcome = attempting.await.unwrap_or_else(|_| {
            let bug = Stop::Failed(ApiError::new(
                Reason::BadJson,
                "the poll ended unexpectedly: please report this as a bug",
            ));
            desk.finish(name, cadence, Err(&bug), Duration::ZERO);
            Err(bug)
        });
        let now = desk.clock.instant();
        let next = match outcome {
            Ok(()) => schedule.after_success(now),
            Err(Stop::QuotaUsedUp { .. }) => {
                past_midnight(desk).await;
                continue;
            }
            Err(Stop::Failed(failure)) => {
                let next = schedule.after_failure(now, &failure, fastrand::f64());
                // A new day has a new quota: waiting longer than midnight would be for nothing.
                if failure.reason == Reason::Quota { next.min(now + until_midnight(desk)) } else { next }
            }
        };
        sleep_until(Instant::from_std(next)).await;
    }
}

async fn attempt(
    desk: &Desk,
    name: CollectorName,
    cadence: Cadence,
    collector: &mut dyn Collector,
) -> Result<(), Stop> {
    let started = desk.clock.instant();
    let mut session = Session::new(desk);
    let outcome = collector.poll(&mut session).await;
    let (rows, took) = (session.rows(), desk.clock.instant().duration_since(started));
    match outcome {
        Ok(report) => {
            // On disk before it is shown: what Prometheus has seen counted must not be counted again after a crash.
            if let Some(memory) = desk.remembers().then(|| collector.memory()).flatten() {
                desk.remember(name, memory).await;
            }
            desk.finish(name, cadence, Ok((report, rows)), took);
            Ok(())
        }
        Err(stop) => {
            desk.finish(name, cadence, Err(&stop), took);
            Err(stop)
        }
    }
}

/// Waits for the next local day. Timers stand still while a machine sleeps and know nothing of a clock that is set, so the
/// clock is asked again and again.
async fn past_midnight(desk: &Desk) {
    let today = desk.now().date();
    while desk.now().date() == today {
        tokio::time::sleep(until_midnight(desk).min(RECHECK)).await;
    }
}

fn until_midnight(desk: &Desk) -> Duration {
    let midnight = desk.now().tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
    let wait = midnight.map_or(Duration::from_secs(60 * 60), |midnight| desk.clock.until(midnight.timestamp()));
    wait + AFTER_MIDNIGHT.mul_f64(fastrand::f64())
}
