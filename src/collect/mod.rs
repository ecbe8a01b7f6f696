//! Polling: one file per report, and what they share (schedule, quota, back-off, counters). Knows no Prometheus.

use crate::model::CollectorName;

/// One line of the collectors' table.
#[derive(Debug)]
pub struct Entry {
    /// Its name: label value, configuration key, flag `--[no-]collector.NAME`.
    pub name: CollectorName,
    /// Whether it polls unless switched off.
    pub on_by_default: bool,
    /// What it reads, as one line of `--help`.
    pub about: &'static str,
}

/// Every collector there is.
pub const COLLECTORS: &[Entry] = &[
    Entry {
        name: CollectorName("skills"),
        on_by_default: true,
        about: "skills in real time: queue, day totals, service level",
    },
    Entry { name: CollectorName("dnis"), on_by_default: true, about: "calls and service level by DNIS" },
];
