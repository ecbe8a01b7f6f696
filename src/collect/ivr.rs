//! The collector `ivr`: what callers chose, by routing point and option.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::faults::Faults;
use super::merge::{Merge, OTHER, bounded, sum, total};
use super::window::bounds;
use super::{Collector, Enabled, Session, Stop};
use crate::api::values::{Count, Lasting, Text};
use crate::api::wire::IvrRow;
use crate::api::{Query, WireRow as _};
use crate::config::{IvrSettings, Operation};
use crate::model::{CollectorName, IvrOption, IvrReport, Report};

pub(super) fn enable(operation: &Operation) -> Option<Enabled> {
    let settings = operation.collectors.ivr.clone()?;
    Some(Enabled {
        name: CollectorName("ivr"),
        cadence: settings.cadence,
        calls_per_poll: settings.windows.len() as u64,
        collector: Box::new(Ivr { settings }),
    })
}

struct Ivr {
    settings: IvrSettings,
}

impl Collector for Ivr {
    fn poll<'a>(&'a mut self, session: &'a mut Session<'_>) -> BoxFuture<'a, Result<Report, Stop>> {
        Box::pin(async move {
            let mut report = IvrReport::default();
            for window in &self.settings.windows {
                let Some(bounds) = bounds(window.span, &session.now()) else { continue };
                let query = Query::new(IvrRow::ENDPOINT).with("date_ini", bounds.from).with("date_end", bounds.to);
                let rows = session.fetch::<IvrRow>(&query).await?;
                let mut faults = Faults::default();
                let (options, merged) = self.make_sense(rows, &window.label, &mut faults);
                session.record::<IvrRow>(&faults);
                report.options.extend(options);
                report.merged.push((Arc::clone(&window.label), merged));
            }
            Ok(Report::Ivr(report))
        })
    }
}

impl Ivr {
    fn make_sense(&self, rows: Vec<IvrRow>, window: &Arc<str>, faults: &mut Faults) -> (Vec<IvrOption>, u64) {
        let mut options = BTreeMap::new();
        for row in rows {
            let Some(option) = self.clean(row, window, faults) else { continue };
            if options.insert(option.label(), option).is_some() {
                faults.duplicate_rows += 1;
            }
        }
        bounded(options.into_values().collect(), self.settings.max_options)
    }

    fn clean(&self, row: IvrRow, window: &Arc<str>, faults: &mut Faults) -> Option<IvrOption> {
        let is_blank = row == IvrRow::default();
        let rp_id = faults.key("rp_id", row.rp_id, is_blank);
        let option = faults.key("cod_opc_menu", row.cod_opc_menu, is_blank);
        let calls = faults.take("calls", row.calls).map(|Count(calls)| calls);
        let time = faults.take("time", row.time).map(|time| match time {
            Lasting::Seconds(seconds) => seconds as f64,
            Lasting::Plain(number) => number * self.settings.time_unit.seconds(),
        });
        let (Text(rp_id), Text(option)) = (rp_id?, option?);
        Some(IvrOption { window: Arc::clone(window), rp_id, option, calls, time })
    }
}

impl Merge for IvrOption {
    type Label = (Box<str>, Box<str>);

    fn label(&self) -> Self::Label {
        (self.rp_id.clone(), self.option.clone())
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
