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

use super::checked::{Cadence, SkillSelection, Window};
use super::cursor::{Field, Section};
use super::raw::Value;
use super::values::{self, DEFAULT_INTERVAL};
use crate::model::Collector;

/// What the settings of every collector can do.
trait Settings: Sized {
    /// The defaults, polled every `interval`.
    fn every(interval: Duration) -> Self;

    /// Reads the collector's section of the file.
    fn read(at: &Field<'_>) -> Option<Self>;

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
                // All of them first, so that everything wrong is found.
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

/// What to poll when the section is left out.
pub(super) fn defaults() -> CollectorSettings {
    CollectorSettings::switched(Collector::on_by_default, DEFAULT_INTERVAL, &[SkillSelection::all()])
}

/// What to poll by flags, the last word on each collector counts; `None` is nothing at all.
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

/// Reads the section.
pub(super) fn read(at: &Field<'_>) -> Option<CollectorSettings> {
    let enabled = CollectorSettings::of_section(&at.section(&Collector::ALL.map(Collector::name))?)?;
    if enabled.is_empty() {
        at.error("every collector is switched off: leave one on, or leave the operation out");
        return None;
    }
    Some(enabled)
}

/// One collector: switched by `true` or `false`, or configured by a section.
#[expect(
    clippy::option_option,
    reason = "a collector that is off and settings that are wrong are two different things"
)]
fn collector<T: Settings>(section: &Section<'_>, collector: Collector) -> Option<Option<T>> {
    let Some(at) = section.entry(collector.name()) else {
        return Some(collector.on_by_default().then(|| T::every(DEFAULT_INTERVAL)));
    };
    match at.value() {
        Value::Bool(on) => Some(on.then(|| T::every(DEFAULT_INTERVAL))),
        Value::Section(_) => T::read(&at).map(Some),
        _ => at.unexpected("a section, true or false"),
    }
}

fn cadence(section: &Section<'_>) -> Option<Cadence> {
    let interval = section.optional("interval", |at| at.text_with_unit(values::interval));
    let interval = interval?.unwrap_or(DEFAULT_INTERVAL);
    let max_age = section.optional("max_age", |at| at.text_with_unit(|text| values::max_age(text, interval)));
    let cadence = Cadence::every(interval);
    Some(Cadence { max_age: max_age?.unwrap_or(cadence.max_age), ..cadence })
}

fn skill_ids(at: &Field<'_>) -> Option<Vec<SkillSelection>> {
    let all = at.items_that("[all], or ids such as [\"4173\"], is right", PartialEq::eq, |item| {
        item.text_that(values::skill_selection)
    })?;
    at.checked(values::selections(&all))?;
    Some(all)
}

fn windows(at: &Field<'_>) -> Option<Vec<Window>> {
    let same = |a: &Window, b: &Window| a.span == b.span;
    at.items_that("[today], or windows such as [today, 30m], is right", same, |item| {
        item.text_with_unit(values::window)
    })
}
