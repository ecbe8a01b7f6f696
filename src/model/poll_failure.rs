//! Why a poll or one of its requests failed.

use super::Reason;

/// Why a poll or one of its requests failed, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollFailure {
    /// Its class; `None` if no call was made because the quota of the day is used up.
    pub reason: Option<Reason>,
    /// What happened and what to do, in one sentence. Contains no secret and no personal data.
    pub message: String,
}

impl PollFailure {
    /// The name of its class, for labels and logs.
    pub fn reason_text(&self) -> &'static str {
        self.reason.map_or("quota_used_up", Reason::as_str)
    }
}
