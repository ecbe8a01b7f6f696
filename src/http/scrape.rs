//! `/metrics`: the prepared page, for a limited number of scrapes at the same time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;

use super::connections::ResponseHandle;
use super::negotiation;
use super::scrape_limit::LimitReached;
use super::state::AppState;
use crate::metrics::Encoding;

/// The value of `Retry-After` in seconds. A scrape takes less than that.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// The header in which Prometheus says how many seconds it waits.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";

/// How long a scrape waits for the place of another one that was closed because it was too slow.
const WAIT_FOR_PLACE: Duration = Duration::from_secs(1);

pub(super) async fn metrics(
    State(state): State<Arc<AppState>>,
    response: Option<Extension<ResponseHandle>>,
    headers: HeaderMap,
) -> Response {
    let Ok(permit) = place(&state).await else {
        let text = "too many scrapes at the same time (--web.max-requests): try again in a second\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_SECONDS)], text).into_response();
    };
    let format = negotiation::format(&headers);
    let encoding = negotiation::encoding(&headers);
    let page = state.page.body(format, encoding);
    if let Some(Extension(response)) = response {
        response.reads_page(page.number, page.length, timeout(&headers));
    }
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

/// A place for a scrape. If all are taken and one of the others is slow, it gets the place of that one.
async fn place(state: &AppState) -> Result<Option<OwnedSemaphorePermit>, LimitReached> {
    match state.scrape_limit.acquire() {
        Err(LimitReached) if state.connections.close_slowest_scrape() => {
            tokio::time::timeout(WAIT_FOR_PLACE, state.scrape_limit.wait()).await.unwrap_or(Err(LimitReached))
        }
        place => place,
    }
}

/// How long the reader waits, if it says so.
fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(SCRAPE_TIMEOUT)?.to_str().ok()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
