//! Signals that stop the exporter: SIGTERM from a supervisor and SIGINT from a terminal.

use std::future::Future;
use std::process;

use tokio::signal::unix::{SignalKind, signal};

use super::CliError;

/// Resolves to the name of the first SIGTERM or SIGINT. A second one ends the process at once, as the sender expects.
pub(super) fn wait() -> Result<impl Future<Output = &'static str>, CliError> {
    let failed = |error| CliError::Run(format!("cannot handle signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            process::exit(1);
        });
        name
    })
}
