//! Polling: one file per report, and what they share. Knows no Prometheus.
//!
//! A collector turns answers into a [`Report`]; everything else is the same for all and lives beside them: when to poll
//! (`schedule`), how often that is a day (`plan`), the day's quota (`quota`), one call at a time and its bookkeeping
//! (`context`, `poll`), what survives a restart (`state_file`). `runner` puts them together.

mod agents_kpi;
mod context;
mod counters;
mod denominator;
mod dnis;
mod dnis_mask;
mod dnis_merge;
mod ivr;
mod merge;
mod parse_errors;
mod parsed_rows;
mod plan;
mod poll_context;
mod quota;
mod runner;
mod schedule;
mod skills;
mod state_file;
mod transfers;
mod window;

#[cfg(test)]
mod tests;

use futures_util::future::BoxFuture;
use serde_json::value::RawValue;

use crate::api::{ROW_FIELD, WireRow, wire};
use crate::config::{Cadence, Operation};
use crate::model::{CollectorName, EndpointStats, Report};

pub use context::OperationContext;
pub use plan::{OverQuota, Plan, PlanLine};
pub use poll_context::{PollContext, PollError};
pub use runner::{OperationPoller, PollerTasks, build_pollers, poll_once};
pub use state_file::{StateFile, StateFileError};

/// One line of the collectors' table.
#[derive(Debug)]
pub struct CollectorDef {
    /// The bookkeeping of the endpoint that it asks.
    pub endpoint_stats: fn() -> EndpointStats,
    /// The collector for an operation, `None` where it is switched off.
    pub enable: fn(&Operation) -> Option<ActiveCollector>,
}

/// A collector that an operation has switched on.
pub struct ActiveCollector {
    /// Its name, as the configuration has it.
    pub name: CollectorName,
    /// When it polls.
    pub cadence: Cadence,
    /// How many calls one poll costs.
    pub calls_per_poll: u64,
    /// The collector.
    pub collector: Box<dyn Collector>,
}

/// What a report's file provides.
pub trait Collector: Send {
    /// Asks for everything that the report needs and makes sense of it.
    fn poll<'a>(&'a mut self, poll: &'a mut PollContext<'_>) -> BoxFuture<'a, Result<Report, PollError>>;

    /// What has to survive a restart, as JSON; `None` where nothing has to. As text, because a tree of 60,000 skills would
    /// be many times larger than they are.
    fn memory(&self) -> Option<Box<RawValue>> {
        None
    }

    /// Takes up what [`Collector::memory`] gave before the restart. What it cannot read it ignores.
    fn restore(&mut self, _memory: &RawValue) {}
}

/// Every collector there is, in the order of [`crate::config::COLLECTORS`].
pub const COLLECTORS: &[CollectorDef] = &[
    CollectorDef { endpoint_stats: stats_of::<wire::SkillRow>, enable: skills::enable },
    CollectorDef { endpoint_stats: stats_of::<wire::DnisRow>, enable: dnis::enable },
    CollectorDef { endpoint_stats: stats_of::<wire::AgentRow>, enable: agents_kpi::enable },
    CollectorDef { endpoint_stats: stats_of::<wire::TransferRow>, enable: transfers::enable },
    CollectorDef { endpoint_stats: stats_of::<wire::IvrRow>, enable: ivr::enable },
];

/// The collectors that an operation has switched on, each with its line of the table.
fn enabled(operation: &Operation) -> impl Iterator<Item = (&'static CollectorDef, ActiveCollector)> {
    COLLECTORS.iter().filter_map(move |entry| (entry.enable)(operation).map(|enabled| (entry, enabled)))
}

/// Reads what a collector remembered.
#[expect(clippy::disallowed_methods, reason = "the exporter's own text, not an answer of wolkvox")]
fn recalled<T: serde::de::DeserializeOwned>(memory: &RawValue) -> Result<T, serde_json::Error> {
    serde_json::from_str(memory.get())
}

fn stats_of<R: WireRow>() -> EndpointStats {
    let fields: Vec<&'static str> = R::FIELDS.iter().copied().chain([ROW_FIELD]).collect();
    EndpointStats::new(R::ENDPOINT.api, &fields)
}
