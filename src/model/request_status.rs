//! The requests that make up a poll, and the result of each. One that fails does not take the others with it.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::PollFailure;

/// What the configuration asks one request for. A report that is asked for as a whole has neither a skill nor a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestKey {
    /// The configured skill, or `all`; `None` if the report cannot be asked for skills.
    pub skill_id: Option<Arc<str>>,
    /// The configured window; `None` if the report has no windows.
    pub window: Option<Arc<str>>,
}

/// The state of one request of a collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestStatus {
    /// What it asks for.
    pub key: RequestKey,
    /// When the poll of its last good response ended.
    pub last_success: Option<Timestamp>,
    /// Rows of its last good response.
    pub rows: Option<u64>,
    /// Since when wolkvox has sent no rows although it had sent some earlier on the day. The values of the last response
    /// with rows are kept, and the time and the rows above are of that response.
    pub empty_since: Option<Timestamp>,
    /// The failure of the last poll, until the next success.
    pub failure: Option<PollFailure>,
}

impl RequestStatus {
    /// The state before the first poll.
    pub fn new(key: RequestKey) -> Self {
        Self { key, last_success: None, rows: None, empty_since: None, failure: None }
    }

    /// Whether the last poll got a good response.
    pub fn success(&self) -> bool {
        self.failure.is_none() && (self.last_success.is_some() || self.empty_since.is_some())
    }
}

/// The keys of the configuration with their values, such as `skill_id 4173, window 30m`.
impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.skill_id, &self.window) {
            (Some(skill_id), Some(window)) => write!(f, "skill_id {skill_id}, window {window}"),
            (Some(skill_id), None) => write!(f, "skill_id {skill_id}"),
            (None, Some(window)) => write!(f, "window {window}"),
            (None, None) => f.write_str("the report"),
        }
    }
}
