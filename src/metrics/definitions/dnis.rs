//! Calls and service level by DNIS, skill selection and window.

use super::{Definition, Owner, Read, RenderInput, Table, gauge};
use crate::metrics::sample::Number::{self, Count, Real};
use crate::metrics::sample::{Label, Sink};
use crate::model::{Collector, DnisFigures, DnisReport};

/// Families that are read from the report of the collector `dnis`.
pub(super) const TABLE: Table<RenderInput> = Table { owner: Owner::Collector(Collector::Dnis), rows: ROWS };

const ROWS: &[Definition<RenderInput>] = &[
    gauge(
        "wolkvox_dnis_inbound_calls",
        "Calls received in the window (inbound_calls).",
        &PerDnis(|row| row.inbound.map(Count)),
    ),
    gauge(
        "wolkvox_dnis_answered_calls",
        "Calls answered in the window (answer_calls).",
        &PerDnis(|row| row.answered.map(Count)),
    ),
    gauge(
        "wolkvox_dnis_abandoned_calls",
        "Calls abandoned in the window (abandon_calls).",
        &PerDnis(|row| row.abandoned.map(Count)),
    ),
    gauge(
        "wolkvox_dnis_service_level_ratio",
        "Share of the window's calls answered within the threshold, 0 to 1 (service_level_NNseg).",
        &PerThreshold,
    ),
    gauge(
        "wolkvox_dnis_abandon_ratio",
        "Share of the window's calls abandoned, 0 to 1 (abandon).",
        &PerDnis(|row| row.abandon_ratio.map(Real)),
    ),
    gauge(
        "wolkvox_dnis_average_speed_of_answer_seconds",
        "Average speed of answer: mean wait of the calls answered in the window (asa).",
        &PerDnis(|row| row.average_speed_of_answer.map(Real)),
    ),
    gauge(
        "wolkvox_dnis_average_time_to_abandon_seconds",
        "Average time to abandon: mean wait of the calls abandoned in the window (ata).",
        &PerDnis(|row| row.average_time_to_abandon.map(Real)),
    ),
    gauge(
        "wolkvox_dnis_merged",
        "DNIS without a series of their own because of max_dnis, merged into the series labelled other (configuration).",
        &Merged,
    ),
];

/// One sample for each DNIS, selection and window.
#[derive(Debug)]
struct PerDnis(fn(&DnisFigures) -> Option<Number>);

/// Service levels: one sample for each DNIS, selection, window and threshold.
#[derive(Debug)]
struct PerThreshold;

/// One sample for each selection and window.
#[derive(Debug)]
struct Merged;

impl Read<RenderInput> for PerDnis {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "skill_id", "dnis", "window"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (snapshot, report) in input.reports::<DnisReport>() {
            for row in &report.rows {
                let labels = [
                    (&*snapshot.operation).into(),
                    (&*row.skill_id).into(),
                    (&*row.dnis).into(),
                    (&*row.window).into(),
                ];
                sink.sample(&labels, (self.0)(row));
            }
        }
    }
}

impl Read<RenderInput> for PerThreshold {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "skill_id", "dnis", "window", "threshold_seconds"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (snapshot, report) in input.reports::<DnisReport>() {
            for row in &report.rows {
                for level in &row.service_levels {
                    let labels = [
                        (&*snapshot.operation).into(),
                        (&*row.skill_id).into(),
                        (&*row.dnis).into(),
                        (&*row.window).into(),
                        Label::Number(level.threshold_seconds),
                    ];
                    sink.sample(&labels, Some(Real(level.ratio)));
                }
            }
        }
    }
}

impl Read<RenderInput> for Merged {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "skill_id", "window"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (snapshot, report) in input.reports::<DnisReport>() {
            for merged in &report.merged {
                let labels = [(&*snapshot.operation).into(), (&*merged.skill_id).into(), (&*merged.window).into()];
                sink.sample(&labels, Some(Count(merged.numbers)));
            }
        }
    }
}

/// Two windows, one of them with merged DNIS, and a second skill selection.
#[cfg(test)]
pub(super) fn example() -> crate::model::Report {
    use super::example_levels as levels;
    use crate::model::{DnisMerged, Report};

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
    Report::Dnis(DnisReport {
        rows: vec![
            row("all", "today", "6015550101"),
            row("all", "today", "other"),
            row("all", "30m", "6015550101"),
            bare,
        ],
        merged: [("all", "today", 17), ("all", "30m", 0), ("4173", "today", 0)]
            .map(|(skill_id, window, numbers)| DnisMerged { skill_id: skill_id.into(), window: window.into(), numbers })
            .into(),
    })
}
