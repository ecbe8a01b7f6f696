//! A tap on the line between exporter and wolkvox: writes down what passes, and refuses calls when it is told to.

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
    /// `http://` with its address: what the exporter takes for wolkvox.
    pub(crate) url: String,
    line: Arc<Line>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// A call that wolkvox has answered.
#[derive(Clone, Debug)]
pub(crate) struct Passed {
    /// The query of the call.
    pub(crate) query: String,
    /// The document of the response.
    pub(crate) body: String,
    /// What the tap's clock showed before the call.
    pub(crate) asked: Timestamp,
    /// What it showed after the response.
    pub(crate) answered: Timestamp,
}

#[derive(Debug)]
struct Line {
    wolkvox: String,
    clock: Clock,
    passed: Mutex<Vec<Passed>>,
    refused: Mutex<Option<&'static str>>,
}

impl Tap {
    /// A tap before the wolkvox at `wolkvox`.
    pub(crate) async fn before(wolkvox: &str) -> Self {
        Self::on(Clock::system(), wolkvox).await
    }

    /// A tap that notes the times of this clock.
    pub(crate) async fn on(clock: Clock, wolkvox: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (passed, refused) = (Mutex::default(), Mutex::default());
        let line = Arc::new(Line { wolkvox: wolkvox.to_owned(), clock, passed, refused });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&line));
        let serving = tokio::spawn(async move { serve(listener, router).await });
        Self { url, line, serving }
    }

    /// From now on, calls with this in their query get a 500 and do not reach wolkvox; `""` is in every query.
    pub(crate) fn refuse(&self, part: &'static str) {
        *lock(&self.line.refused) = Some(part);
    }

    /// From now on, every call reaches wolkvox again.
    pub(crate) fn refuse_nothing(&self) {
        *lock(&self.line.refused) = None;
    }

    /// What wolkvox has answered so far and has this in its query, in order.
    pub(crate) fn passed(&self, part: &str) -> Vec<Passed> {
        lock(&self.line.passed).iter().filter(|passed| passed.query.contains(part)).cloned().collect()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn pass(State(line): State<Arc<Line>>, uri: Uri, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    if lock(&line.refused).is_some_and(|part| query.contains(part)) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let token = headers.get("wolkvox-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    let url = format!("{}{uri}", line.wolkvox);
    let asked = line.clock.now();
    let Ok(response) = http::request(Method::GET, &url, &[("wolkvox-token", token)]).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    // 404 is a response without rows.
    if [200, 404].contains(&response.status) {
        lock(&line.passed).push(Passed { query, body: response.text().to_owned(), asked, answered: line.clock.now() });
    }
    let status = StatusCode::from_u16(response.status).expect("it came from a response");
    let content_type = response.header("content-type").unwrap_or_default().to_owned();
    (status, [(header::CONTENT_TYPE, content_type)], response.body).into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
