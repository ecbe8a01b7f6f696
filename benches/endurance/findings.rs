//! The violations that were found, printed as they come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wolkvox_exporter::clock::Clock;

/// Violations that are printed; all are counted.
const PRINTED: u64 = 50;

/// The violations so far.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    seed: u64,
    clock: Clock,
    count: Arc<AtomicU64>,
}

impl Findings {
    /// None. `seed` repeats the run.
    pub(crate) fn new(seed: u64, clock: Clock) -> Self {
        Self { seed, clock, count: Arc::default() }
    }

    /// Adds one.
    pub(crate) fn add(&self, finding: &str) {
        if self.count.fetch_add(1, Ordering::Relaxed) < PRINTED {
            println!("{} seed {}: {finding}", self.clock.now().strftime("%T"), self.seed);
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}
