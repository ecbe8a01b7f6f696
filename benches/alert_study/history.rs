//! Simulated days as blocks of Prometheus, made by the exporter's own `history`.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{Timestamp, ToSpan, Zoned};
use tempfile::TempDir;

use crate::support::peers::PrometheusVersion;
use crate::support::process::{exporter, run};
use crate::support::prometheus::Prometheus;
use crate::support::promtool::promtool;

/// A Monday; the simulated contact centre is open 07:00 to 20:00, Saturdays 08:00 to 14:00.
pub(crate) const FIRST_DAY: &str = "2026-11-02T00:00:00-05[America/Bogota]";

/// The first moment of a day of the study, the first being 0.
pub(crate) fn day(number: i64) -> Timestamp {
    let first: Zoned = FIRST_DAY.parse().expect("it is a moment");
    first.checked_add(number.days()).expect("the study is short").timestamp()
}

/// What is simulated.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    /// The label of that name.
    pub(crate) operation: String,
    pub(crate) seed: u64,
    /// Between two polls, as a duration of the command line.
    pub(crate) interval: &'static str,
    pub(crate) scenario: &'a str,
    /// From the first day's midnight to the trouble, and how long it lasts, if not as long as is usual.
    pub(crate) trouble: (&'a str, Option<&'a str>),
    /// The first day.
    pub(crate) from: i64,
    pub(crate) days: i64,
    /// Whether numbers are polled as well as skills.
    pub(crate) dnis: bool,
}

/// A folder with a database, empty or with copies of the blocks of another.
pub(crate) fn database(like: Option<&Path>) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder can be made");
    if let Some(like) = like {
        copy(&like.join("data"), &data);
    }
    folder
}

/// Blocks do not change, but Prometheus may replace them: files are linked, folders made.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the folder can be read").map_while(Result::ok) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() && source.join("meta.json").is_file() || source.ends_with("chunks") {
            std::fs::create_dir(&target).expect("a folder can be made");
            copy(&source, &target);
        } else if source.is_file() && from.join("meta.json").is_file() || from.ends_with("chunks") {
            std::fs::hard_link(&source, &target)
                .or_else(|_| std::fs::copy(&source, &target).map(drop))
                .expect("a file can be copied");
        }
    }
}

/// Adds simulated days to a database.
pub(crate) fn add(folder: &Path, wanted: &Wanted, families: &BTreeSet<String>) {
    let pages = tempfile::tempdir().expect("a temporary folder can be made");
    let families: Vec<&str> = families.iter().map(String::as_str).collect();
    let mut command = exporter();
    command.arg("history").arg("--history.directory").arg(pages.path());
    command.args([
        "--real-hours",
        "--log.level=error",
        "--no-collector.agents_kpi",
        "--no-collector.transfers",
        "--no-collector.ivr",
        &format!("--wolkvox.operation={}", wanted.operation),
        &format!("--history.start={}", day(wanted.from)),
        &format!("--history.length={}d", wanted.days),
        &format!("--history.family={}", families.join(",")),
        &format!("--poll.interval={}", wanted.interval),
        &format!("--seed={}", wanted.seed),
        &format!("--scenario={}", wanted.scenario),
        &format!("--trouble.after={}", wanted.trouble.0),
    ]);
    if let Some(length) = wanted.trouble.1 {
        command.arg(format!("--trouble.for={length}"));
    }
    if !wanted.dnis {
        command.arg("--no-collector.dnis");
    }
    let told = run(&mut command, "");
    assert!(told.status.success(), "{}", told.stderr);
    for page in told.stdout.lines() {
        let data = folder.join("data").display().to_string();
        let blocks = ["tsdb", "create-blocks-from", "--max-block-duration=24h", "openmetrics", page, &data];
        let made = promtool(PrometheusVersion::V3, &blocks, "");
        assert!(made.status.success(), "{}{}", made.stdout, made.stderr);
    }
}

/// Prometheus over a database.
pub(crate) async fn served(folder: TempDir) -> Prometheus {
    Prometheus::start_over(PrometheusVersion::V3, folder).await
}
