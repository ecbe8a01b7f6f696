//! Builds the pollers of all operations for a subcommand.

use std::error::Error as _;
use std::iter;
use std::sync::Arc;

use super::{CliError, tls_roots};
use crate::api::{Client, Limits, Transport};
use crate::clock::Clock;
use crate::collect::{self, OperationPoller, OperationWithAccess, StateFile};
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
    let operations = with_transports(&config.operations, config.operations.iter().map(|_| None), clock)?;
    let state = Arc::new(state);
    let (store, pollers) = collect::build_pollers(&operations, clock, &state);
    Ok(Polling { store, pollers, state })
}

/// Each operation with its access to wolkvox: the one of `known` if there is one, or a new one. Reports all errors at
/// once.
pub(super) fn with_transports(
    operations: &[Operation],
    known: impl IntoIterator<Item = Option<Arc<dyn Transport>>>,
    clock: &Clock,
) -> Result<Vec<OperationWithAccess>, CliError> {
    let (mut all, mut errors, mut uses_tls) = (Vec::new(), Vec::new(), false);
    for (operation, known) in operations.iter().zip(known) {
        uses_tls |= known.is_none() && operation.uses_tls();
        match known.map_or_else(|| client(operation, clock), Ok) {
            Ok(transport) => all.push((operation.clone(), transport)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(CliError::Run(errors.join("\n")));
    }
    // The certificates of one variable are enough to start, but the other one may have the ones that are needed.
    if uses_tls {
        for problem in tls_roots::problems() {
            tracing::warn!("{problem}; calls fail if the server needs one of these certificates");
        }
    }
    Ok(all)
}

fn client(operation: &Operation, clock: &Clock) -> Result<Arc<dyn Transport>, String> {
    let client = Client::new(operation, Limits::default(), clock.clone()).map_err(|error| {
        let cause = iter::successors(error.source(), |cause| (*cause).source()).last().map(ToString::to_string);
        let cause = cause.unwrap_or_else(|| error.to_string());
        format!("cannot prepare TLS for {:?}: {cause}; {}", &*operation.name, tls_roots::advice())
    })?;
    Ok(Arc::new(client))
}
