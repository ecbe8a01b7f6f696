//! The process, with the metric names that all Prometheus client libraries use.

use super::{Definition, Owner, Read, SelfMetrics, Table, counter, gauge};
use crate::metrics::process::Process;
use crate::metrics::sample::Number::{self, Count, Real};
use crate::metrics::sample::Sink;

/// Families that are read from `/proc/self`.
pub(super) const TABLE: Table<SelfMetrics> = Table { owner: Owner::Process, rows: ROWS };

const ROWS: &[Definition<SelfMetrics>] = &[
    counter(
        "process_cpu_seconds_total",
        "Processor time of the process, in user and system mode.",
        &PerProcess(|process| Some(Real(process.cpu_seconds))),
    ),
    gauge(
        "process_resident_memory_bytes",
        "Resident memory of the process.",
        &PerProcess(|process| Some(Count(process.resident_bytes))),
    ),
    gauge(
        "process_virtual_memory_bytes",
        "Virtual memory of the process.",
        &PerProcess(|process| Some(Count(process.virtual_bytes))),
    ),
    gauge(
        "process_open_fds",
        "Open file descriptors of the process.",
        &PerProcess(|process| process.open_fds.map(Count)),
    ),
    gauge(
        "process_max_fds",
        "File descriptors that the process may have open; no sample if there is no limit.",
        &PerProcess(|process| process.max_fds.map(Count)),
    ),
    gauge(
        "process_start_time_seconds",
        "Unix time at which the process started.",
        &PerProcess(|process| process.start_time.map(Real)),
    ),
    gauge("process_threads", "Threads of the process.", &PerProcess(|process| Some(Count(process.threads)))),
];

/// One sample, if the system has the value.
#[derive(Debug)]
struct PerProcess(fn(&Process) -> Option<Number>);

impl Read<SelfMetrics> for PerProcess {
    fn labels(&self) -> &'static [&'static str] {
        &[]
    }

    fn samples(&self, metrics: &SelfMetrics, sink: &mut dyn Sink) {
        sink.sample(&[], metrics.process.as_ref().and_then(self.0));
    }
}
