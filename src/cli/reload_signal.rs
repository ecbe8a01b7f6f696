//! SIGHUP reloads the configuration, as in other programs.

use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::CliError;
use super::reloader::Reloader;

/// From now on SIGHUP does not end the process.
pub(super) fn catch() -> Result<Signal, CliError> {
    signal(SignalKind::hangup()).map_err(|error| CliError::Run(format!("cannot handle signals: {error}")))
}

/// Reloads after each signal. Signals that arrive during a reload cause one more.
pub(super) async fn reload_after_each(mut hang_up: Signal, reloader: Arc<Reloader>) {
    while hang_up.recv().await.is_some() {
        // The result is in the log.
        let _ = reloader.reload("SIGHUP").await;
    }
}
