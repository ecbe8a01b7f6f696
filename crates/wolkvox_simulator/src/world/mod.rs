//! The contact centre itself: the true events, down to each call. It does not depend on HTTP, text forms or a clock.
//! Every query takes the moment to look at, and every result follows from the seed, the conditions and the incident.

mod agents;
mod arrivals;
mod calendar;
mod call_counts;
mod callers;
mod conditions;
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

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

pub use agents::AgentTruth;
pub use calendar::Calendar;
pub use call_counts::CallCounts;
pub use conditions::Conditions;
pub use incident::IncidentEffect;
pub use ivr::{Choice, IvrTruth};
pub use operation::{MenuOption, Skill, demo};
pub use people::Agent;
pub use queue::{Call, Ending};
pub use transfers::{Channel, Receiver, TransferTruth};

pub use crate::incident_window::IncidentWindow;

use calendar::DateKind;
use queue::DayPlan;
use skill_day::SkillDay;

/// Dates of demand kept for each skill: the longest window that wolkvox allows (31 days), and a few more.
const DATES_KEPT: usize = 35;

/// The events of an operation. A day is generated when it is first needed.
#[derive(Debug)]
pub struct World {
    seed: u64,
    calendar: Calendar,
    skills: Vec<Skill>,
    conditions: Conditions,
    effect: IncidentEffect,
    window: IncidentWindow,
    plans: Mutex<Plans>,
    days: Mutex<Days>,
}

/// The plan of a kind of date of a skill (by its index).
type Plans = HashMap<(DateKind, usize), DayPlan>;

/// The events of a date of demand of a skill (by its index), the earliest date first.
type Days = BTreeMap<(Date, usize), Arc<SkillDay>>;

/// The current day of a skill, up to a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct SkillTruth {
    /// Its identification.
    pub id: u32,
    /// Its name.
    pub name: &'static str,
    /// The calls of the local day up to the moment; `waiting` is the queue.
    pub today: CallCounts,
}

/// The calls to one dialled number within a window.
#[derive(Clone, Debug, PartialEq)]
pub struct DnisTruth {
    /// The number.
    pub dnis: String,
    /// Its calls.
    pub calls: CallCounts,
}

impl World {
    /// The plain world of `skills` for this `seed`, without an incident.
    pub fn new(seed: u64, calendar: Calendar, skills: Vec<Skill>) -> Self {
        let (effect, window) = (IncidentEffect::NONE, IncidentWindow::NEVER);
        let (plans, days) = Default::default();
        Self { seed, calendar, skills, conditions: Conditions::PLAIN, effect, window, plans, days }
    }

    /// The same world in these conditions.
    #[must_use]
    pub fn with_conditions(self, conditions: Conditions) -> Self {
        Self { conditions, plans: Mutex::default(), days: Mutex::default(), ..self }
    }

    /// The same world with an incident: unchanged before the `window`, with the `effect` during it.
    #[must_use]
    pub fn with_incident(self, effect: IncidentEffect, window: IncidentWindow) -> Self {
        Self { effect, window, days: Mutex::default(), ..self }
    }

    /// The skills of the operation, in the order of the reports.
    pub fn skills(&self) -> &[Skill] {
        &self.skills
    }

    /// The state of every skill at the moment `at`. The day begins at midnight in the zone of `at`.
    pub fn skills_at(&self, at: &Zoned) -> Vec<SkillTruth> {
        let midnight = at.start_of_day().map_or(at.timestamp(), |start| start.timestamp());
        let truth = |(index, skill): (usize, &Skill)| {
            let mut today = CallCounts::default();
            self.each_call(index, midnight, at.timestamp(), |call| today.add(call, at.timestamp()));
            SkillTruth { id: skill.id, name: skill.name, today }
        };
        self.skills.iter().enumerate().map(truth).collect()
    }

    /// Calls by dialled number, of one skill or (`None`) of all skills together, that arrived from `from` to `until`,
    /// in their state at `as_of`. Calls after `as_of` are not included. Numbers without calls have no entry.
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

    /// The agents of one skill (by its index in [`World::skills`]) who are planned for the moment `at`, present or
    /// missing.
    pub fn rostered_at(&self, skill: usize, at: Timestamp) -> u16 {
        self.day(skill, self.calendar.date_of(at)).shifts.rostered_at(at)
    }

    /// Calls `see` for every call of one skill (by its index in [`World::skills`]) that arrived from `from` to `until`,
    /// both included.
    pub fn each_call(&self, skill: usize, from: Timestamp, until: Timestamp, mut see: impl FnMut(&Call)) {
        for day in self.days(skill, from, until) {
            let start = day.calls.partition_point(|call| call.arrived < from);
            day.calls[start..].iter().take_while(|call| call.arrived <= until).for_each(&mut see);
        }
    }

    /// The dates of demand between `from` and `until`, both included.
    fn days(&self, skill: usize, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Arc<SkillDay>> {
        let last = self.calendar.date_of(until);
        std::iter::successors(Some(self.calendar.date_of(from)), |date| date.tomorrow().ok())
            .take_while(move |date| *date <= last)
            .map(move |date| self.day(skill, date))
    }

    /// The plan of `date`. It is made once for each kind of date, because it takes longer than the calls of a small
    /// skill.
    fn plan(&self, skill: usize, date: Date) -> DayPlan {
        let kind = DateKind::of(date);
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let plan = || DayPlan::of(&self.skills[skill], kind, &self.conditions);
        plans.entry((kind, skill)).or_insert_with(plan).clone()
    }

    /// Generates the day while it holds the lock, so that two threads never generate the same day.
    fn day(&self, skill: usize, date: Date) -> Arc<SkillDay> {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(day) = days.get(&(date, skill)) {
            return Arc::clone(day);
        }
        let day = Arc::new(SkillDay::generate(self, skill, date));
        days.insert((date, skill), Arc::clone(&day));
        if days.len() > DATES_KEPT * self.skills.len() {
            days.pop_first();
        }
        day
    }
}

#[cfg(test)]
mod tests;
