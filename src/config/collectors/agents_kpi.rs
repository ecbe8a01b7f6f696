//! Settings of the collector `agents_kpi`.

use std::time::Duration;

use super::{Cadence, Settings, cadence};
use crate::config::cursor::Field;
use crate::config::setting::{self, Setting};

/// Settings of the collector `agents_kpi`.
#[derive(Clone, Debug, PartialEq, Eq)]
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

    fn shows_values_like(&self, other: &Self) -> bool {
        self.agent_names == other.agent_names
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let section = field.section(&["interval", "max_age", "agent_names"])?;
        let cadence = cadence(&section);
        let agent_names = section.optional("agent_names", Field::boolean);
        Some(Self { cadence: cadence?, agent_names: agent_names?.unwrap_or(false) })
    }

    fn to_yaml(&self) -> Vec<Setting> {
        let mut settings = setting::cadence(self.cadence);
        settings.push(("agent_names", self.agent_names.to_string()));
        settings
    }
}
