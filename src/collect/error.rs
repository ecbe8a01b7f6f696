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
}

impl PollError {
    /// The class of the failure; `None` where no call was made.
    pub(super) fn reason(&self) -> Option<Reason> {
        match self {
            Self::Failed(error) => Some(error.reason),
            Self::QuotaUsedUp { .. } => None,
        }
    }
}
