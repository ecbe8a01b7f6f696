//! `/metrics`: the prepared page, for a limited number of scrapes at the same time.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::negotiation;
use super::state::AppState;
use crate::metrics::Encoding;

/// The value of `Retry-After` in seconds. A scrape takes less than that.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

pub(super) async fn metrics(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    let Ok(permit) = state.scrape_limit.acquire() else {
        let text = "too many scrapes at the same time (--web.max-requests): try again in a second\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_SECONDS)], text).into_response();
    };
    let format = negotiation::format(&headers);
    let encoding = negotiation::encoding(&headers);
    let page = state.page.body(format, encoding);
    // The stream holds the permit until the last chunk is sent.
    let body = stream::iter(page.chunks.into_iter().map(move |chunk| {
        let _permit = &permit;
        Ok::<_, Infallible>(chunk)
    }));
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(negotiation::content_type(format)));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(page.length));
    headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    if encoding == Encoding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
