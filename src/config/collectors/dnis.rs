//! Settings of the collector `dnis`.

use std::time::Duration;

use super::{Cadence, Settings, SkillSelection, Window, cadence, skill_ids, windows};
use crate::config::cursor::Field;
use crate::config::values;

/// Numbers with series of their own unless configured.
const DEFAULT_MAX_DNIS: usize = 1000;

/// The window of DNIS figures that alerts are made from.
const DEFAULT_ROLLING: (&str, Duration) = ("30m", Duration::from_secs(30 * 60));

/// Settings of the collector `dnis`.
#[derive(Clone, Debug)]
pub struct DnisSettings {
    /// When to poll.
    pub cadence: Cadence,
    /// What to ask for; one call for each of them and each window.
    pub skill_ids: Vec<SkillSelection>,
    /// The stretches of time to ask for.
    pub windows: Vec<Window>,
    /// Numbers with series of their own, per window; the rest is merged.
    pub max_dnis: usize,
    /// How numbers are shown.
    pub mask: DnisMask,
}

/// How numbers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DnisMask {
    /// As wolkvox sends them.
    #[default]
    None,
    /// The last four digits only.
    Last4,
    /// A keyed hash: the same number has the same label, the number cannot be read from it.
    Hash,
}

impl Settings for DnisSettings {
    /// All skills merged, today and the last half-hour.
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

    fn read(at: &Field<'_>) -> Option<Self> {
        let section = at.section(&["interval", "max_age", "skill_ids", "windows", "max_dnis", "mask"])?;
        let cadence = cadence(&section);
        let skill_ids = section.optional("skill_ids", skill_ids);
        let windows = section.optional("windows", windows);
        let max_dnis = section.optional("max_dnis", |at| at.whole(values::MAX_SERIES));
        let mask = section.optional("mask", |at| at.text_that(mask));
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

    fn asking_for(self, skill_ids: &[SkillSelection]) -> Self {
        Self { skill_ids: skill_ids.to_vec(), ..self }
    }
}

fn mask(text: &str) -> Result<DnisMask, String> {
    match text {
        "none" => Ok(DnisMask::None),
        "last4" => Ok(DnisMask::Last4),
        "hash" => Ok(DnisMask::Hash),
        _ => Err(format!("{text:?} is no mask: none, last4 and hash are")),
    }
}
