//! Snapshots written by hand for the tests of this module.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Weekday, date, time};
use jiff::tz::TimeZone;

use super::definitions::example;
use super::exporter_info::{LastReload, RunningExporter};
use crate::clock::Clock;
use crate::model::{
    Collector, CollectorStatus, EndpointStats, ExpiringReport, OpeningHours, PollFailure, Quota, Reason, RequestKey,
    ServiceLevelTarget, Shift, Snapshot, Target, Targets,
};

/// An exporter with a state file, a web server and a web configuration.
#[derive(Debug)]
pub(super) struct Running;

impl RunningExporter for Running {
    fn last_reload(&self) -> LastReload {
        LastReload { successful: true, config_read_at: now() }
    }

    fn is_state_written(&self) -> Option<bool> {
        Some(true)
    }

    fn is_web_config_valid(&self) -> Option<bool> {
        Some(true)
    }

    fn closed_connections(&self) -> Vec<(&'static str, u64)> {
        vec![("no_request", 2), ("slow_reader", 0)]
    }
}

/// A Tuesday, 10:00 in Bogotá.
pub(super) fn now() -> Timestamp {
    "2026-11-03T10:00:00-05:00".parse().unwrap()
}

pub(super) fn clock() -> Clock {
    Clock::manual(now())
}

/// An operation that has not polled yet.
pub(super) fn unpolled(name: &str) -> Snapshot {
    Snapshot {
        operation: name.into(),
        timezone: TimeZone::get("America/Bogota").unwrap(),
        targets: Arc::new(Targets::default()),
        quota: Quota {
            limit: None,
            used: 0,
            date: date(2026, 11, 3),
            day_ends: clock().instant() + Duration::from_secs(14 * 3600),
        },
        collectors: vec![
            CollectorStatus::new(Collector::Skills, Duration::from_secs(60), vec![request(None)]),
            CollectorStatus::new(
                Collector::Dnis,
                Duration::from_secs(300),
                vec![request(Some("today")), request(Some("30m"))],
            ),
        ],
        endpoints: vec![
            EndpointStats::new("skills", &["calls_in_queue_now", "service_level_NNseg"]),
            EndpointStats::new("skill_6", &["inbound_calls", "asa"]),
        ],
        reports: vec![],
    }
}

fn request(window: Option<&str>) -> RequestKey {
    RequestKey { skill_id: Some("all".into()), window: window.map(Arc::from) }
}

/// One operation with all values, and one that has not polled yet.
pub(super) fn operations(clock: &Clock) -> Vec<Snapshot> {
    let mut full = unpolled("ventas-co");
    full.targets = Arc::new(targets());
    full.quota = Quota { limit: Some(50_000), used: 431, ..full.quota };
    full.collectors[0].success = true;
    full.collectors[0].duration = Some(Duration::from_millis(412));
    full.collectors[0].last_attempt = Some("2026-11-03T09:59:58.25-05:00".parse().unwrap());
    full.collectors[0].requests[0].last_success = full.collectors[0].last_attempt;
    full.collectors[0].requests[0].rows = Some(3);
    full.collectors[1].duration = Some(Duration::from_secs(60));
    full.collectors[1].last_attempt = Some("2026-11-03T09:59:00-05:00".parse().unwrap());
    for (request, (at, rows)) in full.collectors[1].requests.iter_mut().zip([("09:50", 1), ("09:45", 3)]) {
        request.last_success = Some(format!("2026-11-03T{at}:00-05:00").parse().unwrap());
        request.rows = Some(rows);
    }
    full.collectors[1].failure =
        Some(PollFailure { reason: Some(Reason::Timeout), message: "no complete response within 60 s".to_owned() });
    let failure = full.collectors[1].failure.clone();
    full.collectors[1].requests[1].failure = failure;
    full.endpoints[0].requests = 120;
    full.endpoints[0].parse_errors[1].1 = 2;
    full.endpoints[0].duration.observe(Duration::from_millis(400));
    full.endpoints[1].requests = 30;
    full.endpoints[1].empty_answers = 1;
    full.endpoints[1].json_repairs = 1;
    full.endpoints[1].duplicate_rows = 3;
    full.endpoints[1].count_failure(Reason::Timeout);
    full.endpoints[1].duration.observe(Duration::from_secs(2));
    full.endpoints[1].duration.observe(Duration::from_secs(61));
    let expires = clock.instant() + Duration::from_secs(900);
    let started = clock.local(&full.timezone).datetime();
    full.reports = Collector::ALL
        .map(|collector| ExpiringReport {
            collector,
            request: 0,
            expires,
            started,
            report: Arc::new(example(collector)),
        })
        .into();
    vec![full, unpolled("norte")]
}

fn targets() -> Targets {
    let shift = |weekday| Shift { weekday, from: time(7, 0, 0, 0), to: Some(time(20, 0, 0, 0)) };
    let target = Some(ServiceLevelTarget { threshold_seconds: 20, ratio: 0.8 });
    Targets::new(vec![
        Target {
            skill_ids: vec!["4173".into()],
            team: Some("ventas \"A\"".into()),
            service_level: target,
            abandon_ratio: Some(0.05),
            open: Some(OpeningHours {
                shifts: vec![shift(Weekday::Monday), shift(Weekday::Tuesday)],
                holidays: vec![date(2026, 12, 8)],
            }),
        },
        Target { skill_ids: vec!["4180".into()], service_level: target, ..Target::default() },
    ])
}
