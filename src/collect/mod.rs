//! Polling: one file per report, and the parts that all of them share. Does not depend on Prometheus.
//!
//! A collector converts responses to a [`Report`]. The shared parts: when to poll (`schedule`), calls per day (`plan`),
//! the quota of the day (`quota`), the calls of one poll and their statistics (`poll_context`), the results of its
//! requests (`poll_outcome`), what the collectors of an operation share (`context`), the state that survives a restart (`state_file`). `runner` combines them.

mod agents_kpi;
mod context;
mod counters;
mod denominator;
mod dnis;
mod dnis_figures;
mod dnis_mask;
mod empty_answer;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod ivr;
#[cfg(feature = "measuring")]
pub mod measuring;
mod merge;
mod operation_settings;
mod parse_errors;
mod parsed_rows;
mod plan;
mod poll_context;
mod poll_outcome;
mod poller_tasks;
mod published;
mod quota;
mod reset_time;
mod runner;
mod schedule;
mod skills;
mod state_file;
mod thresholds;
mod transfers;
mod window;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt;

use futures_util::future::BoxFuture;
use serde_json::value::RawValue;

use crate::api::{ROW_FIELD, WireRow, wire};
use crate::config::{Cadence, CollectorSettings, Operation};
use crate::model::{Collector, EndpointStats, Report, RequestKey};

use error::PollError;
use poll_context::PollContext;

pub use plan::{OverQuota, Plan, PlanLine};
pub use poller_tasks::{OperationPoller, OperationWithAccess, PollerTasks, build_pollers, poll_once};
pub use state_file::{StateFile, StateFileError};

/// The functions that the file of a report provides.
#[derive(Debug)]
struct CollectorDef {
    /// Statistics of the endpoint that it calls, all zero.
    endpoint_stats: fn() -> EndpointStats,
    /// Builds it for an operation; `None` where the operation has switched it off.
    build: fn(&Operation) -> Option<Box<dyn ReportCollector>>,
}

/// A collector that an operation has switched on.
#[derive(Debug)]
struct ActiveCollector {
    name: Collector,
    /// When it polls.
    cadence: Cadence,
    collector: Box<dyn ReportCollector>,
}

/// Reads one report.
trait ReportCollector: Any + fmt::Debug + Send {
    /// The requests of one poll, always the same. Each may fail without the others.
    fn requests(&self) -> Vec<RequestKey> {
        vec![RequestKey::default()]
    }

    /// How many calls one poll makes.
    fn calls_per_poll(&self) -> u64 {
        self.requests().len() as u64
    }

    /// The thresholds of the service level, in seconds, for which it makes calls. One call has one of them.
    fn services_times(&self) -> Vec<u32> {
        Vec::new()
    }

    /// Makes the calls of one request, which is an index of [`Self::requests`], and builds a report from their rows.
    fn poll<'a>(
        &'a mut self,
        request: usize,
        poll: &'a mut PollContext<'_>,
    ) -> BoxFuture<'a, Result<Report, PollError>>;

    /// The state that has to survive a restart, as JSON; `None` if there is none. It is text, because a JSON tree of
    /// 60,000 skills would need many times their memory.
    fn state(&self) -> Option<Box<RawValue>> {
        None
    }

    /// Continues with a state that [`ReportCollector::state`] returned before the restart. Logs and ignores a state
    /// that it cannot parse.
    fn restore_state(&mut self, _state: &RawValue) {}

    /// Continues where `earlier` ended, which is the same collector with the settings before a reload.
    fn continue_from(&mut self, earlier: &mut dyn ReportCollector) {
        if let Some(state) = earlier.state() {
            self.restore_state(&state);
        }
    }
}

/// The functions of a collector.
fn definition(collector: Collector) -> CollectorDef {
    match collector {
        Collector::Skills => CollectorDef { endpoint_stats: stats_of::<wire::SkillRow>, build: skills::build },
        Collector::Dnis => CollectorDef { endpoint_stats: stats_of::<wire::DnisRow>, build: dnis::build },
        Collector::AgentsKpi => CollectorDef { endpoint_stats: stats_of::<wire::AgentRow>, build: agents_kpi::build },
        Collector::Transfers => CollectorDef { endpoint_stats: stats_of::<wire::TransferRow>, build: transfers::build },
        Collector::Ivr => CollectorDef { endpoint_stats: stats_of::<wire::IvrRow>, build: ivr::build },
    }
}

/// The report that a collector calls: the value of the parameter `api`, and of the label `endpoint`.
pub fn endpoint(collector: Collector) -> &'static str {
    (definition(collector).endpoint_stats)().endpoint
}

/// Builds a collector without state; `None` where the operation has switched it off.
fn build(name: Collector, operation: &Operation) -> Option<ActiveCollector> {
    let cadence = operation.collectors.cadence(name)?;
    Some(ActiveCollector { name, cadence, collector: (definition(name).build)(operation)? })
}

/// The collectors that an operation has switched on.
fn active(operation: &Operation) -> impl Iterator<Item = ActiveCollector> {
    Collector::ALL.into_iter().filter_map(|name| build(name, operation))
}

/// Parses the state of a collector.
#[expect(clippy::disallowed_methods, reason = "the exporter's own text, not a response of wolkvox")]
fn parse_state<T: serde::de::DeserializeOwned>(state: &RawValue) -> Result<T, serde_json::Error> {
    serde_json::from_str(state.get())
}

fn stats_of<R: WireRow>() -> EndpointStats {
    let fields: Vec<&'static str> = R::names().into_iter().chain([ROW_FIELD]).collect();
    EndpointStats::new(R::ENDPOINT.api, &fields)
}
