//! SIGTERM from a supervisor, SIGINT from a terminal; and SIGHUP, which must not end what it is meant to keep running.

use std::future::Future;
use std::process;

use tokio::signal::unix::{SignalKind, signal};

use super::CliError;

/// Resolves to the name of the first of the two signals. A second one ends the process at once, as its sender expects.
pub(super) fn wait() -> Result<impl Future<Output = &'static str>, CliError> {
    let failed = |error| CliError::Run(format!("cannot listen for signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(failed)?;
    tokio::spawn(async move {
        while hang_up.recv().await.is_some() {
            tracing::warn!(
                "SIGHUP does nothing: the configuration is read at the start only, restart to read it again"
            );
        }
    });
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
