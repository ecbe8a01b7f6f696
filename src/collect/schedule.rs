//! When a collector polls next: on a fixed grid while polls succeed, with increasing delays while they fail.

use std::time::{Duration, Instant};

use crate::api::ApiError;

/// The longest delay after failures, in intervals.
const MAX_BACKOFF: u32 = 10;

/// The largest random shift of a collector's grid, as a share of the interval, so that collectors do not poll at the
/// same time.
const MAX_PHASE: f64 = 0.1;

/// The largest random part of a delay after a failure, as a share of the delay, so that many exporters do not retry at
/// the same time.
const MAX_JITTER: f64 = 0.2;

/// The times of the polls of one collector.
#[derive(Debug)]
pub(super) struct Schedule {
    interval: Duration,
    /// One tick of the grid. All other ticks are whole intervals away from it.
    origin: Instant,
    failures: u32,
}

impl Schedule {
    /// A grid that starts about now. `chance` is a random number between 0 and 1.
    pub(super) fn new(interval: Duration, now: Instant, chance: f64) -> Self {
        // The first tick is early, never late, so that two polls are never further apart than the interval.
        let shifted = interval.mul_f64(1.0 - MAX_PHASE * chance.clamp(0.0, 1.0));
        Self { interval, origin: now + shifted, failures: 0 }
    }

    /// The first tick after `now`, when a poll has succeeded.
    pub(super) fn after_success(&mut self, now: Instant) -> Instant {
        self.failures = 0;
        self.next_tick(now)
    }

    /// Changes the interval. The grid starts again from the last poll, which started at `start`.
    pub(super) fn change_interval(&mut self, interval: Duration, start: Instant, chance: f64) {
        let Self { interval, origin, .. } = Self::new(interval, start, chance);
        (self.interval, self.origin) = (interval, origin);
    }

    /// The first tick after `now`. Ticks that have passed are skipped.
    pub(super) fn next_tick(&mut self, now: Instant) -> Instant {
        let Some(late) = now.checked_duration_since(self.origin) else { return self.origin };
        let missed = late.as_nanos() / self.interval.as_nanos().max(1) + 1;
        self.origin += self.interval * u32::try_from(missed).unwrap_or(u32::MAX);
        self.origin
    }

    /// The delay starts with one interval and doubles with every further failure, up to ten intervals. A failure that
    /// only a person or the next day can solve waits ten intervals at once. If the server asked for a longer delay,
    /// that is used.
    pub(super) fn after_failure(&mut self, now: Instant, failure: &ApiError, chance: f64) -> Instant {
        self.failures = self.failures.saturating_add(1);
        let factor =
            if failure.is_lasting() { MAX_BACKOFF } else { 2_u32.saturating_pow(self.failures - 1).min(MAX_BACKOFF) };
        let delay = (self.interval * factor).mul_f64(1.0 - MAX_JITTER * chance.clamp(0.0, 1.0));
        now + delay.max(failure.retry_after.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;

    const MINUTE: Duration = Duration::from_secs(60);

    fn start() -> Instant {
        tokio::time::Instant::from_std(crate::clock::Clock::system().instant()).into_std()
    }

    fn transient() -> ApiError {
        ApiError::new(Reason::Timeout, "")
    }

    #[test]
    fn ticks_are_one_interval_apart() {
        let start = start();
        let mut schedule = Schedule::new(MINUTE, start, 0.0);
        let first = schedule.after_success(start + MINUTE / 10);
        let second = schedule.after_success(first + MINUTE / 10);
        assert_eq!((first - start, second - first), (MINUTE, MINUTE));
    }

    #[test]
    fn the_first_gap_is_never_longer_than_the_interval() {
        let start = start();
        for chance in [0.0, 0.5, 1.0] {
            let first = Schedule::new(MINUTE, start, chance).after_success(start);
            assert!(first - start <= MINUTE && first - start >= MINUTE.mul_f64(0.9));
        }
    }

    #[test]
    fn missed_ticks_are_skipped() {
        let start = start();
        let mut schedule = Schedule::new(MINUTE, start, 0.0);
        let next = schedule.after_success(start + MINUTE.mul_f64(3.5));
        assert_eq!(next - start, MINUTE * 4);
    }

    #[test]
    fn consecutive_failures_double_the_delay_up_to_ten_intervals() {
        let start = start();
        let mut schedule = Schedule::new(MINUTE, start, 0.0);
        let delays: Vec<u64> =
            (0..6).map(|_| (schedule.after_failure(start, &transient(), 0.0) - start).as_secs() / 60).collect();
        assert_eq!(delays, [1, 2, 4, 8, 10, 10]);
    }

    #[test]
    fn jitter_shortens_a_delay_by_at_most_a_fifth() {
        let start = start();
        let mut schedule = Schedule::new(MINUTE, start, 0.0);
        assert_eq!(schedule.after_failure(start, &transient(), 1.0) - start, MINUTE.mul_f64(0.8));
    }

    #[test]
    fn a_bad_token_and_a_used_up_quota_wait_ten_intervals_at_once() {
        let start = start();
        for reason in [Reason::Unauthorized, Reason::Quota] {
            let mut schedule = Schedule::new(MINUTE, start, 0.0);
            assert_eq!(schedule.after_failure(start, &ApiError::new(reason, ""), 0.0) - start, MINUTE * 10);
        }
    }

    #[test]
    fn a_longer_delay_requested_by_the_server_is_used() {
        let start = start();
        let failure = ApiError { retry_after: Some(MINUTE * 30), ..transient() };
        assert_eq!(Schedule::new(MINUTE, start, 0.0).after_failure(start, &failure, 0.0) - start, MINUTE * 30);
    }

    #[test]
    fn a_success_resets_the_delay() {
        let start = start();
        let mut schedule = Schedule::new(MINUTE, start, 0.0);
        for _ in 0..5 {
            schedule.after_failure(start, &transient(), 0.0);
        }
        let next = schedule.after_success(start + MINUTE.mul_f64(17.5));
        assert_eq!(next - start, MINUTE * 18);
        assert_eq!(schedule.after_failure(next, &transient(), 0.0) - next, MINUTE);
    }
}
