//! The only place that asks for the time.
//!
//! Two questions, two answers: *when is it in the contact centre* ([`Clock::now`], which a test or a sped-up demo may
//! shift) and *how long did it take* ([`Clock::instant`], monotonic). Nothing else in the crate asks the system.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use parking_lot::Mutex;

/// A source of time that can be the system's, run faster, or be set by hand.
#[derive(Clone, Debug)]
pub struct Clock(Face);

#[derive(Clone, Debug)]
enum Face {
    System,
    Scaled { origin: Timestamp, since: Instant, speed: f64 },
    Manual(Arc<Mutex<Timestamp>>),
    Runtime { origin: Timestamp, since: Instant },
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Face::System)
    }

    /// A clock that starts at `origin` now and runs `speed` times as fast as the system's; 0 stands still.
    pub fn scaled(origin: Timestamp, speed: f64) -> Self {
        Self(Face::Scaled { origin, since: monotonic(), speed })
    }

    /// A clock that shows `at` until [`Clock::set`] moves it.
    pub fn manual(at: Timestamp) -> Self {
        Self(Face::Manual(Arc::new(Mutex::new(at))))
    }

    /// A clock that shows `origin` now and goes on with the time of tokio's runtime alone, for every question: on a paused
    /// runtime, days pass as fast as there is something to do.
    pub fn of_runtime(origin: Timestamp) -> Self {
        Self(Face::Runtime { origin, since: monotonic() })
    }

    /// Moves a manual clock; other clocks are left alone.
    pub fn set(&self, at: Timestamp) {
        if let Face::Manual(shown) = &self.0 {
            *shown.lock() = at;
        }
    }

    /// The moment it is in the contact centre: decides dates, windows and the day of the quota.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Face::System => system_now(),
            Face::Scaled { origin, since, speed } => {
                let passed = monotonic().saturating_duration_since(*since).as_secs_f64() * speed;
                let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::ZERO);
                origin.checked_add(passed).unwrap_or(Timestamp::MAX)
            }
            Face::Runtime { origin, since } => {
                origin.checked_add(monotonic().saturating_duration_since(*since)).unwrap_or(Timestamp::MAX)
            }
            Face::Manual(shown) => *shown.lock(),
        }
    }

    /// [`Clock::now`] as local time of `zone`.
    pub fn local(&self, zone: &TimeZone) -> Zoned {
        self.now().to_zoned(zone.clone())
    }

    /// The system's time, whatever the contact centre's is: for timestamps that Prometheus compares with its own clock.
    pub fn wall(&self) -> Timestamp {
        match &self.0 {
            Face::Manual(_) | Face::Runtime { .. } => self.now(),
            Face::System | Face::Scaled { .. } => system_now(),
        }
    }

    /// A monotonic reading for durations and ages; follows tokio's paused time in tests.
    pub fn instant(&self) -> Instant {
        monotonic()
    }

    /// How long until the contact centre's clock shows `then`, in real time; zero when it is past.
    pub fn until(&self, then: Timestamp) -> Duration {
        let ahead = Duration::try_from(then.duration_since(self.now())).unwrap_or(Duration::ZERO);
        match &self.0 {
            Face::Scaled { speed, .. } if *speed > 0.0 => ahead.div_f64(*speed),
            _ => ahead,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that may ask for the time")]
fn system_now() -> Timestamp {
    Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "the one place that may ask for the time")]
fn monotonic() -> Instant {
    tokio::time::Instant::now().into_std()
}
