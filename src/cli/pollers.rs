//! Builds the pollers of all operations for a subcommand.

use std::sync::Arc;

use super::CliError;
use crate::api::{Client, Limits, Transport};
use crate::clock::Clock;
use crate::collect::{self, OperationPoller, StateFile};
use crate::config::{Config, Operation};
use crate::model::SnapshotStore;

/// What polls, before it has started.
pub(super) struct Polling {
    /// The snapshots of all operations.
    pub(super) store: Arc<SnapshotStore>,
    /// One for each operation.
    pub(super) pollers: Vec<OperationPoller>,
    /// To be closed when the pollers have ended.
    pub(super) state: Arc<StateFile>,
}

/// Builds the pollers of all operations, which do not poll yet.
pub(super) fn build(config: &Config, clock: &Clock) -> Result<Polling, CliError> {
    let state = StateFile::open(config.state_file.as_deref()).map_err(|error| CliError::Run(error.to_string()))?;
    let operations = config
        .operations
        .iter()
        .map(|operation| Ok((operation.clone(), client(operation, clock)?)))
        .collect::<Result<Vec<_>, CliError>>()?;
    let state = Arc::new(state);
    let (store, pollers) = collect::build_pollers(&operations, clock, &state);
    Ok(Polling { store, pollers, state })
}

fn client(operation: &Operation, clock: &Clock) -> Result<Arc<dyn Transport>, CliError> {
    let client = Client::new(operation, Limits::default(), clock.clone())
        .map_err(|error| CliError::Run(format!("cannot prepare TLS: {error}; are CA certificates installed?")))?;
    Ok(Arc::new(client))
}
