//! When a collector polls next: on a steady grid while all is well, ever later while it is not.

use std::time::{Duration, Instant};

use crate::api::ApiError;

/// The slow end of the back-off, in intervals.
const SLOWEST: u32 = 10;

/// The share of a tick's distance by which one collector's grid is shifted against another's, at most.
const PHASE: f64 = 0.1;

/// The share of a delay after a failure that is left to chance, so that many exporters do not come back at once.
const JITTER: f64 = 0.2;

/// The times at which one collector polls.
#[derive(Debug)]
pub(super) struct Schedule {
    interval: Duration,
    /// A tick of the grid; all others are whole intervals away.
    origin: Instant,
    failures: u32,
}

impl Schedule {
    /// A grid that starts about now. `chance` is between 0 and 1.
    pub(super) fn new(interval: Duration, now: Instant, chance: f64) -> Self {
        // The grid is shifted to the early side: no two polls are ever further apart than the interval.
        let shifted = interval.mul_f64(1.0 - PHASE * chance.clamp(0.0, 1.0));
        Self { interval, origin: now + shifted, failures: 0 }
    }

    /// The first tick after `now`. Those that passed meanwhile are skipped, not made up for.
    pub(super) fn after_success(&mut self, now: Instant) -> Instant {
        self.failures = 0;
        let Some(late) = now.checked_duration_since(self.origin) else { return self.origin };
        let missed = late.as_nanos() / self.interval.as_nanos().max(1) + 1;
        self.origin += self.interval * u32::try_from(missed).unwrap_or(u32::MAX);
        self.origin
    }

    /// Doubles the distance with every failure in a row, up to ten intervals; what only a person or the next day can
    /// mend waits that long at once. What the server asked for is respected when it is longer.
    pub(super) fn after_failure(&mut self, now: Instant, failure: &ApiError, chance: f64) -> Instant {
        self.failures = self.failures.saturating_add(1);
        let factor = if failure.is_lasting() { SLOWEST } else { 2_u32.saturating_pow(self.failures - 1).min(SLOWEST) };
        let delay = (self.interval * factor).mul_f64(1.0 - JITTER * chance.clamp(0.0, 1.0));
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
    fn the_phase_never_makes_the_first_gap_longer_than_the_interval() {
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
    fn failures_in_a_row_double_the_distance_up_to_ten_intervals() {
        let start = start();
        let mut schedule = Schedule::new(MINUTE, start, 0.0);
        let delays: Vec<u64> =
            (0..6).map(|_| (schedule.after_failure(start, &transient(), 0.0) - start).as_secs() / 60).collect();
        assert_eq!(delays, [1, 2, 4, 8, 10, 10]);
    }

    #[test]
    fn jitter_shortens_a_delay_by_a_fifth_at_most() {
        let start = start();
        let mut schedule = Schedule::new(MINUTE, start, 0.0);
        assert_eq!(schedule.after_failure(start, &transient(), 1.0) - start, MINUTE.mul_f64(0.8));
    }

    #[test]
    fn a_bad_token_and_a_used_up_quota_wait_longest_at_once() {
        let start = start();
        for reason in [Reason::Unauthorized, Reason::Quota] {
            let mut schedule = Schedule::new(MINUTE, start, 0.0);
            assert_eq!(schedule.after_failure(start, &ApiError::new(reason, ""), 0.0) - start, MINUTE * 10);
        }
    }

    #[test]
    fn a_longer_wish_of_the_server_is_respected() {
        let start = start();
        let failure = ApiError { retry_after: Some(MINUTE * 30), ..transient() };
        assert_eq!(Schedule::new(MINUTE, start, 0.0).after_failure(start, &failure, 0.0) - start, MINUTE * 30);
    }

    #[test]
    fn a_success_ends_the_back_off() {
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
