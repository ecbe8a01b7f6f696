//! The rows of the table.

use std::fmt;

/// The head of the table.
pub(crate) const HEAD: &str = "| Fault | Figure | Before | Now | Limit |\n|---|---|---|---|---|";

/// One row.
pub(crate) struct Figure {
    fault: String,
    what: &'static str,
    before: &'static str,
    now: String,
    limit: String,
    pub(crate) is_within: bool,
}

impl Figure {
    /// A figure without a limit.
    pub(crate) fn new(fault: impl Into<String>, what: &'static str, before: &'static str, now: String) -> Self {
        Self { fault: fault.into(), what, before, now, limit: String::new(), is_within: true }
    }

    /// The same figure with a limit.
    pub(crate) fn limited(mut self, limit: impl Into<String>, is_within: bool) -> Self {
        (self.limit, self.is_within) = (limit.into(), is_within);
        self
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, what, before, now, limit, is_within } = self;
        let mark = if *is_within { "" } else { " (beyond the limit)" };
        write!(f, "| {fault} | {what} | {before} | {now}{mark} | {limit} |")
    }
}

/// A number of bytes in megabytes.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
