//! Why a poll ended without a report.

use crate::api::ApiError;
use crate::model::Reason;

/// Why a poll ended without a report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PollError {
    /// A call failed.
    #[error(transparent)]
    Failed(#[from] ApiError),
    /// No call was made, because the quota of the day is used up.
    #[error("today's quota is used up ({used} of {limit} calls); polling continues after midnight, local time")]
    QuotaUsedUp {
        /// Calls made today.
        used: u64,
        /// Calls that may be made in a day.
        limit: u64,
    },
    /// The configuration was reloaded, and the rest of the poll is not made any more.
    #[error("the configuration was reloaded during the poll")]
    Reloaded,
}

impl PollError {
    /// The class of the failure; `None` where no call was made.
    pub(super) fn reason(&self) -> Option<Reason> {
        match self {
            Self::Failed(error) => Some(error.reason),
            Self::QuotaUsedUp { .. } | Self::Reloaded => None,
        }
    }

    /// Whether the other requests of the poll would fail in the same way: the connection, the token or the quota is at
    /// fault and not what was asked for, or the server asked to wait.
    pub(super) fn concerns_all_requests(&self) -> bool {
        let Self::Failed(error) = self else { return true };
        error.retry_after.is_some()
            || matches!(
                error.reason,
                Reason::Connect | Reason::Tls | Reason::Unauthorized | Reason::Quota | Reason::Concurrency
            )
    }

    /// Whether there was no complete response in time.
    pub(super) fn is_timeout(&self) -> bool {
        self.reason() == Some(Reason::Timeout)
    }
}
