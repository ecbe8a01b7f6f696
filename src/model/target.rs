//! What an operation promised: targets and opening hours per skill, from the configuration.

use std::sync::Arc;

use super::OpeningHours;

/// Targets in the order of the configuration; the first that names a skill wins, one without skills is the default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Targets(Vec<Target>);

/// One entry of the configuration's `targets`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// The skills it is for; empty means every skill that no entry names.
    pub skill_ids: Vec<Box<str>>,
    /// The team that answers for them.
    pub team: Option<Arc<str>>,
    /// The promised service level.
    pub service_level: Option<ServiceLevelTarget>,
    /// The abandon ratio not to exceed, 0–1.
    pub abandon_ratio: Option<f64>,
    /// When calls are taken; `None` means always.
    pub open: Option<OpeningHours>,
}

/// "80 % within 20 seconds".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceLevelTarget {
    /// The time within which calls are to be answered, in seconds.
    pub threshold_seconds: u32,
    /// The share to be answered within it, 0–1.
    pub ratio: f64,
}

impl Targets {
    /// Targets in the order in which they were written.
    pub fn new(entries: Vec<Target>) -> Self {
        Self(entries)
    }

    /// The target of a skill: the first entry that names it, else the first entry that names none.
    pub fn of(&self, skill_id: &str) -> Option<&Target> {
        self.0
            .iter()
            .find(|target| target.skill_ids.iter().any(|id| **id == *skill_id))
            .or_else(|| self.0.iter().find(|target| target.skill_ids.is_empty()))
    }

    /// Every entry, in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Target> {
        self.0.iter()
    }
}
