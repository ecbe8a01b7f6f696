//! The tasks that poll, one for each collector of each operation, and how a reload of the configuration changes them.
//!
//! A reload ends no task and drops no call. Each task looks at the newest settings of its operation before it polls, and
//! a poll that has begun ends after the call in flight if the next call would not be allowed any more. An operation that
//! was removed keeps its counters and its lock, so that it continues when it is added again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::MutexGuard;
use tokio::task::JoinSet;

use super::context::{self, OperationContext};
use super::operation_settings::{OperationSettings, RequestLock};
use super::published::{Published, initial_snapshot};
use super::runner::{keep_polling, poll_all_once};
use super::state_file::StateFile;
use super::{ActiveCollector, active};
use crate::api::Transport;
use crate::clock::Clock;
use crate::config::Operation;
use crate::model::{Collector, DurationHistogram, Snapshot, SnapshotStore, StoreEntry};

/// The time between the first polls of two operations, because several of them may share one of wolkvox's servers.
const STAGGER: Duration = Duration::from_millis(20);

/// An operation and its access to wolkvox.
pub type OperationWithAccess = (Operation, Arc<dyn Transport>);

/// An operation and its collectors, ready to poll.
#[derive(Debug)]
pub struct OperationPoller {
    pub(super) context: Arc<OperationContext>,
    pub(super) collectors: Vec<ActiveCollector>,
}

/// Builds the store and one poller per operation. The collectors continue with the state that the state file has.
pub fn build_pollers(
    operations: &[OperationWithAccess],
    clock: &Clock,
    state: &Arc<StateFile>,
) -> (Arc<SnapshotStore>, Vec<OperationPoller>) {
    let start = |(operation, _): &OperationWithAccess| {
        let usage = context::saved_usage(operation, clock, state);
        let snapshot = initial_snapshot(operation, clock, &usage);
        (usage, snapshot)
    };
    let starts: Vec<_> = operations.iter().map(start).collect();
    let store = Arc::new(SnapshotStore::new(starts.iter().map(|(_, snapshot)| snapshot.clone()).collect()));
    let pollers = operations.iter().zip(starts).map(|((operation, transport), start)| {
        let settings = OperationSettings::new(operation.clone(), Arc::clone(transport));
        let (state, store) = (Arc::clone(state), Arc::clone(&store));
        OperationPoller::new(OperationContext::new(settings, clock.clone(), state, store, start))
    });
    let pollers = pollers.collect();
    (store, pollers)
}

impl OperationPoller {
    fn new(context: OperationContext) -> Self {
        let settings = context.settings();
        let build = |name| context.build_collector(name, &settings.config);
        let collectors = Collector::ALL.into_iter().filter_map(build).collect();
        Self { context: Arc::new(context), collectors }
    }
}

/// Polls every collector of every operation once, the operations concurrently.
pub async fn poll_once(pollers: Vec<OperationPoller>) {
    let polls =
        pollers.into_iter().map(|poller| async move { poll_all_once(&poller.context, poller.collectors).await });
    futures_util::future::join_all(polls).await;
}

/// The running collectors. Dropping it stops them, also in the middle of a call.
#[derive(Debug)]
pub struct PollerTasks {
    tasks: JoinSet<()>,
    /// Every operation since the start, also those that a reload removed.
    operations: HashMap<Arc<str>, RunningOperation>,
}

#[derive(Debug)]
struct RunningOperation {
    context: Arc<OperationContext>,
    /// The collectors that have a task, also if they are switched off now.
    with_task: BTreeSet<Collector>,
}

/// What a reload does to an operation that exists already.
struct Change {
    context: Arc<OperationContext>,
    old: Arc<OperationSettings>,
    new: Arc<OperationSettings>,
}

impl PollerTasks {
    /// Starts every collector of every operation.
    pub fn start(pollers: Vec<OperationPoller>) -> Self {
        let mut all = Self { tasks: JoinSet::new(), operations: HashMap::new() };
        for (index, poller) in (0_u32..).zip(pollers) {
            all.start_operation(poller, STAGGER * index);
        }
        all
    }

    /// The configuration of an operation that polls, and its access to wolkvox.
    pub fn operation(&self, name: &str) -> Option<OperationWithAccess> {
        let settings = self.operations.get(name)?.context.settings();
        Some((settings.config.clone(), Arc::clone(&settings.transport)))
    }

    /// Polls these operations from now on and shows them in this order.
    ///
    /// An operation with the same configuration and the same transport as before is not touched. One whose configuration
    /// has changed keeps its counters, its calls of the day, its lock and the times of its polls, and it keeps its
    /// requests in flight. A new one starts as [`PollerTasks::start`] does. The others poll no more, and their snapshots
    /// are removed from the store.
    pub fn replace(
        &mut self,
        operations: Vec<OperationWithAccess>,
        clock: &Clock,
        state: &Arc<StateFile>,
        store: &Arc<SnapshotStore>,
    ) {
        let mut entries = Vec::new();
        let (mut changes, mut added) = (BTreeMap::new(), Vec::new());
        for (operation, transport) in operations {
            let name = Arc::clone(&operation.name);
            let Some(known) = self.operations.get(&name) else {
                let predecessors = self.predecessors(&operation);
                let settings = OperationSettings::after(operation, transport, predecessors);
                let usage = context::saved_usage(&settings.config, clock, state);
                let snapshot = initial_snapshot(&settings.config, clock, &usage);
                entries.push(StoreEntry::Replaced(snapshot.clone()));
                let (state, store) = (Arc::clone(state), Arc::clone(store));
                let context = OperationContext::new(settings, clock.clone(), state, store, (usage, snapshot));
                added.push(OperationPoller::new(context));
                continue;
            };
            let old = known.context.settings();
            entries.push(StoreEntry::Unchanged(Arc::clone(&name)));
            if !Arc::ptr_eq(&old.transport, &transport) || old.config != operation {
                let predecessors = self.predecessors(&operation);
                let new = Arc::new(OperationSettings::after(operation, transport, predecessors));
                changes.insert(name, Change { context: Arc::clone(&known.context), old, new });
            }
        }
        let is_in_store =
            |entry: &StoreEntry, name: &Arc<str>| matches!(entry, StoreEntry::Unchanged(it) if it == name);
        let removed: Vec<Arc<str>> =
            self.operations.keys().filter(|name| !entries.iter().any(|it| is_in_store(it, name))).cloned().collect();
        for name in removed {
            let Some(known) = self.operations.get(&name) else { continue };
            let old = known.context.settings();
            let new = Arc::new(old.switched_off());
            changes.insert(name, Change { context: Arc::clone(&known.context), old, new });
        }
        self.publish(&changes, entries, clock, store);
        for change in changes.into_values() {
            self.start_missing_collectors(&change.context, &change.new);
        }
        for (index, poller) in (0_u32..).zip(added) {
            self.start_operation(poller, STAGGER * index);
        }
    }

    /// Applies the changes to the snapshots and settings of operations that exist already, all at once.
    fn publish(
        &self,
        changes: &BTreeMap<Arc<str>, Change>,
        entries: Vec<StoreEntry>,
        clock: &Clock,
        store: &SnapshotStore,
    ) {
        // All are locked until the end, so that no poll publishes the old form of a snapshot in between.
        let mut locked: BTreeMap<&Arc<str>, MutexGuard<'_, Published>> =
            changes.iter().map(|(name, change)| (name, change.context.published())).collect();
        for (name, published) in &mut locked {
            let Change { old, new, .. } = &changes[*name];
            published.apply(&old.config, &new.config, clock);
        }
        let snapshot_of = |name: &Arc<str>| -> Option<Snapshot> { Some(locked.get(name)?.snapshot.clone()) };
        let entries = entries.into_iter().map(|entry| match entry {
            StoreEntry::Unchanged(name) => snapshot_of(&name).map_or(StoreEntry::Unchanged(name), StoreEntry::Replaced),
            entry @ StoreEntry::Replaced(_) => entry,
        });
        let entries = entries.collect();
        let mut removed_durations: BTreeMap<&'static str, DurationHistogram> = BTreeMap::new();
        let mut add = |published: &Published| {
            for (endpoint, durations) in published.hidden_durations() {
                removed_durations.entry(endpoint).or_default().merge(durations);
            }
        };
        for (name, operation) in &self.operations {
            match locked.get(name) {
                Some(published) => add(published),
                None => add(&operation.context.published()),
            }
        }
        store.replace(entries, removed_durations.into_iter().collect());
        for change in changes.values() {
            change.context.set_settings(Arc::clone(&change.new));
        }
    }

    /// The locks of the other operations whose calls have used the token of `operation` until now.
    fn predecessors(&self, operation: &Operation) -> Vec<RequestLock> {
        let others = self.operations.iter().filter(|(name, _)| **name != operation.name);
        let with_token = others.filter(|(_, other)| other.context.settings().has_token_of(operation));
        with_token.map(|(_, other)| Arc::clone(&other.context.request_lock)).collect()
    }

    fn start_operation(&mut self, poller: OperationPoller, delay: Duration) {
        let OperationPoller { context, collectors } = poller;
        let with_task = collectors.iter().map(|active| active.name).collect();
        for active in collectors {
            self.tasks.spawn(keep_polling(Arc::clone(&context), context.settings(), active, delay));
        }
        self.operations.insert(context.operation().into(), RunningOperation { context, with_task });
    }

    /// Starts the collectors that were never switched on before. The others have a task that waits.
    fn start_missing_collectors(&mut self, context: &Arc<OperationContext>, settings: &Arc<OperationSettings>) {
        let Some(operation) = self.operations.get_mut(context.operation()) else { return };
        for ActiveCollector { name, .. } in active(&settings.config) {
            if operation.with_task.insert(name)
                && let Some(active) = context.build_collector(name, &settings.config)
            {
                let polling = keep_polling(Arc::clone(context), Arc::clone(settings), active, Duration::ZERO);
                self.tasks.spawn(polling);
            }
        }
    }
}
