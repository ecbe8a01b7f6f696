//! Settings of the collector `agents_kpi`.

use std::time::Duration;

use super::{Cadence, Settings, cadence};
use crate::config::cursor::Field;

/// Settings of the collector `agents_kpi`.
#[derive(Clone, Debug)]
pub struct AgentsKpiSettings {
    /// When to poll and how long values are exported.
    pub cadence: Cadence,
    /// Whether the names of agents, which are personal data, are exported.
    pub agent_names: bool,
}

impl Settings for AgentsKpiSettings {
    fn every(interval: Duration) -> Self {
        Self { cadence: Cadence::every(interval), agent_names: false }
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let section = field.section(&["interval", "max_age", "agent_names"])?;
        let cadence = cadence(&section);
        let agent_names = section.optional("agent_names", Field::boolean);
        Some(Self { cadence: cadence?, agent_names: agent_names?.unwrap_or(false) })
    }
}
