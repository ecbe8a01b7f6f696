//! The limit of the rate of requests.

use std::time::Instant;

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::config::web::RateLimit;

/// A bucket of tokens: each request takes one.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: RateLimit,
    clock: Clock,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn new(limit: RateLimit, clock: Clock) -> Self {
        let now = clock.instant();
        Self { limit, clock, state: Mutex::new((f64::from(limit.burst), now)) }
    }

    /// The limit.
    pub(super) fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Takes a token; false if there is none.
    pub(super) fn take(&self) -> bool {
        let now = self.clock.instant();
        let mut state = self.state.lock();
        let (tokens, since) = *state;
        let new = now.saturating_duration_since(since).as_secs_f64() / self.limit.interval.as_secs_f64();
        let tokens = (tokens + new).min(f64::from(self.limit.burst));
        let is_allowed = tokens >= 1.0;
        *state = (if is_allowed { tokens - 1.0 } else { tokens }, now);
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_allowed_and_then_one_request_in_each_interval() {
        let clock = Clock::scaled(Timestamp::UNIX_EPOCH, 1.0);
        let bucket = Bucket::new(RateLimit { interval: Duration::from_secs(10), burst: 3 }, clock);
        let taken = || (0..5).filter(|_| bucket.take()).count();
        assert_eq!(taken(), 3);
        tokio::time::sleep(Duration::from_secs(9)).await;
        assert_eq!(taken(), 0);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(taken(), 1);
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(taken(), 3);
    }
}
