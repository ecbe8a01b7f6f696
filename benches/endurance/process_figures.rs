//! What the kernel says about a process.

use std::fmt;
use std::fs;

use crate::support::process::{memory_of, status_of};

/// The figures of a process at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Resident memory, bytes.
    pub(crate) memory: u64,
    /// Open descriptors.
    pub(crate) descriptors: u64,
    /// Threads.
    pub(crate) threads: u64,
}

impl Figures {
    /// Of a running process.
    pub(crate) fn of(process: u32) -> Self {
        let descriptors = fs::read_dir(format!("/proc/{process}/fd")).expect("the process runs").count() as u64;
        let threads = status_of(process, "Threads:").parse().expect("the kernel writes a number");
        Self { memory: memory_of(process, "VmRSS:"), descriptors, threads }
    }

    /// The higher of each figure.
    pub(crate) fn highest(self, other: Self) -> Self {
        Self {
            memory: self.memory.max(other.memory),
            descriptors: self.descriptors.max(other.descriptors),
            threads: self.threads.max(other.threads),
        }
    }

    /// The lower of each figure.
    pub(crate) fn lowest(self, other: Self) -> Self {
        Self {
            memory: self.memory.min(other.memory),
            descriptors: self.descriptors.min(other.descriptors),
            threads: self.threads.min(other.threads),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, descriptors, threads } = self;
        let mebibytes = *memory as f64 / f64::from(1 << 20);
        write!(formatter, "{mebibytes:.1} MiB, {descriptors} descriptors, {threads} threads")
    }
}
