//! A part of a scrape that the benches measure alone. Only the feature `measuring` compiles it.

use axum::http::HeaderMap;

use super::negotiation::{encoding, format};
use crate::metrics::{Encoding, Format};

/// The format and the encoding that a client with these headers gets.
pub fn negotiated(headers: &HeaderMap) -> (Format, Encoding) {
    (format(headers), encoding(headers))
}
