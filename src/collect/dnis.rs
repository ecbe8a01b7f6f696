//! The collector `dnis`: calls and service level by number, over the running day and rolling windows.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::dnis_figures::clean;
use super::dnis_mask::Mask;
use super::merge::{Merge as _, UNKNOWN, limit};
use super::parsed_rows::{append, dedup_by_key_keep_last};
use super::window::bounds;
use super::{PollContext, PollError, ReportCollector};
use crate::api::wire::DnisRow;
use crate::api::{Query, WireRow as _};
use crate::config::collectors::DnisSettings;
use crate::config::{Operation, SkillSelection, Window};
use crate::model::{DnisFigures, DnisMerged, DnisReport, Report};

pub(super) fn build(operation: &Operation) -> Option<Box<dyn ReportCollector>> {
    let settings = operation.collectors.dnis.clone()?;
    Some(Box::new(Dnis { mask: Mask::new(settings.mask, operation.token.expose()), settings }))
}

#[derive(Debug)]
struct Dnis {
    settings: DnisSettings,
    mask: Mask,
}

impl ReportCollector for Dnis {
    fn calls_per_poll(&self) -> u64 {
        (self.settings.skill_ids.len() * self.settings.windows.len()) as u64
    }

    fn poll<'a>(&'a mut self, poll: &'a mut PollContext<'_>) -> BoxFuture<'a, Result<Report, PollError>> {
        Box::pin(async move {
            let mut report = DnisReport::default();
            for selection in &self.settings.skill_ids {
                for window in &self.settings.windows {
                    // A row does not contain its skill, so each skill needs a query of its own.
                    let Some(bounds) = bounds(window.span, &poll.now()) else { continue };
                    let query = Query::new(DnisRow::ENDPOINT)
                        .with("skill_id", selection.0.to_string())
                        .with("date_ini", bounds.from)
                        .with("date_end", bounds.to);
                    let (skill_id, label) = (Arc::clone(&selection.0), Arc::clone(&window.label));
                    let of_query = DnisFigures { skill_id, window: label, ..DnisFigures::default() };
                    let mut rows = poll.fetch(&query, move |row, errors| clean(row, &of_query, errors)).await?;
                    // Rows without a number are not rows of one number, so none of them replaces another.
                    let unknown: Vec<_> = rows.extract_if(.., |row| *row.dnis == *UNKNOWN).collect();
                    poll.record_duplicates::<DnisRow>("dnis", dedup_by_key_keep_last(&mut rows, DnisFigures::by_label));
                    rows.extend(unknown);
                    self.add(rows, selection, window, &mut report);
                }
            }
            Ok(Report::Dnis(report))
        })
    }
}

impl Dnis {
    /// Adds the numbers of one response to the report, masked and limited in count.
    fn add(&self, mut rows: Vec<DnisFigures>, selection: &SkillSelection, window: &Window, report: &mut DnisReport) {
        for row in rows.iter_mut().filter(|row| *row.dnis != *UNKNOWN) {
            row.dnis = self.mask.label(std::mem::take(&mut row.dnis));
        }
        let (rows, numbers) = limit(rows, self.settings.max_dnis);
        append(&mut report.rows, rows);
        report.merged.push(DnisMerged {
            skill_id: Arc::clone(&selection.0),
            window: Arc::clone(&window.label),
            numbers,
        });
    }
}
