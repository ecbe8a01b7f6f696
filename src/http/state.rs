//! The state that all pages share.

use std::sync::Arc;

use super::configuration::Configuration;
use super::connections::Connections;
use super::path::TelemetryPath;
use super::route_prefix::RoutePrefix;
use super::scrape_limit::ScrapeLimit;
use crate::clock::Clock;
use crate::metrics::Page;
use crate::model::SnapshotStore;

/// The state of the web server.
#[derive(Debug)]
pub struct AppState {
    /// The page of metrics.
    pub page: Arc<Page>,
    /// The newest snapshots, for the landing page.
    pub store: Arc<SnapshotStore>,
    /// The clock for the ages on the landing page.
    pub clock: Clock,
    /// The path before all pages.
    pub prefix: RoutePrefix,
    /// The path of the metrics, without the prefix.
    pub telemetry_path: TelemetryPath,
    /// The open connections.
    pub connections: Arc<Connections>,
    /// The limit of scrapes at the same time.
    pub scrape_limit: ScrapeLimit,
    /// The configuration in use.
    pub configuration: Arc<dyn Configuration>,
    /// Whether `/-/reload` may reload it.
    pub enable_lifecycle: bool,
}
