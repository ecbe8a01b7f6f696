//! What `/metrics` decides for each request.

use axum::http::header::{ACCEPT, ACCEPT_ENCODING};
use axum::http::{HeaderMap, HeaderValue};
use wolkvox_exporter::http::measuring::negotiated;
use wolkvox_exporter::metrics::{Encoding, Format};

use super::Part;

/// Requests in one run, because one alone is too short to be measured.
const REQUESTS: usize = 1_000;

/// Scrapers by name, with their `Accept` and `Accept-Encoding`.
const SCRAPERS: [(&str, &str, &str); 2] = [
    (
        "Prometheus 3",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
         application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
         text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "gzip",
    ),
    ("curl", "*/*", "identity"),
];

pub(super) fn parts() -> impl Iterator<Item = Part> {
    SCRAPERS.into_iter().map(|(name, accept, encoding)| {
        Part::new(format!("negotiation with {name}"), "request", REQUESTS, move || {
            let values = [(ACCEPT, accept), (ACCEPT_ENCODING, encoding)];
            let headers = HeaderMap::from_iter(values.map(|(name, value)| (name, HeaderValue::from_static(value))));
            Box::new(move || {
                let headers = headers.clone();
                Box::new(move || {
                    let chosen = (0..REQUESTS).map(|_| negotiated(std::hint::black_box(&headers)));
                    chosen.filter(|chosen| *chosen == (Format::OpenMetrics, Encoding::Gzip)).count()
                })
            })
        })
    })
}
