//! The version of the exporter, and what its parts report about themselves at the time of a scrape.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// What the parts of a running exporter report about themselves. A scrape calls these methods, so they must not wait.
///
/// Where a part may be missing, the method has the answer of an exporter without it, for example of a probe, which has no
/// web server.
pub trait RunningExporter: fmt::Debug + Send + Sync {
    /// Lines of the log that were dropped since the start.
    fn log_lines_dropped(&self) -> u64 {
        0
    }

    /// The last reload of the configuration. Before the first it is the start, because the exporter does not start with
    /// an invalid configuration.
    fn last_reload(&self) -> LastReload;

    /// Whether the last write of the state file succeeded; `None` without a state file.
    fn is_state_written(&self) -> Option<bool> {
        None
    }

    /// Whether the web configuration was valid when it was read last; `None` without one.
    fn is_web_config_valid(&self) -> Option<bool> {
        None
    }

    /// How many connections the web server closed since the start, by reason.
    fn closed_connections(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }
}

/// The last reload of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastReload {
    /// Whether the configuration was valid, so that it was applied.
    pub successful: bool,
    /// When the configuration in use was read, a time of [`crate::clock::Clock::wall`].
    pub config_read_at: Timestamp,
}

/// Facts about the exporter.
#[derive(Clone, Debug)]
pub struct ExporterInfo {
    /// The version of this program.
    pub(super) version: &'static str,
    /// The revision of its source; empty if the build did not set it.
    pub(super) revision: &'static str,
    /// The parts of the running exporter.
    pub(super) running: Arc<dyn RunningExporter>,
}

/// An exporter that read its configuration at this time and of which no part runs.
#[derive(Debug)]
struct NothingRuns(Timestamp);

impl RunningExporter for NothingRuns {
    fn last_reload(&self) -> LastReload {
        LastReload { successful: true, config_read_at: self.0 }
    }
}

impl ExporterInfo {
    /// An exporter that read its configuration at `at`, a time of [`crate::clock::Clock::wall`], and has no other parts
    /// that report about themselves.
    pub fn started(at: Timestamp) -> Self {
        Self::running(Arc::new(NothingRuns(at)))
    }

    /// An exporter that runs.
    pub fn running(running: Arc<dyn RunningExporter>) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            revision: option_env!("WOLKVOX_EXPORTER_REVISION").unwrap_or_default(),
            running,
        }
    }
}
