//! wolkvox's strings, read by hand: the second opinion on what the exporter reads. Knows healthy responses only.

use serde_json::Value;

/// The rows of a response.
///
/// # Panics
/// When it is no healthy response.
pub(crate) fn rows(document: &str) -> Vec<Value> {
    let document: Value = document.parse().expect("a healthy response is JSON");
    document["data"].as_array().expect("a healthy response has rows").clone()
}

/// The text of a field that says whom a row is about.
///
/// # Panics
/// When there is none.
pub(crate) fn name<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().expect("every row says whom it is about")
}

/// The figure in a field: a count, a percentage as a ratio, a length of time in seconds; `None` where there is none.
///
/// # Panics
/// When it is in no form that this reader knows.
pub(crate) fn figure(row: &Value, field: &str) -> Option<f64> {
    let Some(text) = row[field].as_str() else {
        assert!(row[field].is_null(), "{field} is neither text nor nothing: {row}");
        return None;
    };
    let text: String = text.chars().filter(|c| !" ,".contains(*c)).collect();
    if ["", "-", "--"].contains(&text.as_str()) {
        return None;
    }
    let is_percentage = field.starts_with("service_level_") || ["abandon", "by_abandon"].contains(&field);
    let number = text.trim_end_matches('%').split(':').fold(0.0, |sum, part| {
        let part: f64 = part.parse().unwrap_or_else(|_| panic!("{field} has an unknown form: {row}"));
        sum * 60.0 + part
    });
    Some(if is_percentage { number / 100.0 } else { number })
}
