//! Simulates days of single skills and finds the pages that the shipped rules would send on them.

#![allow(dead_code, reason = "the study uses all of it, and a test uses a part")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use wolkvox_simulator::world::{self, Calendar, Conditions, IncidentEffect, IncidentWindow, Skill};

use crate::evaluation::{AlertState, Change};
use crate::expression::{EVALUATION, Program};
use crate::history::FIRST_DAY;
use crate::rules::{Rule, RuleFiles, Rules};
use crate::samples::{Day, Polls, Samples};

/// The alerts that page because of what happens in a skill.
pub(crate) const PAGING: [&str; 4] =
    ["WolkvoxAbandonmentHigh", "WolkvoxServiceLevelFastBurn", "WolkvoxQueueStuck", "WolkvoxNoCalls"];

const HOUR: i64 = 3600;
/// Pages can begin from 06:00 to 21:00, because no skill is open at other times.
const WATCHED: std::ops::Range<i64> = 6 * HOUR..21 * HOUR;
/// When an incident begins.
pub(crate) const INCIDENT: i64 = 10 * HOUR;
/// Weeks of the days that one world provides. The first one is only the week before of the second.
const WEEKS: i32 = 7;
/// Open days of a week: Monday to Saturday.
const OPEN_DAYS: i32 = 6;

/// The rules that page.
pub(crate) struct PagingRules {
    program: Program,
    rules: Vec<Rule>,
}

/// One page: the place of its alert in [`PAGING`], and when it was sent, in seconds from midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) alert: usize,
    pub(crate) at: i64,
}

impl Page {
    /// Minutes from the start of an incident to the page.
    pub(crate) fn minutes(self) -> f64 {
        (self.at - INCIDENT) as f64 / 60.0
    }
}

impl PagingRules {
    /// The rules of these files.
    pub(crate) fn of(files: RuleFiles) -> Self {
        Self::changed(files, |_, expression| expression.to_owned())
    }

    /// The rules of these files, with the expressions of recording rules changed by `change`.
    pub(crate) fn changed(files: RuleFiles, change: impl Fn(&str, &str) -> String) -> Self {
        let (alerts, recorded) = Rules::as_written(files, change);
        let rules: Vec<_> = PAGING
            .iter()
            .map(|name| {
                let found = alerts.iter().find(|rule| rule.alert == *name && rule.severity == "critical");
                found.unwrap_or_else(|| panic!("{name}: there is no critical alert of this name")).clone()
            })
            .collect();
        let expressions: Vec<&str> = rules.iter().map(|rule| rule.expression.as_str()).collect();
        Self { program: Program::new(&expressions, &recorded), rules }
    }

    /// The same rules without the intervals of their groups.
    pub(crate) fn without_intervals(self) -> Self {
        let rules = self.rules.into_iter().map(|rule| Rule { interval: None, ..rule });
        Self { program: self.program.without_intervals(), rules: rules.collect() }
    }

    /// The pages of a day in the order of time. An alert that fires again pages again.
    pub(crate) fn pages(&self, samples: &Samples<'_>) -> Vec<Page> {
        let mut pages = Vec::new();
        let state = |rule: &Rule| AlertState::new(rule.for_seconds, rule.keep_firing_seconds);
        let mut states: Vec<AlertState> = self.rules.iter().map(state).collect();
        let mut evaluation = self.program.evaluation(samples);
        for at in WATCHED.step_by(EVALUATION as usize) {
            let values = evaluation.values(samples.today.midnight() + at);
            for (alert, value) in values.enumerate() {
                let is_evaluated = self.rules[alert].interval.is_none_or(|interval| at % interval == 0);
                if is_evaluated && states[alert].evaluate(value.is_some(), at) == Change::Fires {
                    pages.push(Page { alert, at });
                }
            }
        }
        pages
    }
}

/// What is simulated: one skill in one world, with polls at this interval.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) skill: Skill,
    pub(crate) conditions: Conditions,
    pub(crate) interval: i64,
    pub(crate) seed: u64,
}

fn zone() -> TimeZone {
    TimeZone::get("America/Bogota").expect("the zone is part of the crate")
}

/// Midnight at the start of a day, counted from the first Monday.
fn midnight(day: i32) -> Timestamp {
    let first: Zoned = FIRST_DAY.parse().expect("the constant is a valid time");
    first.checked_add(day.days()).expect("the study is short").timestamp()
}

impl Setting {
    fn world(&self) -> world::World {
        let calendar = Calendar::real_hours(zone());
        world::World::new(self.seed, calendar, vec![self.skill.clone()]).with_conditions(self.conditions)
    }

    /// Polls begin at a random time in each exporter; here the seed decides.
    fn polls(&self) -> Polls {
        let first = self.seed.wrapping_mul(7_919) % self.interval.unsigned_abs();
        Polls { interval: self.interval, first: i64::try_from(first).expect("an interval is short") }
    }

    /// The pages of each of `count` healthy days.
    pub(crate) fn healthy(&self, rules: &PagingRules, count: usize) -> Vec<Vec<Page>> {
        let per_seed = ((WEEKS - 1) * OPEN_DAYS) as usize;
        let seeds = count.div_ceil(per_seed);
        in_parallel(seeds, |number| {
            let setting = self.with_seed(number);
            let (world, polls) = (setting.world(), setting.polls());
            let mut pages = Vec::new();
            let mut week_before: Vec<Day> = Vec::new();
            for week in 0..WEEKS {
                let days = (0..OPEN_DAYS).map(|day| Day::of(&world, 0, midnight(7 * week + day), polls));
                let days: Vec<Day> = days.collect();
                for (today, before) in days.iter().zip(&week_before) {
                    pages.push(rules.pages(&Samples { today, week_before: Some(before) }));
                }
                week_before = days;
            }
            pages
        })
        .into_iter()
        .flatten()
        .take(count)
        .collect()
    }

    fn with_seed(&self, number: usize) -> Self {
        Self { seed: self.seed + number as u64, ..self.clone() }
    }

    /// The world of one simulated incident, and midnight of its day. The incidents are on the five weekdays in turn.
    pub(crate) fn incident_world(
        &self,
        number: usize,
        effect: IncidentEffect,
        lasts: Duration,
    ) -> (world::World, Timestamp) {
        let day = midnight(7 + i32::try_from(number % 5).expect("it is less than 5"));
        let window = IncidentWindow::new(day, Duration::from_secs(INCIDENT.unsigned_abs()), Some(lasts));
        (self.with_seed(number).world().with_incident(effect, window), day)
    }

    /// The first page after the start of an incident, for each of `count` weekdays. A page that began
    /// before does not count.
    pub(crate) fn delays(
        &self,
        rules: &PagingRules,
        count: usize,
        effect: IncidentEffect,
        lasts: Duration,
    ) -> Vec<Option<Page>> {
        in_parallel(count, |number| {
            let (world, day) = self.incident_world(number, effect, lasts);
            let polls = self.with_seed(number).polls();
            let week_before = day - SignedDuration::from_hours(7 * 24);
            let [before, today] = [week_before, day].map(|midnight| Day::of(&world, 0, midnight, polls));
            let pages = rules.pages(&Samples { today: &today, week_before: Some(&before) });
            pages.into_iter().find(|page| page.at >= INCIDENT)
        })
    }
}

/// The results of `count` jobs in their order, made on all cores.
pub(crate) fn in_parallel<T: Send>(count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return done;
            }
            done.push((number, job(number)));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a job does not panic")).collect()
    });
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, result)| result).collect()
}
