//! A page of the exporter in text 0.0.4, read line by line. The reference parsers check elsewhere that pages are well
//! formed; here a page is read several times a second.
#![allow(dead_code, reason = "the tests use a part of it, and the endurance run all")]

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The samples of a page.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// By the label `operation`; those without it under an empty name.
    pub(crate) operations: BTreeMap<&'a str, Vec<(&'a str, f64)>>,
    /// Counters and histograms.
    rising: BTreeSet<&'a str>,
}

impl<'a> Page<'a> {
    /// Reads a page.
    ///
    /// # Panics
    /// When a line is not as the format wants it.
    pub(crate) fn read(text: &'a str) -> Self {
        let mut page = Self { operations: BTreeMap::new(), rising: BTreeSet::new() };
        for line in text.lines() {
            if let Some(comment) = line.strip_prefix('#') {
                let mut words = comment.split_whitespace();
                if let (Some("TYPE"), Some(name), Some("counter" | "histogram")) =
                    (words.next(), words.next(), words.next())
                {
                    page.rising.insert(name);
                }
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
            let value = value.parse().unwrap_or_else(|_| panic!("no value: {line}"));
            let operation = series.split_once("{operation=\"").and_then(|(_, rest)| rest.split('"').next());
            page.operations.entry(operation.unwrap_or_default()).or_default().push((series, value));
        }
        page
    }

    /// The samples of an operation.
    pub(crate) fn of(&self, operation: &str) -> &[(&'a str, f64)] {
        self.operations.get(operation).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a series must never fall while the process runs.
    fn is_rising(&self, series: &str) -> bool {
        let name = series.split('{').next().unwrap_or_default();
        let stem = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| name.strip_suffix(suffix));
        self.rising.contains(name) || stem.is_some_and(|stem| self.rising.contains(stem))
    }
}

/// The value of a series among samples.
pub(crate) fn value(samples: &[(&str, f64)], series: &str) -> Option<f64> {
    samples.iter().find(|(name, _)| *name == series).map(|(_, value)| *value)
}

/// The highest value of each series of a counter or a histogram so far.
#[derive(Debug, Default)]
pub(crate) struct Highest(HashMap<String, f64>);

impl Highest {
    /// Reads a page; returns the series that are lower than before. A sum of durations may differ by rounding.
    pub(crate) fn falls(&mut self, page: &Page) -> Vec<String> {
        let mut falls = Vec::new();
        for (series, value) in page.operations.values().flatten().filter(|(series, _)| page.is_rising(series)) {
            match self.0.get_mut(*series) {
                Some(highest) if value < highest => falls.push(format!("{series} fell from {highest} to {value}")),
                Some(highest) => *highest = *value,
                None => drop(self.0.insert((*series).to_owned(), *value)),
            }
        }
        falls
    }

    /// Forgets all series except those for which `stays` holds, because the process was started again.
    pub(crate) fn restart(&mut self, stays: impl Fn(&str) -> bool) {
        self.0.retain(|series, _| stays(series));
    }
}
