//! Single values from a page of metrics, for tests that need no peers. The reference parsers of
//! [`exposition`](super::exposition) check that a page is well formed.

use std::collections::BTreeSet;

/// The value of a series, written as on the page: name, labels in their order, values escaped.
pub(crate) fn value(page: &str, series: &str) -> Option<f64> {
    page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

/// Every series whose line starts with `prefix`, with its value.
pub(crate) fn series<'a>(page: &'a str, prefix: &str) -> Vec<(&'a str, f64)> {
    page.lines()
        .filter(|line| line.starts_with(prefix))
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a sample has a value");
            (series, value.parse().expect("a value is a number"))
        })
        .collect()
}

/// The families with at least one sample or a `# TYPE` line, named as in that line.
pub(crate) fn families(page: &str) -> BTreeSet<String> {
    let name = |line: &str| Some(line.strip_prefix("# TYPE ")?.split(' ').next()?.to_owned());
    page.lines().filter_map(name).collect()
}
