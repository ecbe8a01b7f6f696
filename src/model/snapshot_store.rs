//! Where collectors leave their newest snapshots and everybody else finds them.

use std::sync::Arc;

use tokio::sync::watch;

use super::Snapshot;

/// The newest snapshot of every operation, in the order of the configuration.
///
/// Whoever wants to follow changes subscribes; a change is seen at the latest state, intermediate ones may be missed.
#[derive(Debug)]
pub struct SnapshotStore {
    snapshots: watch::Sender<Arc<Vec<Arc<Snapshot>>>>,
}

impl SnapshotStore {
    /// A store that shows `initial`, one snapshot an operation.
    pub fn new(initial: Vec<Snapshot>) -> Self {
        Self { snapshots: watch::Sender::new(Arc::new(initial.into_iter().map(Arc::new).collect())) }
    }

    /// Puts `snapshot` in the place of the older one of the same operation.
    pub fn publish(&self, snapshot: Snapshot) {
        let snapshot = Arc::new(snapshot);
        self.snapshots.send_modify(|all| {
            if let Some(place) = Arc::make_mut(all).iter_mut().find(|old| old.operation == snapshot.operation) {
                *place = snapshot;
            }
        });
    }

    /// All operations as they are now.
    pub fn current(&self) -> Arc<Vec<Arc<Snapshot>>> {
        Arc::clone(&self.snapshots.borrow())
    }

    /// Resolves its `changed()` after each publication.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Vec<Arc<Snapshot>>>> {
        self.snapshots.subscribe()
    }
}
