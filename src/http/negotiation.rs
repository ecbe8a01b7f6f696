//! Chooses the format and the encoding of a response from `Accept` and `Accept-Encoding`.
//!
//! A client gets `OpenMetrics` only if it names that format with at least the quality of text. Every other request gets
//! text instead of an error. gzip is used only for a client that accepts it.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, HeaderName};

use crate::metrics::{Encoding, Format};

/// The `Content-Type` of a format.
pub(super) fn content_type(format: Format) -> &'static str {
    match format {
        Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        Format::Text004 => "text/plain; version=0.0.4; charset=utf-8",
    }
}

/// The format for these request headers.
pub(super) fn format(headers: &HeaderMap) -> Format {
    let mut openmetrics = Best::default();
    let mut text = Best::default();
    for range in ranges(headers, &ACCEPT) {
        let version = range.parameter("version");
        match &*range.name {
            // A client that accepts only an older draft of OpenMetrics gets text.
            "application/openmetrics-text" => match version {
                Some("1.0.0") => openmetrics.consider(2, range.quality),
                None => openmetrics.consider(1, range.quality),
                Some(_) => {}
            },
            "text/plain" => match version {
                Some("0.0.4") => text.consider(4, range.quality),
                None => text.consider(3, range.quality),
                Some(_) => {}
            },
            "text/*" => text.consider(2, range.quality),
            "*/*" => text.consider(1, range.quality),
            _ => {}
        }
    }
    if openmetrics.quality > 0 && openmetrics.quality >= text.quality { Format::OpenMetrics } else { Format::Text004 }
}

/// The encoding for these request headers.
pub(super) fn encoding(headers: &HeaderMap) -> Encoding {
    let mut gzip = Best::default();
    let mut identity = Best::default();
    for range in ranges(headers, &ACCEPT_ENCODING) {
        match &*range.name {
            "gzip" | "x-gzip" => gzip.consider(2, range.quality),
            "identity" => identity.consider(2, range.quality),
            "*" => gzip.consider(1, range.quality),
            _ => {}
        }
    }
    // Without `identity` in the header, any quality of gzip is enough.
    if gzip.quality > 0 && gzip.quality >= identity.quality { Encoding::Gzip } else { Encoding::Identity }
}

/// The quality of the most specific range so far. Among equally specific ranges, the highest quality counts.
#[derive(Debug, Default)]
struct Best {
    specificity: u8,
    quality: u16,
}

impl Best {
    fn consider(&mut self, specificity: u8, quality: u16) {
        if (specificity, quality) > (self.specificity, self.quality) {
            *self = Self { specificity, quality };
        }
    }
}

/// One element of a list header.
#[derive(Debug)]
struct Range<'a> {
    /// In lower case.
    name: String,
    parameters: Vec<(&'a str, &'a str)>,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// The elements of a list header in all its lines. Invalid elements are ignored.
fn ranges<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Range<'a>> {
    headers
        .get_all(name)
        .iter()
        // The line as a text would be invalid if one element has an invalid byte.
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|element| range(str::from_utf8(element).ok()?))
}

fn range(element: &str) -> Option<Range<'_>> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let mut parameters = Vec::new();
    let mut quality = 1000;
    for (key, value) in parts.filter_map(|part| part.split_once('=')) {
        let (key, value) = (key.trim(), value.trim().trim_matches('"'));
        if key.eq_ignore_ascii_case("q") {
            quality = thousandths(value)?;
        } else {
            parameters.push((key, value));
        }
    }
    Some(Range { name, parameters, quality })
}

fn thousandths(q: &str) -> Option<u16> {
    let value: f64 = q.parse().ok()?;
    (0.0..=1.0).contains(&value).then_some((value * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn real_scrapers_get_the_format_that_they_prefer() {
        use Format::{OpenMetrics, Text004};
        let cases = [
            // Prometheus 2.42
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                OpenMetrics,
            ),
            // Prometheus 3
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                OpenMetrics,
            ),
            // Prometheus 3 with native histograms
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                OpenMetrics,
            ),
            // Prometheus 3 told to scrape text only
            ("text/plain;version=0.0.4;q=0.4,*/*;q=0.3", Text004),
            // Prometheus 2.5, which knew a draft of OpenMetrics
            ("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", Text004),
            // VictoriaMetrics
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", Text004),
            // curl
            ("*/*", Text004),
            // Firefox, Chromium
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Text004),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
                Text004,
            ),
        ];
        for (accept, expected) in cases {
            assert_eq!(format(&headers(&ACCEPT, &[accept])), expected, "{accept}");
        }
    }

    #[test]
    fn openmetrics_is_only_for_clients_that_name_and_prefer_it() {
        use Format::{OpenMetrics, Text004};
        let cases = [
            ("", Text004),
            ("application/openmetrics-text", OpenMetrics),
            ("Application/OpenMetrics-Text; Version=\"1.0.0\"; charset=utf-8", OpenMetrics),
            ("application/openmetrics-text;q=0", Text004),
            ("application/openmetrics-text;version=1.0.0;q=0,application/openmetrics-text", Text004),
            ("application/openmetrics-text;q=0.4,text/plain;q=0.5", Text004),
            ("application/openmetrics-text;q=0.5,text/plain;q=0.5", OpenMetrics),
            ("application/openmetrics-text;q=0.5,text/plain;q=0,*/*", OpenMetrics),
            ("application/openmetrics-text;q=high,text/plain", Text004),
            ("application/*", Text004),
            ("application/json", Text004),
            (";;;,=,", Text004),
        ];
        for (accept, expected) in cases {
            assert_eq!(format(&headers(&ACCEPT, &[accept])), expected, "{accept}");
        }
    }

    #[test]
    fn a_list_can_have_several_header_lines() {
        let spread = headers(&ACCEPT, &["text/plain;q=0.5", "application/openmetrics-text;version=1.0.0"]);
        assert_eq!(format(&spread), Format::OpenMetrics);
    }

    #[test]
    fn an_element_with_an_invalid_byte_does_not_change_the_others() {
        let value = HeaderValue::from_bytes(b"br;q=\xca0.5, gzip").unwrap();
        assert_eq!(encoding(&HeaderMap::from_iter([(ACCEPT_ENCODING, value)])), Encoding::Gzip);
    }

    #[test]
    fn without_headers_the_response_is_plain_text() {
        assert_eq!(format(&HeaderMap::new()), Format::Text004);
        assert_eq!(encoding(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn gzip_is_only_for_clients_that_accept_it() {
        use Encoding::{Gzip, Identity};
        let cases = [
            ("gzip", Gzip),
            ("GZIP", Gzip),
            ("gzip, deflate, br, zstd", Gzip),
            ("deflate, gzip;q=1.0, *;q=0.5", Gzip),
            ("*", Gzip),
            ("gzip;q=0.001", Gzip),
            ("gzip;q=0", Identity),
            ("gzip;q=0.0, *", Identity),
            ("*;q=0", Identity),
            ("identity", Identity),
            ("identity, gzip;q=0.5", Identity),
            ("identity;q=0.5, gzip", Gzip),
            ("br", Identity),
            ("gzip;q=1.5", Identity),
            ("", Identity),
        ];
        for (accept, expected) in cases {
            assert_eq!(encoding(&headers(&ACCEPT_ENCODING, &[accept])), expected, "{accept}");
        }
    }
}
