//! Settings of a collector that has no keys of its own.

use std::time::Duration;

use super::{Cadence, Settings, cadence};
use crate::config::cursor::Field;

/// Settings of a collector that has no keys of its own.
#[derive(Clone, Debug)]
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
}
