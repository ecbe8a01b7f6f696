//! A second parser of wolkvox's strings, to compare with the exporter's. It supports only valid responses.

use serde_json::Value;

/// The rows of a response.
///
/// # Panics
/// When the response is not valid.
pub(crate) fn rows(document: &str) -> Vec<Value> {
    let document: Value = document.parse().expect("a valid response is JSON");
    document["data"].as_array().expect("a valid response has rows").clone()
}

/// The text of a field that identifies the row.
///
/// # Panics
/// When there is none.
pub(crate) fn name<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().expect("every row says whom it is about")
}

/// The value of a field: a count, a percentage as a ratio, or a duration in seconds. `None` if the field has none.
///
/// # Panics
/// When the value has an unknown form.
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
