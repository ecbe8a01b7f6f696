//! When the incident of a scenario starts and ends. The API and the world both use it. (The flags call an incident
//! "trouble".)

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The time range of an incident, in whole milliseconds, because the world is simulated in milliseconds. It includes
/// the start and excludes the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncidentWindow {
    from: Timestamp,
    until: Timestamp,
}

impl IncidentWindow {
    /// A range that never begins.
    pub const NEVER: Self = Self { from: Timestamp::MAX, until: Timestamp::MAX };

    /// A range that begins `after` the `start` and lasts `lasts`, or for ever.
    pub fn new(start: Timestamp, after: Duration, lasts: Option<Duration>) -> Self {
        let start = Timestamp::from_millisecond(start.as_millisecond()).unwrap_or(start);
        let later = |moment: Timestamp, by: Option<Duration>| {
            let by = by.and_then(|by| SignedDuration::try_from(by).ok());
            by.and_then(|by| moment.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
        };
        let from = later(start, Some(after));
        Self { from, until: later(from, lasts) }
    }

    /// Whether `moment` is in the range.
    pub fn contains(self, moment: Timestamp) -> bool {
        (self.from..self.until).contains(&moment)
    }

    /// Start and end in milliseconds from `origin`. Fractions of a millisecond in `origin` are cut off.
    pub fn milliseconds_from(self, origin: Timestamp) -> (i64, i64) {
        let offset = |moment: Timestamp| moment.as_millisecond() - origin.as_millisecond();
        (offset(self.from), offset(self.until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn at(seconds: i64) -> Timestamp {
        START + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn the_start_is_included_and_the_end_is_excluded() {
        let window = IncidentWindow::new(START, Duration::from_secs(300), Some(Duration::from_secs(60)));
        let moments = [at(299), at(300), at(359), at(360)];
        assert_eq!(moments.map(|moment| window.contains(moment)), [false, true, true, false]);
        assert_eq!(window.milliseconds_from(at(200)), (100_000, 160_000));
    }

    #[test]
    fn a_window_without_a_length_has_no_end() {
        let window = IncidentWindow::new(START, Duration::ZERO, None);
        assert!(window.contains(START) && window.contains(at(1_000_000_000)) && !window.contains(at(-1)));
    }

    #[test]
    fn a_window_beyond_the_last_timestamp_never_begins() {
        for window in [IncidentWindow::NEVER, IncidentWindow::new(START, Duration::MAX, Some(Duration::MAX))] {
            assert!(!window.contains(at(1_000_000_000)));
        }
    }
}
