//! Settings of the collector `ivr`.

use std::time::Duration;

use super::{Cadence, Settings, Window, cadence, windows, windows_text};
use crate::config::cursor::Field;
use crate::config::errors::InvalidValue;
use crate::config::setting::{self, Setting};
use crate::config::values;

/// Options with their own series unless configured.
const DEFAULT_MAX_OPTIONS: u32 = 1000;

/// Settings of the collector `ivr`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IvrSettings {
    /// When to poll and how long values are exported.
    pub cadence: Cadence,
    /// The periods of time to request, one call for each.
    pub windows: Vec<Window>,
    /// Options with their own series in each window; the rest is labelled "other".
    pub max_options: usize,
    /// The unit of a time that is a plain number.
    pub time_unit: TimeUnit,
}

/// The unit of a time that is a plain number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeUnit {
    /// The unit in the title of the vendor's documentation page.
    #[default]
    Minutes,
    /// Seconds.
    Seconds,
}

impl TimeUnit {
    /// Its length in seconds.
    pub fn seconds(self) -> f64 {
        match self {
            Self::Minutes => 60.0,
            Self::Seconds => 1.0,
        }
    }
}

impl Settings for IvrSettings {
    fn every(interval: Duration) -> Self {
        Self {
            cadence: Cadence::every(interval),
            windows: vec![Window::today()],
            max_options: DEFAULT_MAX_OPTIONS as usize,
            time_unit: TimeUnit::Minutes,
        }
    }

    fn shows_values_like(&self, other: &Self) -> bool {
        (self.max_options, self.time_unit) == (other.max_options, other.time_unit)
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let section = field.section(&["interval", "max_age", "windows", "max_options", "time_unit"])?;
        let cadence = cadence(&section);
        let windows = section.optional("windows", windows);
        let max_options = section.optional("max_options", |field| field.integer(values::MAX_SERIES));
        let time_unit = section.optional("time_unit", |field| field.parse_text(time_unit));
        let cadence = cadence?;
        let defaults = Self::every(cadence.interval);
        Some(Self {
            cadence,
            windows: windows?.unwrap_or(defaults.windows),
            max_options: max_options?.map_or(defaults.max_options, |options| options as usize),
            time_unit: time_unit?.unwrap_or(defaults.time_unit),
        })
    }

    fn to_yaml(&self) -> Vec<Setting> {
        let time_unit = match self.time_unit {
            TimeUnit::Minutes => "minutes",
            TimeUnit::Seconds => "seconds",
        };
        let mut settings = setting::cadence(self.cadence);
        settings.extend([
            ("windows", windows_text(&self.windows)),
            ("max_options", self.max_options.to_string()),
            ("time_unit", time_unit.to_owned()),
        ]);
        settings
    }
}

fn time_unit(text: &str) -> Result<TimeUnit, InvalidValue> {
    match text {
        "minutes" => Ok(TimeUnit::Minutes),
        "seconds" => Ok(TimeUnit::Seconds),
        _ => Err(InvalidValue::new("time unit", text, "minutes or seconds")),
    }
}
