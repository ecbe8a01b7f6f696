//! Creates Prometheus databases with simulated days, using the exporter's subcommand `history`.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{Timestamp, ToSpan, Zoned};
use tempfile::TempDir;

use crate::support::peers::PrometheusVersion;
use crate::support::process::{exporter, run};
use crate::support::prometheus::Prometheus;
use crate::support::promtool::promtool;

/// A Monday. The simulated contact centre is open from 07:00 to 20:00, on Saturdays from 08:00 to 14:00.
pub(crate) const FIRST_DAY: &str = "2026-11-02T00:00:00-05[America/Bogota]";

/// Midnight at the start of a day of the study. The first day has the number 0.
pub(crate) fn day_start(number: i64) -> Timestamp {
    let first: Zoned = FIRST_DAY.parse().expect("the constant is a valid time");
    first.checked_add(number.days()).expect("the study is short").timestamp()
}

/// The days to simulate and their settings.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedDays<'a> {
    /// Value of the label `operation`.
    pub(crate) operation: String,
    pub(crate) seed: u64,
    /// Time between two polls, as the flag `--poll.interval` takes it.
    pub(crate) interval: &'static str,
    pub(crate) scenario: &'a str,
    /// Time from midnight of the first day to the incident, and its length if it is not the default.
    pub(crate) trouble: (&'a str, Option<&'a str>),
    /// Number of the first day.
    pub(crate) from: i64,
    pub(crate) days: i64,
    /// Whether the collector `dnis` is enabled, besides `skills`.
    pub(crate) dnis: bool,
}

/// A temporary folder with a database: empty, or with the blocks of `source`.
pub(crate) fn new_database(source: Option<&Path>) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder can be created");
    if let Some(source) = source {
        link_blocks(&source.join("data"), &data);
    }
    folder
}

/// Hard-links the files of all blocks. Prometheus never changes a block, but it may replace one, so folders are
/// created.
fn link_blocks(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the folder can be read").map_while(Result::ok) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() && source.join("meta.json").is_file() || source.ends_with("chunks") {
            std::fs::create_dir(&target).expect("a folder can be created");
            link_blocks(&source, &target);
        } else if source.is_file() && from.join("meta.json").is_file() || from.ends_with("chunks") {
            std::fs::hard_link(&source, &target)
                .or_else(|_| std::fs::copy(&source, &target).map(drop))
                .expect("a file can be copied");
        }
    }
}

/// Simulates days and adds them to a database as blocks.
pub(crate) fn add_days(folder: &Path, days: &SimulatedDays, families: &BTreeSet<String>) {
    simulate(folder, days, families, &["--no-collector.agents_kpi"]);
}

/// [`add_days`] with the report of the agents, whose collector polls as often as `skills`, and with a scrape every
/// `scrape` (as the flag takes it).
pub(crate) fn add_days_with_agents(folder: &Path, days: &SimulatedDays, families: &BTreeSet<String>, scrape: &str) {
    simulate(folder, days, families, &[&format!("--history.scrape-interval={scrape}")]);
}

/// Simulates days with more flags and adds them to a database as blocks.
pub(crate) fn simulate(folder: &Path, days: &SimulatedDays, families: &BTreeSet<String>, flags: &[&str]) {
    let pages = tempfile::tempdir().expect("a temporary folder can be created");
    let families: Vec<&str> = families.iter().map(String::as_str).collect();
    let mut command = exporter();
    command.arg("history").arg("--history.directory").arg(pages.path());
    command.args([
        "--real-hours",
        "--log.level=error",
        "--no-collector.transfers",
        "--no-collector.ivr",
        &format!("--wolkvox.operation={}", days.operation),
        &format!("--history.start={}", day_start(days.from)),
        &format!("--history.length={}d", days.days),
        &format!("--history.family={}", families.join(",")),
        &format!("--poll.interval={}", days.interval),
        &format!("--seed={}", days.seed),
        &format!("--scenario={}", days.scenario),
        &format!("--trouble.after={}", days.trouble.0),
    ]);
    command.args(flags);
    if let Some(length) = days.trouble.1 {
        command.arg(format!("--trouble.for={length}"));
    }
    if !days.dnis {
        command.arg("--no-collector.dnis");
    }
    let finished = run(&mut command, "");
    assert!(finished.status.success(), "{}", finished.stderr);
    for page in finished.stdout.lines() {
        let data = folder.join("data").display().to_string();
        let blocks = ["tsdb", "create-blocks-from", "--max-block-duration=24h", "openmetrics", page, &data];
        let finished = promtool(PrometheusVersion::V3, &blocks, "");
        assert!(finished.status.success(), "{}{}", finished.stdout, finished.stderr);
    }
}

/// Starts a Prometheus that serves a database.
pub(crate) async fn start_prometheus(folder: TempDir) -> Prometheus {
    Prometheus::start_over(PrometheusVersion::V3, folder).await
}
