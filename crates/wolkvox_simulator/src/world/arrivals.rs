//! When callers call: arrival rates over the day, and the Poisson processes that they give.

use std::ops::Range;

use chacha20::ChaCha8Rng;
use rand::RngExt;
use rand_distr::{Distribution, LogNormal, Poisson};

use super::calendar::{SLOT_SECONDS, SLOTS};
use super::conditions::Conditions;

/// Length of the periods whose rates vary, seconds.
const QUARTER: f64 = SLOT_SECONDS / 2.0;
/// Length of a burst, seconds.
const BURST: f64 = 300.0;
/// Time in which the calls arrive that waited for the opening, seconds.
const OPENING: f64 = 120.0;

/// Expected calls of a date of demand. Times are in seconds from its origin.
#[derive(Debug)]
pub(super) struct ArrivalRates {
    /// Length of each period, seconds.
    period: f64,
    /// Expected calls of each period, from the origin on.
    calls: Vec<f64>,
}

/// Additional calls: a multiple of the expected ones, in a time range.
#[derive(Clone, Debug)]
pub(super) struct Surge {
    pub(super) factor: f64,
    pub(super) when: Range<f64>,
}

impl ArrivalRates {
    /// The rates on a day for which `forecast` calls are expected in each half-hour. `rng` decides their variation.
    pub(super) fn new(forecast: &[f64; SLOTS], conditions: &Conditions, rng: &mut ChaCha8Rng) -> Self {
        let expected = forecast.map(|calls| calls * conditions.demand);
        let variance = (1.0 + conditions.rate_spread * conditions.rate_spread).ln();
        match LogNormal::new(-variance / 2.0, variance.sqrt()) {
            Ok(factor) if variance > 0.0 => {
                let quarters = expected.iter().flat_map(|calls| [calls / 2.0; 2]);
                Self { period: QUARTER, calls: quarters.map(|calls| calls * factor.sample(rng)).collect() }
            }
            _ => Self { period: SLOT_SECONDS, calls: expected.to_vec() },
        }
    }

    /// `count` bursts at random times within the opening hours.
    pub(super) fn bursts(&self, count: u16, rng: &mut ChaCha8Rng) -> Vec<Surge> {
        let Some(open) = self.open() else { return Vec::new() };
        let burst = |_| {
            let start = rng.random_range(open.start..open.end - BURST);
            Surge { factor: 1.0, when: start..start + BURST }
        };
        (0..count).map(burst).collect()
    }

    /// The calls that waited for the opening: this share of the expected calls of the first half-hour.
    pub(super) fn opening_calls(&self, share: f64) -> Option<Surge> {
        let start = self.open()?.start;
        Some(Surge { factor: share * SLOT_SECONDS / OPENING, when: start..start + OPENING })
    }

    /// From the first to the last period with calls; `None` on a closed day.
    fn open(&self) -> Option<Range<f64>> {
        let is_open = |calls: &f64| *calls > 0.0;
        let (first, last) = (self.calls.iter().position(is_open)?, self.calls.iter().rposition(is_open)?);
        Some(first as f64 * self.period..(last + 1) as f64 * self.period)
    }

    /// Arrival times, ascending: a Poisson process within the time range at a multiple of the expected rate.
    pub(super) fn arrivals(&self, rng: &mut ChaCha8Rng, Surge { factor, when }: &Surge) -> Vec<f64> {
        let mut moments = Vec::new();
        for (index, expected) in self.calls.iter().enumerate() {
            let starts = index as f64 * self.period;
            let (from, until) = (when.start.max(starts), when.end.min(starts + self.period));
            if from >= until {
                continue;
            }
            let Ok(poisson) = Poisson::new(expected * factor * ((until - from) / self.period)) else { continue };
            let start = moments.len();
            let count = poisson.sample(rng) as usize;
            moments.extend((0..count).map(|_| from + rng.random::<f64>() * (until - from)));
            moments[start..].sort_by(f64::total_cmp);
        }
        moments
    }
}
