//! What the kernel says about a process.

use std::fmt;
use std::fs;

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
        Self { memory: status(process, "VmRSS:") * 1024, descriptors, threads: status(process, "Threads:") }
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

/// A number of the file `status`.
fn status(process: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel writes it");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("the kernel writes a number")
}
