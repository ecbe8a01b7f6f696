//! Do the alerts page for the right reason? Simulated days go through the exporter's own parsing and metrics under a clock
//! that jumps, become blocks of a real Prometheus, and the shipped rules are evaluated over all of them.
//!
//! `make alert-study` runs it and writes docs/alert-study.md. Arguments: `--seed N`, `--output FILE`, and `--quick` for a
//! first look (no curve, fewer days with half the agents).

#[path = "../../tests/support/mod.rs"]
mod support;

mod judge;
mod past;
mod report;
mod rules;
mod scenarios;
mod study;

use std::path::PathBuf;

use study::{Plan, Study};

const USAGE: &str = "usage: cargo bench --bench alert_study -- [--seed N] [--output FILE] [--quick]";

fn main() {
    let (mut plan, mut output) = (Plan::whole(1), None::<PathBuf>);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // cargo adds it.
            "--bench" => {}
            "--quick" => plan = Plan::quick(plan.seed),
            "--seed" => plan.seed = arguments.next().and_then(|text| text.parse().ok()).expect(USAGE),
            "--output" => output = Some(arguments.next().expect(USAGE).into()),
            _ => panic!("{argument:?}: {USAGE}"),
        }
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    let study = runtime.block_on(Study::of(plan));
    let text = report::markdown(&study);
    match output {
        Some(path) => std::fs::write(&path, &text).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        None => println!("{text}"),
    }
    let broken = study.broken_promises();
    assert!(broken.is_empty(), "promises that do not hold with seed {}:\n{}", study.plan.seed, broken.join("\n"));
}
