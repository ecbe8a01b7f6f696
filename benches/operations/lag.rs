//! How late polls are, as the server of wolkvox sees it.
//!
//! The collectors poll on a grid whose start is random. The server does not know the start, so a poll is late by the time
//! by which it is later on the grid than the earliest poll of the same collector.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::support::wolkvox::Request;

/// The time between two polls of a collector.
pub(crate) const INTERVAL: Duration = Duration::from_secs(60);

/// The lateness of many polls.
#[derive(Debug, Default)]
pub(crate) struct Lag {
    late: Vec<Duration>,
    /// Times of the grid at which there was no poll, because the one before took too long.
    pub(crate) missed: usize,
}

impl Lag {
    /// The lateness of the polls whose token is `wanted`.
    pub(crate) fn of(requests: &[Request], wanted: impl Fn(&str) -> bool) -> Self {
        let mut polls: BTreeMap<(String, String), Vec<Instant>> = BTreeMap::new();
        for request in requests.iter().filter(|request| wanted(request.token()) && starts_a_poll(request)) {
            polls.entry((request.token().to_owned(), request.report())).or_default().push(request.at);
        }
        let mut lag = Self::default();
        for times in polls.values() {
            // The first poll comes at the start, the others on the grid.
            lag.add(times.get(1..).unwrap_or_default());
        }
        lag.late.sort_unstable();
        lag
    }

    fn add(&mut self, times: &[Instant]) {
        let Some(first) = times.first() else { return };
        // Seconds from the first poll, less the whole intervals. Negative where the first one was late itself.
        let interval = INTERVAL.as_secs_f64();
        let ticks: Vec<f64> = times.iter().map(|time| (*time - *first).as_secs_f64() / interval).collect();
        let shifts: Vec<f64> = ticks.iter().map(|tick| (tick - tick.round()) * interval).collect();
        let earliest = shifts.iter().copied().fold(f64::INFINITY, f64::min);
        self.late.extend(shifts.iter().map(|shift| Duration::from_secs_f64(shift - earliest)));
        let steps = ticks.windows(2).map(|pair| (pair[1] - pair[0]).round() as usize);
        self.missed += steps.map(|step| step.saturating_sub(1)).sum::<usize>();
    }

    /// How many polls there were.
    pub(crate) fn polls(&self) -> usize {
        self.late.len()
    }

    /// The lateness that this share of the polls does not exceed.
    pub(crate) fn within(&self, share: f64) -> Duration {
        let index = (self.late.len() as f64 * share).ceil() as usize;
        self.late.get(index.saturating_sub(1)).copied().unwrap_or(Duration::MAX)
    }

    /// The share of the polls that were late by less than a second.
    pub(crate) fn within_a_second(&self) -> f64 {
        let number = self.late.iter().filter(|late| **late < Duration::from_secs(1)).count();
        number as f64 / self.late.len() as f64
    }
}

/// Whether the request is the first one of its poll. The poll of numbers asks for the day first, and then for the last
/// half-hour.
fn starts_a_poll(request: &Request) -> bool {
    request.report() == "skills" || request.parameter("date_ini").ends_with("000000")
}
