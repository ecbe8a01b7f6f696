//! Measures how often the shipped alerts are wrong and how fast they page. `make alert-study` runs it and writes
//! docs/alert-study.md, which says how it works.
//!
//! Arguments: `--seed N`, `--output FILE`, `--quick` for a short run with few days, and `--skills-only` to leave out the
//! part that needs Prometheus.

#[path = "../../tests/support/mod.rs"]
mod support;

mod bound;
mod evaluation;
mod expression;
mod history;
mod promise;
mod promise_report;
mod report;
mod rules;
mod samples;
mod scenarios;
mod skill_days;
mod staffing;
mod study;
mod worlds;

use std::path::PathBuf;

use study::{Plan, Study};

const USAGE: &str = "usage: cargo bench --bench alert_study -- [--seed N] [--output FILE] [--quick] [--skills-only]";

fn main() {
    let (mut plan, mut output) = (Plan::whole(1), None::<PathBuf>);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // cargo adds this argument.
            "--bench" => {}
            "--skills-only" => plan.operation = false,
            "--quick" => plan = Plan::quick(plan.seed),
            "--seed" => plan.seed = arguments.next().and_then(|text| text.parse().ok()).expect(USAGE),
            "--output" => output = Some(arguments.next().expect(USAGE).into()),
            _ => panic!("{argument:?}: {USAGE}"),
        }
    }
    let runtime = tokio::runtime::Runtime::new().expect("the runtime starts");
    let study = runtime.block_on(Study::of(plan));
    let text = report::markdown(&study);
    match output {
        Some(path) => std::fs::write(&path, &text).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        None => println!("{text}"),
    }
    let missed = study.missed_targets();
    assert!(missed.is_empty(), "targets that are not met with seed {}:\n{}", study.plan.seed, missed.join("\n"));
}
