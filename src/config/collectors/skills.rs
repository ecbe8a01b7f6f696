//! Settings of the collector `skills`.

use std::time::Duration;

use super::{Cadence, Settings, SkillSelection, cadence, skill_ids, skill_ids_text};
use crate::config::cursor::Field;
use crate::config::setting::{self, Setting};

/// Settings of the collector `skills`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillsSettings {
    /// When to poll and how long values are exported.
    pub cadence: Cadence,
    /// The skills to request, one call for each.
    pub skill_ids: Vec<SkillSelection>,
}

impl Settings for SkillsSettings {
    fn every(interval: Duration) -> Self {
        Self { cadence: Cadence::every(interval), skill_ids: vec![SkillSelection::all()] }
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let section = field.section(&["interval", "max_age", "skill_ids"])?;
        let cadence = cadence(&section);
        let skill_ids = section.optional("skill_ids", skill_ids);
        let cadence = cadence?;
        Some(Self { skill_ids: skill_ids?.unwrap_or(Self::every(cadence.interval).skill_ids), cadence })
    }

    fn with_skill_ids(self, skill_ids: &[SkillSelection]) -> Self {
        Self { skill_ids: skill_ids.to_vec(), ..self }
    }

    fn shows_values_like(&self, _other: &Self) -> bool {
        true
    }

    fn to_yaml(&self) -> Vec<Setting> {
        let mut settings = setting::cadence(self.cadence);
        settings.push(("skill_ids", skill_ids_text(&self.skill_ids)));
        settings
    }
}
