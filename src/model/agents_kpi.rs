//! Figures of each agent today, as the gamification service counts them.

use std::sync::Arc;

/// The figures of the running day from one successful poll of the agents' report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgentsReport {
    /// One entry an agent, ordered by id.
    pub agents: Vec<Agent>,
}

/// One agent's running day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agent {
    /// wolkvox's identifier of the agent: the extension.
    pub id: Arc<str>,
    /// The name, only if the configuration asks for it.
    pub name: Option<Arc<str>>,
    /// Points of the gamification service.
    pub points: Option<u64>,
    /// Successes such as sales.
    pub hits: Option<u64>,
    /// Calls of every direction.
    pub calls: Option<u64>,
    /// Average handling time, in seconds.
    pub average_handling_time: Option<f64>,
    /// After-call work, in seconds: the mean of a call or the total, which wolkvox does not document.
    pub after_call_work: Option<f64>,
    /// Share of the time that was spent on calls and their documentation, 0–1.
    pub occupancy: Option<f64>,
    /// Time logged in, in seconds.
    pub login_time: Option<f64>,
}
