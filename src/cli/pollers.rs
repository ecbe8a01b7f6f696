//! Builds the pollers of all operations for a subcommand.

use std::error::Error as _;
use std::iter;
use std::sync::Arc;

use super::{CliError, tls_roots};
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
    // The certificates of one variable are enough to start, but the other one may have the ones that are needed.
    if config.operations.iter().any(Operation::uses_tls) {
        for problem in tls_roots::problems() {
            tracing::warn!("{problem}; calls fail if the server needs one of these certificates");
        }
    }
    let state = Arc::new(state);
    let (store, pollers) = collect::build_pollers(&operations, clock, &state);
    Ok(Polling { store, pollers, state })
}

fn client(operation: &Operation, clock: &Clock) -> Result<Arc<dyn Transport>, CliError> {
    let client = Client::new(operation, Limits::default(), clock.clone()).map_err(|error| {
        let cause = iter::successors(error.source(), |cause| (*cause).source()).last().map(ToString::to_string);
        let cause = cause.unwrap_or_else(|| error.to_string());
        CliError::Run(format!("cannot prepare TLS for {:?}: {cause}; {}", &*operation.name, tls_roots::advice()))
    })?;
    Ok(Arc::new(client))
}
