//! The contact centre itself: what really happened, to the call. It knows no HTTP, no text forms and no clock; every
//! question names the moment it asks about, and every answer follows from the seed and what disturbs the world.

mod agents;
mod calendar;
mod call_counts;
mod callers;
mod incident;
mod ivr;
mod operation;
mod people;
mod queue;
mod reinforcements;
mod shifts;
mod skill_day;
mod staffing;
mod transfers;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

pub use agents::AgentTruth;
pub use calendar::Calendar;
pub use call_counts::CallCounts;
pub use ivr::{Choice, IvrTruth};
pub use operation::{MenuOption, Skill, demo};
pub use people::Agent;
pub use queue::{Call, Ending};
pub use transfers::{Channel, Receiver, TransferTruth};

pub(super) use incident::IncidentEffect;

use crate::incident_window::IncidentWindow;
use incident::Incident;
use skill_day::SkillDay;

/// Dates of demand kept for each skill: the longest window wolkvox allows (31 days) and some.
const DATES_KEPT: usize = 35;

/// What happened in an operation, generated when first asked for.
#[derive(Debug)]
pub struct World {
    seed: u64,
    calendar: Calendar,
    skills: Vec<Skill>,
    effect: IncidentEffect,
    window: IncidentWindow,
    days: Mutex<Days>,
}

/// What happened on a date of demand in a skill (its place among the skills), the earliest date first.
type Days = BTreeMap<(Date, usize), Arc<SkillDay>>;

/// One skill's running day at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct SkillTruth {
    /// Its identification.
    pub id: u32,
    /// Its name.
    pub name: &'static str,
    /// The calls of the local day up to the moment; `waiting` is the queue.
    pub today: CallCounts,
}

/// One dialled number's calls of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct DnisTruth {
    /// The number.
    pub dnis: String,
    /// Its calls.
    pub calls: CallCounts,
}

impl World {
    /// The world of `skills` that `seed` makes.
    pub fn new(seed: u64, calendar: Calendar, skills: Vec<Skill>) -> Self {
        let (effect, window) = (IncidentEffect::NONE, IncidentWindow::NEVER);
        Self { seed, calendar, skills, effect, window, days: Mutex::default() }
    }

    /// The same world until the `window` starts, under that `effect` while it lasts.
    pub(super) fn with_incident(self, effect: IncidentEffect, window: IncidentWindow) -> Self {
        Self { effect, window, days: Mutex::default(), ..self }
    }

    /// The skills of the operation, in the order of the reports.
    pub fn skills(&self) -> &[Skill] {
        &self.skills
    }

    /// Every skill as it stands `at` that moment; the day began at the midnight of its zone.
    pub fn skills_at(&self, at: &Zoned) -> Vec<SkillTruth> {
        let midnight = at.start_of_day().map_or(at.timestamp(), |start| start.timestamp());
        let truth = |(index, skill): (usize, &Skill)| {
            let mut today = CallCounts::default();
            self.each_call(index, midnight, at.timestamp(), |call| today.add(call, at.timestamp()));
            SkillTruth { id: skill.id, name: skill.name, today }
        };
        self.skills.iter().enumerate().map(truth).collect()
    }

    /// Calls by dialled number, of one skill or (`None`) of all together, that arrived from `from` to `until`, as they
    /// stood at `as_of`: calls after that moment have not happened yet. Numbers without a call have no entry.
    pub fn dnis_between(&self, skill: Option<u32>, from: &Zoned, until: &Zoned, as_of: &Zoned) -> Vec<DnisTruth> {
        let (as_of, until) = (as_of.timestamp(), until.timestamp().min(as_of.timestamp()));
        let mut numbers: BTreeMap<&str, CallCounts> = BTreeMap::new();
        for (index, asked) in self.skills.iter().enumerate().filter(|(_, one)| skill.is_none_or(|id| id == one.id)) {
            self.each_call(index, from.timestamp(), until, |call| {
                numbers.entry(&asked.numbers[call.number]).or_default().add(call, as_of);
            });
        }
        numbers.into_iter().map(|(dnis, calls)| DnisTruth { dnis: dnis.to_owned(), calls }).collect()
    }

    /// The calls of one skill (by its place in [`World::skills`]) that arrived from `from` to `until`, both included.
    pub fn each_call(&self, skill: usize, from: Timestamp, until: Timestamp, mut see: impl FnMut(&Call)) {
        for day in self.days(skill, from, until) {
            let start = day.calls.partition_point(|call| call.arrived < from);
            day.calls[start..].iter().take_while(|call| call.arrived <= until).for_each(&mut see);
        }
    }

    /// The dates of demand that `from` to `until` touches.
    fn days(&self, skill: usize, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Arc<SkillDay>> {
        let last = self.calendar.date_of(until);
        std::iter::successors(Some(self.calendar.date_of(from)), |date| date.tomorrow().ok())
            .take_while(move |date| *date <= last)
            .map(move |date| self.day(skill, date))
    }

    /// Generated under the lock: two who ask for the same day at once should not both do the work.
    fn day(&self, skill: usize, date: Date) -> Arc<SkillDay> {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(day) = days.get(&(date, skill)) {
            return Arc::clone(day);
        }
        let origin = self.calendar.origin(date);
        let incident = Incident::new(self.effect, self.window, origin);
        let day = SkillDay::generate(self.seed, date, origin, &self.skills, skill, &incident);
        let day = Arc::new(day);
        days.insert((date, skill), Arc::clone(&day));
        if days.len() > DATES_KEPT * self.skills.len() {
            days.pop_first();
        }
        day
    }
}

#[cfg(test)]
mod tests;
