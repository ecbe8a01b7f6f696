//! A report as rows and columns, for `probe`: one description for its table and its JSON.

use serde_json::{Map, Value, json};

use super::table;
use crate::model::{AgentsReport, DnisReport, IvrReport, Report, ServiceLevel, SkillsReport, TransfersReport};

/// Rows of a table that fit on a screen; the rest is counted. JSON has them all.
const ENOUGH_ROWS: usize = 40;

/// Rows and columns.
pub(super) struct Sheet {
    /// What it is about.
    pub(super) name: &'static str,
    /// Keys of the JSON, and titles of the columns; a column of numbers starts with `>`.
    columns: &'static [&'static str],
    /// One cell a column.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// One value.
pub(super) enum Cell {
    Text(Option<String>),
    Count(Option<u64>),
    Real(Option<f64>),
    /// 0–1, shown as a percentage.
    Ratio(Option<f64>),
}

impl Cell {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }

    pub(super) fn count(count: Option<u64>) -> Self {
        Self::Count(count)
    }

    pub(super) fn real(number: Option<f64>) -> Self {
        Self::Real(number)
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.map(|count| count.to_string()),
            Self::Real(number) => number.map(|number| format!("{number:.1}")),
            Self::Ratio(ratio) => ratio.map(|ratio| format!("{:.1} %", ratio * 100.0)),
        }
        .unwrap_or_else(|| "-".to_owned())
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Real(number) | Self::Ratio(number) => json!(number),
        }
    }
}

impl Sheet {
    pub(super) fn new(name: &'static str, columns: &'static [&'static str]) -> Self {
        Self { name, columns, rows: Vec::new() }
    }

    /// Of the values of a collector.
    pub(super) fn of(report: &Report) -> Self {
        match report {
            Report::Skills(skills) => of_skills(skills),
            Report::Dnis(dnis) => of_dnis(dnis),
            Report::AgentsKpi(agents) => of_agents(agents),
            Report::Transfers(transfers) => of_transfers(transfers),
            Report::Ivr(ivr) => of_ivr(ivr),
        }
    }

    /// For people.
    pub(super) fn table(&self) -> String {
        let mut table = table::with_columns(self.columns);
        for row in self.rows.iter().take(ENOUGH_ROWS) {
            table.add_row(row.iter().map(Cell::shown));
        }
        match self.rows.len().checked_sub(ENOUGH_ROWS).filter(|rest| *rest > 0) {
            Some(rest) => format!("{table}\n… and {rest} more; --output json shows all"),
            None => table.to_string(),
        }
    }

    /// For programs: one object a row.
    pub(super) fn json(&self) -> Value {
        let key = |column: &&str| column.trim_start_matches('>').replace(' ', "_");
        let keys: Vec<String> = self.columns.iter().map(key).collect();
        let object = |row: &Vec<Cell>| keys.iter().cloned().zip(row.iter().map(Cell::json)).collect::<Map<_, _>>();
        self.rows.iter().map(|row| Value::Object(object(row))).collect()
    }
}

fn within(levels: &[ServiceLevel], threshold: u32) -> Cell {
    Cell::Ratio(levels.iter().find(|level| level.threshold_seconds == threshold).map(|level| level.ratio))
}

fn of_skills(report: &SkillsReport) -> Sheet {
    let mut sheet = Sheet::new(
        "skills",
        &[
            "skill id",
            "name",
            ">queue",
            ">inbound",
            ">answered",
            ">abandoned",
            ">within 10 s",
            ">within 20 s",
            ">within 30 s",
            ">abandon ratio",
        ],
    );
    sheet.rows.extend(report.skills.iter().map(|skill| {
        vec![
            Cell::text(&skill.id),
            Cell::Text(skill.name.as_deref().map(str::to_owned)),
            Cell::Count(skill.calls_in_queue),
            Cell::Count(skill.inbound),
            Cell::Count(skill.answered),
            Cell::Count(skill.abandoned),
            within(&skill.service_levels, 10),
            within(&skill.service_levels, 20),
            within(&skill.service_levels, 30),
            Cell::Ratio(skill.abandon_ratio),
        ]
    }));
    sheet
}

fn of_dnis(report: &DnisReport) -> Sheet {
    let mut sheet = Sheet::new(
        "dnis",
        &[
            "skill id",
            "window",
            "dnis",
            ">inbound",
            ">answered",
            ">abandoned",
            ">within 10 s",
            ">within 20 s",
            ">within 30 s",
            ">abandon ratio",
            ">asa s",
            ">ata s",
        ],
    );
    sheet.rows.extend(report.rows.iter().map(|row| {
        vec![
            Cell::text(&row.skill_id),
            Cell::text(&row.window),
            Cell::text(&row.dnis),
            Cell::Count(row.inbound),
            Cell::Count(row.answered),
            Cell::Count(row.abandoned),
            within(&row.service_levels, 10),
            within(&row.service_levels, 20),
            within(&row.service_levels, 30),
            Cell::Ratio(row.abandon_ratio),
            Cell::Real(row.average_speed_of_answer),
            Cell::Real(row.average_time_to_abandon),
        ]
    }));
    sheet
}

fn of_agents(report: &AgentsReport) -> Sheet {
    let mut sheet = Sheet::new(
        "agents_kpi",
        &["agent id", ">points", ">hits", ">calls", ">aht s", ">acw s", ">occupancy ratio", ">login s"],
    );
    sheet.rows.extend(report.agents.iter().map(|agent| {
        vec![
            Cell::text(&agent.id),
            Cell::Count(agent.points),
            Cell::Count(agent.hits),
            Cell::Count(agent.calls),
            Cell::Real(agent.average_handling_time),
            Cell::Real(agent.after_call_work),
            Cell::Ratio(agent.occupancy),
            Cell::Real(agent.login_time),
        ]
    }));
    sheet
}

fn of_transfers(report: &TransfersReport) -> Sheet {
    let mut sheet = Sheet::new("transfers", &["channel", "receiver type", ">today"]);
    sheet.rows.extend(report.today.iter().map(|(kind, events)| {
        vec![Cell::text(&kind.channel), Cell::text(kind.receiver.as_str()), Cell::Count(Some(*events))]
    }));
    sheet
}

fn of_ivr(report: &IvrReport) -> Sheet {
    let mut sheet = Sheet::new("ivr", &["window", "rp id", "option", ">calls", ">time s"]);
    sheet.rows.extend(report.options.iter().map(|option| {
        vec![
            Cell::text(&option.window),
            Cell::text(&option.rp_id),
            Cell::text(&option.option),
            Cell::Count(option.calls),
            Cell::Real(option.time),
        ]
    }));
    sheet
}
