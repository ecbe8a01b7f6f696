//! Whether many operations in one process are polled in time, and what they cost.
//!
//! `make bench-operations` runs 10, 100 and 1,000 operations of 50 skills and 20 dialled numbers, with polls every
//! minute, and 100 of them over TLS. Three in a hundred operations get no response to any call, so each of their polls
//! takes its full 60 seconds. `make bench-operations ARGS='1000'` measures one size, `ARGS='100-tls'` the one with TLS.

#[path = "../measure/mod.rs"]
mod measure;
#[path = "../../tests/support/mod.rs"]
mod support;

mod contact_centre;
mod lag;
mod run;

use std::process::ExitCode;

use measure::headlines;
use measure::table::{Table, grouped, mebibytes, significant};
use run::{Figures, Run};

/// Sizes that are measured at the same time. Together they take a small part of the machine.
const TOGETHER: [Run; 3] = [
    Run { name: "10", operations: 10, tls: false },
    Run { name: "100", operations: 100, tls: false },
    Run { name: "100-tls", operations: 100, tls: true },
];

/// The size that is measured alone.
const ALONE: Run = Run { name: "1000", operations: 1_000, tls: false };

const TITLES: [&str; 10] = [
    "Operations",
    "Series",
    "Polls",
    "Missed",
    "Late: 50 %",
    "99 %",
    "slowest",
    "within 1 s",
    "of a core",
    "Memory, MiB (peak)",
];

#[tokio::main]
async fn main() -> ExitCode {
    // cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let names: Vec<&str> = TOGETHER.iter().chain([&ALONE]).map(|run| run.name).collect();
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(&name.as_str())) {
        eprintln!("operations: invalid run {unknown:?}: expected {}, or nothing for all of them", names.join(", "));
        return ExitCode::from(2);
    }
    support::process::allow_many_connections();
    let is_wanted = |run: &&Run| wanted.is_empty() || wanted.iter().any(|name| name == run.name);
    let together = TOGETHER.iter().filter(is_wanted).map(Run::measure);
    let mut all = futures_util::future::join_all(together).await;
    if is_wanted(&&ALONE) {
        all.push(ALONE.measure().await);
    }
    let mut table = Table::new(&TITLES);
    let mut growth = Table::new(&["Operations", "CPU of a poll, ms", "Memory of an operation, KiB"]);
    for figures in &all {
        table.push(cells(figures));
        let poll = figures.used.as_secs_f64() * 1e3 / figures.polls_measured as f64;
        let memory = figures.memory as f64 / 1024.0 / figures.run.operations as f64;
        growth.push([figures.run.name.to_owned(), significant(poll), significant(memory)]);
    }
    println!("{table}\nPolls that are missed are those that a poll before them delayed by an interval.\n\n{growth}");
    if let Some(largest) = all.iter().find(|figures| figures.run.name == ALONE.name) {
        note(largest);
    }
    ExitCode::SUCCESS
}

fn cells(figures: &Figures) -> [String; 10] {
    let late = |share| measure::requests::text(figures.lag.within(share));
    [
        figures.run.name.to_owned(),
        grouped(figures.series as u64),
        grouped(figures.lag.polls() as u64),
        figures.lag.missed.to_string(),
        late(0.5),
        late(0.99),
        late(1.0),
        format!("{:.1} %", figures.lag.within_a_second() * 100.0),
        format!("{:.1} %", figures.share_of_core() * 100.0),
        format!("{} ({})", mebibytes(figures.memory), mebibytes(figures.peak)),
    ]
}

/// Notes the figures of the largest run, and whether they meet their targets.
fn note(largest: &Figures) {
    let in_time = format!("{:.1} %", largest.lag.within_a_second() * 100.0);
    let core = format!("{:.0} %", largest.share_of_core() * 100.0);
    let memory = format!("{} MiB", mebibytes(largest.peak));
    headlines::note(
        "1,000 operations of 50 skills and 20 numbers, polled every minute",
        &format!("{in_time} of polls within 1 s of their time, {core} of a core, {memory}"),
        "make bench-operations",
    );
    let target = |figure, target, value: &str, is_met| {
        headlines::target(&format!("1,000 operations: {figure}"), target, value, is_met);
    };
    target("polls within 1 s of their time", "99 %", &in_time, largest.lag.within_a_second() >= 0.99);
    target("processor", "at most 25 % of a core", &core, largest.share_of_core() <= 0.25);
    target("peak memory", "at most 300 MiB", &memory, largest.peak <= 300 << 20);
}
