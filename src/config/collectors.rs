//! The section `collectors` of an operation.
//!
//! A collector left out has its default of the collectors' table; `false` switches it off, `true` or `{}` on with its
//! defaults. An interval that is not given is the one that wolkvox suggests, for every collector.

use std::time::Duration;

use super::checked::{Cadence, DnisMask, DnisSettings, Enabled, SkillSelection, SkillsSettings, Window};
use super::raw::Value;
use super::reading::{At, Section};
use super::values::{self, DEFAULT_INTERVAL};
use crate::collect::COLLECTORS;

/// Numbers with series of their own unless configured.
const DEFAULT_MAX_DNIS: usize = 1000;

/// The window of DNIS figures that alerts are made from.
const DEFAULT_ROLLING: (&str, Duration) = ("30m", Duration::from_secs(30 * 60));

impl SkillsSettings {
    /// Every skill, polled every `interval`.
    pub(super) fn every(interval: Duration) -> Self {
        Self { cadence: Cadence::every(interval), skill_ids: vec![SkillSelection::all()] }
    }
}

impl DnisSettings {
    /// All skills merged, today and the last half-hour, polled every `interval`.
    pub(super) fn every(interval: Duration) -> Self {
        let (label, length) = DEFAULT_ROLLING;
        Self {
            cadence: Cadence::every(interval),
            skill_ids: vec![SkillSelection::all()],
            windows: vec![Window::today(), Window::rolling(label, length)],
            max_dnis: DEFAULT_MAX_DNIS,
            mask: DnisMask::None,
        }
    }
}

/// Whether a collector polls unless it is switched.
pub(super) fn on_by_default(name: &str) -> bool {
    COLLECTORS.iter().any(|entry| entry.name.0 == name && entry.on_by_default)
}

/// What to poll when the section is left out.
pub(super) fn defaults() -> Enabled {
    Enabled {
        skills: on_by_default("skills").then(|| SkillsSettings::every(DEFAULT_INTERVAL)),
        dnis: on_by_default("dnis").then(|| DnisSettings::every(DEFAULT_INTERVAL)),
    }
}

/// Reads the section.
pub(super) fn read(at: &At<'_>) -> Option<Enabled> {
    let names: Vec<&'static str> = COLLECTORS.iter().map(|entry| entry.name.0).collect();
    let section = at.section(&names)?;
    let skills = collector(&section, "skills", SkillsSettings::every, skills);
    let dnis = collector(&section, "dnis", DnisSettings::every, dnis);
    let enabled = Enabled { skills: skills?, dnis: dnis? };
    if enabled.skills.is_none() && enabled.dnis.is_none() {
        at.refuse("every collector is switched off: leave one on, or leave the operation out");
        return None;
    }
    Some(enabled)
}

/// One collector: switched by `true` or `false`, or configured by a section.
#[expect(
    clippy::option_option,
    reason = "a collector that is off and settings that are wrong are two different things"
)]
fn collector<T>(
    section: &Section<'_>,
    name: &str,
    every: fn(Duration) -> T,
    read: fn(&At<'_>) -> Option<T>,
) -> Option<Option<T>> {
    let Some(at) = section.entry(name) else {
        return Some(on_by_default(name).then(|| every(DEFAULT_INTERVAL)));
    };
    match at.value() {
        Value::Bool(on) => Some(on.then(|| every(DEFAULT_INTERVAL))),
        Value::Section(_) => read(&at).map(Some),
        _ => at.unexpected("a section, true or false"),
    }
}

fn skills(at: &At<'_>) -> Option<SkillsSettings> {
    let section = at.section(&["interval", "max_age", "skill_ids"])?;
    let cadence = cadence(&section);
    let skill_ids = section.optional("skill_ids", skill_ids);
    let defaults = SkillsSettings::every(DEFAULT_INTERVAL);
    Some(SkillsSettings { cadence: cadence?, skill_ids: skill_ids?.unwrap_or(defaults.skill_ids) })
}

fn dnis(at: &At<'_>) -> Option<DnisSettings> {
    let section = at.section(&["interval", "max_age", "skill_ids", "windows", "max_dnis", "mask"])?;
    let cadence = cadence(&section);
    let skill_ids = section.optional("skill_ids", skill_ids);
    let windows = section.optional("windows", windows);
    let max_dnis = section.optional("max_dnis", |at| at.whole(values::MAX_DNIS));
    let mask = section.optional("mask", |at| at.text_that(values::mask));
    let defaults = DnisSettings::every(DEFAULT_INTERVAL);
    Some(DnisSettings {
        cadence: cadence?,
        skill_ids: skill_ids?.unwrap_or(defaults.skill_ids),
        windows: windows?.unwrap_or(defaults.windows),
        max_dnis: max_dnis?.map_or(defaults.max_dnis, |numbers| numbers as usize),
        mask: mask?.unwrap_or(defaults.mask),
    })
}

fn cadence(section: &Section<'_>) -> Option<Cadence> {
    let interval = section.optional("interval", |at| at.text_with_unit(values::interval));
    let interval = interval?.unwrap_or(DEFAULT_INTERVAL);
    let max_age = section.optional("max_age", |at| at.text_with_unit(|text| values::max_age(text, interval)));
    let cadence = Cadence::every(interval);
    Some(Cadence { max_age: max_age?.unwrap_or(cadence.max_age), ..cadence })
}

fn skill_ids(at: &At<'_>) -> Option<Vec<SkillSelection>> {
    let all = at.items_that("[all], or ids such as [\"4173\"], is right", PartialEq::eq, |item| {
        item.text_that(values::skill_selection)
    })?;
    at.checked(values::selections(&all))?;
    Some(all)
}

fn windows(at: &At<'_>) -> Option<Vec<Window>> {
    let same = |a: &Window, b: &Window| a.span == b.span;
    at.items_that("[today], or windows such as [today, 30m], is right", same, |item| {
        item.text_with_unit(values::window)
    })
}
