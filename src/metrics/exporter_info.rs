//! The version of the exporter, the time at which its configuration was read, the lines that its log lost,
//! and the state file.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

/// Asks whether the last write of the state file succeeded; `None` if there is no state file.
type IsStateWritten = Arc<dyn Fn() -> Option<bool> + Send + Sync>;

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
