//! The section `http_server_config`: HTTP/2 and the headers of responses.

use crate::config::cursor::Field;
use crate::config::errors::InvalidValue;
use crate::config::suggest::alternatives;

/// HTTP/2 and the headers of responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// Whether HTTP/2 is offered, which needs TLS.
    pub http2: bool,
    /// Headers of every response: name and value.
    pub headers: Vec<(&'static str, String)>,
}

/// The headers that can be set, and their values where only some are useful.
const HEADERS: [(&str, &[&str]); 5] = [
    ("Content-Security-Policy", &[]),
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
];

impl Default for HttpSettings {
    fn default() -> Self {
        Self { http2: true, headers: Vec::new() }
    }
}

pub(super) fn read(field: &Field<'_>) -> Option<HttpSettings> {
    let section = field.section(&["http2", "headers"])?;
    let http2 = section.optional("http2", Field::boolean);
    let headers = section.optional("headers", headers);
    Some(HttpSettings { http2: http2?.unwrap_or(true), headers: headers?.unwrap_or_default() })
}

fn headers(field: &Field<'_>) -> Option<Vec<(&'static str, String)>> {
    let section = field.section(&HEADERS.map(|(name, _)| name))?;
    let read = |(name, values): (&'static str, &[&str])| {
        let value = section.optional(name, |field| field.parse_text(|text| header_value(name, values, text)))?;
        Some((name, value.unwrap_or_default()))
    };
    let all: Vec<_> = HEADERS.into_iter().map(read).collect();
    let all: Option<Vec<_>> = all.into_iter().collect();
    // A blank value leaves the header out.
    all.map(|all| all.into_iter().filter(|(_, value)| !value.is_empty()).collect())
}

fn header_value(name: &str, values: &[&str], text: &str) -> Result<String, InvalidValue> {
    if !values.is_empty() && !values.contains(&text) {
        return Err(InvalidValue::new(name, text, alternatives(values)));
    }
    if !text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Err(InvalidValue::new(name, text, "one line of printable ASCII characters"));
    }
    Ok(text.to_owned())
}
