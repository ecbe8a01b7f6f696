//! What a client gets to hear, whether there is HTTP between it and the simulation or not.

use std::time::Duration;

use crate::dialect::{JsonResponse, Refusal};
use crate::outage::{Failure, UNAVAILABLE_PAGE};

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=iso-8859-1";
/// What a 503 asks clients to wait.
const RETRY_AFTER: Duration = Duration::from_secs(20);

/// What a request gets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// An answer in wolkvox's dialect.
    Json(JsonResponse),
    /// A failure; `JsonResponse` is what it would have been.
    Failed(Failure, JsonResponse),
}

/// An answer as it comes out of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimulatedResponse {
    /// All of it.
    Complete(HttpMessage),
    /// Its beginning; then the connection closes.
    Truncated(HttpMessage),
    /// The connection closes without a byte.
    Dropped,
}

/// What HTTP carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpMessage {
    /// The status.
    pub status: u16,
    /// The form of the body; `None` for an empty one.
    pub content_type: Option<&'static str>,
    /// How long the client is asked to stay away.
    pub retry_after: Option<Duration>,
    /// The text.
    pub body: String,
}

impl Outcome {
    /// The HTTP status, unless there is none.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Json(answer) => Some(answer.status),
            Self::Failed(Failure::Dropped, _) => None,
            Self::Failed(Failure::InternalError, _) => Some(500),
            Self::Failed(Failure::Unavailable, _) => Some(503),
            Self::Failed(Failure::Maintenance, _) => Some(403),
            Self::Failed(Failure::CutOff | Failure::HalfDocument, _) => Some(200),
        }
    }

    /// What it sounds like.
    pub(crate) fn into_response(self) -> SimulatedResponse {
        let (failure, intended) = match self {
            Self::Json(answer) => return SimulatedResponse::Complete(json(answer)),
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

fn json(answer: JsonResponse) -> HttpMessage {
    HttpMessage { status: answer.status, content_type: Some(JSON), retry_after: None, body: answer.body }
}

/// A good answer with the first half of the document's characters.
fn half(intended: &JsonResponse) -> HttpMessage {
    let characters = intended.body.chars().count();
    json(JsonResponse { status: 200, body: intended.body.chars().take(characters / 2).collect() })
}
