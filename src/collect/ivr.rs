//! The collector `ivr`: the options that callers chose, by routing point.

use std::cmp::Ordering;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::merge::{Merge, OTHER, UNKNOWN, limit, sum, total};
use super::parse_errors::ParseErrors;
use super::parsed_rows::dedup_known_by_key_keep_last;
use super::window::bounds;
use super::{PollContext, PollError, ReportCollector};
use crate::api::values::{Count, Text, TimeSpent};
use crate::api::wire::IvrRow;
use crate::api::{Query, WireRow as _};
use crate::config::Operation;
use crate::config::collectors::{IvrSettings, TimeUnit};
use crate::model::{IvrOption, IvrReport, Report, RequestKey};

pub(super) fn build(operation: &Operation) -> Option<Box<dyn ReportCollector>> {
    let settings = operation.collectors.ivr.clone()?;
    Some(Box::new(Ivr { settings }))
}

#[derive(Debug)]
struct Ivr {
    settings: IvrSettings,
}

impl ReportCollector for Ivr {
    fn requests(&self) -> Vec<RequestKey> {
        let windows = self.settings.windows.iter();
        windows.map(|window| RequestKey { skill_id: None, window: Some(Arc::clone(&window.label)) }).collect()
    }

    fn poll<'a>(
        &'a mut self,
        request: usize,
        poll: &'a mut PollContext<'_>,
    ) -> BoxFuture<'a, Result<Report, PollError>> {
        Box::pin(async move {
            let window = &self.settings.windows[request];
            let Some(bounds) = bounds(window.span, &poll.now()) else { return Ok(Report::Ivr(IvrReport::default())) };
            let query = Query::new(IvrRow::ENDPOINT).with("date_ini", bounds.from).with("date_end", bounds.to);
            let (unit, label) = (self.settings.time_unit, Arc::clone(&window.label));
            let mut options = poll.fetch(&query, move |row, errors| clean(row, unit, &label, errors)).await?;
            let is_unknown = |row: &IvrOption| *row.option == *UNKNOWN;
            let duplicates = dedup_known_by_key_keep_last(&mut options, IvrOption::by_label, is_unknown);
            poll.record_duplicates::<IvrRow>("cod_opc_menu", duplicates);
            let (options, merged) = limit(options, self.settings.max_options);
            Ok(Report::Ivr(IvrReport { options, merged: vec![(Arc::clone(&window.label), merged)] }))
        })
    }
}

/// Converts a row; `None` if it has no routing point, or neither an option nor calls. Calls of an option that is blank
/// are those of [`UNKNOWN`].
fn clean(row: IvrRow, unit: TimeUnit, window: &Arc<str>, errors: &mut ParseErrors) -> Option<IvrOption> {
    let is_blank = row == IvrRow::default();
    let rp_id = errors.key("rp_id", row.rp_id, is_blank);
    let calls = errors.take("calls", row.calls).map(|Count(calls)| calls);
    let option = if row.cod_opc_menu.is_absent() && calls.is_some() {
        Some(Text(UNKNOWN.into()))
    } else {
        errors.key("cod_opc_menu", row.cod_opc_menu, is_blank)
    };
    let time = errors.take("time", row.time).map(|time| match time {
        TimeSpent::Seconds(seconds) => seconds,
        TimeSpent::Plain(number) => number * unit.seconds(),
    });
    let (Text(rp_id), Text(option)) = (rp_id?, option?);
    Some(IvrOption { window: Arc::clone(window), rp_id, option, calls, time })
}

impl Merge for IvrOption {
    fn by_label(&self, other: &Self) -> Ordering {
        self.rp_id.cmp(&other.rp_id).then_with(|| self.option.cmp(&other.option))
    }

    fn calls(&self) -> Option<u64> {
        self.calls
    }

    fn under_other(self) -> Self {
        Self { rp_id: OTHER.into(), option: OTHER.into(), ..self }
    }

    fn merged(parts: &[Self]) -> Self {
        let first = &parts[0];
        Self {
            window: Arc::clone(&first.window),
            rp_id: first.rp_id.clone(),
            option: first.option.clone(),
            calls: sum(parts, |part| part.calls),
            time: total(parts, |part| part.time),
        }
    }
}
