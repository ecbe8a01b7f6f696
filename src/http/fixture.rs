//! Operations written by hand for the tests of this module.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;

use super::configuration::Configuration;
use super::connections::Connections;
use super::path::TelemetryPath;
use super::route_prefix::RoutePrefix;
use super::scrape_limit::ScrapeLimit;
use super::state::AppState;
use crate::clock::Clock;
use crate::metrics::{ExporterInfo, Page};
use crate::model::{
    Collector, CollectorStatus, ExpiringReport, PollFailure, Quota, Reason, Report, RequestKey, SkillsReport, Snapshot,
    SnapshotStore, Targets,
};

/// A name that contains HTML.
pub(super) const HTML_NAME: &str = "<b>\"ventas\" & 'sur'</b>";

/// A configuration, and the result of each reload.
#[derive(Debug)]
pub(super) struct Configured(pub(super) Result<&'static str, &'static str>);

impl Configuration for Configured {
    fn text(&self) -> String {
        "operations: []\n".to_owned()
    }

    fn reload(&self) -> BoxFuture<'static, Result<String, String>> {
        Box::pin(ready(self.0.map(str::to_owned).map_err(str::to_owned)))
    }
}

pub(super) fn clock() -> Clock {
    Clock::manual("2026-11-03T10:00:00-05:00".parse().unwrap())
}

/// No attempt yet.
pub(super) fn waiting() -> Snapshot {
    Snapshot {
        operation: "norte".into(),
        timezone: TimeZone::get("America/Bogota").unwrap(),
        targets: Arc::new(Targets::default()),
        quota: Quota {
            limit: Some(50_000),
            used: 7,
            date: jiff::civil::date(2026, 11, 3),
            day_ends: clock().instant() + Duration::from_secs(14 * 3600),
        },
        collectors: vec![CollectorStatus::new(Collector::Skills, Duration::from_secs(60), vec![RequestKey::default()])],
        endpoints: vec![],
        reports: vec![],
    }
}

/// The only attempt failed.
pub(super) fn failed() -> Snapshot {
    let mut snapshot = waiting();
    snapshot.operation = HTML_NAME.into();
    snapshot.collectors[0].last_attempt = Some(clock().wall());
    snapshot.collectors[0].failure =
        Some(PollFailure { reason: Some(Reason::BadJson), message: "no JSON: <html>".to_owned() });
    snapshot
}

/// The last attempt succeeded 75 seconds ago; the report expires in `left`.
pub(super) fn succeeded(left: Duration) -> Snapshot {
    let mut snapshot = waiting();
    let status = &mut snapshot.collectors[0];
    status.success = true;
    status.last_attempt = Some("2026-11-03T09:58:45-05:00".parse().unwrap());
    status.requests[0].last_success = status.last_attempt;
    status.requests[0].rows = Some(12);
    snapshot.reports = vec![ExpiringReport {
        collector: Collector::Skills,
        request: 0,
        expires: clock().instant() + left,
        started: clock().local(&snapshot.timezone).datetime(),
        report: Arc::new(Report::Skills(SkillsReport::default())),
    }];
    snapshot
}

pub(super) fn state(snapshots: Vec<Snapshot>, scrape_limit: ScrapeLimit) -> AppState {
    let store = SnapshotStore::new(snapshots);
    let info = Arc::new(ExporterInfo::started(clock().wall()));
    AppState {
        page: Arc::new(Page::new(store.current(), info, clock())),
        store: Arc::new(store),
        clock: clock(),
        prefix: RoutePrefix::default(),
        telemetry_path: TelemetryPath::default(),
        connections: Arc::new(Connections::new(clock())),
        scrape_limit,
        configuration: Arc::new(Configured(Ok("1 changed"))),
        enable_lifecycle: false,
    }
}
