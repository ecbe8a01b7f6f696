//! Settings of a collector that has no keys of its own.

use std::time::Duration;

use super::{Cadence, Settings, cadence};
use crate::config::cursor::Field;
use crate::config::setting::{self, Setting};

/// Settings of a collector that has no keys of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntervalSettings {
    /// When to poll and how long values are exported.
    pub cadence: Cadence,
}

impl Settings for IntervalSettings {
    fn every(interval: Duration) -> Self {
        Self { cadence: Cadence::every(interval) }
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        cadence(&field.section(&["interval", "max_age"])?).map(|cadence| Self { cadence })
    }

    fn shows_values_like(&self, _other: &Self) -> bool {
        true
    }

    fn to_yaml(&self) -> Vec<Setting> {
        setting::cadence(self.cadence)
    }
}
