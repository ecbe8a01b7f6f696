//! Why a call gave no rows, in classes that the caller can act on.

use std::time::Duration;

use super::redact::redact;
use crate::config::Token;
use crate::model::Reason;

/// A call that gave no rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// Its class.
    pub reason: Reason,
    /// What happened and what to do about it, in one sentence. Never contains a token or a row.
    pub message: String,
    /// How long the server asked the client to wait.
    pub retry_after: Option<Duration>,
    /// Whether the server closed the connection of an earlier call in place of a response. Servers close idle
    /// connections, and a call can be on its way at the same moment. So the same call on a new connection is right.
    pub is_stale_connection: bool,
}

impl ApiError {
    /// An error for which the server did not ask the client to wait.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), retry_after: None, is_stale_connection: false }
    }

    /// A bug in the exporter.
    pub(crate) fn internal(event: &str) -> Self {
        let message = format!(
            "internal error: {event}; polling continues; please report this with the panic message on standard error"
        );
        Self::new(Reason::Internal, message)
    }

    /// The same error without the tokens in its message.
    pub(super) fn redacted(self, tokens: &[Token]) -> Self {
        Self { message: redact(tokens, &self.message), ..self }
    }

    /// Whether trying again soon is useless or harmful, because only a person or the next day changes the answer.
    pub fn is_lasting(&self) -> bool {
        matches!(self.reason, Reason::Unauthorized | Reason::Quota)
    }
}
