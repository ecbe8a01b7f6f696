//! `probe`: polls everything once and shows what came back, for people who set the exporter up.

use std::fmt::Write as _;
use std::sync::Arc;

use super::args::ProbeOutput;
use super::output::print_flushed;
use super::sheet::{Cell, Sheet};
use super::{Args, CliError, load, pollers};
use crate::clock::Clock;
use crate::collect;
use crate::metrics::{Encoding, ExporterInfo, Format, Page};
use crate::model::Snapshot;

/// Polls once and prints. Quota and counters go on from the state file and are kept there, as if an exporter had polled.
pub(super) async fn run(args: &Args, output: ProbeOutput) -> Result<String, CliError> {
    let config = load::load(args)?;
    let clock = Clock::system();
    let (store, pollers) = pollers::build(&config, &clock)?;
    collect::poll_once(pollers).await;
    let snapshots = store.current();
    let page = || {
        let own = Arc::new(ExporterInfo::started(clock.wall()));
        let page = Page::new(Arc::clone(&snapshots), own, clock.clone());
        String::from_utf8_lossy(&page.answer(Format::Text004, Encoding::Identity).concat()).into_owned()
    };
    let text = match output {
        ProbeOutput::Table => snapshots.iter().map(|snapshot| tables(snapshot, &clock)).collect(),
        ProbeOutput::Metrics => page(),
        ProbeOutput::Json => format!("{:#}\n", json(&snapshots, &clock)),
    };
    if snapshots.iter().all(|snapshot| snapshot.is_up()) {
        return Ok(text);
    }
    print_flushed(&text).map_err(|error| CliError::Run(format!("cannot write to standard output: {error}")))?;
    Err(CliError::Run(failures(&snapshots)))
}

fn failures(snapshots: &[Arc<Snapshot>]) -> String {
    let mut text = String::new();
    for snapshot in snapshots {
        for collector in &snapshot.collectors {
            if let Some(failure) = &collector.failure {
                let line_end = if text.is_empty() { "" } else { "\n" };
                let _ = write!(
                    text,
                    "{line_end}operation {:?}, {}: {}",
                    &*snapshot.operation, collector.name, failure.message
                );
            }
        }
    }
    text
}

fn tables(snapshot: &Snapshot, clock: &Clock) -> String {
    let mut text = format!("operation {:?}\n", &*snapshot.operation);
    let _ = writeln!(text, "{}\n", polls(snapshot).table());
    for report in snapshot.fresh(clock.instant()) {
        let _ = writeln!(text, "{}\n", Sheet::of(report).table());
    }
    for stats in &snapshot.endpoints {
        for (field, count) in stats.parse_errors.iter().filter(|(_, count)| *count > 0) {
            let _ = writeln!(text, "{}: {count} unreadable values of {field}", stats.endpoint);
        }
    }
    let quota = snapshot.quota.limit.map_or_else(|| "unknown".to_owned(), |limit| limit.to_string());
    let _ = writeln!(text, "calls today: {}, quota: {quota}\n", snapshot.calls_today(clock.now()));
    text
}

fn json(snapshots: &[Arc<Snapshot>], clock: &Clock) -> serde_json::Value {
    let operations = snapshots.iter().map(|snapshot| {
        let reports = snapshot.fresh(clock.instant()).map(Sheet::of);
        let reports: serde_json::Map<_, _> = reports.map(|sheet| (sheet.name.to_owned(), sheet.json())).collect();
        serde_json::json!({
            "operation": &*snapshot.operation,
            "polls": polls(snapshot).json(),
            "reports": reports,
            "calls_today": snapshot.calls_today(clock.now()),
            "quota": snapshot.quota.limit,
        })
    });
    serde_json::Value::Array(operations.collect())
}

fn polls(snapshot: &Snapshot) -> Sheet {
    let mut sheet = Sheet::new("polls", &["collector", "result", ">rows", ">seconds"]);
    for collector in &snapshot.collectors {
        sheet.rows.push(vec![
            Cell::text(collector.name.name()),
            Cell::text(if collector.success { "ok" } else { "failed" }),
            Cell::count(collector.rows),
            Cell::real(collector.duration.map(|took| took.as_secs_f64())),
        ]);
    }
    sheet
}
