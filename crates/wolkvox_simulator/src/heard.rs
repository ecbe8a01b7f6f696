//! What a client gets to hear, whether there is HTTP between it and the simulation or not.

use std::time::Duration;

use crate::dialect::{Answer, Refusal};
use crate::outage::{Failure, UNAVAILABLE_PAGE};
use crate::simulation::Reply;

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=iso-8859-1";
/// What a 503 asks clients to wait.
const RETRY_AFTER: Duration = Duration::from_secs(20);

/// An answer as it comes out of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// All of it.
    Whole(Message),
    /// Its beginning; then the connection closes.
    BrokenOff(Message),
    /// The connection closes without a byte.
    Nothing,
}

/// What HTTP carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The status.
    pub status: u16,
    /// The form of the body; `None` for an empty one.
    pub content_type: Option<&'static str>,
    /// How long the client is asked to stay away.
    pub retry_after: Option<Duration>,
    /// The text.
    pub body: String,
}

impl Reply {
    /// What it sounds like.
    pub(crate) fn heard(self) -> Heard {
        let (failure, intended) = match self {
            Self::Answer(answer) => return Heard::Whole(json(answer)),
            Self::Failure(failure, intended) => (failure, intended),
        };
        let empty = Message { status: 500, content_type: None, retry_after: None, body: String::new() };
        match failure {
            Failure::Dropped => Heard::Nothing,
            Failure::InternalError => Heard::Whole(empty),
            Failure::Unavailable => Heard::Whole(Message {
                status: 503,
                content_type: Some(HTML),
                retry_after: Some(RETRY_AFTER),
                body: UNAVAILABLE_PAGE.to_owned(),
            }),
            Failure::CutOff => Heard::BrokenOff(half(&intended)),
            Failure::HalfDocument => Heard::Whole(half(&intended)),
            Failure::Maintenance => Heard::Whole(json(Refusal::Maintenance.answer())),
        }
    }
}

fn json(answer: Answer) -> Message {
    Message { status: answer.status, content_type: Some(JSON), retry_after: None, body: answer.body }
}

/// A good answer with the first half of the document's characters.
fn half(intended: &Answer) -> Message {
    let characters = intended.body.chars().count();
    json(Answer { status: 200, body: intended.body.chars().take(characters / 2).collect() })
}
