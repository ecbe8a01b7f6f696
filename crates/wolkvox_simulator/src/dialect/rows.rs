//! The rows of each report: their fields and values.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::value_forms::{self, FieldPosition, FieldValue};
use crate::settings::Denominator;
use crate::world::{Agent, AgentTruth, CallCounts, DnisTruth, IvrTruth, Receiver, SkillTruth, TransferTruth};

/// The service level thresholds that every row has, seconds.
const THRESHOLDS: [u32; 3] = [10, 20, 30];
/// One of this many idle days is missing from an agent's list of days.
const DAYS_A_GAP: u64 = 13;

/// One row, with its fields in wolkvox's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row(pub(super) Vec<(String, Content)>);

/// The content of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    /// Identifies the subject of the row, or is ignored by clients.
    Text(Value),
    /// A figure.
    Figure(Value),
    /// The time of the event that the row describes.
    Time(Value),
    /// Nested rows.
    Rows(Vec<Row>),
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, content) in &self.0 {
            match content {
                Content::Text(value) | Content::Figure(value) | Content::Time(value) => {
                    map.serialize_entry(field, value)?;
                }
                Content::Rows(rows) => map.serialize_entry(field, rows)?,
            }
        }
        map.end()
    }
}

impl Row {
    /// The fields with a figure or a time, including those of nested rows.
    pub(super) fn measurements_mut(&mut self) -> Vec<(&str, &mut Value)> {
        let mut found = Vec::new();
        for (field, content) in &mut self.0 {
            match content {
                Content::Figure(value) | Content::Time(value) => found.push((field.as_str(), value)),
                Content::Rows(rows) => found.extend(rows.iter_mut().flat_map(Row::measurements_mut)),
                Content::Text(_) => {}
            }
        }
        found
    }

    /// A copy of the row in which `form` was applied to every field, including those of nested rows.
    pub(super) fn map(&self, form: &impl Fn(&Content) -> Content) -> Self {
        let formed = |(field, content): &(String, Content)| {
            let content = match content {
                Content::Rows(rows) => Content::Rows(rows.iter().map(|row| row.map(form)).collect()),
                other => form(other),
            };
            (field.clone(), content)
        };
        Self(self.0.iter().map(formed).collect())
    }
}

/// A row of `real_time.php?api=skills`.
pub(super) fn skill(skill: &SkillTruth, services_time: Option<u32>, denominator: Denominator) -> Row {
    let (id, today) = (skill.id.to_string(), &skill.today);
    let mut row = RowBuilder::new("skills", &id);
    row.text("skill_id", &id);
    row.text("skill_name", skill.name);
    row.value("calls_in_queue_now", |field| field.count(today.waiting));
    row.value("stat_inbound", |field| field.count(today.inbound));
    row.value("stat_answer", |field| field.count(today.answered()));
    row.value("stat_abandon", |field| field.count(today.abandoned()));
    row.service_levels(today, denominator);
    match services_time {
        Some(seconds) if THRESHOLDS.contains(&seconds) => {}
        Some(seconds) => row.service_level(today, seconds, denominator),
        None => row.text("service_level_0seg", "0 %"),
    }
    row.value("by_abandon", |field| field.percentage(today.abandoned(), today.inbound));
    row.finish()
}

/// A row of `reports_manager.php?api=skill_6`.
pub(super) fn dnis(number: &DnisTruth, denominator: Denominator) -> Row {
    let calls = &number.calls;
    let mut row = RowBuilder::new("skill_6", &number.dnis);
    row.text("dnis", &number.dnis);
    row.value("inbound_calls", |field| field.count(calls.inbound));
    row.value("answer_calls", |field| field.count(calls.answered()));
    row.value("abandon_calls", |field| field.count(calls.abandoned()));
    row.service_levels(calls, denominator);
    row.value("abandon", |field| field.percentage(calls.abandoned(), calls.inbound));
    row.value("asa", |field| field.seconds(calls.average_speed_of_answer()));
    row.value("ata", |field| field.seconds(calls.average_time_to_abandon()));
    row.finish()
}

/// A row of `gamification.php?api=agents_kpi`. Its days go from the last of `dates` to the first. A day that is not in
/// `days` has zeros; some of these idle days are left out.
pub(super) fn agent(agent: &Agent, dates: &[Date], days: &BTreeMap<Date, AgentTruth>) -> Row {
    let id = agent.id.to_string();
    let idle = |date: &Date| {
        let position = FieldPosition { report: "agents_kpi", row: &id, field: &date.to_string() };
        (!position.is_chosen_of(DAYS_A_GAP)).then(|| agent_day(&id, *date, None))
    };
    let stats = dates.iter().rev().filter_map(|date| match days.get(date) {
        Some(day) => Some(agent_day(&id, *date, Some(day))),
        None => idle(date),
    });
    let mut row = RowBuilder::new("agents_kpi", &id);
    row.text("agent_id", &id);
    row.text("agent_name", &agent.name);
    row.text("agent_dni", &agent.dni);
    row.push("stats", Content::Rows(stats.collect()));
    row.finish()
}

/// An element of `stats`.
fn agent_day(id: &str, date: Date, day: Option<&AgentTruth>) -> Row {
    let mut row = RowBuilder::new("agents_kpi", id);
    row.text("date", &date.strftime("%Y%m%d").to_string());
    row.value("points", |field| field.count(day.map_or(0, AgentTruth::points)));
    row.value("hits", |field| field.count(day.map_or(0, AgentTruth::hits)));
    row.value("calls", |field| field.count(day.map_or(0, |day| day.calls)));
    let mean = |of: fn(&AgentTruth) -> Option<_>| day.and_then(of).unwrap_or_default();
    row.value("aht_time", |_| value_forms::clock(mean(AgentTruth::average_handling_time)));
    // The vendor does not say whether this is the mean of a call or the total of the day. Its example has 13 seconds with
    // 2 calls of 6:01 each. The simulator sends the mean, as for aht_time.
    row.value("acw_time", |_| value_forms::clock(mean(AgentTruth::average_wrap_up)));
    row.value("occupancy", |_| value_forms::whole_percentage(day.and_then(AgentTruth::occupancy).unwrap_or_default()));
    row.value("login_time", |_| value_forms::clock_of_minutes(day.map(|day| day.logged_in).unwrap_or_default()));
    row.finish()
}

/// A row of `reports_manager.php?api=chat_9`, with its time in `zone`.
pub(super) fn transfer(transfer: &TransferTruth, zone: &TimeZone) -> Row {
    let (receiver_id, receiver) = match &transfer.receiver {
        Receiver::Agent(agent) => (agent.id, agent.name.as_str()),
        Receiver::Skill(id) => (*id, "SKILL"),
    };
    let mut row = RowBuilder::new("chat_9", &transfer.conn_id);
    row.text("conn_id", &transfer.conn_id);
    row.text("transfer_agent_id", &transfer.sender.id.to_string());
    row.text("transfer_agent_name", &transfer.sender.name);
    row.text("receiver_agent_id", &receiver_id.to_string());
    row.text("receiver_agent_name", receiver);
    row.text("channel", transfer.channel.name());
    let moment = zone.to_datetime(transfer.at).strftime("%Y-%m-%d %H:%M:%S").to_string();
    row.push("date", Content::Time(moment.into()));
    row.finish()
}

/// A row of `reports_manager.php?api=diagram_1_3`.
pub(super) fn ivr(option: &IvrTruth) -> Row {
    let (routing_point, name) = (option.routing_point.to_string(), option.choice.name());
    let key = format!("{routing_point} {name}");
    let mut row = RowBuilder::new("diagram_1_3", &key);
    row.text("rp_id", &routing_point);
    row.value("calls", |field| field.count(option.calls));
    row.value("time", |field| field.clock_or_minutes(option.time));
    row.text("cod_opc_menu", name);
    row.finish()
}

struct RowBuilder<'a> {
    report: &'a str,
    key: &'a str,
    row: Row,
}

impl<'a> RowBuilder<'a> {
    fn new(report: &'a str, key: &'a str) -> Self {
        Self { report, key, row: Row::default() }
    }

    fn push(&mut self, field: &str, content: Content) {
        self.row.0.push((field.to_owned(), content));
    }

    fn finish(self) -> Row {
        self.row
    }

    fn text(&mut self, field: &str, value: &str) {
        self.push(field, Content::Text(value.into()));
    }

    fn value(&mut self, field: &str, form: impl FnOnce(FieldPosition) -> FieldValue) {
        if let Some(value) = form(FieldPosition { report: self.report, row: self.key, field }) {
            self.push(field, Content::Figure(value));
        }
    }

    fn service_levels(&mut self, calls: &CallCounts, denominator: Denominator) {
        for seconds in THRESHOLDS {
            self.service_level(calls, seconds, denominator);
        }
    }

    fn service_level(&mut self, calls: &CallCounts, seconds: u32, denominator: Denominator) {
        let whole = match denominator {
            Denominator::Inbound => calls.inbound,
            Denominator::Answered => calls.answered(),
        };
        let in_time = calls.answered_within(seconds);
        self.value(&format!("service_level_{seconds}seg"), |field| field.percentage(in_time, whole));
    }
}
