//! The collector `dnis`: calls and service level by number, over the running day and rolling windows.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::dnis_mask::Mask;
use super::faults::Faults;
use super::merge::bounded;
use super::window::bounds;
use super::{Collector, Enabled, Session, Stop};
use crate::api::values::{Count, Seconds, Text};
use crate::api::wire::DnisRow;
use crate::api::{Query, WireRow as _};
use crate::config::{DnisSettings, Operation, SkillSelection, Window};
use crate::model::{CollectorName, DnisFigures, DnisMerged, DnisReport, Report, ServiceLevel};

pub(super) fn enable(operation: &Operation) -> Option<Enabled> {
    let settings = operation.collectors.dnis.clone()?;
    Some(Enabled {
        name: CollectorName("dnis"),
        cadence: settings.cadence,
        calls_per_poll: (settings.skill_ids.len() * settings.windows.len()) as u64,
        collector: Box::new(Dnis { mask: Mask::new(settings.mask, operation.token.expose()), settings }),
    })
}

struct Dnis {
    settings: DnisSettings,
    mask: Mask,
}

impl Collector for Dnis {
    fn poll<'a>(&'a mut self, session: &'a mut Session<'_>) -> BoxFuture<'a, Result<Report, Stop>> {
        Box::pin(async move {
            let mut report = DnisReport::default();
            for selection in &self.settings.skill_ids {
                for window in &self.settings.windows {
                    // Rows carry no skill: for figures per skill each one is asked for by itself.
                    let Some(bounds) = bounds(window.span, &session.now()) else { continue };
                    let query = Query::new(DnisRow::ENDPOINT)
                        .with("skill_id", selection.0.to_string())
                        .with("date_ini", bounds.from)
                        .with("date_end", bounds.to);
                    let rows = session.fetch::<DnisRow>(&query).await?;
                    let mut faults = Faults::default();
                    self.make_sense(rows, selection, window, &mut faults, &mut report);
                    session.record::<DnisRow>(&faults);
                }
            }
            Ok(Report::Dnis(report))
        })
    }
}

impl Dnis {
    fn make_sense(
        &self,
        rows: Vec<DnisRow>,
        selection: &SkillSelection,
        window: &Window,
        faults: &mut Faults,
        report: &mut DnisReport,
    ) {
        let mut places: HashMap<Box<str>, usize> = HashMap::with_capacity(rows.len());
        let mut figures: Vec<DnisFigures> = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(row) = clean(row, faults) else { continue };
            let row = DnisFigures { skill_id: Arc::clone(&selection.0), window: Arc::clone(&window.label), ..row };
            if let Some(place) = places.get(&row.dnis) {
                faults.duplicate_rows += 1;
                figures[*place] = row;
            } else {
                places.insert(row.dnis.clone(), figures.len());
                figures.push(row);
            }
        }
        drop(places);
        for row in &mut figures {
            row.dnis = self.mask.label(std::mem::take(&mut row.dnis));
        }
        let (rows, numbers) = bounded(figures, self.settings.max_dnis);
        report.rows.extend(rows);
        report.merged.push(DnisMerged {
            skill_id: Arc::clone(&selection.0),
            window: Arc::clone(&window.label),
            numbers,
        });
    }
}

/// One row in clean values; `None` where it has no number.
fn clean(row: DnisRow, faults: &mut Faults) -> Option<DnisFigures> {
    let count = |value: Option<Count>| value.map(|Count(calls)| calls);
    let seconds = |value: Option<Seconds>| value.map(|Seconds(seconds)| seconds);
    let mut service_levels: Vec<ServiceLevel> = Vec::new();
    for level in row.service_levels {
        if let Some(percentage) = faults.take(level.field(), level.level) {
            service_levels.push(ServiceLevel { threshold_seconds: level.threshold_seconds, ratio: percentage.ratio });
        }
    }
    service_levels.sort_unstable_by_key(|level| level.threshold_seconds);
    let figures = DnisFigures {
        inbound: count(faults.take("inbound_calls", row.inbound_calls)),
        answered: count(faults.take("answer_calls", row.answer_calls)),
        abandoned: count(faults.take("abandon_calls", row.abandon_calls)),
        service_levels,
        abandon_ratio: faults.take("abandon", row.abandon).map(|percentage| percentage.ratio),
        average_speed_of_answer: seconds(faults.take("asa", row.asa)),
        average_time_to_abandon: seconds(faults.take("ata", row.ata)),
        ..DnisFigures::default()
    };
    let Text(dnis) = faults.key("dnis", row.dnis, figures == DnisFigures::default())?;
    Some(DnisFigures { dnis, ..figures })
}
