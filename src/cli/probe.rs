//! `probe`: polls every collector once and prints the values, for people who set the exporter up.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, json};

use super::args::ProbeOutput;
use super::output::print_flushed;
use super::pollers::{self, Polling};
use super::{Args, CliError, load, table};
use crate::clock::Clock;
use crate::collect;
use crate::metrics::{Column, ColumnSource, Encoding, ExporterInfo, Format, Page, ReportTable, Value, report_tables};
use crate::model::{CollectorStatus, RequestStatus, Snapshot};

/// Rows of a table that fit on a screen. The text gives the number of the other rows; JSON has all rows.
const MAX_ROWS: usize = 40;

/// Characters of a line in a title, enough for the longest words of the names.
const TITLE_WIDTH: usize = 11;

/// Polls once and prints. It reads quota and counters from the state file and writes them there, like a running
/// exporter.
pub(super) async fn run(args: &Args, output: ProbeOutput) -> Result<String, CliError> {
    let config = load::load(args)?;
    let clock = Clock::system();
    let Polling { store, pollers, state } = pollers::build(&config, &clock)?;
    collect::poll_once(pollers).await;
    state.close().await;
    let snapshots = store.current();
    let page = || {
        let info = Arc::new(ExporterInfo::started(clock.wall()));
        let page = Page::new(Arc::clone(&snapshots), info, clock.clone());
        String::from_utf8_lossy(&page.body(Format::Text004, Encoding::Identity).concat()).into_owned()
    };
    let text = match output {
        ProbeOutput::Table => snapshots.iter().map(|snapshot| tables(snapshot, &clock)).collect(),
        ProbeOutput::Metrics => page(),
        ProbeOutput::Json => format!("{:#}\n", json(&snapshots, &clock)),
    };
    let failures = failures(&snapshots);
    if failures.is_empty() {
        return Ok(text);
    }
    print_flushed(&text).map_err(|error| CliError::Run(format!("cannot write to standard output: {error}")))?;
    Err(CliError::Run(failures.join("\n")))
}

/// One line for each poll that failed, or for each request that failed where the others did not.
fn failures(snapshots: &[Arc<Snapshot>]) -> Vec<String> {
    let mut lines = Vec::new();
    for snapshot in snapshots {
        for collector in &snapshot.collectors {
            let start = format!("operation {:?}, {}", &*snapshot.operation, collector.name);
            match &collector.failure {
                Some(failure) => lines.push(format!("{start}: {}", failure.message)),
                None => lines.extend(collector.requests.iter().filter_map(|request| {
                    let failure = request.failure.as_ref()?;
                    Some(format!("{start}, {}: {}", request.key, failure.message))
                })),
            }
        }
    }
    lines
}

fn tables(snapshot: &Arc<Snapshot>, clock: &Clock) -> String {
    let mut text = format!("operation {:?}\n", &*snapshot.operation);
    let _ = writeln!(text, "{}\n", polls_table(snapshot));
    for table in report_tables(snapshot, clock) {
        let _ = writeln!(text, "{}\n{}\n", table.name, report_text(&table));
    }
    for stats in &snapshot.endpoints {
        for (field, count) in stats.parse_errors.iter().filter(|(_, count)| *count > 0) {
            let _ = writeln!(text, "{}: {count} values of {field} could not be parsed", stats.endpoint);
        }
    }
    let quota = snapshot.quota.limit.map_or_else(|| "unknown".to_owned(), |limit| limit.to_string());
    let _ = writeln!(text, "calls today: {}, quota: {quota}\n", snapshot.calls_today(clock.now(), clock.instant()));
    text
}

fn polls_table(snapshot: &Snapshot) -> comfy_table::Table {
    let mut table = table::with_columns(&["collector", "result", ">rows", ">seconds"]);
    for collector in &snapshot.collectors {
        table.add_row([
            collector.name.to_string(),
            result(collector).to_owned(),
            collector.rows().map_or_else(missing, |rows| rows.to_string()),
            collector.duration.map_or_else(missing, |took| format!("{:.1}", took.as_secs_f64())),
        ]);
    }
    table
}

/// Without counters, which start at zero when the exporter does, and without columns that have no value in any row.
fn report_text(report: &ReportTable) -> String {
    let has_values = |index: &usize| report.rows.iter().any(|row| row[*index].is_some());
    let is_counter = |index: &usize| report.columns[*index].source == ColumnSource::Counter;
    let shown: Vec<usize> = (0..report.columns.len()).filter(|index| has_values(index) && !is_counter(index)).collect();
    if shown.is_empty() {
        return "no rows".to_owned();
    }
    let titles: Vec<String> = shown.iter().map(|index| title(&report.columns[*index])).collect();
    let mut table = table::with_columns(&titles);
    for row in report.rows.iter().take(MAX_ROWS) {
        table.add_row(shown.iter().map(|index| cell(report.columns[*index].source, row[*index].as_ref())));
    }
    match report.rows.len().checked_sub(MAX_ROWS).filter(|rest| *rest > 0) {
        Some(rest) => format!("{table}\n… and {rest} more; --output json prints all rows"),
        None => table.to_string(),
    }
}

/// The name of the column on several short lines, because a table with long titles does not fit on a screen.
fn title(column: &Column) -> String {
    let mut title = if column.source == ColumnSource::Label { String::new() } else { ">".to_owned() };
    let mut width = 0;
    for word in column.name.split('_') {
        if width > 0 && width + 1 + word.len() > TITLE_WIDTH {
            title.push('\n');
            width = 0;
        } else if width > 0 {
            title.push(' ');
            width += 1;
        }
        title.push_str(word);
        width += word.len();
    }
    title
}

fn cell(source: ColumnSource, value: Option<&Value>) -> String {
    match value {
        None => missing(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Count(count)) => count.to_string(),
        Some(Value::Real(real)) if source == ColumnSource::Gauge(Some("ratio")) => format!("{:.1} %", real * 100.0),
        Some(Value::Real(real)) => format!("{real:.1}"),
    }
}

fn missing() -> String {
    "-".to_owned()
}

fn result(collector: &CollectorStatus) -> &'static str {
    match (collector.success, collector.requests.iter().all(RequestStatus::success)) {
        (true, true) => "ok",
        (true, false) => "partly failed",
        (false, _) => "failed",
    }
}

fn json(snapshots: &[Arc<Snapshot>], clock: &Clock) -> serde_json::Value {
    let operations = snapshots.iter().map(|snapshot| {
        let reports = report_tables(snapshot, clock);
        let reports: Map<_, _> = reports.into_iter().map(|table| (table.name.clone(), report_json(table))).collect();
        let polls = snapshot.collectors.iter().map(|collector| {
            json!({
                "collector": collector.name.to_string(),
                "result": result(collector),
                "rows": collector.rows(),
                "seconds": collector.duration.map(|took| took.as_secs_f64()),
            })
        });
        json!({
            "operation": &*snapshot.operation,
            "polls": polls.collect::<serde_json::Value>(),
            "reports": reports,
            "calls_today": snapshot.calls_today(clock.now(), clock.instant()),
            "quota": snapshot.quota.limit,
        })
    });
    operations.collect()
}

/// One object for each row.
fn report_json(table: ReportTable) -> serde_json::Value {
    let ReportTable { name: _, columns, rows } = table;
    let value = |value| match value {
        None => serde_json::Value::Null,
        Some(Value::Text(text)) => text.into(),
        Some(Value::Count(count)) => count.into(),
        Some(Value::Real(real)) => real.into(),
    };
    let object = |row: Vec<_>| -> Map<_, _> {
        columns.iter().map(|column| column.name.clone()).zip(row.into_iter().map(value)).collect()
    };
    rows.into_iter().map(object).collect()
}
