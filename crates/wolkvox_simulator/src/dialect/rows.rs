//! The rows of each report: which fields they have and what each says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::forms::{self, Cell, Place};
use crate::settings::Divisor;
use crate::world::{Agent, AgentTruth, DnisTruth, IvrTruth, Receiver, SkillTruth, Tally, TransferTruth};

/// The thresholds that every row has, seconds.
const THRESHOLDS: [u32; 3] = [10, 20, 30];
/// One in so many days on which an agent did not work is missing among the agent's days.
const DAYS_A_GAP: u64 = 13;

/// One row: its fields in wolkvox's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row(pub(super) Vec<(String, Content)>);

/// What a field carries.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    /// Says whom or what the row is about. Also what readers drop.
    Key(Value),
    /// A figure.
    Figure(Value),
    /// When the event happened that the row tells of.
    Moment(Value),
    /// Rows within the row.
    Rows(Vec<Row>),
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, content) in &self.0 {
            match content {
                Content::Key(value) | Content::Figure(value) | Content::Moment(value) => {
                    map.serialize_entry(field, value)?;
                }
                Content::Rows(rows) => map.serialize_entry(field, rows)?,
            }
        }
        map.end()
    }
}

impl Row {
    /// The fields that carry something to be measured, those of the rows within it too.
    pub(super) fn measured(&mut self) -> Vec<(&str, &mut Value)> {
        let mut found = Vec::new();
        for (field, content) in &mut self.0 {
            match content {
                Content::Figure(value) | Content::Moment(value) => found.push((field.as_str(), value)),
                Content::Rows(rows) => found.extend(rows.iter_mut().flat_map(Row::measured)),
                Content::Key(_) => {}
            }
        }
        found
    }

    /// The row with `form` of the content of each field, those of the rows within it too.
    pub(super) fn each(&self, form: &impl Fn(&Content) -> Content) -> Self {
        let formed = |(field, content): &(String, Content)| {
            let content = match content {
                Content::Rows(rows) => Content::Rows(rows.iter().map(|row| row.each(form)).collect()),
                other => form(other),
            };
            (field.clone(), content)
        };
        Self(self.0.iter().map(formed).collect())
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

/// A row of `gamification.php?api=agents_kpi`: the days from the last of `dates` to the first, zeros where `days` has
/// none, and now and then no element at all instead of zeros.
pub(super) fn agent(agent: &Agent, dates: &[Date], days: &BTreeMap<Date, AgentTruth>) -> Row {
    let id = agent.id.to_string();
    let idle = |date: &Date| {
        let place = Place { report: "agents_kpi", row: &id, field: &date.to_string() };
        (!place.is_one_in(DAYS_A_GAP)).then(|| agent_day(&id, *date, None))
    };
    let stats = dates.iter().rev().filter_map(|date| match days.get(date) {
        Some(day) => Some(agent_day(&id, *date, Some(day))),
        None => idle(date),
    });
    let mut row = Writer::new("agents_kpi", &id);
    row.plain("agent_id", &id);
    row.plain("agent_name", &agent.name);
    row.plain("agent_dni", &agent.dni);
    row.done.0.push(("stats".to_owned(), Content::Rows(stats.collect())));
    row.done
}

/// An element of `stats`.
fn agent_day(id: &str, date: Date, day: Option<&AgentTruth>) -> Row {
    let mut row = Writer::new("agents_kpi", id);
    row.plain("date", &date.strftime("%Y%m%d").to_string());
    row.write("points", |place| place.count(day.map_or(0, AgentTruth::points)));
    row.write("hits", |place| place.count(day.map_or(0, AgentTruth::hits)));
    row.write("calls", |place| place.count(day.map_or(0, |day| day.calls)));
    let mean = |of: fn(&AgentTruth) -> Option<_>| day.and_then(of).unwrap_or_default();
    row.write("aht_time", |_| forms::clock(mean(AgentTruth::average_handling_time)));
    row.write("acw_time", |_| forms::clock(mean(AgentTruth::average_wrap_up)));
    row.write("occupancy", |_| forms::whole_percentage(day.and_then(AgentTruth::occupancy).unwrap_or_default()));
    row.write("login_time", |_| forms::clock_of_minutes(day.map(|day| day.logged_in).unwrap_or_default()));
    row.done
}

/// A row of `reports_manager.php?api=chat_9`, its time as the clocks of `zone` showed it.
pub(super) fn transfer(transfer: &TransferTruth, zone: &TimeZone) -> Row {
    let (receiver_id, receiver) = match &transfer.receiver {
        Receiver::Agent(agent) => (agent.id, agent.name.as_str()),
        Receiver::Skill(id) => (*id, "SKILL"),
    };
    let mut row = Writer::new("chat_9", &transfer.conn_id);
    row.plain("conn_id", &transfer.conn_id);
    row.plain("transfer_agent_id", &transfer.sender.id.to_string());
    row.plain("transfer_agent_name", &transfer.sender.name);
    row.plain("receiver_agent_id", &receiver_id.to_string());
    row.plain("receiver_agent_name", receiver);
    row.plain("channel", transfer.channel.name());
    let moment = zone.to_datetime(transfer.at).strftime("%Y-%m-%d %H:%M:%S").to_string();
    row.done.0.push(("date".to_owned(), Content::Moment(moment.into())));
    row.done
}

/// A row of `reports_manager.php?api=diagram_1_3`.
pub(super) fn ivr(option: &IvrTruth) -> Row {
    let (routing_point, name) = (option.routing_point.to_string(), option.choice.name());
    let key = format!("{routing_point} {name}");
    let mut row = Writer::new("diagram_1_3", &key);
    row.plain("rp_id", &routing_point);
    row.write("calls", |place| place.count(option.calls));
    row.write("time", |place| place.clock_or_minutes(option.time));
    row.plain("cod_opc_menu", name);
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
        self.done.0.push((field.to_owned(), Content::Key(value.into())));
    }

    fn write(&mut self, field: &str, form: impl FnOnce(Place) -> Cell) {
        if let Some(value) = form(Place { report: self.report, row: self.key, field }) {
            self.done.0.push((field.to_owned(), Content::Figure(value)));
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
