//! The settings of the collectors.
//!
//! A new collector needs one line of `settings!` here. If it has keys of its own, it also needs a file next to this one;
//! otherwise its settings are [`IntervalSettings`]. Its name and whether it is on by default are in [`Collector`]. In the
//! configuration file, `false` switches a collector off, and `true` or `{}` switches it on with its default settings.

mod agents_kpi;
mod dnis;
mod interval;
mod ivr;
mod skills;

use std::time::Duration;

pub use agents_kpi::AgentsKpiSettings;
pub use dnis::{DnisMask, DnisSettings};
pub use interval::IntervalSettings;
pub use ivr::{IvrSettings, TimeUnit};
pub use skills::SkillsSettings;

use super::cursor::{Field, Section};
use super::raw::Value;
use super::setting::{Setting, list, quoted};
use super::types::{Cadence, SkillSelection, Window};
use super::values::{self, DEFAULT_INTERVAL};
use crate::model::Collector;

/// The settings of one collector.
trait Settings: Sized {
    /// The default settings with another interval.
    fn every(interval: Duration) -> Self;

    /// Reads the collector's section of the file.
    fn read(field: &Field<'_>) -> Option<Self>;

    /// Whether the values of a response look the same with both settings. They may be polled at other times, for other
    /// skills and for other windows.
    fn shows_values_like(&self, other: &Self) -> bool;

    /// Every key of the collector's section with its value, as the file writes it.
    fn to_yaml(&self) -> Vec<Setting>;

    /// Uses the skills of `--wolkvox.skill-id`, if the report can be requested for skills.
    fn with_skill_ids(self, _skill_ids: &[SkillSelection]) -> Self {
        self
    }
}

macro_rules! settings {
    ($($collector:ident => $name:ident: $settings:ty;)*) => {
        /// The settings of the collectors that are switched on.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct CollectorSettings {
            $(#[doc = concat!("The settings of `", stringify!($name), "`; `None` if it is off.")] pub $name: Option<$settings>,)*
        }

        impl CollectorSettings {
            /// The collectors for which `is_on` is true, each with its default settings.
            fn of(is_on: impl Fn(Collector) -> bool, interval: Duration, skill_ids: &[SkillSelection]) -> Self {
                Self {
                    $($name: is_on(Collector::$collector).then(|| <$settings>::every(interval).with_skill_ids(skill_ids)),)*
                }
            }

            /// When a collector polls; `None` if it is switched off.
            pub fn cadence(&self, collector: Collector) -> Option<Cadence> {
                match collector {
                    $(Collector::$collector => self.$name.as_ref().map(|settings| settings.cadence),)*
                }
            }

            /// The same, to change it; `None` if the collector is switched off.
            pub fn cadence_mut(&mut self, collector: Collector) -> Option<&mut Cadence> {
                match collector {
                    $(Collector::$collector => self.$name.as_mut().map(|settings| &mut settings.cadence),)*
                }
            }

            /// Whether a collector is switched on in both and shows the values of a response in the same way.
            pub fn shows_values_like(&self, other: &Self, collector: Collector) -> bool {
                match collector {
                    $(Collector::$collector => match (&self.$name, &other.$name) {
                        (Some(settings), Some(other)) => settings.shows_values_like(other),
                        _ => false,
                    },)*
                }
            }

            /// Every collector with the keys and values of its section; `None` if it is off.
            pub(super) fn to_yaml(&self) -> Vec<(Collector, Option<Vec<Setting>>)> {
                vec![$((Collector::$collector, self.$name.as_ref().map(Settings::to_yaml)),)*]
            }

            fn from_section(section: &Section<'_>) -> Option<Self> {
                // All sections are read before the first `?`, so that all errors are reported.
                $(let $name = collector::<$settings>(section, Collector::$collector);)*
                Some(Self { $($name: $name?,)* })
            }

            fn is_empty(&self) -> bool {
                true $(&& self.$name.is_none())*
            }
        }
    };
}

settings! {
    Skills => skills: SkillsSettings;
    Dnis => dnis: DnisSettings;
    AgentsKpi => agents_kpi: AgentsKpiSettings;
    Transfers => transfers: IntervalSettings;
    Ivr => ivr: IvrSettings;
}

/// The collectors of an operation without the section.
pub(super) fn defaults() -> CollectorSettings {
    CollectorSettings::of(Collector::on_by_default, DEFAULT_INTERVAL, &[SkillSelection::all()])
}

/// The collectors that are switched on by flags; the last flag of each collector wins. `None` if no collector is on.
pub(super) fn from_flags(
    switched: &[(Collector, bool)],
    interval: Duration,
    skill_ids: &[SkillSelection],
) -> Option<CollectorSettings> {
    let on = |collector: Collector| {
        let last = switched.iter().rev().find(|(switched, _)| *switched == collector);
        last.map_or_else(|| collector.on_by_default(), |(_, on)| *on)
    };
    Some(CollectorSettings::of(on, interval, skill_ids)).filter(|enabled| !enabled.is_empty())
}

/// Reads the section `collectors`.
pub(super) fn read(field: &Field<'_>) -> Option<CollectorSettings> {
    let enabled = CollectorSettings::from_section(&field.section(&Collector::ALL.map(Collector::name))?)?;
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
fn collector<T: Settings>(section: &Section<'_>, collector: Collector) -> Option<Option<T>> {
    let Some(field) = section.entry(collector.name()) else {
        return Some(collector.on_by_default().then(|| T::every(DEFAULT_INTERVAL)));
    };
    match field.value() {
        Value::Bool(on) => Some(on.then(|| T::every(DEFAULT_INTERVAL))),
        Value::Section(_) => T::read(&field).map(Some),
        _ => field.type_error("a section, true or false"),
    }
}

/// The list of skills, as the file writes it.
fn skill_ids_text(skill_ids: &[SkillSelection]) -> String {
    list(skill_ids.iter().map(|SkillSelection(id)| quoted(id)))
}

/// The list of windows, as the file writes it.
fn windows_text(windows: &[Window]) -> String {
    list(windows.iter().map(|window| quoted(&window.label)))
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
