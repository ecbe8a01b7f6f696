//! Settings of the collector `dnis`.

use std::time::Duration;

use super::{Cadence, Settings, SkillSelection, Window, cadence, skill_ids, skill_ids_text, windows, windows_text};
use crate::config::cursor::Field;
use crate::config::errors::InvalidValue;
use crate::config::setting::{self, Setting};
use crate::config::values;

/// Numbers with their own series unless configured.
const DEFAULT_MAX_DNIS: usize = 1000;

/// The default window besides `today`. The alerts use it.
const DEFAULT_ROLLING: (&str, Duration) = ("30m", Duration::from_secs(30 * 60));

/// Settings of the collector `dnis`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnisSettings {
    /// When to poll and how long values are exported.
    pub cadence: Cadence,
    /// The skills to request, one call for each skill and window.
    pub skill_ids: Vec<SkillSelection>,
    /// The periods of time to request.
    pub windows: Vec<Window>,
    /// Numbers with their own series in each window; the rest is labelled "other".
    pub max_dnis: usize,
    /// How dialled numbers are exported.
    pub mask: DnisMask,
}

/// How dialled numbers are exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DnisMask {
    /// As wolkvox sends them.
    #[default]
    None,
    /// The last four digits only.
    Last4,
    /// A keyed hash: the same number always has the same label, and the label does not reveal the number.
    Hash,
}

impl Settings for DnisSettings {
    /// All skills merged, today and the last 30 minutes.
    fn every(interval: Duration) -> Self {
        let (label, length) = DEFAULT_ROLLING;
        Self {
            cadence: Cadence::every(interval),
            skill_ids: vec![SkillSelection::all()],
            windows: vec![Window::today(), Window::rolling(label, length)],
            max_dnis: DEFAULT_MAX_DNIS,
            mask: DnisMask::None,
        }
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let section = field.section(&["interval", "max_age", "skill_ids", "windows", "max_dnis", "mask"])?;
        let cadence = cadence(&section);
        let skill_ids = section.optional("skill_ids", skill_ids);
        let windows = section.optional("windows", windows);
        let max_dnis = section.optional("max_dnis", |field| field.integer(values::MAX_SERIES));
        let mask = section.optional("mask", |field| field.parse_text(mask));
        let cadence = cadence?;
        let defaults = Self::every(cadence.interval);
        Some(Self {
            cadence,
            skill_ids: skill_ids?.unwrap_or(defaults.skill_ids),
            windows: windows?.unwrap_or(defaults.windows),
            max_dnis: max_dnis?.map_or(defaults.max_dnis, |numbers| numbers as usize),
            mask: mask?.unwrap_or(defaults.mask),
        })
    }

    fn shows_values_like(&self, other: &Self) -> bool {
        (self.max_dnis, self.mask) == (other.max_dnis, other.mask)
    }

    fn with_skill_ids(self, skill_ids: &[SkillSelection]) -> Self {
        Self { skill_ids: skill_ids.to_vec(), ..self }
    }

    fn to_yaml(&self) -> Vec<Setting> {
        let mask = match self.mask {
            DnisMask::None => "none",
            DnisMask::Last4 => "last4",
            DnisMask::Hash => "hash",
        };
        let mut settings = setting::cadence(self.cadence);
        settings.extend([
            ("skill_ids", skill_ids_text(&self.skill_ids)),
            ("windows", windows_text(&self.windows)),
            ("max_dnis", self.max_dnis.to_string()),
            ("mask", mask.to_owned()),
        ]);
        settings
    }
}

fn mask(text: &str) -> Result<DnisMask, InvalidValue> {
    match text {
        "none" => Ok(DnisMask::None),
        "last4" => Ok(DnisMask::Last4),
        "hash" => Ok(DnisMask::Hash),
        _ => Err(InvalidValue::new("mask", text, "none, last4 or hash")),
    }
}
