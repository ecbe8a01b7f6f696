//! How wolkvox words its answers: statuses, envelopes, rows of strings. It knows the world and no HTTP, and it shares
//! nothing with the code that reads answers, so that each checks the other.

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

/// An answer before it is put on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonResponse {
    /// HTTP status.
    pub(super) status: u16,
    /// The JSON document.
    pub(super) body: String,
}

/// Rows that are ready to be written.
#[derive(Clone, Debug)]
pub(super) struct Report {
    endpoint: Endpoint,
    rows: Vec<Row>,
}

/// What an answer to a [`Request`] depends on besides the request.
#[derive(Clone, Copy, Debug)]
pub(super) struct RenderOptions {
    /// What service levels are a share of.
    pub(super) denominator: Denominator,
    /// Whether day totals are corrected downwards now and then.
    pub(super) late_corrections: bool,
}

impl Report {
    /// The rows that answer `request` at `now`.
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

    /// The report as it is.
    pub(super) fn response(self) -> JsonResponse {
        let records = self.rows.into_iter().map(Record::Row).collect();
        write_json(self.endpoint, &CorruptedRows { records, ..CorruptedRows::default() })
    }

    /// The report as the `n`-th corrupted answer; also what was done to it, and the fields that cannot be read.
    pub(super) fn corrupted_response(self, n: usize) -> (JsonResponse, Vec<Corruption>, Vec<String>) {
        let corrupted = corruption::corrupt(self.rows, n);
        (write_json(self.endpoint, &corrupted), corrupted.corruptions, corrupted.unreadable)
    }
}

/// A row for every agent who is on the roster of a local day of `window` that has begun.
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

/// Minutes between moments at which totals may be corrected.
const CORRECTION_MINUTES: i64 = 12;

/// Takes one or two calls out of the day for one stretch of twelve minutes in four; they come back with the next. Which
/// stretch it is depends on the skill, so that not all fall at once.
fn correct(skill: &mut SkillTruth, now: &Zoned) {
    let stretch = now.timestamp().as_second() / (60 * CORRECTION_MINUTES) + i64::from(skill.id);
    if stretch % 4 == 0 {
        skill.today.remove_answered(if stretch % 8 == 0 { 2 } else { 1 });
    }
}

/// By hand, since what it writes need not be JSON.
fn write_json(endpoint: Endpoint, corrupted: &CorruptedRows) -> JsonResponse {
    // wolkvox writes the code as a number in some answers and as a string in others.
    let code = match endpoint {
        Endpoint::Skills | Endpoint::Transfers | Endpoint::Ivr => Value::from(200),
        Endpoint::Dnis | Endpoint::AgentsKpi => Value::from("200"),
    };
    let records: Vec<String> = corrupted.records.iter().map(json).collect();
    let is = |corruption| corrupted.corruptions.contains(&corruption);
    let mark = if is(Corruption::ByteOrderMark) { "\u{feff}" } else { "" };
    // The vendor's own page shows the report of the agents with a comma after the last row.
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
