//! Faults of wolkvox, of a proxy or of the network, between the real exporter and the simulated contact centre.
//!
//! Each fault is played alone, and random sequences are played from a seed. After each, the exporter must have counted
//! exactly what happened, and it must recover. In between, every sample must be absent or that of one answer, no
//! counter may fall, and `/metrics` and `/-/healthy` must answer.
//!
//! `FAULTS_SEED=7 cargo test --test faults random` repeats the sequences of one operation. A failure prints its seed.
#![cfg(feature = "simulator")]

#[path = "../support/mod.rs"]
mod support;

mod checks;
mod fault;
mod genuine;
mod ledger;
mod page;
mod quota;
mod rows;
mod run;
mod sequence;
mod server;

use fault::{FAULTS, Fault, Kind};
use run::{Plan, run};

/// Operations with random sequences, and the sequences of each.
const OPERATIONS: u64 = 50;
const SEQUENCES: usize = 4;

/// The seed that is repeated, if any.
fn repeated() -> Option<u64> {
    let seed = std::env::var("FAULTS_SEED").ok()?;
    Some(seed.parse().unwrap_or_else(|_| panic!("invalid FAULTS_SEED {seed:?}: expected a number, 7 for example")))
}

/// One operation for each fault, which meets it twice, after an answer without fault.
fn alone(is_wanted: fn(Kind) -> bool) -> Vec<Plan> {
    let plan = |(seed, fault): (u64, &'static Fault)| Plan {
        name: format!("fault-{}", fault.name),
        seed,
        sequences: vec![vec![&FAULTS[0], fault], vec![fault]],
    };
    (0..).zip(FAULTS).filter(|(_, fault)| is_wanted(fault.kind)).map(plan).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_alone_is_counted_and_ends_with_the_next_good_answer() {
    run(alone(|kind| matches!(kind, Kind::Common | Kind::Lasting | Kind::Refusal))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_of_hundreds_of_megabytes_is_counted_and_ends_with_the_next_good_answer() {
    run(alone(|kind| kind == Kind::Large)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "waits some minutes: make test"]
async fn an_answer_that_never_ends_is_counted_after_a_minute_and_ends_with_the_next_good_answer() {
    run(alone(|kind| kind == Kind::Silent)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_random_sequences_of_faults_every_count_and_every_sample_is_right() {
    let plan = |seed: u64| {
        let mut random = fastrand::Rng::with_seed(seed);
        Plan {
            name: format!("random-{seed}"),
            seed,
            sequences: (0..SEQUENCES).map(|_| sequence::random(&mut random)).collect(),
        }
    };
    let seeds = repeated().map_or_else(|| (1..=OPERATIONS).collect(), |seed| vec![seed]);
    run(seeds.into_iter().map(plan).collect()).await;
}
