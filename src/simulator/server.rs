//! The simulation on the wire: routes, headers, chunked bodies, and the failures that only a wire can show.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use tokio::net::TcpListener;

use super::dialect::{Answer, Refusal};
use super::line::{Exchange, Line};
use super::outage::{Failure, UNAVAILABLE_PAGE};
use super::simulation::{Reply, Simulation};

/// The header that carries the token.
const TOKEN: HeaderName = HeaderName::from_static("wolkvox-token");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=iso-8859-1");
/// What a 503 asks clients to wait, seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("20");

/// Between the half of a body and the end of its connection: time to send the half.
const UNTIL_CUT: Duration = Duration::from_millis(20);

/// Answers requests on `listener` until `shutdown` is ready and what is in flight is answered.
pub async fn serve(
    listener: TcpListener,
    simulation: Arc<Simulation>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let routes = Router::new().route("/api/v2/{file}", get(report)).with_state(simulation);
    axum::serve(Exchange(listener), routes.into_make_service_with_connect_info::<Line>())
        .with_graceful_shutdown(shutdown)
        .await
}

async fn report(
    State(simulation): State<Arc<Simulation>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(file): Path<String>,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    // A query that cannot be read names no report.
    let parameters = query.map_or_else(|_| Vec::new(), |Query(parameters)| parameters);
    let token = headers.get(TOKEN).and_then(|value| value.to_str().ok());
    match simulation.reply(&file, &parameters, token).await {
        Reply::Answer(answer) => json(answer),
        Reply::Failure(failure, intended) => fail(failure, intended, &line),
    }
}

/// As a stream, since wolkvox sends chunks and no length.
fn json(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = Body::from_stream(stream::iter([Ok::<_, io::Error>(Bytes::from(answer.body))]));
    (status, [(header::CONTENT_TYPE, JSON)], body).into_response()
}

fn fail(failure: Failure, intended: Answer, line: &Line) -> Response {
    match failure {
        Failure::Dropped => {
            line.cut();
            StatusCode::OK.into_response()
        }
        Failure::InternalError => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Failure::Unavailable => {
            let headers = [(header::CONTENT_TYPE, HTML), (header::RETRY_AFTER, RETRY_AFTER)];
            (StatusCode::SERVICE_UNAVAILABLE, headers, UNAVAILABLE_PAGE).into_response()
        }
        Failure::CutOff => {
            let first = stream::once(async move { Ok(Bytes::from(half(&intended))) });
            let body = Body::from_stream(first.chain(stream::once(async {
                // Without a pause the half would be thrown away with the connection.
                tokio::time::sleep(UNTIL_CUT).await;
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            })));
            ([(header::CONTENT_TYPE, JSON)], body).into_response()
        }
        Failure::HalfDocument => json(Answer { status: 200, body: half(&intended) }),
        Failure::Maintenance => json(Refusal::Maintenance.answer()),
    }
}

/// The first half of the document's characters.
fn half(answer: &Answer) -> String {
    let characters = answer.body.chars().count();
    answer.body.chars().take(characters / 2).collect()
}

#[cfg(test)]
mod tests;
