//! Turns the outcome of a request into the response that the client receives, over HTTP or in the same process.

use std::time::Duration;

use crate::dialect::{JsonResponse, Refusal};
use crate::outage::{Failure, UNAVAILABLE_PAGE};

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=iso-8859-1";
/// The `Retry-After` of a 503 response.
const RETRY_AFTER: Duration = Duration::from_secs(20);

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// A response in wolkvox's dialect.
    Json(JsonResponse),
    /// A failure, and the response that would have been sent without it.
    Failed(Failure, JsonResponse),
}

/// The response as the client receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimulatedResponse {
    /// A complete response.
    Complete(HttpMessage),
    /// The beginning of a response; then the connection closes.
    Truncated(HttpMessage),
    /// The connection closes without a byte.
    Dropped,
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpMessage {
    /// The status.
    pub status: u16,
    /// The content type; `None` for an empty body.
    pub content_type: Option<&'static str>,
    /// How long the client should wait before the next request.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: String,
}

impl Outcome {
    /// The HTTP status; `None` if the client receives none.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Json(response) => Some(response.status),
            Self::Failed(Failure::Dropped, _) => None,
            Self::Failed(Failure::InternalError, _) => Some(500),
            Self::Failed(Failure::Unavailable, _) => Some(503),
            Self::Failed(Failure::Maintenance, _) => Some(403),
            Self::Failed(Failure::CutOff | Failure::HalfDocument, _) => Some(200),
        }
    }

    /// The HTTP response, or the broken connection, that the client receives.
    pub(crate) fn into_response(self) -> SimulatedResponse {
        let (failure, intended) = match self {
            Self::Json(response) => return SimulatedResponse::Complete(json(response)),
            Self::Failed(failure, intended) => (failure, intended),
        };
        let empty = HttpMessage { status: 500, content_type: None, retry_after: None, body: String::new() };
        match failure {
            Failure::Dropped => SimulatedResponse::Dropped,
            Failure::InternalError => SimulatedResponse::Complete(empty),
            Failure::Unavailable => SimulatedResponse::Complete(HttpMessage {
                status: 503,
                content_type: Some(HTML),
                retry_after: Some(RETRY_AFTER),
                body: UNAVAILABLE_PAGE.to_owned(),
            }),
            Failure::CutOff => SimulatedResponse::Truncated(half(&intended)),
            Failure::HalfDocument => SimulatedResponse::Complete(half(&intended)),
            Failure::Maintenance => SimulatedResponse::Complete(json(Refusal::Maintenance.response())),
        }
    }
}

fn json(response: JsonResponse) -> HttpMessage {
    HttpMessage { status: response.status, content_type: Some(JSON), retry_after: None, body: response.body }
}

/// A response with status 200 and the first half of the document's characters.
fn half(intended: &JsonResponse) -> HttpMessage {
    let characters = intended.body.chars().count();
    json(JsonResponse { status: 200, body: intended.body.chars().take(characters / 2).collect() })
}
