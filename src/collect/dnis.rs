//! The collector `dnis`: calls and service level by number, over the running day and rolling windows.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::dnis_figures::clean;
use super::dnis_mask::Mask;
use super::merge::{Merge as _, UNKNOWN, limit};
use super::parsed_rows::dedup_known_by_key_keep_last;
use super::window::bounds;
use super::{PollContext, PollError, ReportCollector};
use crate::api::wire::DnisRow;
use crate::api::{Query, WireRow as _};
use crate::config::collectors::DnisSettings;
use crate::config::{Operation, SkillSelection, Window};
use crate::model::{DnisFigures, DnisMerged, DnisReport, Report, RequestKey};

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
    fn requests(&self) -> Vec<RequestKey> {
        let key = |(selection, window): (&SkillSelection, &Window)| RequestKey {
            skill_id: Some(Arc::clone(&selection.0)),
            window: Some(Arc::clone(&window.label)),
        };
        self.selections().map(key).collect()
    }

    fn poll<'a>(
        &'a mut self,
        request: usize,
        poll: &'a mut PollContext<'_>,
    ) -> BoxFuture<'a, Result<Report, PollError>> {
        Box::pin(async move {
            let nothing = Ok(Report::Dnis(DnisReport::default()));
            let Some((selection, window)) = self.selections().nth(request) else { return nothing };
            let Some(bounds) = bounds(window.span, &poll.now()) else { return nothing };
            let query = Query::new(DnisRow::ENDPOINT)
                .with("skill_id", selection.0.to_string())
                .with("date_ini", bounds.from)
                .with("date_end", bounds.to);
            let (skill_id, label) = (Arc::clone(&selection.0), Arc::clone(&window.label));
            let of_query = DnisFigures { skill_id, window: label, ..DnisFigures::default() };
            let mut rows = poll.fetch(&query, move |row, errors| clean(row, &of_query, errors)).await?;
            let is_unknown = |row: &DnisFigures| *row.dnis == *UNKNOWN;
            let duplicates = dedup_known_by_key_keep_last(&mut rows, DnisFigures::by_label, is_unknown);
            poll.record_duplicates::<DnisRow>("dnis", duplicates);
            Ok(Report::Dnis(self.report(rows, selection, window)))
        })
    }
}

impl Dnis {
    /// What each request asks for. A row does not contain its skill, so each skill needs requests of its own.
    fn selections(&self) -> impl Iterator<Item = (&SkillSelection, &Window)> {
        let DnisSettings { skill_ids, windows, .. } = &self.settings;
        skill_ids.iter().flat_map(|selection| windows.iter().map(move |window| (selection, window)))
    }

    /// The numbers of one response, masked and limited in count.
    fn report(&self, mut rows: Vec<DnisFigures>, selection: &SkillSelection, window: &Window) -> DnisReport {
        for row in rows.iter_mut().filter(|row| *row.dnis != *UNKNOWN) {
            row.dnis = self.mask.label(std::mem::take(&mut row.dnis));
        }
        let (rows, numbers) = limit(rows, self.settings.max_dnis);
        let (skill_id, window) = (Arc::clone(&selection.0), Arc::clone(&window.label));
        DnisReport { rows, merged: vec![DnisMerged { skill_id, window, numbers }] }
    }
}
