//! The table of metrics: one row for each family.
//!
//! A row has the name that Prometheus sees, a sentence of help with the field of wolkvox in parentheses, and a function
//! that reads the value. Tests check that kind and unit fit the name. A new metric is one row, and a value in the
//! example of its file. A new report is one file here and one arm of [`table`] and `example`.

mod agents_kpi;
mod dnis;
mod exporter;
mod ivr;
mod process;
mod skills;
mod transfers;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::exporter_info::ExporterInfo;
use super::family::{Family, Kind};
use super::process::Process;
use super::sample::Sink;
use crate::model::{Collector, ReportContent, SkillsReport, Snapshot, Snapshots};

/// Where the values of families come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Of the collector of that name: they come and go with its report.
    Collector(Collector),
    /// The exporter: the families exist from the start.
    Exporter,
    /// The process: the families are read for each scrape.
    Process,
}

/// One row: a family, and the way to read it from a `Subject`.
pub(super) struct Definition<Subject: 'static> {
    /// The family.
    pub(super) family: Family,
    /// The way to read its samples.
    pub(super) read: &'static dyn Read<Subject>,
}

/// A way to read samples, and the labels they have.
pub(super) trait Read<Subject>: Sync {
    /// The labels of each sample, in order.
    fn labels(&self) -> &'static [&'static str];
    /// Passes every sample to `sink`.
    fn samples(&self, subject: &Subject, sink: &mut dyn Sink);
}

/// The rows of one owner.
#[derive(Debug)]
pub(super) struct Table<Subject: 'static> {
    /// The owner of all rows.
    pub(super) owner: Owner,
    /// The rows, in the order in which they are written.
    pub(super) rows: &'static [Definition<Subject>],
}

/// The snapshots of all operations and the time at which they are rendered.
#[derive(Debug)]
pub(super) struct RenderInput {
    /// All operations.
    pub(super) snapshots: Arc<Snapshots>,
    /// The monotonic time, for the expiry of reports.
    pub(super) instant: Instant,
    /// The same time as a date, for opening hours and days.
    pub(super) now: Timestamp,
}

impl RenderInput {
    /// Every fresh report of one kind with its operation. A collector has one report for each of its requests.
    fn reports<R: ReportContent + 'static>(&self) -> impl Iterator<Item = (&Snapshot, &R)> {
        self.snapshots
            .iter()
            .flat_map(|snapshot| snapshot.reports_of::<R>(self.instant).map(move |report| (&**snapshot, report)))
    }
}

/// The newest report of skills of an operation, for what is inferred from all skills. Each request has a report.
fn newest_skills<'a>(snapshot: &'a Snapshot, input: &RenderInput) -> Option<&'a SkillsReport> {
    let reports = snapshot.fresh(input.instant).filter_map(|it| Some((it.started, SkillsReport::of(&it.report)?)));
    reports.max_by_key(|(started, _)| *started).map(|(_, report)| report)
}

/// The exporter and its process at the time of a scrape.
#[derive(Debug)]
pub(super) struct SelfMetrics {
    /// The exporter.
    pub(super) info: ExporterInfo,
    /// The process; `None` if the system has no `/proc`.
    pub(super) process: Option<Process>,
}

/// Families that are rendered when a snapshot changes.
pub(super) const POLLED: &[Table<RenderInput>] = &TABLES;

/// The table of each collector in their order, then the exporter's own.
const TABLES: [Table<RenderInput>; Collector::ALL.len() + 1] = {
    let mut tables = [exporter::POLLED; Collector::ALL.len() + 1];
    let mut index = 0;
    while index < Collector::ALL.len() {
        tables[index] = table(Collector::ALL[index]);
        index += 1;
    }
    tables
};

/// The rows of a collector.
const fn table(collector: Collector) -> Table<RenderInput> {
    match collector {
        Collector::Skills => skills::TABLE,
        Collector::Dnis => dnis::TABLE,
        Collector::AgentsKpi => agents_kpi::TABLE,
        Collector::Transfers => transfers::TABLE,
        Collector::Ivr => ivr::TABLE,
    }
}

/// A report of a collector with a value for each of its families, for tests.
#[cfg(test)]
pub(super) fn example(collector: Collector) -> crate::model::Report {
    match collector {
        Collector::Skills => skills::example(),
        Collector::Dnis => dnis::example(),
        Collector::AgentsKpi => agents_kpi::example(),
        Collector::Transfers => transfers::example(),
        Collector::Ivr => ivr::example(),
    }
}

/// Service levels of examples: seconds and share.
#[cfg(test)]
fn example_levels(levels: &[(u32, f64)]) -> Vec<crate::model::ServiceLevel> {
    let level = |&(threshold_seconds, ratio): &_| crate::model::ServiceLevel { threshold_seconds, ratio };
    levels.iter().map(level).collect()
}

/// Families that are rendered for each scrape. Keep them few.
pub(super) const SCRAPED: &[Table<SelfMetrics>] = &[exporter::SCRAPED, process::TABLE];

const fn gauge<S>(name: &'static str, help: &'static str, read: &'static dyn Read<S>) -> Definition<S> {
    Definition { family: Family { name, help, kind: Kind::Gauge }, read }
}

const fn counter<S>(name: &'static str, help: &'static str, read: &'static dyn Read<S>) -> Definition<S> {
    Definition { family: Family { name, help, kind: Kind::Counter }, read }
}

const fn info<S>(name: &'static str, help: &'static str, read: &'static dyn Read<S>) -> Definition<S> {
    Definition { family: Family { name, help, kind: Kind::Info }, read }
}

const fn histogram<S>(name: &'static str, help: &'static str, read: &'static dyn Read<S>) -> Definition<S> {
    Definition { family: Family { name, help, kind: Kind::Histogram }, read }
}

impl<S> fmt::Debug for Definition<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definition").field("family", &self.family).finish_non_exhaustive()
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Collector(collector) => collector.name(),
            Self::Exporter => "exporter",
            Self::Process => "process",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families() -> Vec<(Owner, &'static Family, &'static [&'static str])> {
        fn rows<S>(
            tables: &'static [Table<S>],
        ) -> impl Iterator<Item = (Owner, &'static Family, &'static [&'static str])> {
            tables.iter().flat_map(|t| t.rows.iter().map(|row| (t.owner, &row.family, row.read.labels())))
        }
        rows(POLLED).chain(rows(SCRAPED)).collect()
    }

    #[test]
    fn every_name_is_unique() {
        let mut seen = std::collections::BTreeSet::new();
        for (_, family, _) in families() {
            // Both forms, because OpenMetrics forbids two families that differ in a suffix only.
            assert!(seen.insert(family.name), "{}", family.name);
            if family.without_kind() != family.name {
                assert!(seen.insert(family.without_kind()), "{}", family.name);
            }
        }
    }

    #[test]
    fn every_name_is_lower_case_snake_with_the_prefix_of_its_owner() {
        for (owner, family, _) in families() {
            let prefix = match owner {
                Owner::Process => "process_",
                _ => "wolkvox_",
            };
            assert!(family.name.starts_with(prefix), "{}", family.name);
            assert!(
                family.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
                "{}",
                family.name
            );
            assert!(!family.name.contains("__") && !family.name.ends_with('_'), "{}", family.name);
        }
    }

    #[test]
    fn every_suffix_fits_the_kind() {
        for (_, family, _) in families() {
            let name = family.name;
            assert_eq!(name.ends_with("_total"), family.kind == Kind::Counter, "{name}");
            assert_eq!(name.ends_with("_info"), family.kind == Kind::Info, "{name}");
            for reserved in ["_count", "_sum", "_bucket", "_created"] {
                assert!(!family.without_kind().ends_with(reserved), "{name}");
            }
            assert!(family.kind != Kind::Info || family.unit().is_none(), "{name}");
        }
    }

    #[test]
    fn every_unit_is_a_base_unit() {
        const OTHERS: [&str; 12] = [
            "minutes",
            "hours",
            "days",
            "milliseconds",
            "ms",
            "percent",
            "percentage",
            "ratios",
            "kilobytes",
            "mb",
            "secs",
            "s",
        ];
        for (_, family, _) in families() {
            for part in family.name.split('_') {
                assert!(!OTHERS.contains(&part), "{} has {part}", family.name);
            }
        }
    }

    #[test]
    fn every_help_is_one_plain_sentence() {
        for (_, family, _) in families() {
            assert!(family.help.ends_with('.'), "{}", family.name);
            // The encoder does not escape help; OpenMetrics would want all of these escaped.
            assert!(!family.help.contains(['\n', '\r', '\\', '"']), "{}", family.name);
            assert!(family.help.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()), "{}", family.name);
        }
    }

    #[test]
    fn every_label_is_a_valid_name_and_unique() {
        for (_, family, labels) in families() {
            for (index, label) in labels.iter().enumerate() {
                assert!(label.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{} {label}", family.name);
                assert!(!["le", "quantile", "job", "instance"].contains(label), "{} {label}", family.name);
                assert!(!labels[..index].contains(label), "{} {label}", family.name);
            }
        }
    }

    #[test]
    fn every_family_of_a_collector_has_the_label_operation() {
        for (owner, family, labels) in families() {
            if let Owner::Collector(_) = owner {
                assert_eq!(labels.first(), Some(&"operation"), "{}", family.name);
            }
        }
    }

    #[test]
    fn every_table_belongs_to_its_collector() {
        for collector in Collector::ALL {
            assert_eq!(table(collector).owner, Owner::Collector(collector));
        }
    }
}
