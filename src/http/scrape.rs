//! `/metrics`: the prepared page, to no more scrapers at a time than allowed.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::negotiation;
use super::router::AppState;
use crate::metrics::Encoding;

/// When to come back, in seconds: a scrape takes a fraction of it.
const COME_BACK: HeaderValue = HeaderValue::from_static("1");

/// How many scrapes may be answered at the same time.
#[derive(Clone, Debug)]
pub struct ScrapeLimit(Option<Arc<Semaphore>>);

impl ScrapeLimit {
    /// At most `limit` at a time (`--web.max-requests`); 0 is no limit.
    pub fn at_most(limit: usize) -> Self {
        Self((limit > 0).then(|| Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)))))
    }

    /// Room for one more; an error when there is none.
    fn begin(&self) -> Result<Option<OwnedSemaphorePermit>, Full> {
        self.0.as_ref().map(|places| Arc::clone(places).try_acquire_owned().map_err(|_| Full)).transpose()
    }
}

struct Full;

pub(super) async fn metrics(State(app): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    let Ok(permit) = app.scrapes.begin() else {
        let text = "too many scrapes at the same time (--web.max-requests), come back in a second\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, COME_BACK)], text).into_response();
    };
    let format = negotiation::format(&headers);
    let coding = negotiation::coding(&headers);
    let answer = app.page.answer(format, coding);
    // The permit is given back with the last chunk, not with the first.
    let body = stream::iter(answer.chunks.into_iter().map(move |chunk| {
        let _held = &permit;
        Ok::<_, Infallible>(chunk)
    }));
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(negotiation::content_type(format)));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(answer.length));
    headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    if coding == Encoding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
