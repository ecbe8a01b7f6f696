//! The newest snapshots: collectors publish them here, the other modules read them.

use std::sync::Arc;

use tokio::sync::watch;

use super::Snapshot;

/// The newest snapshot of every operation, in the order of the configuration.
///
/// A subscriber is notified of changes. It sees the newest snapshots and may miss intermediate ones.
#[derive(Debug)]
pub struct SnapshotStore {
    snapshots: watch::Sender<Arc<Vec<Arc<Snapshot>>>>,
}

impl SnapshotStore {
    /// A store with the snapshots `initial`, one for each operation.
    pub fn new(initial: Vec<Snapshot>) -> Self {
        Self { snapshots: watch::Sender::new(Arc::new(initial.into_iter().map(Arc::new).collect())) }
    }

    /// Replaces the older snapshot of the same operation.
    pub fn publish(&self, snapshot: Snapshot) {
        let snapshot = Arc::new(snapshot);
        self.snapshots.send_modify(|all| {
            if let Some(current) = Arc::make_mut(all).iter_mut().find(|old| old.operation == snapshot.operation) {
                *current = snapshot;
            }
        });
    }

    /// The newest snapshot of every operation.
    pub fn current(&self) -> Arc<Vec<Arc<Snapshot>>> {
        Arc::clone(&self.snapshots.borrow())
    }

    /// A receiver whose `changed()` completes after each publication.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Vec<Arc<Snapshot>>>> {
        self.snapshots.subscribe()
    }
}
