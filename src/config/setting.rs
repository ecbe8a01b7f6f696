//! Settings as a file would write them.

use super::duration;
use super::types::Cadence;

/// A key and its value, as the file writes it.
pub(super) type Setting = (&'static str, String);

/// A text in quotes. The escapes of JSON are escapes of YAML too.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A list in one line.
pub(super) fn list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

/// The interval and the age of a collector.
pub(super) fn cadence(cadence: Cadence) -> Vec<Setting> {
    vec![("interval", duration::text(cadence.interval)), ("max_age", duration::text(cadence.max_age))]
}
