//! A proxy between exporter and wolkvox, which records the calls and can reject them.
#![allow(dead_code, reason = "the tests use a part of it, and the soak another part")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, serve};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wolkvox_exporter::clock::Clock;

use crate::support::http;

/// A running tap. It ends with the test's runtime.
pub(crate) struct Tap {
    /// `http://` with its address, which is the exporter's `base_url`.
    pub(crate) url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// A call with its response.
#[derive(Clone, Debug)]
pub(crate) struct RecordedCall {
    /// The query of the call.
    pub(crate) query: String,
    /// The body of the response.
    pub(crate) body: String,
    /// The time of the tap's clock before the call.
    pub(crate) asked: Timestamp,
    /// The time of the tap's clock after the response.
    pub(crate) answered: Timestamp,
}

#[derive(Debug)]
struct Shared {
    wolkvox: String,
    clock: Clock,
    passed: Mutex<Vec<RecordedCall>>,
    refused: Mutex<Option<&'static str>>,
}

impl Tap {
    /// A tap for the wolkvox at this address.
    pub(crate) async fn before(wolkvox: &str) -> Self {
        Self::on(Clock::system(), wolkvox).await
    }

    /// A tap that records the times of this clock.
    pub(crate) async fn on(clock: Clock, wolkvox: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (passed, refused) = (Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { wolkvox: wolkvox.to_owned(), clock, passed, refused });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move { serve(listener, router).await });
        Self { url, shared, serving }
    }

    /// From now on, calls whose query contains `part` get a 500 and do not reach wolkvox. Every query contains `""`.
    pub(crate) fn refuse(&self, part: &'static str) {
        *lock(&self.shared.refused) = Some(part);
    }

    /// From now on, every call reaches wolkvox again.
    pub(crate) fn refuse_nothing(&self) {
        *lock(&self.shared.refused) = None;
    }

    /// All calls since the last call of this function, in order. They are not kept any longer.
    pub(crate) fn take(&self) -> Vec<RecordedCall> {
        std::mem::take(&mut *lock(&self.shared.passed))
    }

    /// The calls so far whose query contains `part`, in order.
    pub(crate) fn passed(&self, part: &str) -> Vec<RecordedCall> {
        lock(&self.shared.passed).iter().filter(|passed| passed.query.contains(part)).cloned().collect()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn pass(State(shared): State<Arc<Shared>>, uri: Uri, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    if lock(&shared.refused).is_some_and(|part| query.contains(part)) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let token = headers.get("wolkvox-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    let url = format!("{}{uri}", shared.wolkvox);
    let asked = shared.clock.now();
    let Ok(response) = http::request(Method::GET, &url, &[("wolkvox-token", token)]).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    // 404 is a response without rows.
    if [200, 404].contains(&response.status) {
        lock(&shared.passed).push(RecordedCall {
            query,
            body: response.text().to_owned(),
            asked,
            answered: shared.clock.now(),
        });
    }
    let status = StatusCode::from_u16(response.status).expect("it came from a response");
    let content_type = response.header("content-type").unwrap_or_default().to_owned();
    (status, [(header::CONTENT_TYPE, content_type)], response.body).into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
