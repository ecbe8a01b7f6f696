//! The only place that asks for the time.
//!
//! [`Clock::now`] is the time in the contact centre, which a test or an accelerated demo may shift. [`Clock::instant`]
//! is monotonic, for durations. No other module asks the system for the time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use parking_lot::Mutex;

/// A difference between the system's time and the monotonic time that is smaller than this is not a step. Time servers
/// correct the time by seconds.
const SMALLEST_STEP: SignedDuration = SignedDuration::from_mins(1);

/// A reading of both times, by which a later step of the system's time is noticed.
#[derive(Clone, Copy, Debug)]
pub struct ClockReading {
    now: Timestamp,
    instant: Instant,
}

impl ClockReading {
    /// How far the time was set between the two readings: forward if positive, back if negative, otherwise zero.
    fn step_until(self, later: Self) -> SignedDuration {
        let passed = later.instant.saturating_duration_since(self.instant);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        let step = later.now.duration_since(self.now).saturating_sub(passed);
        if step.abs() < SMALLEST_STEP { SignedDuration::ZERO } else { step }
    }
}

/// A source of time: the system's, an accelerated one, or one that is set by hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Scaled { origin: Timestamp, since: Instant, speed: f64 },
    Manual(Arc<Mutex<Timestamp>>),
    Runtime { origin: Timestamp, since: Instant },
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that starts at `origin` now and runs `speed` times as fast as the system's. With speed 0 it does not
    /// move.
    pub fn scaled(origin: Timestamp, speed: f64) -> Self {
        Self(Source::Scaled { origin, since: monotonic(), speed })
    }

    /// A clock that stays at `at` until [`Clock::set`] changes it.
    pub fn manual(at: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(Mutex::new(at))))
    }

    /// A clock that starts at `origin` now and follows only the time of tokio's runtime, also for [`Clock::wall`]. On a
    /// paused runtime, days pass as fast as the tasks run.
    pub fn of_runtime(origin: Timestamp) -> Self {
        Self(Source::Runtime { origin, since: monotonic() })
    }

    /// Sets a manual clock. Has no effect on other clocks.
    pub fn set(&self, at: Timestamp) {
        if let Source::Manual(time) = &self.0 {
            *time.lock() = at;
        }
    }

    /// The time in the contact centre. Dates, windows and the day of the quota depend on it.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => system_now(),
            Source::Scaled { origin, since, speed } => {
                let passed = monotonic().saturating_duration_since(*since).as_secs_f64() * speed;
                let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::ZERO);
                origin.checked_add(passed).unwrap_or(Timestamp::MAX)
            }
            Source::Runtime { origin, since } => {
                origin.checked_add(monotonic().saturating_duration_since(*since)).unwrap_or(Timestamp::MAX)
            }
            Source::Manual(time) => *time.lock(),
        }
    }

    /// [`Clock::now`] as local time of `zone`.
    pub fn local(&self, zone: &TimeZone) -> Zoned {
        self.now().to_zoned(zone.clone())
    }

    /// The system's time, also where the contact centre's is shifted. For timestamps that Prometheus compares with its
    /// own clock.
    pub fn wall(&self) -> Timestamp {
        match &self.0 {
            Source::Manual(_) | Source::Runtime { .. } => self.now(),
            Source::System | Source::Scaled { .. } => system_now(),
        }
    }

    /// A reading of both times.
    pub fn reading(&self) -> ClockReading {
        ClockReading { now: self.now(), instant: self.instant() }
    }

    /// How far the system's time was set since `before`: forward if positive, back if negative, otherwise zero. Only the
    /// system's time can be set.
    pub fn step_since(&self, before: ClockReading) -> SignedDuration {
        match self.0 {
            Source::System => before.step_until(self.reading()),
            Source::Scaled { .. } | Source::Manual(_) | Source::Runtime { .. } => SignedDuration::ZERO,
        }
    }

    /// A monotonic reading for durations and ages; follows tokio's paused time in tests.
    pub fn instant(&self) -> Instant {
        monotonic()
    }

    /// The real time until the contact centre's clock reaches `then`; zero if that has passed.
    pub fn until(&self, then: Timestamp) -> Duration {
        let ahead = Duration::try_from(then.duration_since(self.now())).unwrap_or(Duration::ZERO);
        match &self.0 {
            Source::Scaled { speed, .. } if *speed > 0.0 => ahead.div_f64(*speed),
            _ => ahead,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the only place that may ask for the time")]
fn system_now() -> Timestamp {
    Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "the only place that may ask for the time")]
fn monotonic() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_difference_between_the_two_times_is_a_step() {
        let start = Clock::system().reading();
        let after = |now: i64, instant: u64| ClockReading {
            now: start.now + SignedDuration::from_secs(now),
            instant: start.instant + Duration::from_secs(instant),
        };
        for (now, instant, step) in [
            (3600, 3600, 0),
            (3630, 3600, 0),
            (3570, 3600, 0),
            (90_000, 3600, 86_400),
            (-82_800, 3600, -86_400),
            (60, 0, 60),
        ] {
            assert_eq!(start.step_until(after(now, instant)), SignedDuration::from_secs(step), "{now} {instant}");
        }
    }
}
