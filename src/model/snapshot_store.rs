//! The newest snapshots: collectors publish them here, the other modules read them.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::watch;

use super::{DurationHistogram, Snapshot};

/// The snapshot of every operation, in the order of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Snapshots {
    operations: Vec<Arc<Snapshot>>,
    /// The durations of the calls of operations and collectors that a reload removed, by endpoint. They stay in the
    /// histogram over all operations, because a fall of a counter would look like a restart.
    pub removed_durations: Vec<(&'static str, DurationHistogram)>,
}

/// The operations.
impl Deref for Snapshots {
    type Target = [Arc<Snapshot>];

    fn deref(&self) -> &Self::Target {
        &self.operations
    }
}

impl From<Vec<Arc<Snapshot>>> for Snapshots {
    fn from(operations: Vec<Arc<Snapshot>>) -> Self {
        Self { operations, removed_durations: Vec::new() }
    }
}

/// An operation in the store after a change of the configuration.
#[derive(Debug)]
pub enum StoreEntry {
    /// It keeps the snapshot that it has in the store.
    Unchanged(Arc<str>),
    /// It has this snapshot from now on.
    Replaced(Snapshot),
}

/// The newest snapshot of every operation, in the order of the configuration.
///
/// A subscriber is notified of changes. It sees the newest snapshots and may miss intermediate ones.
#[derive(Debug)]
pub struct SnapshotStore {
    snapshots: watch::Sender<Arc<Snapshots>>,
}

impl SnapshotStore {
    /// A store with the snapshots `initial`, one for each operation.
    pub fn new(initial: Vec<Snapshot>) -> Self {
        let initial: Vec<_> = initial.into_iter().map(Arc::new).collect();
        Self { snapshots: watch::Sender::new(Arc::new(Snapshots::from(initial))) }
    }

    /// Replaces the older snapshot of the same operation. Does nothing if the store does not have the operation.
    pub fn publish(&self, snapshot: Snapshot) {
        let snapshot = Arc::new(snapshot);
        self.snapshots.send_modify(|all| {
            let operations = &mut Arc::make_mut(all).operations;
            if let Some(current) = operations.iter_mut().find(|old| old.operation == snapshot.operation) {
                *current = snapshot;
            }
        });
    }

    /// Changes which operations there are, all at once: from now on there are `entries`, in this order.
    pub fn replace(&self, entries: Vec<StoreEntry>, removed_durations: Vec<(&'static str, DurationHistogram)>) {
        self.snapshots.send_modify(|all| {
            let known = |name: &Arc<str>| all.iter().find(|snapshot| snapshot.operation == *name).cloned();
            let operations = entries.into_iter().filter_map(|entry| match entry {
                StoreEntry::Unchanged(name) => known(&name),
                StoreEntry::Replaced(snapshot) => Some(Arc::new(snapshot)),
            });
            let operations = operations.collect();
            *all = Arc::new(Snapshots { operations, removed_durations });
        });
    }

    /// The newest snapshot of every operation.
    pub fn current(&self) -> Arc<Snapshots> {
        Arc::clone(&self.snapshots.borrow())
    }

    /// A receiver whose `changed()` completes after each publication.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Snapshots>> {
        self.snapshots.subscribe()
    }
}
