//! The version of the exporter, the time at which its configuration was read, the lines that its log lost,
//! and the state file.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

/// Asks whether the last write of the state file succeeded; `None` if there is no state file.
type IsStateWritten = Arc<dyn Fn() -> Option<bool> + Send + Sync>;

/// Returns how many connections the web server closed, by reason.
type ClosedConnections = Arc<dyn Fn() -> Vec<(&'static str, u64)> + Send + Sync>;

/// Facts about the running exporter.
#[derive(Clone)]
pub struct ExporterInfo {
    /// The version of this program.
    pub(super) version: &'static str,
    /// The revision of its source; empty if the build did not set it.
    pub(super) revision: &'static str,
    /// When the configuration in use was read. It is read once, at the start.
    pub(super) config_read_at: Timestamp,
    /// Counts the lines of the log that were dropped; `None` without a log.
    pub(super) log_lines_dropped: Option<&'static AtomicU64>,
    /// `None` if the exporter has no state file.
    pub(super) is_state_written: Option<IsStateWritten>,
    /// `None` without a web server.
    pub(super) closed_connections: Option<ClosedConnections>,
}

impl ExporterInfo {
    /// An exporter that read its configuration at `at`, a time of [`crate::clock::Clock::wall`].
    pub fn started(at: Timestamp) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            revision: option_env!("WOLKVOX_EXPORTER_REVISION").unwrap_or_default(),
            config_read_at: at,
            log_lines_dropped: None,
            is_state_written: None,
            closed_connections: None,
        }
    }

    /// The same with the counter of the lines that its log dropped.
    #[must_use]
    pub fn with_log(self, dropped: &'static AtomicU64) -> Self {
        Self { log_lines_dropped: Some(dropped), ..self }
    }

    /// The same with the state file. `is_written` asks whether its last write succeeded.
    #[must_use]
    pub fn with_state(self, is_written: impl Fn() -> Option<bool> + Send + Sync + 'static) -> Self {
        Self { is_state_written: Some(Arc::new(is_written)), ..self }
    }

    /// The same with the web server. `closed` returns how many connections it closed, by reason.
    #[must_use]
    pub fn with_connections(self, closed: impl Fn() -> Vec<(&'static str, u64)> + Send + Sync + 'static) -> Self {
        Self { closed_connections: Some(Arc::new(closed)), ..self }
    }

    /// How many connections were closed, by reason.
    pub(super) fn closed_connections(&self) -> Vec<(&'static str, u64)> {
        self.closed_connections.as_ref().map(|closed| closed()).unwrap_or_default()
    }

    /// Whether the last write of the state file succeeded; `None` without a state file.
    pub(super) fn is_state_written(&self) -> Option<bool> {
        self.is_state_written.as_ref().and_then(|is_written| is_written())
    }

    /// Lines of the log that were dropped.
    pub(super) fn log_lines_dropped(&self) -> u64 {
        self.log_lines_dropped.map_or(0, |dropped| dropped.load(Ordering::Relaxed))
    }
}

impl fmt::Debug for ExporterInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExporterInfo").field("version", &self.version).finish_non_exhaustive()
    }
}
