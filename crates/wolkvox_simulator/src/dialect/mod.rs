//! Writes responses as wolkvox does: status, envelope, rows of strings. It depends on the world and not on HTTP. It
//! shares no code with the exporter's parsers, because each is used to check the other.

mod corruption;
mod refusal;
mod request;
mod rows;
mod value_forms;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use serde_json::Value;

pub use corruption::Corruption;
pub(super) use refusal::Refusal;
pub use request::Endpoint;
pub(super) use request::{Parameters, Request, Window};

use crate::settings::Denominator;
use crate::world::{Agent, AgentTruth, SkillTruth, World};
use corruption::{CorruptedRows, Record};
use rows::Row;

/// A status and a JSON document, before they become an HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonResponse {
    /// HTTP status.
    pub(super) status: u16,
    /// The JSON document.
    pub(super) body: String,
}

/// The rows of a report, before they are written as JSON.
#[derive(Clone, Debug)]
pub(super) struct Report {
    endpoint: Endpoint,
    rows: Vec<Row>,
}

/// Settings that change how a [`Request`] is answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct RenderOptions {
    /// The denominator of service levels.
    pub(super) denominator: Denominator,
    /// Whether day totals are sometimes corrected downwards.
    pub(super) late_corrections: bool,
}

impl Report {
    /// Builds the rows that answer `request` at the time `now`.
    pub(super) fn build(
        world: &World,
        now: &Zoned,
        request: &Request,
        options: RenderOptions,
    ) -> Result<Self, Refusal> {
        let (endpoint, rows): (_, Vec<Row>) = match request {
            Request::Skills { skill, services_time } => {
                let mut skills = world.skills_at(now);
                skills.retain(|one| skill.is_none_or(|id| id == one.id));
                if options.late_corrections {
                    for skill in &mut skills {
                        correct(skill, now);
                    }
                }
                let row = |skill| rows::skill(skill, *services_time, options.denominator);
                (Endpoint::Skills, skills.iter().map(row).collect())
            }
            Request::Dnis { skill, window } => {
                let numbers = world.dnis_between(*skill, &window.from, &window.until, now);
                (Endpoint::Dnis, numbers.iter().map(|number| rows::dnis(number, options.denominator)).collect())
            }
            Request::AgentsKpi(window) => (Endpoint::AgentsKpi, agents(world, now, window)),
            Request::Transfers(window) => {
                let mut transfers = world.transfers_between(&window.from, &window.until, now);
                transfers.retain(|transfer| transfer.shown_from <= now.timestamp());
                let row = |transfer| rows::transfer(transfer, now.time_zone());
                (Endpoint::Transfers, transfers.iter().map(row).collect())
            }
            Request::Ivr(window) => {
                let options = world.ivr_between(&window.from, &window.until, now);
                (Endpoint::Ivr, options.iter().map(rows::ivr).collect())
            }
        };
        if rows.is_empty() { Err(Refusal::NoRows) } else { Ok(Self { endpoint, rows }) }
    }

    /// The response with the correct rows.
    pub(super) fn response(self) -> JsonResponse {
        let records = self.rows.into_iter().map(Record::Row).collect();
        write_json(self.endpoint, &CorruptedRows { records, ..CorruptedRows::default() })
    }

    /// The `n`-th corrupted response, the corruptions in it, and the names of the unreadable fields.
    pub(super) fn corrupted_response(self, n: usize) -> (JsonResponse, Vec<Corruption>, Vec<String>) {
        let corrupted = corruption::corrupt(self.rows, n);
        (write_json(self.endpoint, &corrupted), corrupted.corruptions, corrupted.unreadable)
    }
}

/// One row for every agent who is rostered on a local day that lies in `window` and has begun.
fn agents(world: &World, now: &Zoned, window: &Window) -> Vec<Row> {
    let last = window.until.date().min(now.date());
    let dates: Vec<Date> = window.from.date().series(1.day()).take_while(|date| *date <= last).collect();
    let mut staff: BTreeMap<Agent, BTreeMap<Date, AgentTruth>> = BTreeMap::new();
    for date in &dates {
        for day in world.agents_on(*date, now) {
            staff.entry(day.agent.clone()).or_default().insert(*date, day);
        }
    }
    staff.iter().map(|(agent, days)| rows::agent(agent, &dates, days)).collect()
}

/// Length of one correction period, minutes.
const CORRECTION_MINUTES: i64 = 12;

/// Removes one or two calls from the day total in one of every four correction periods; in the next period they are
/// back. The skill's id shifts the periods, so that not all skills are corrected at the same time.
fn correct(skill: &mut SkillTruth, now: &Zoned) {
    let stretch = now.timestamp().as_second() / (60 * CORRECTION_MINUTES) + i64::from(skill.id);
    if stretch % 4 == 0 {
        skill.today.remove_answered(if stretch % 8 == 0 { 2 } else { 1 });
    }
}

/// Writes the text by hand, because a corrupted document is not valid JSON.
fn write_json(endpoint: Endpoint, corrupted: &CorruptedRows) -> JsonResponse {
    // wolkvox writes `code` as a number in some reports and as a string in others.
    let code = match endpoint {
        Endpoint::Skills | Endpoint::Transfers | Endpoint::Ivr => Value::from(200),
        Endpoint::Dnis | Endpoint::AgentsKpi => Value::from("200"),
    };
    let records: Vec<String> = corrupted.records.iter().map(json).collect();
    let is = |corruption| corrupted.corruptions.contains(&corruption);
    let mark = if is(Corruption::ByteOrderMark) { "\u{feff}" } else { "" };
    // The agents report on the vendor's documentation page has a comma after the last row.
    let comma = if endpoint == Endpoint::AgentsKpi || is(Corruption::TrailingComma) { "," } else { "" };
    let (count, data) = (records.len(), records.join(","));
    JsonResponse {
        status: 200,
        body: format!(
            r#"{mark}{{"code":{code},"error":null,"msg":"{count} records were found","data":[{data}{comma}]}}"#
        ),
    }
}

fn json(record: &Record) -> String {
    let written = match record {
        Record::Row(row) => serde_json::to_string(row),
        Record::Stray(value) => serde_json::to_string(value),
    };
    written.expect("strings and values have a JSON form")
}

#[cfg(test)]
mod tests;
