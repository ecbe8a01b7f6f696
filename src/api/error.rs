//! Why a call gave nothing, in the terms of what the caller can decide.

use std::time::Duration;

use crate::model::Reason;

/// A call that gave no rows to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// Its class.
    pub reason: Reason,
    /// What happened and what to do about it, in one sentence; never the token, never a row.
    pub message: String,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Duration>,
}

impl ApiError {
    /// A failure about which the server said nothing of waiting.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), retry_after: None }
    }

    /// Whether trying again soon is pointless or harmful: nothing but a person or the next day changes the answer.
    pub fn is_lasting(&self) -> bool {
        matches!(self.reason, Reason::Unauthorized | Reason::Quota)
    }
}
