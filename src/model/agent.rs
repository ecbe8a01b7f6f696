//! What agents did today, as the gamification service counts it.

use std::sync::Arc;

/// What one good poll of the agents' report said of the running day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgentsReport {
    /// One entry an agent, ordered by id.
    pub agents: Vec<Agent>,
}

/// One agent's running day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agent {
    /// wolkvox's identification, the extension.
    pub id: Arc<str>,
    /// The name, only where the configuration asks for it.
    pub name: Option<Arc<str>>,
    /// Points of the gamification service.
    pub points: Option<u64>,
    /// Successes such as sales.
    pub hits: Option<u64>,
    /// Calls of every direction.
    pub calls: Option<u64>,
    /// Average handling time, in seconds.
    pub average_handling_time: Option<f64>,
    /// After-call work, in seconds.
    pub after_call_work: Option<f64>,
    /// Share of the time spent on calls and their documentation, 0–1.
    pub occupancy: Option<f64>,
    /// Time logged in, in seconds.
    pub login_time: Option<f64>,
}
