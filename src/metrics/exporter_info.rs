//! What the exporter knows of itself: its version, and how its configuration is.

use arc_swap::ArcSwap;
use jiff::Timestamp;

/// The state of the running exporter, shared between whoever reloads the configuration and the page.
#[derive(Debug)]
pub struct ExporterInfo {
    state: ArcSwap<ExporterState>,
}

/// [`ExporterInfo`] at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ExporterState {
    /// The version of this program.
    pub(super) version: &'static str,
    /// The revision of its source; empty when the build did not say.
    pub(super) revision: &'static str,
    /// Whether the configuration was read without errors the last time.
    pub(super) reload_successful: bool,
    /// When the configuration in use was read.
    pub(super) last_reload_success: Timestamp,
}

impl ExporterInfo {
    /// An exporter that read its configuration at `at` (of [`crate::clock::Clock::wall`]).
    pub fn started(at: Timestamp) -> Self {
        Self {
            state: ArcSwap::from_pointee(ExporterState {
                version: env!("CARGO_PKG_VERSION"),
                revision: option_env!("WOLKVOX_EXPORTER_REVISION").unwrap_or_default(),
                reload_successful: true,
                last_reload_success: at,
            }),
        }
    }

    /// A new configuration is in use since `at`.
    pub fn reload_succeeded(&self, at: Timestamp) {
        self.state.rcu(|old| ExporterState { reload_successful: true, last_reload_success: at, ..**old });
    }

    /// A new configuration was refused; the old one stays.
    pub fn reload_failed(&self) {
        self.state.rcu(|old| ExporterState { reload_successful: false, ..**old });
    }

    pub(super) fn state(&self) -> ExporterState {
        **self.state.load()
    }

    #[cfg(test)]
    pub(super) fn of_version(version: &'static str, at: Timestamp) -> Self {
        let own = Self::started(at);
        own.state.rcu(|old| ExporterState { version, revision: "", ..**old });
        own
    }
}
