//! How wolkvox words its answers: statuses, envelopes, rows of strings. It knows the world and no HTTP, and it shares
//! nothing with the code that reads answers, so that each checks the other.

mod blemish;
mod forms;
mod question;
mod refusal;
mod rows;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use serde_json::Value;

pub use blemish::Blemish;
pub use question::Endpoint;
pub(super) use question::{Parameters, Question, Window};
pub(super) use refusal::Refusal;

use crate::settings::Divisor;
use crate::world::{Agent, AgentTruth, SkillTruth, World};
use blemish::{Record, Spoilt};
use rows::Row;

/// An answer before it is put on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
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

/// What an answer to a [`Question`] depends on besides the question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// What service levels are a share of.
    pub(super) divisor: Divisor,
    /// Whether day totals are corrected downwards now and then.
    pub(super) late_corrections: bool,
}

impl Report {
    /// The rows that answer `question` at `now`.
    pub(super) fn of(world: &World, now: &Zoned, question: &Question, manner: Manner) -> Result<Self, Refusal> {
        let (endpoint, rows): (_, Vec<Row>) = match question {
            Question::Skills { skill, services_time } => {
                let mut skills = world.skills_at(now);
                skills.retain(|one| skill.is_none_or(|id| id == one.id));
                if manner.late_corrections {
                    for skill in &mut skills {
                        correct(skill, now);
                    }
                }
                let row = |skill| rows::skill(skill, *services_time, manner.divisor);
                (Endpoint::Skills, skills.iter().map(row).collect())
            }
            Question::Dnis { skill, window } => {
                let numbers = world.dnis_between(*skill, &window.from, &window.until, now);
                (Endpoint::Dnis, numbers.iter().map(|number| rows::dnis(number, manner.divisor)).collect())
            }
            Question::AgentsKpi(window) => (Endpoint::AgentsKpi, agents(world, now, window)),
            Question::Transfers(window) => {
                let mut transfers = world.transfers_between(&window.from, &window.until, now);
                transfers.retain(|transfer| transfer.shown_from <= now.timestamp());
                let row = |transfer| rows::transfer(transfer, now.time_zone());
                (Endpoint::Transfers, transfers.iter().map(row).collect())
            }
            Question::Ivr(window) => {
                let options = world.ivr_between(&window.from, &window.until, now);
                (Endpoint::Ivr, options.iter().map(rows::ivr).collect())
            }
        };
        if rows.is_empty() { Err(Refusal::NoRows) } else { Ok(Self { endpoint, rows }) }
    }

    /// The report as it is.
    pub(super) fn answer(self) -> Answer {
        let records = self.rows.into_iter().map(Record::Row).collect();
        write(self.endpoint, &Spoilt { records, ..Spoilt::default() })
    }

    /// The report as the `n`-th spoilt answer; also what was done to it, and the fields that cannot be read.
    pub(super) fn spoilt_answer(self, n: usize) -> (Answer, Vec<Blemish>, Vec<String>) {
        let spoilt = blemish::spoil(self.rows, n);
        (write(self.endpoint, &spoilt), spoilt.blemishes, spoilt.unreadable)
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
        skill.today.withdraw(if stretch % 8 == 0 { 2 } else { 1 });
    }
}

/// By hand, since what it writes need not be JSON.
fn write(endpoint: Endpoint, spoilt: &Spoilt) -> Answer {
    // wolkvox writes the code as a number in some answers and as a string in others.
    let code = match endpoint {
        Endpoint::Skills | Endpoint::Transfers | Endpoint::Ivr => Value::from(200),
        Endpoint::Dnis | Endpoint::AgentsKpi => Value::from("200"),
    };
    let records: Vec<String> = spoilt.records.iter().map(json).collect();
    let is = |blemish| spoilt.blemishes.contains(&blemish);
    let mark = if is(Blemish::ByteOrderMark) { "\u{feff}" } else { "" };
    // The vendor's own page shows the report of the agents with a comma after the last row.
    let comma = if endpoint == Endpoint::AgentsKpi || is(Blemish::TrailingComma) { "," } else { "" };
    let (count, data) = (records.len(), records.join(","));
    Answer {
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
