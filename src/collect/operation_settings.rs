//! The configuration of an operation and its access to wolkvox. A poll uses the same settings from its start to its end,
//! also if the configuration changes in between.

use std::fmt;
use std::sync::Arc;

use super::CollectorSettings;
use crate::api::Transport;
use crate::config::Operation;

/// Held during a call, because wolkvox allows one call at a time per token.
pub(super) type RequestLock = Arc<tokio::sync::Mutex<()>>;

/// The settings of one operation.
pub(super) struct OperationSettings {
    pub(super) config: Operation,
    pub(super) transport: Arc<dyn Transport>,
    /// The locks of operations that used the same token before the configuration changed. A call of theirs may still be
    /// in flight.
    predecessors: tokio::sync::Mutex<Vec<RequestLock>>,
}

impl OperationSettings {
    /// Settings whose token no other operation has used.
    pub(super) fn new(config: Operation, transport: Arc<dyn Transport>) -> Self {
        Self::after(config, transport, Vec::new())
    }

    /// Settings whose token the `predecessors` used until now.
    pub(super) fn after(config: Operation, transport: Arc<dyn Transport>, predecessors: Vec<RequestLock>) -> Self {
        Self { config, transport, predecessors: tokio::sync::Mutex::new(predecessors) }
    }

    /// The same access without any collector, so that the operation does not poll any more.
    pub(super) fn switched_off(&self) -> Self {
        let config = Operation { collectors: CollectorSettings::default(), ..self.config.clone() };
        Self::new(config, Arc::clone(&self.transport))
    }

    /// Whether both make calls in the same way.
    pub(super) fn has_access_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.transport, &other.transport)
    }

    /// Whether calls use or have used the token of `operation`.
    pub(super) fn has_token_of(&self, operation: &Operation) -> bool {
        let own = std::iter::once(self.config.token.clone()).chain(self.transport.tokens());
        own.into_iter().any(|token| token == operation.token)
    }

    /// Waits for the calls that the predecessors had in flight when the configuration changed. They make no more calls
    /// with this token.
    pub(super) async fn wait_for_predecessors(&self) {
        let mut predecessors = self.predecessors.lock().await;
        while let Some(predecessor) = predecessors.last() {
            drop(predecessor.lock().await);
            predecessors.pop();
        }
    }
}

impl fmt::Debug for OperationSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperationSettings").field("config", &self.config).finish_non_exhaustive()
    }
}
