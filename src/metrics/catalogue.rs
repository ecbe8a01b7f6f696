//! The table of metrics as a document: Markdown for people, JSON for programs.

use std::fmt::Write;

use serde::Serialize;

use super::definitions::{POLLED, SCRAPED, Table};
use super::family::{Family, Kind};

/// One family with the names of text 0.0.4.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its name; for a histogram without `_bucket`, `_count` and `_sum`.
    pub name: &'static str,
    /// `gauge`, `counter` or `histogram`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether it is an info: always 1, the labels hold the information.
    pub info: bool,
    /// Its labels, in order.
    pub labels: &'static [&'static str],
    /// The unit of its values, if it has one.
    pub unit: Option<&'static str>,
    /// One sentence about its meaning.
    pub help: &'static str,
    /// The collector that it comes from, or `exporter` or `process`.
    pub collector: String,
}

/// Every family in the order of the page.
pub fn families() -> Vec<Entry> {
    fn entries<S>(tables: &'static [Table<S>]) -> impl Iterator<Item = Entry> {
        tables.iter().flat_map(|table| {
            table.rows.iter().map(|row| entry(&row.family, row.read.labels(), table.owner.to_string()))
        })
    }
    entries(POLLED).chain(entries(SCRAPED)).collect()
}

fn entry(family: &'static Family, labels: &'static [&'static str], collector: String) -> Entry {
    Entry {
        name: family.name,
        kind: family.kind.text004(),
        info: family.kind == Kind::Info,
        labels,
        unit: family.unit(),
        help: family.help,
        collector,
    }
}

/// One table for each collector.
pub fn markdown() -> String {
    let mut text = String::from("# Metrics\n");
    let mut collector = String::new();
    for family in families() {
        // Writing to a string cannot fail.
        if family.collector != collector {
            let _ = write!(
                text,
                "\n## {}\n\n| Name | Type | Labels | Unit | Meaning |\n|---|---|---|---|---|\n",
                heading(&family.collector)
            );
            collector.clone_from(&family.collector);
        }
        let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
        let kind = if family.info { "gauge (info)" } else { family.kind };
        let _ = writeln!(
            text,
            "| `{}` | {kind} | {} | {} | {} |",
            family.name,
            labels.join(", "),
            family.unit.unwrap_or_default(),
            family.help.replace('|', "\\|")
        );
    }
    text
}

fn heading(collector: &str) -> String {
    match collector {
        "exporter" => "The exporter".to_owned(),
        "process" => "The process".to_owned(),
        name => format!("Collector `{name}`"),
    }
}

/// An array of objects with the keys of [`Entry`].
#[expect(clippy::missing_panics_doc, reason = "it never panics")]
pub fn json() -> String {
    serde_json::to_string_pretty(&families()).expect("strings, booleans and lists can always be written as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collector_has_one_section() {
        let text = markdown();
        for heading in ["## The exporter\n", "## Collector `skills`\n", "## Collector `dnis`\n", "## The process\n"] {
            assert_eq!(text.matches(heading).count(), 1, "{heading}");
        }
    }

    #[test]
    fn every_family_has_one_line_in_a_table() {
        assert_eq!(markdown().lines().filter(|line| line.starts_with("| `")).count(), families().len());
    }

    #[test]
    fn json_has_a_name_for_each_family() {
        let parsed: Vec<serde_json::Value> = json().parse::<serde_json::Value>().unwrap().as_array().unwrap().clone();
        assert!(parsed.iter().all(|family| family["name"].is_string() && family["type"].is_string()));
        assert_eq!(parsed.len(), families().len());
    }
}
