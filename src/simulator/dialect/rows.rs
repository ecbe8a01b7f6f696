//! The rows of each report: which fields they have and what each says.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::forms::{Cell, Place};
use crate::simulator::settings::Divisor;
use crate::simulator::world::{DnisTruth, SkillTruth, Tally};

/// The thresholds that every row has, seconds.
const THRESHOLDS: [u32; 3] = [10, 20, 30];
/// Fields that say whom a row is about; all others carry a figure.
pub(super) const NAMES: [&str; 3] = ["skill_id", "skill_name", "dnis"];

/// One row: its fields in wolkvox's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row(pub(super) Vec<(String, Value)>);

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, value) in &self.0 {
            map.serialize_entry(field, value)?;
        }
        map.end()
    }
}

/// A row of `real_time.php?api=skills`.
pub(super) fn skill(skill: &SkillTruth, services_time: Option<u32>, divisor: Divisor) -> Row {
    let (id, today) = (skill.id.to_string(), &skill.today);
    let mut row = Writer::new("skills", &id);
    row.plain("skill_id", &id);
    row.plain("skill_name", skill.name);
    row.write("calls_in_queue_now", |place| place.count(today.waiting));
    row.write("stat_inbound", |place| place.count(today.inbound));
    row.write("stat_answer", |place| place.count(today.answered()));
    row.write("stat_abandon", |place| place.count(today.abandoned()));
    row.service_levels(today, divisor);
    match services_time {
        Some(seconds) if THRESHOLDS.contains(&seconds) => {}
        Some(seconds) => row.service_level(today, seconds, divisor),
        None => row.plain("service_level_0seg", "0 %"),
    }
    row.write("by_abandon", |place| place.percentage(today.abandoned(), today.inbound));
    row.done
}

/// A row of `reports_manager.php?api=skill_6`.
pub(super) fn dnis(number: &DnisTruth, divisor: Divisor) -> Row {
    let calls = &number.calls;
    let mut row = Writer::new("skill_6", &number.dnis);
    row.plain("dnis", &number.dnis);
    row.write("inbound_calls", |place| place.count(calls.inbound));
    row.write("answer_calls", |place| place.count(calls.answered()));
    row.write("abandon_calls", |place| place.count(calls.abandoned()));
    row.service_levels(calls, divisor);
    row.write("abandon", |place| place.percentage(calls.abandoned(), calls.inbound));
    row.write("asa", |place| place.seconds(calls.average_speed_of_answer()));
    row.write("ata", |place| place.seconds(calls.average_time_to_abandon()));
    row.done
}

struct Writer<'a> {
    report: &'a str,
    key: &'a str,
    done: Row,
}

impl<'a> Writer<'a> {
    fn new(report: &'a str, key: &'a str) -> Self {
        Self { report, key, done: Row::default() }
    }

    fn plain(&mut self, field: &str, value: &str) {
        self.done.0.push((field.to_owned(), value.into()));
    }

    fn write(&mut self, field: &str, form: impl FnOnce(Place) -> Cell) {
        if let Some(value) = form(Place { report: self.report, row: self.key, field }) {
            self.done.0.push((field.to_owned(), value));
        }
    }

    fn service_levels(&mut self, calls: &Tally, divisor: Divisor) {
        for seconds in THRESHOLDS {
            self.service_level(calls, seconds, divisor);
        }
    }

    fn service_level(&mut self, calls: &Tally, seconds: u32, divisor: Divisor) {
        let whole = match divisor {
            Divisor::Inbound => calls.inbound,
            Divisor::Answered => calls.answered(),
        };
        let in_time = calls.answered_within(seconds);
        self.write(&format!("service_level_{seconds}seg"), |place| place.percentage(in_time, whole));
    }
}
