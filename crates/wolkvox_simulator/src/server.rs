//! Serves the simulation over HTTP: routes, headers, chunked bodies, and failures of the connection.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use tokio::net::TcpListener;

use crate::abortable_listener::{AbortHandle, AbortableListener};
use crate::response::{HttpMessage, SimulatedResponse};
use crate::simulation::Simulation;

/// The header that carries the token.
const TOKEN: HeaderName = HeaderName::from_static("wolkvox-token");
/// How long the connection stays open after half of a body, so that the half is really sent.
const TIME_TO_SEND: Duration = Duration::from_millis(20);

/// Answers requests on `listener` until `shutdown` completes and the requests in flight are answered.
///
/// The future is boxed, because the server would otherwise be compiled again in the crate that awaits it.
pub fn serve(
    listener: TcpListener,
    simulation: Arc<Simulation>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> BoxFuture<'static, io::Result<()>> {
    start(listener, simulation, shutdown.boxed())
}

fn start(
    listener: TcpListener,
    simulation: Arc<Simulation>,
    shutdown: BoxFuture<'static, ()>,
) -> BoxFuture<'static, io::Result<()>> {
    let routes = Router::new().route("/api/v2/{file}", get(report)).with_state(simulation);
    axum::serve(AbortableListener(listener), routes.into_make_service_with_connect_info::<AbortHandle>())
        .with_graceful_shutdown(shutdown)
        .into_future()
        .boxed()
}

async fn report(
    State(simulation): State<Arc<Simulation>>,
    ConnectInfo(abort_handle): ConnectInfo<AbortHandle>,
    Path(file): Path<String>,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    // A query that cannot be parsed selects no report.
    let parameters = query.map_or_else(|_| Vec::new(), |Query(parameters)| parameters);
    let token = headers.get(TOKEN).and_then(|value| value.to_str().ok());
    match simulation.respond(&file, &parameters, token).await {
        SimulatedResponse::Complete(message) => {
            // Sent as a stream, because wolkvox sends chunks and no content length.
            let body = stream::iter([Ok::<_, io::Error>(Bytes::from(message.body.clone()))]);
            respond(&message, Body::from_stream(body))
        }
        SimulatedResponse::Truncated(message) => {
            let first = Ok(Bytes::from(message.body.clone()));
            let body = stream::once(async { first }).chain(stream::once(async {
                // Without this pause the half of the body would be lost when the connection closes.
                tokio::time::sleep(TIME_TO_SEND).await;
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            }));
            respond(&message, Body::from_stream(body))
        }
        SimulatedResponse::Dropped => {
            abort_handle.abort();
            StatusCode::OK.into_response()
        }
    }
}

fn respond(message: &HttpMessage, body: Body) -> Response {
    let mut response = Response::builder().status(message.status);
    if let Some(content_type) = message.content_type {
        response = response.header(header::CONTENT_TYPE, content_type);
    }
    if let Some(wait) = message.retry_after {
        response = response.header(header::RETRY_AFTER, wait.as_secs());
    }
    // Only the status varies; the other parts are constants.
    response.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

#[cfg(test)]
mod tests;
