//! What faults cost: clients that hold connections, slow readers, a log that nobody reads, odd responses, a full disk.
//!
//! `make reliability` runs every part on the release build against a wolkvox on loopback, prints the table that
//! docs/reliability.md shows, and fails when a limit is exceeded. `make reliability ARGS='idle log'` runs some parts.
//! The column "before" has the figures of the first version that was measured, on a machine of the same size.
#![allow(dead_code, reason = "the bench uses a part of the modules of the tests")]

#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../measure/mod.rs"]
mod measure;

mod configuration;
mod disk;
mod figures;
mod idle;
mod log;
mod readers;
mod responses;
mod start;

use std::pin::Pin;
use std::process::ExitCode;

use figures::Figure;

type Part = (&'static str, fn() -> Pin<Box<dyn Future<Output = Vec<Figure>>>>);

/// The parts by name, in the order of the table.
const PARTS: [Part; 7] = [
    ("idle", || Box::pin(idle::measure())),
    ("readers", || Box::pin(readers::measure())),
    ("log", || Box::pin(log::measure())),
    ("responses", || Box::pin(responses::measure())),
    ("configuration", || Box::pin(configuration::measure())),
    ("disk", || Box::pin(disk::measure())),
    ("start", || Box::pin(start::measure())),
];

#[tokio::main]
async fn main() -> ExitCode {
    // cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let Some(unknown) = wanted.iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        let names = PARTS.map(|(part, _)| part).join(", ");
        eprintln!("reliability: invalid part {unknown:?}: expected {names}, or nothing for all of them");
        return ExitCode::from(2);
    }
    support::process::allow_many_connections();
    let mut is_within = true;
    println!("{}", figures::HEAD);
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|part| part == name) {
            for figure in measure().await {
                println!("{figure}");
                is_within &= figure.is_within;
            }
        }
    }
    if is_within {
        ExitCode::SUCCESS
    } else {
        eprintln!("reliability: a figure is beyond its limit");
        ExitCode::FAILURE
    }
}
