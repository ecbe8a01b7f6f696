//! The version of the exporter, the time at which its configuration was read, and the lines that its log lost.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

/// Facts about the running exporter.
#[derive(Clone, Copy, Debug)]
pub struct ExporterInfo {
    /// The version of this program.
    pub(super) version: &'static str,
    /// The revision of its source; empty if the build did not set it.
    pub(super) revision: &'static str,
    /// When the configuration in use was read. It is read once, at the start.
    pub(super) config_read_at: Timestamp,
    /// Counts the lines of the log that were dropped; `None` without a log.
    pub(super) log_lines_dropped: Option<&'static AtomicU64>,
}

impl ExporterInfo {
    /// An exporter that read its configuration at `at`, a time of [`crate::clock::Clock::wall`].
    pub fn started(at: Timestamp) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            revision: option_env!("WOLKVOX_EXPORTER_REVISION").unwrap_or_default(),
            config_read_at: at,
            log_lines_dropped: None,
        }
    }

    /// The same with the counter of the lines that its log dropped.
    #[must_use]
    pub fn with_log(self, dropped: &'static AtomicU64) -> Self {
        Self { log_lines_dropped: Some(dropped), ..self }
    }

    /// Lines of the log that were dropped.
    pub(super) fn log_lines_dropped(&self) -> u64 {
        self.log_lines_dropped.map_or(0, |dropped| dropped.load(Ordering::Relaxed))
    }
}
