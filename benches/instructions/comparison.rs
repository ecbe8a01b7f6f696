//! Compares the counts of two commits.

use std::collections::BTreeMap;
use std::fs;

use crate::measure::table::{Table, grouped};

/// A rise by less than this share says nothing: counts differ a little from run to run.
const SHARE: f64 = 0.05;

/// A text for people about the parts whose count in the file `new` is higher than in the file `old`, or lower.
pub(crate) fn of_files(old: &str, new: &str) -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    compare(&counts(&read(old)), &counts(&read(new)))
}

fn counts(text: &str) -> BTreeMap<String, u64> {
    let count = |line: &str| {
        let (name, count) = line.split_once('\t').expect("a line has a name and a count");
        (name.to_owned(), count.parse().expect("a count is a number"))
    };
    text.lines().map(count).collect()
}

fn compare(old: &BTreeMap<String, u64>, new: &BTreeMap<String, u64>) -> String {
    let mut table = Table::new(&["Part", "Last commit", "This commit", "Change"]);
    let mut risen = Vec::new();
    for (name, count) in new {
        let Some(before) = old.get(name) else { continue };
        let change = *count as f64 / *before as f64 - 1.0;
        if change.abs() <= SHARE {
            continue;
        }
        if change > 0.0 {
            risen.push(format!("{name} by {:.0} %", change * 100.0));
        }
        table.push([name.clone(), grouped(*before), grouped(*count), format!("{:+.1} %", change * 100.0)]);
    }
    let compared = new.keys().filter(|name| old.contains_key(*name)).count();
    let summary = if risen.is_empty() {
        format!("None of {compared} parts takes more than 5 % more instructions than in the last commit.")
    } else {
        format!("More than 5 % more instructions than in the last commit: {}.", risen.join(", "))
    };
    format!("{summary}\n\n{table}")
}
