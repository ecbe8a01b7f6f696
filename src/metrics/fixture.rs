//! Snapshots written by hand for the tests of this module.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Weekday, date, time};
use jiff::tz::TimeZone;

use crate::clock::Clock;
use crate::model::{
    Agent, AgentsReport, Collector, CollectorStatus, Denominator, DnisFigures, DnisMerged, DnisReport, EndpointStats,
    Evidence, ExpiringReport, IvrOption, IvrReport, OpeningHours, PollFailure, Quota, Reason, ReceiverType, Report,
    ServiceLevel, ServiceLevelTarget, Shift, Skill, SkillCounters, SkillsReport, Snapshot, Target, Targets,
    TransferKind, TransfersReport,
};

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
        quota: Quota { limit: None, used: 0, date: date(2026, 11, 3) },
        collectors: vec![
            CollectorStatus::new(Collector::Skills, Duration::from_secs(60)),
            CollectorStatus::new(Collector::Dnis, Duration::from_secs(300)),
        ],
        endpoints: vec![
            EndpointStats::new("skills", &["calls_in_queue_now", "service_level_NNseg"]),
            EndpointStats::new("skill_6", &["inbound_calls", "asa"]),
        ],
        reports: vec![],
    }
}

/// One operation with all values, and one that has not polled yet.
pub(super) fn operations(clock: &Clock) -> Vec<Snapshot> {
    let mut full = unpolled("ventas-co");
    full.targets = Arc::new(targets());
    full.quota = Quota { limit: Some(50_000), used: 431, ..full.quota };
    full.collectors[0].success = true;
    full.collectors[0].duration = Some(Duration::from_millis(412));
    full.collectors[0].last_attempt = Some("2026-11-03T09:59:58.25-05:00".parse().unwrap());
    full.collectors[0].last_success = full.collectors[0].last_attempt;
    full.collectors[0].rows = Some(3);
    full.collectors[1].duration = Some(Duration::from_secs(60));
    full.collectors[1].last_attempt = Some("2026-11-03T09:59:00-05:00".parse().unwrap());
    full.collectors[1].last_success = Some("2026-11-03T09:50:00-05:00".parse().unwrap());
    full.collectors[1].rows = Some(4);
    full.collectors[1].failure =
        Some(PollFailure { reason: Some(Reason::Timeout), message: "no complete response within 60 s".to_owned() });
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
    full.reports = vec![
        ExpiringReport { collector: Collector::Skills, expires, report: skills() },
        ExpiringReport { collector: Collector::Dnis, expires, report: dnis() },
        ExpiringReport { collector: Collector::AgentsKpi, expires, report: agents() },
        ExpiringReport { collector: Collector::Transfers, expires, report: transfers() },
        ExpiringReport { collector: Collector::Ivr, expires, report: ivr() },
    ];
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

fn levels(of: &[(u32, f64)]) -> Vec<ServiceLevel> {
    of.iter().map(|&(threshold_seconds, ratio)| ServiceLevel { threshold_seconds, ratio }).collect()
}

/// A skill with all values, one with unusual values, and one with almost no values.
pub(super) fn skills() -> Arc<Report> {
    let full = Skill {
        id: "4173".into(),
        name: Some("Atención  Señal \"VIP\" \\ Cali\nSur".into()),
        calls_in_queue: Some(3),
        inbound: Some(428),
        answered: Some(400),
        abandoned: Some(28),
        service_levels: levels(&[(10, 0.7), (20, 0.8571), (30, 1.0)]),
        abandon_ratio: Some(0.0654),
        counters: SkillCounters {
            inbound: Some(100),
            answered: Some(93),
            abandoned: Some(7),
            answered_within: vec![(10, 70), (20, 85), (30, 93)],
            corrections: 1,
        },
    };
    let unusual = Skill {
        id: "4180".into(),
        name: Some("Soporte".into()),
        calls_in_queue: Some(0),
        inbound: Some(0),
        service_levels: levels(&[(20, 93.36)]),
        abandon_ratio: Some(1e-7),
        counters: SkillCounters { inbound: Some(0), ..SkillCounters::default() },
        ..Skill::default()
    };
    let empty = Skill { id: "9".into(), abandon_ratio: Some(f64::NAN), ..Skill::default() };
    Arc::new(Report::Skills(SkillsReport {
        skills: vec![full, unusual, empty],
        denominator: Denominator::Inbound,
        evidence: Evidence::Inferred,
    }))
}

/// An agent with all values and a name, and one with almost no values.
fn agents() -> Arc<Report> {
    let full = Agent {
        id: "12999".into(),
        name: Some("Íñigo \"Ñ\"".into()),
        points: Some(428),
        hits: Some(0),
        calls: Some(2),
        average_handling_time: Some(361.0),
        after_call_work: Some(13.0),
        occupancy: Some(0.35),
        login_time: Some(2040.0),
    };
    let unknown = Agent { id: "13000".into(), calls: Some(0), ..Agent::default() };
    Arc::new(Report::AgentsKpi(AgentsReport { agents: vec![full, unknown] }))
}

fn transfers() -> Arc<Report> {
    let kind = |channel: &str, receiver| TransferKind { channel: channel.into(), receiver };
    Arc::new(Report::Transfers(TransfersReport {
        today: vec![(kind("chat", ReceiverType::Agent), 3), (kind("chat", ReceiverType::Skill), 0)],
        counted: vec![(kind("chat", ReceiverType::Agent), 7), (kind("chat", ReceiverType::Skill), 1)],
        by_agent: vec![("12999".into(), kind("chat", ReceiverType::Agent), 3)],
    }))
}

fn ivr() -> Arc<Report> {
    let option = |rp_id: &str, option: &str, calls, time| IvrOption {
        window: "today".into(),
        rp_id: rp_id.into(),
        option: option.into(),
        calls,
        time,
    };
    Arc::new(Report::Ivr(IvrReport {
        options: vec![
            option("900", "1", Some(40), Some(723.5)),
            option("900", "PULSE", Some(4), None),
            option("other", "other", Some(2), Some(60.0)),
        ],
        merged: vec![("today".into(), 2)],
    }))
}

/// Two windows, one of them with merged DNIS, and a second skill selection.
pub(super) fn dnis() -> Arc<Report> {
    let row = |skill_id: &str, window: &str, dnis: &str| DnisFigures {
        skill_id: skill_id.into(),
        window: window.into(),
        dnis: dnis.into(),
        inbound: Some(12),
        answered: Some(11),
        abandoned: Some(1),
        service_levels: levels(&[(10, 0.5), (20, 0.75), (30, 0.9167)]),
        abandon_ratio: Some(0.0833),
        average_speed_of_answer: Some(12.5),
        average_time_to_abandon: Some(33.0),
    };
    let bare = DnisFigures {
        skill_id: "4173".into(),
        window: "today".into(),
        dnis: "6015550102".into(),
        inbound: Some(0),
        ..DnisFigures::default()
    };
    Arc::new(Report::Dnis(DnisReport {
        rows: vec![
            row("all", "today", "6015550101"),
            row("all", "today", "other"),
            row("all", "30m", "6015550101"),
            bare,
        ],
        merged: [("all", "today", 17), ("all", "30m", 0), ("4173", "today", 0)]
            .map(|(skill_id, window, numbers)| DnisMerged { skill_id: skill_id.into(), window: window.into(), numbers })
            .into(),
    }))
}
