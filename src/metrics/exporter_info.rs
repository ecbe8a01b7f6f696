//! The version of the exporter and the time at which its configuration was read.

use jiff::Timestamp;

/// Facts about the running exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExporterInfo {
    /// The version of this program.
    pub(super) version: &'static str,
    /// The revision of its source; empty if the build did not set it.
    pub(super) revision: &'static str,
    /// When the configuration in use was read. It is read once, at the start.
    pub(super) config_read_at: Timestamp,
}

impl ExporterInfo {
    /// An exporter that read its configuration at `at`, a time of [`crate::clock::Clock::wall`].
    pub fn started(at: Timestamp) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            revision: option_env!("WOLKVOX_EXPORTER_REVISION").unwrap_or_default(),
            config_read_at: at,
        }
    }
}
