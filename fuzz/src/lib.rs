//! Runs a target with a limit for the memory that it allocates.

use std::alloc::System;

use cap::Cap;
use wolkvox_exporter::fuzzing::TARGETS;

/// An allocation beyond the limit ends the program, which libFuzzer reports as a finding.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes that a target may allocate for any input: a runtime, a few threads, and tables of a parser.
const FIXED: usize = 8 << 20;

/// Bytes that it may allocate for each byte of the input. A row of two bytes, `{}`, needs some hundreds.
const PER_BYTE: usize = 2048;

/// Runs the target `name` on `input`.
///
/// # Panics
/// When there is no such target, or when something does not hold for the input.
pub fn run(name: &str, input: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(target, _)| *target == name).expect("the program has the name of a target");
    let limit = ALLOCATOR.allocated() + FIXED + PER_BYTE * input.len();
    ALLOCATOR.set_limit(limit).expect("the limit is above what is allocated");
    target(input);
    ALLOCATOR.set_limit(usize::MAX).expect("there is no limit");
}
