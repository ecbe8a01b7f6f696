//! Work and time of each agent today.

use super::{Definition, Owner, Read, RenderInput, Table, gauge, info};
use crate::metrics::sample::Number::{self, Count, Real};
use crate::metrics::sample::Sink;
use crate::model::{Agent, AgentsReport, Collector};

/// Families that are read from the report of the collector `agents_kpi`.
pub(super) const TABLE: Table<RenderInput> = Table { owner: Owner::Collector(Collector::AgentsKpi), rows: ROWS };

const ROWS: &[Definition<RenderInput>] = &[
    info(
        "wolkvox_agent_info",
        "Name of the agent (agent_name), exported only with agent_names: true (configuration).",
        &AgentInfo,
    ),
    gauge(
        "wolkvox_agent_points_today",
        "Points of the gamification service today (points).",
        &PerAgent(|agent| agent.points.map(Count)),
    ),
    gauge("wolkvox_agent_hits_today", "Hits, such as sales, today (hits).", &PerAgent(|agent| agent.hits.map(Count))),
    gauge(
        "wolkvox_agent_calls_today",
        "Calls in all directions today (calls).",
        &PerAgent(|agent| agent.calls.map(Count)),
    ),
    gauge(
        "wolkvox_agent_average_handling_time_seconds",
        "Average handling time of the agent's calls today (aht_time).",
        &PerAgent(|agent| agent.average_handling_time.map(Real)),
    ),
    gauge(
        "wolkvox_agent_after_call_work_seconds",
        "After-call work of the agent today; wolkvox does not document whether a mean of a call or a total (acw_time).",
        &PerAgent(|agent| agent.after_call_work.map(Real)),
    ),
    gauge(
        "wolkvox_agent_occupancy_ratio",
        "Share of the agent's day spent on calls and after-call work, 0 to 1 (occupancy).",
        &PerAgent(|agent| agent.occupancy.map(Real)),
    ),
    gauge(
        "wolkvox_agent_login_time_seconds",
        "Time that the agent was logged in today (login_time).",
        &PerAgent(|agent| agent.login_time.map(Real)),
    ),
];

/// One sample for each agent.
#[derive(Debug)]
struct PerAgent(fn(&Agent) -> Option<Number>);

/// One sample for each agent with a name.
#[derive(Debug)]
struct AgentInfo;

fn each_agent(input: &RenderInput, mut visit: impl FnMut(&str, &Agent)) {
    for (snapshot, report) in input.reports::<AgentsReport>() {
        report.agents.iter().for_each(|agent| visit(&snapshot.operation, agent));
    }
}

impl Read<RenderInput> for PerAgent {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "agent_id"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        each_agent(input, |operation, agent| sink.sample(&[operation.into(), (&*agent.id).into()], (self.0)(agent)));
    }
}

impl Read<RenderInput> for AgentInfo {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "agent_id", "agent_name"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        each_agent(input, |operation, agent| {
            if let Some(name) = agent.name.as_deref() {
                sink.sample(&[operation.into(), (&*agent.id).into(), name.into()], Some(Count(1)));
            }
        });
    }
}

/// An agent with all values and a name, and one with almost no values.
#[cfg(test)]
pub(super) fn example() -> crate::model::Report {
    use crate::model::Report;

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
    Report::AgentsKpi(AgentsReport { agents: vec![full, unknown] })
}
