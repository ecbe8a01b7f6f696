//! The steps of the exporter's clock. The clock of wolkvox is never set.

use std::time::Duration;

use jiff::{SignedDuration, Zoned};
use wolkvox_exporter::clock::Clock;

/// The real time between two steps: ten minutes on the clocks.
const BETWEEN_STEPS: Duration = Duration::from_secs(10);

/// How far the clock is set. The next step sets it back by the same time.
const SIZES: [SignedDuration; 6] = [
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(-24),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(-10),
    SignedDuration::from_hours(72),
    SignedDuration::from_hours(-72),
];

/// No step away from wolkvox's time is made this long before and after midnight, because a report that is reset while
/// the exporter's clock is wrong cannot be told from a correction.
const AROUND_MIDNIGHT: SignedDuration = SignedDuration::from_mins(25);

/// The steps so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// The number of steps.
    pub(crate) made: usize,
    /// How far the clock is off now.
    off: SignedDuration,
}

impl Steps {
    /// Makes the next step if it is due after this part of the run. `now` is wolkvox's time.
    pub(crate) fn make_due(&mut self, clock: &Clock, run: Duration, now: &Zoned) {
        let is_due = run >= BETWEEN_STEPS * (self.made as u32 + 1);
        if !is_due || self.off.is_zero() && is_around_midnight(now) {
            return;
        }
        let by = if self.off.is_zero() { SIZES[self.made / 2 % SIZES.len()] } else { -self.off };
        clock.step(by);
        self.off += by;
        self.made += 1;
    }
}

fn is_around_midnight(now: &Zoned) -> bool {
    let since = now.start_of_day().map_or(SignedDuration::ZERO, |midnight| now.duration_since(&midnight));
    since < AROUND_MIDNIGHT || since > SignedDuration::from_hours(24) - AROUND_MIDNIGHT
}
