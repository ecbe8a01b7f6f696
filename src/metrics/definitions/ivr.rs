//! Calls and time by IVR option.

use super::{Definition, Owner, Read, RenderInput, Table, gauge};
use crate::metrics::sample::Number::{self, Count, Real};
use crate::metrics::sample::Sink;
use crate::model::{Collector, IvrOption, IvrReport};

/// Families that are read from the report of the collector `ivr`.
pub(super) const TABLE: Table<RenderInput> = Table { owner: Owner::Collector(Collector::Ivr), rows: ROWS };

const ROWS: &[Definition<RenderInput>] = &[
    gauge(
        "wolkvox_ivr_option_calls",
        "Calls that passed the option in the window (calls); the option PULSE means that the caller chose nothing (cod_opc_menu).",
        &PerOption(|option| option.calls.map(Count)),
    ),
    gauge(
        "wolkvox_ivr_option_time_seconds",
        "Time that all calls of the window spent in the option (time).",
        &PerOption(|option| option.time.map(Real)),
    ),
    gauge(
        "wolkvox_ivr_merged",
        "Options without a series of their own because of max_options, merged into the series labelled other (configuration).",
        &Merged,
    ),
];

/// One sample for each routing point, option and window.
#[derive(Debug)]
struct PerOption(fn(&IvrOption) -> Option<Number>);

/// One sample for each window.
#[derive(Debug)]
struct Merged;

impl Read<RenderInput> for PerOption {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "rp_id", "option", "window"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (snapshot, report) in input.reports::<IvrReport>() {
            for option in &report.options {
                let labels = [
                    (&*snapshot.operation).into(),
                    (&*option.rp_id).into(),
                    (&*option.option).into(),
                    (&*option.window).into(),
                ];
                sink.sample(&labels, (self.0)(option));
            }
        }
    }
}

impl Read<RenderInput> for Merged {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "window"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (snapshot, report) in input.reports::<IvrReport>() {
            for (window, options) in &report.merged {
                sink.sample(&[(&*snapshot.operation).into(), (&**window).into()], Some(Count(*options)));
            }
        }
    }
}

/// Options of one routing point, one of them without a time, and merged options.
#[cfg(test)]
pub(super) fn example() -> crate::model::Report {
    use crate::model::Report;

    let option = |rp_id: &str, option: &str, calls, time| IvrOption {
        window: "today".into(),
        rp_id: rp_id.into(),
        option: option.into(),
        calls,
        time,
    };
    Report::Ivr(IvrReport {
        options: vec![
            option("900", "1", Some(40), Some(723.5)),
            option("900", "PULSE", Some(4), None),
            option("other", "other", Some(2), Some(60.0)),
        ],
        merged: vec![("today".into(), 2)],
    })
}
