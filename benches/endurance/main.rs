//! Runs the real exporter for an hour against faulty servers, and disturbs it all the time in random order: reloads,
//! restarts, kills, steps of the system's clock, slow readers and idle connections.
//!
//! `make soak` runs it, together with `benches/soak`. There are two exporters with a state file. One runs from the
//! start to the end and is reloaded, so its memory, descriptors and threads are measured. The other one is restarted
//! and killed. libfaketime sets the clock of each; the clock of wolkvox and the monotonic time are always right.
//!
//! It fails when a sample is not that of one answer, a counter falls, the calls of the day in the state file are fewer
//! than were made, two calls of a token are in flight, a scrape is not answered, a stop takes longer than 5 seconds, a
//! token is in the log, the exporter panics, or its memory, descriptors or threads have grown.
#![allow(dead_code, reason = "the run uses a part of the modules of the tests")]

#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../../tests/faults/fault.rs"]
mod fault;
#[path = "../../tests/faults/genuine.rs"]
mod genuine;
#[path = "../../tests/faults/ledger.rs"]
mod ledger;
#[path = "../../tests/faults/page.rs"]
mod page;
#[path = "../../tests/faults/rows.rs"]
mod rows;
#[path = "../../tests/faults/sequence.rs"]
mod sequence;
#[path = "../../tests/faults/server.rs"]
mod server;

mod clients;
mod clock_file;
mod disturbance;
mod findings;
mod process_figures;
mod subject;

use std::process::ExitCode;
use std::time::Duration;

use wolkvox_exporter::clock::Clock;

use clients::Clients;
use disturbance::Disturbances;
use findings::Findings;
use process_figures::Figures;
use subject::Subject;
use support::wolkvox::{Wolkvox, healthy};

const USAGE: &str = "usage: cargo bench --bench endurance -- [MINUTES [SEED]]";

/// How long a run takes, minutes.
const MINUTES: f64 = 60.0;

/// The first part of a run, after which the figures of the process are taken as the start. Pages of all sizes were
/// rendered by then.
const WARM_UP: f64 = 0.2;

/// The longest warm-up.
const MAX_WARM_UP: Duration = Duration::from_secs(5 * 60);

/// The time over which the figures of the process are taken at the start and at the end.
const MEASURED: Duration = Duration::from_secs(20);

/// The pause between two looks at the pages.
const PAUSE: Duration = Duration::from_millis(250);

/// The operations of the exporter that keeps running, and of the one that is restarted.
const STEADY_OPERATIONS: u64 = 10;
const RESTARTED_OPERATIONS: u64 = 5;

/// Growth of the memory that is tolerated: a share, and bytes. The allocator keeps some of the free memory.
const TOLERATED_GROWTH: f64 = 0.2;
const TOLERATED_BYTES: u64 = 16 << 20;

/// More descriptors than at the start that are tolerated. Connections of clients come and go.
const TOLERATED_DESCRIPTORS: u64 = 40;

/// More threads than at the start that are tolerated. Threads for blocking work, such as writing the state file, end
/// after some seconds without work.
const TOLERATED_THREADS: u64 = 8;

/// The arguments: the length of the run and the seed.
fn arguments() -> (Duration, u64) {
    let given: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    assert!(given.len() <= 2, "{USAGE}");
    let minutes = given.first().map_or(MINUTES, |text| text.parse().expect(USAGE));
    let seed = given.get(1).map_or_else(|| fastrand::u64(..1_000_000), |text| text.parse().expect(USAGE));
    (Duration::from_secs_f64(minutes * 60.0), seed)
}

#[tokio::main]
async fn main() -> ExitCode {
    let (length, seed) = arguments();
    println!("endurance: {:.1} minutes, seed {seed}", length.as_secs_f64() / 60.0);
    let clock = Clock::system();
    let began = clock.instant();
    let run = || clock.instant().duration_since(began);
    let findings = Findings::new(seed, clock.clone());
    let elsewhere = Wolkvox::start(healthy);
    let mut steady = Subject::start("steady", seed, STEADY_OPERATIONS, &elsewhere.url()).await;
    let mut restarted = Subject::start("restarted", seed + 1000, RESTARTED_OPERATIONS, &elsewhere.url()).await;
    let clients = Clients::start(&steady.url(), &findings);
    let mut disturbances = Disturbances::new(seed, run());

    let warm_up = length.mul_f64(WARM_UP).min(MAX_WARM_UP);
    let mut start: Option<Figures> = None;
    let mut end: Option<Figures> = None;
    while run() < length {
        for subject in [&mut steady, &mut restarted] {
            subject.look(&findings).await;
        }
        disturbances.make_due(run(), &mut steady, &mut restarted, &findings).await;
        let now = Figures::of(steady.process_id());
        if run() >= warm_up && run() < warm_up + MEASURED {
            start = Some(start.map_or(now, |start| start.highest(now)));
        } else if run() + MEASURED >= length {
            end = Some(end.map_or(now, |end| end.lowest(now)));
        }
        tokio::time::sleep(PAUSE).await;
    }
    let peak = steady.peak_memory();
    let scrapes = clients.end().await;
    disturbances.settle(&mut steady, &mut restarted, &findings).await;
    for subject in [&mut steady, &mut restarted] {
        subject.end(&findings).await;
    }
    if !elsewhere.connections().is_empty() {
        findings.add("a redirect was followed, and the token with it");
    }

    println!("minutes              {:.1}", run().as_secs_f64() / 60.0);
    println!("calls to wolkvox     {}", steady.calls() + restarted.calls());
    println!("pages compared       {}", steady.pages + restarted.pages);
    println!("scrapes              {scrapes}");
    disturbances.print();
    let mut faults = steady.faults();
    for (name, count) in restarted.faults() {
        *faults.entry(name).or_default() += count;
    }
    let list: Vec<String> = faults.iter().map(|(name, count)| format!("{name} {count}")).collect();
    println!("faults               {}", list.join(", "));
    match (start, end) {
        (Some(start), Some(end)) => {
            println!("at the start         {start}");
            println!("at the end           {end}");
            println!("peak memory          {:.1} MiB", peak as f64 / f64::from(1 << 20));
            compare(start, end, &findings);
        }
        _ => findings.add("the run was too short to compare the memory; run at least 2 minutes"),
    }
    println!("violations           {}", findings.count());
    if findings.count() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether the process has grown.
fn compare(start: Figures, end: Figures, findings: &Findings) {
    let most = (start.memory as f64 * (1.0 + TOLERATED_GROWTH)) as u64 + TOLERATED_BYTES;
    if end.memory > most {
        findings.add(&format!("the memory has grown from {start} to {end}, more than 20 % and 16 MiB"));
    }
    if end.descriptors > start.descriptors + TOLERATED_DESCRIPTORS {
        findings.add(&format!("the descriptors have grown from {start} to {end}"));
    }
    if end.threads > start.threads + TOLERATED_THREADS {
        findings.add(&format!("the threads have grown from {start} to {end}"));
    }
}
