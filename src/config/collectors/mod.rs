//! The settings of each collector, one file each.
//!
//! A new collector is one line of `settings!` here and one file beside it; its name and default are in
//! [`Collector`]. In the configuration file, a collector that is left out has its default; `false` switches it off,
//! `true` or `{}` switches it on with default settings.

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
use crate::model::Collector;

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

macro_rules! settings {
    ($($collector:ident => $name:ident: $settings:ty;)*) => {
        /// The settings of the collectors that are switched on.
        #[derive(Clone, Debug, Default)]
        pub struct CollectorSettings {
            $(#[doc = concat!("Of the collector `", stringify!($name), "`.")] pub $name: Option<$settings>,)*
        }

        impl CollectorSettings {
            /// Those that `on` names, each with its defaults.
            fn switched(on: impl Fn(Collector) -> bool, interval: Duration, skill_ids: &[SkillSelection]) -> Self {
                Self {
                    $($name: on(Collector::$collector).then(|| <$settings>::every(interval).asking_for(skill_ids)),)*
                }
            }

            /// When a collector polls; `None` where it is switched off.
            pub fn cadence(&self, collector: Collector) -> Option<Cadence> {
                match collector {
                    $(Collector::$collector => self.$name.as_ref().map(|settings| settings.cadence),)*
                }
            }

            fn of_section(section: &Section<'_>) -> Option<Self> {
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
    Transfers => transfers: TransfersSettings;
    Ivr => ivr: IvrSettings;
}

/// The collectors of an operation without the section.
pub(super) fn defaults() -> CollectorSettings {
    CollectorSettings::switched(Collector::on_by_default, DEFAULT_INTERVAL, &[SkillSelection::all()])
}

/// The collectors that are switched on by flags; the last flag of each collector wins. `None` if no collector is on.
pub(super) fn by_flags(
    switched: &[(Collector, bool)],
    interval: Duration,
    skill_ids: &[SkillSelection],
) -> Option<CollectorSettings> {
    let on = |collector: Collector| {
        let last = switched.iter().rev().find(|(switched, _)| *switched == collector);
        last.map_or_else(|| collector.on_by_default(), |(_, on)| *on)
    };
    Some(CollectorSettings::switched(on, interval, skill_ids)).filter(|enabled| !enabled.is_empty())
}

/// Reads the section `collectors`.
pub(super) fn read(field: &Field<'_>) -> Option<CollectorSettings> {
    let enabled = CollectorSettings::of_section(&field.section(&Collector::ALL.map(Collector::name))?)?;
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
