//! What must hold for every header of a scrape. See `crate::fuzzing`.

use axum::http::header::{ACCEPT, ACCEPT_ENCODING, HeaderName};
use axum::http::{HeaderMap, HeaderValue};

use super::negotiation::{content_type, encoding, format};
use crate::metrics::{Encoding, Format};

/// Reads the first line of the input as `Accept` and the second one as `Accept-Encoding`. The order and the case of the
/// elements must not matter, and a client must get only what it names and does not refuse.
///
/// # Panics
/// When this does not hold.
pub fn negotiation(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n').map(String::from_utf8_lossy);
    let [accept, accept_encoding] = [(); 2].map(|()| lines.next().unwrap_or_default());
    let (Some(wanted), Some(encodings)) = (elements(&ACCEPT, &accept), elements(&ACCEPT_ENCODING, &accept_encoding))
    else {
        return;
    };
    let chosen = format(&headers(&ACCEPT, &wanted));
    assert_eq!(content_type(chosen).contains("openmetrics"), chosen == Format::OpenMetrics);
    assert!(chosen == Format::Text004 || is_named(&wanted, &["application/openmetrics-text"]), "{accept:?}");
    let compressed = encoding(&headers(&ACCEPT_ENCODING, &encodings));
    let may_compress = is_named(&encodings, &["gzip", "x-gzip", "*"]);
    assert!(compressed == Encoding::Identity || may_compress, "{accept_encoding:?}");

    let one_line = |name: HeaderName, text: &str| {
        HeaderValue::from_str(text).map(|value| HeaderMap::from_iter([(name, value)])).unwrap_or_default()
    };
    assert_eq!(format(&one_line(ACCEPT, &accept)), chosen, "{accept:?}");
    assert_eq!(encoding(&one_line(ACCEPT_ENCODING, &accept_encoding)), compressed, "{accept_encoding:?}");
    for change in [reversed, in_capitals, with_another] {
        assert_eq!(format(&headers(&ACCEPT, &change(&wanted))), chosen, "{accept:?}");
        assert_eq!(encoding(&headers(&ACCEPT_ENCODING, &change(&encodings))), compressed, "{accept_encoding:?}");
    }
}

/// The elements of a header; `None` if the text cannot be the value of this header.
fn elements(name: &HeaderName, text: &str) -> Option<Vec<String>> {
    let elements: Vec<String> = text.split(',').map(str::to_owned).collect();
    HeaderValue::from_str(text).ok()?;
    (headers(name, &elements).len() == elements.len()).then_some(elements)
}

/// A header with a line for each element, which means the same as one line.
fn headers(name: &HeaderName, elements: &[String]) -> HeaderMap {
    elements.iter().filter_map(|element| Some((name.clone(), HeaderValue::from_str(element).ok()?))).collect()
}

/// Whether one of the names is there without the quality 0. If an element has several qualities, the last one counts.
fn is_named(elements: &[String], names: &[&str]) -> bool {
    elements.iter().any(|element| {
        let mut parts = element.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut qualities = parts
            .filter_map(|part| part.split_once('='))
            .filter(|(key, _)| key.trim().eq_ignore_ascii_case("q"))
            .map(|(_, value)| value.trim().trim_matches('"').parse::<f64>());
        let is_refused = qualities.next_back().is_some_and(|quality| quality.is_ok_and(|quality| quality == 0.0));
        names.contains(&&*name) && !is_refused
    })
}

fn reversed(elements: &[String]) -> Vec<String> {
    elements.iter().rev().cloned().collect()
}

fn in_capitals(elements: &[String]) -> Vec<String> {
    elements.iter().map(|element| element.to_ascii_uppercase()).collect()
}

fn with_another(elements: &[String]) -> Vec<String> {
    elements.iter().cloned().chain(["application/x-unknown;q=1".to_owned()]).collect()
}
