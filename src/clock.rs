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
    /// How far the time was set between the two readings of a clock of this speed: forward if positive, back if
    /// negative, otherwise zero.
    fn step_until(self, later: Self, speed: f64) -> SignedDuration {
        let passed = later.instant.saturating_duration_since(self.instant).as_secs_f64() * speed;
        let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::MAX);
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
    Scaled { origin: Timestamp, since: Instant, speed: f64, set_by: Arc<Mutex<SignedDuration>> },
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
        Self(Source::Scaled { origin, since: monotonic(), speed, set_by: Arc::default() })
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

    /// Sets an accelerated clock forward, or back if negative, as somebody may set the system's time. Has no effect on
    /// other clocks.
    pub fn step(&self, by: SignedDuration) {
        if let Source::Scaled { set_by, .. } = &self.0 {
            let mut set_by = set_by.lock();
            *set_by = set_by.saturating_add(by);
        }
    }

    /// The time in the contact centre. Dates, windows and the day of the quota depend on it.
    pub fn now(&self) -> Timestamp {
        self.now_at(monotonic())
    }

    /// [`Clock::now`] at this monotonic reading, which is the current one.
    fn now_at(&self, instant: Instant) -> Timestamp {
        match &self.0 {
            Source::System => system_now(),
            Source::Scaled { origin, since, speed, set_by } => {
                let passed = instant.saturating_duration_since(*since).as_secs_f64() * speed;
                let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::ZERO);
                origin.checked_add(passed.saturating_add(*set_by.lock())).unwrap_or(Timestamp::MAX)
            }
            Source::Runtime { origin, since } => {
                origin.checked_add(instant.saturating_duration_since(*since)).unwrap_or(Timestamp::MAX)
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
        // One reading for both, because a fast clock moves by minutes while a thread waits for the processor.
        let instant = monotonic();
        ClockReading { now: self.now_at(instant), instant }
    }

    /// How far the time was set since `before`: forward if positive, back if negative, otherwise zero. Only the system's
    /// time and an accelerated clock can be set; a manual clock moves by hand in place of time that passes.
    pub fn step_since(&self, before: ClockReading) -> SignedDuration {
        match self.0 {
            Source::System => before.step_until(self.reading(), 1.0),
            Source::Scaled { speed, .. } => before.step_until(self.reading(), speed),
            Source::Manual(_) | Source::Runtime { .. } => SignedDuration::ZERO,
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
            assert_eq!(start.step_until(after(now, instant), 1.0), SignedDuration::from_secs(step), "{now} {instant}");
        }
        assert_eq!(start.step_until(after(3600, 60), 60.0), SignedDuration::ZERO);
    }

    #[test]
    fn an_accelerated_clock_that_is_set_shows_the_step_once() {
        let clock = Clock::scaled("2026-11-20T10:00:00-05".parse().unwrap(), 0.0);
        let before = clock.reading();
        clock.step(SignedDuration::from_hours(24));
        assert_eq!(clock.now(), "2026-11-21T10:00:00-05".parse().unwrap());
        assert_eq!(clock.step_since(before), SignedDuration::from_hours(24));
        assert_eq!(clock.step_since(clock.reading()), SignedDuration::ZERO);
    }
}
