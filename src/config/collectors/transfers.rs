//! Settings of the collector `transfers`.

use std::time::Duration;

use super::{Cadence, Settings, cadence};
use crate::config::cursor::Field;

/// Settings of the collector `transfers`.
#[derive(Clone, Debug)]
pub struct TransfersSettings {
    /// When to poll and how long values are exported.
    pub cadence: Cadence,
}

impl Settings for TransfersSettings {
    fn every(interval: Duration) -> Self {
        Self { cadence: Cadence::every(interval) }
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        cadence(&field.section(&["interval", "max_age"])?).map(|cadence| Self { cadence })
    }
}
