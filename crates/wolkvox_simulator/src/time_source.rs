//! The source of the current time.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// A function that returns the current time in the simulated operation. The caller supplies it, so that the operation's
/// days can pass faster than real days, or only when a test moves them.
#[derive(Clone)]
pub struct TimeSource(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl TimeSource {
    /// A source that calls `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The system's time.
    #[expect(clippy::disallowed_methods, reason = "the only place in this crate that asks the system for the time")]
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for TimeSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("TimeSource").field(&self.now()).finish()
    }
}
