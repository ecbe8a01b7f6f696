//! What counters may show: none ever falls, and those of skills follow the totals in the responses.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde_json::Value;

use crate::programs::OPERATION;
use crate::series::{Name, Values, name};
use crate::support::exposition::Family;

/// The highest value of each series of a counter or a histogram so far.
#[derive(Debug, Default)]
pub(crate) struct Highest(Values);

impl Highest {
    /// Reads the counters of a page; returns those that are lower than before.
    pub(crate) fn falls(&mut self, families: &[Family]) -> Vec<String> {
        let mut falls = Vec::new();
        let rising = families.iter().filter(|family| ["counter", "histogram"].contains(&family.kind.as_str()));
        for sample in rising.flat_map(|family| &family.samples) {
            let series = (sample.name.clone(), sample.labels.clone());
            let before = self.0.insert(series, sample.value);
            if let Some(before) = before.filter(|before| sample.value < *before) {
                falls.push(format!("{} {:?} fell from {before} to {}", sample.name, sample.labels, sample.value));
            }
        }
        falls
    }
}

/// A counter of a skill, and the field of its day total.
const COUNTED: [(&str, &str); 3] = [
    ("wolkvox_skill_inbound_calls_total", "stat_inbound"),
    ("wolkvox_skill_answered_calls_total", "stat_answer"),
    ("wolkvox_skill_abandoned_calls_total", "stat_abandon"),
];

/// Calls that may be counted as answered within a threshold before the total of answered calls could be read.
const ANSWERED_BEFORE: u64 = 3;

/// One day total, from the first response that has it.
#[derive(Clone, Debug)]
struct Total {
    day: Date,
    last: u64,
    highest: u64,
    /// Each call once: only values above the highest one of the day are new.
    at_least: u64,
    /// Calls that a correction removed and that came back are counted again.
    at_most: u64,
}

impl Total {
    /// Reads a value; returns whether it fell in the middle of a day.
    fn read(&mut self, day: Date, value: u64) -> bool {
        let is_new_day = day > self.day;
        let (last, highest) = if is_new_day { (0, 0) } else { (self.last, self.highest) };
        self.at_least += value.saturating_sub(highest);
        self.at_most += value.saturating_sub(last);
        (self.day, self.last, self.highest) = (day, value, value.max(highest));
        value < last
    }
}

/// The counters that responses allow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed {
    totals: BTreeMap<Name, Total>,
    falls: BTreeMap<Name, u64>,
}

impl Allowed {
    /// Reads a response for skills that was made on this day.
    pub(crate) fn read(&mut self, day: Date, body: &str) {
        for row in rows(body) {
            let Some(id) = row["skill_id"].as_str().filter(|id| !id.is_empty()) else { continue };
            let labels = [("operation", OPERATION), ("skill_id", id)];
            let mut has_fallen = false;
            for (counter, field) in COUNTED {
                let Some(value) = row[field].as_str().and_then(count) else { continue };
                let start = Total { day, last: value, highest: value, at_least: 0, at_most: 0 };
                has_fallen |= self.totals.entry(name(counter, &labels)).or_insert(start).read(day, value);
            }
            *self.falls.entry(name("wolkvox_skill_corrections_total", &labels)).or_default() += u64::from(has_fallen);
        }
    }

    /// The counters on a page that are not allowed, and those that are missing.
    pub(crate) fn problems(&self, found: &Values) -> Vec<String> {
        let mut problems = Vec::new();
        let mut check = |name: &Name, allowed: RangeInclusive<u64>| match found.get(name) {
            Some(value) if (*allowed.start() as f64..=*allowed.end() as f64).contains(value) => {}
            value => problems.push(format!("{name:?} is {value:?}, not in {allowed:?}")),
        };
        for (name, total) in &self.totals {
            check(name, total.at_least..=total.at_most);
        }
        for (name, falls) in &self.falls {
            check(name, 0..=*falls);
        }
        let within = found.iter().filter(|((metric, _), _)| metric == "wolkvox_skill_answered_within_calls_total");
        for ((metric, labels), value) in within {
            let answered = name(COUNTED[1].0, &[("operation", OPERATION), ("skill_id", &labels["skill_id"])]);
            let most = self.totals.get(&answered).map(|total| total.at_most + ANSWERED_BEFORE);
            if most.is_some_and(|most| *value > most as f64) {
                problems.push(format!("{metric} {labels:?} is {value}, more than the calls answered"));
            }
        }
        problems
    }
}

/// The rows of a response, which may have damages of the scenario `bad-data`. A duplicate stands before the true row;
/// it has no calls, and its values must not be read.
fn rows(body: &str) -> Vec<Value> {
    let body = body.trim_start_matches('\u{feff}').replace(",]}", "]}");
    let document: Value = body.parse().unwrap_or_else(|error| panic!("{error}: {body}"));
    let rows = document["data"].as_array().cloned().unwrap_or_default();
    let is_last = |at: usize| !rows[at + 1..].iter().any(|later| later["skill_id"] == rows[at]["skill_id"]);
    (0..rows.len()).filter(|at| rows[*at].is_object() && is_last(*at)).map(|at| rows[at].clone()).collect()
}

/// A count as wolkvox writes it: digits, or groups of three with commas.
fn count(text: &str) -> Option<u64> {
    let mut groups = text.split(',');
    let first = groups.next()?;
    let is_grouped = groups.clone().next().is_none() || first.len() <= 3 && groups.all(|group| group.len() == 3);
    text.replace(',', "").parse().ok().filter(|_| is_grouped && text.starts_with(|c: char| c.is_ascii_digit()))
}
