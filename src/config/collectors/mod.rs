//! The collectors: their names, what switches them on, and the settings of each in a file of its own.
//!
//! [`COLLECTORS`] and [`CollectorSettings`] come from one table, so that a new collector is one line here and one file beside. In
//! the file, a collector left out has its default of the table; `false` switches it off, `true` or `{}` on with its
//! defaults.

mod agents_kpi;
mod dnis;
mod ivr;
mod skills;
mod transfers;

use std::time::Duration;

pub use agents_kpi::AgentsKpiSettings;
pub use dnis::{DnisMask, DnisSettings};
pub use ivr::{IvrSettings, TimeUnit};
pub use skills::SkillsSettings;
pub use transfers::TransfersSettings;

use super::cursor::{Field, Section};
use super::raw::Value;
use super::types::{Cadence, SkillSelection, Window};
use super::values::{self, DEFAULT_INTERVAL};
use crate::model::CollectorName;

/// One line of the table of collectors.
#[derive(Debug)]
pub struct CollectorInfo {
    /// Its name: label value, configuration key, flag `--[no-]collector.NAME`.
    pub name: CollectorName,
    /// Whether it polls unless switched off.
    pub on_by_default: bool,
    /// What it reads, as one line of `--help`.
    pub about: &'static str,
}

/// What the settings of every collector can do.
trait Settings: Sized {
    /// The defaults, polled every `interval`.
    fn every(interval: Duration) -> Self;

    /// Reads the collector's section of the file.
    fn read(field: &Field<'_>) -> Option<Self>;

    /// Takes the skills of `--wolkvox.skill-id`, where the report can be asked for skills.
    fn asking_for(self, _skill_ids: &[SkillSelection]) -> Self {
        self
    }
}

macro_rules! collectors {
    ($($name:ident: $settings:ty, $on:literal, $about:literal;)*) => {
        /// Every collector there is.
        pub const COLLECTORS: &[CollectorInfo] = &[$(CollectorInfo {
            name: CollectorName(stringify!($name)),
            on_by_default: $on,
            about: $about,
        }),*];

        /// The settings of the collectors that are switched on.
        #[derive(Clone, Debug, Default)]
        pub struct CollectorSettings {
            $(#[doc = $about] pub $name: Option<$settings>,)*
        }

        impl CollectorSettings {
            /// Those that `on` names, each with its defaults.
            fn switched(on: impl Fn(&str) -> bool, interval: Duration, skill_ids: &[SkillSelection]) -> Self {
                Self {
                    $($name: on(stringify!($name)).then(|| <$settings>::every(interval).asking_for(skill_ids)),)*
                }
            }

            fn of_section(section: &Section<'_>) -> Option<Self> {
                // All sections are read before the first `?`, so that all errors are reported.
                $(let $name = collector::<$settings>(section, stringify!($name));)*
                Some(Self { $($name: $name?,)* })
            }

            fn is_empty(&self) -> bool {
                true $(&& self.$name.is_none())*
            }
        }
    };
}

collectors! {
    skills: SkillsSettings, true, "skills in real time: queue, day totals, service level";
    dnis: DnisSettings, true, "calls and service level by DNIS";
    agents_kpi: AgentsKpiSettings, false, "what each agent did today, by the gamification service";
    transfers: TransfersSettings, false, "interactions handed on, by channel, receiver and agent";
    ivr: IvrSettings, false, "calls and time by IVR menu option";
}

/// Whether a collector polls if neither file nor flags switch it.
fn on_by_default(name: &str) -> bool {
    COLLECTORS.iter().any(|entry| entry.name.0 == name && entry.on_by_default)
}

/// The collectors of an operation without the section.
pub(super) fn defaults() -> CollectorSettings {
    CollectorSettings::switched(on_by_default, DEFAULT_INTERVAL, &[SkillSelection::all()])
}

/// The collectors that are switched on by flags; the last flag of each collector wins. `None` if no collector is on.
pub(super) fn by_flags(
    switched: &[(CollectorName, bool)],
    interval: Duration,
    skill_ids: &[SkillSelection],
) -> Option<CollectorSettings> {
    let on = |name: &str| {
        let last = switched.iter().rev().find(|(collector, _)| collector.0 == name);
        last.map_or_else(|| on_by_default(name), |(_, on)| *on)
    };
    Some(CollectorSettings::switched(on, interval, skill_ids)).filter(|enabled| !enabled.is_empty())
}

/// Reads the section `collectors`.
pub(super) fn read(field: &Field<'_>) -> Option<CollectorSettings> {
    let names: Vec<&'static str> = COLLECTORS.iter().map(|entry| entry.name.0).collect();
    let enabled = CollectorSettings::of_section(&field.section(&names)?)?;
    if enabled.is_empty() {
        field.error(
            "invalid collectors: expected at least one that is switched on; to poll nothing, remove the operation",
        );
        return None;
    }
    Some(enabled)
}

/// One collector: switched with `true` or `false`, or configured with a section.
#[expect(clippy::option_option, reason = "a collector that is off and invalid settings are two different results")]
fn collector<T: Settings>(section: &Section<'_>, name: &str) -> Option<Option<T>> {
    let Some(field) = section.entry(name) else {
        return Some(on_by_default(name).then(|| T::every(DEFAULT_INTERVAL)));
    };
    match field.value() {
        Value::Bool(on) => Some(on.then(|| T::every(DEFAULT_INTERVAL))),
        Value::Section(_) => T::read(&field).map(Some),
        _ => field.type_error("a section, true or false"),
    }
}

fn cadence(section: &Section<'_>) -> Option<Cadence> {
    let interval = section.optional("interval", |field| field.parse_with_unit(values::interval));
    let interval = interval?.unwrap_or(DEFAULT_INTERVAL);
    let max_age = section.optional("max_age", |field| field.parse_with_unit(|text| values::max_age(text, interval)));
    let cadence = Cadence::every(interval);
    Some(Cadence { max_age: max_age?.unwrap_or(cadence.max_age), ..cadence })
}

fn skill_ids(field: &Field<'_>) -> Option<Vec<SkillSelection>> {
    let all = field.parse_items("[all], or ids such as [\"4173\"]", PartialEq::eq, |item| {
        item.parse_text(values::skill_selection)
    })?;
    field.ok_or_report(values::check_selections(&all))?;
    Some(all)
}

fn windows(field: &Field<'_>) -> Option<Vec<Window>> {
    let same = |a: &Window, b: &Window| a.span == b.span;
    field.parse_items("[today], or windows such as [today, 30m]", same, |item| item.parse_with_unit(values::window))
}
