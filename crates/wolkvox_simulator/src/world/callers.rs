//! The callers of a date of demand: when they call, and all their random properties. The queue decides the rest.

use std::ops::Range;

use chacha20::ChaCha8Rng;
use jiff::civil::{Date, date};
use rand::{RngExt, SeedableRng};
use rand_distr::weighted::WeightedIndex;
use rand_distr::{Distribution, Exp, LogNormal, Poisson};

use super::calendar::{SLOT_SECONDS, SLOTS};
use super::incident::Incident;
use super::operation::Skill;

/// Coefficient of variation of handling times.
const HANDLING_CV: f64 = 0.9;
/// Time from the choice of an agent to the answer, seconds.
pub(super) const RING: Range<f64> = 1.0..6.0;
/// Time after which an instant hang-up happens, seconds.
const INSTANT: Range<f64> = 0.5..4.0;
/// Standard deviation of the forecast's relative error. Without it every day would have exactly the planned calls.
const FORECAST_ERROR: f64 = 0.02;
/// Exponent of Zipf's law over the numbers of a skill.
const ZIPF: f64 = 1.1;

/// A caller. Times are in seconds.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Counted from the origin of the date.
    pub(super) arrival: f64,
    /// Which of the skill's numbers was dialled.
    pub(super) number: usize,
    /// Whether the caller hangs up at once.
    pub(super) instant: bool,
    /// The longest time that the caller waits.
    pub(super) patience: f64,
    /// Time from the choice of an agent to the answer.
    pub(super) ringing: f64,
    /// How long the agent is busy with the call on an ordinary day.
    pub(super) handling: f64,
}

/// The callers of `date` in the order of arrival, with `expected` calls in each half-hour. The callers of an incident's
/// extra demand are added; the other callers are the same as without the incident.
pub(super) fn callers(
    seed: u64,
    date: Date,
    skill: &Skill,
    expected: &[f64; SLOTS],
    incident: &Incident,
) -> Vec<Caller> {
    let Some(model) = CallerModel::of(skill) else { return Vec::new() };
    let mut rng = random_generator(seed, date, skill.id, RandomStream::Calls);
    let forecast_error = LogNormal::new(0.0, FORECAST_ERROR).map_or(1.0, |error| error.sample(&mut rng));
    let mut callers = model.callers(&mut rng, expected, forecast_error, &(0.0..f64::INFINITY));
    let (more, when) = incident.extra_demand();
    let mut rng = random_generator(seed, date, skill.id, RandomStream::ExtraDemand);
    callers.extend(model.callers(&mut rng, expected, more, when));
    callers.sort_by(|a, b| a.arrival.total_cmp(&b.arrival));
    callers
}

/// The random streams. Each is independent, so a change to one leaves the others unchanged.
#[derive(Clone, Copy, Debug)]
pub(super) enum RandomStream {
    Calls = 0,
    Transfers = 1,
    Ivr = 2,
    ExtraDemand = 3,
}

/// A generator for each seed, date, skill and stream, so that a day does not depend on which days were generated
/// before.
pub(super) fn random_generator(seed: u64, day: Date, skill: u32, stream: RandomStream) -> ChaCha8Rng {
    let since_epoch = day.duration_since(date(1970, 1, 1)).as_hours() / 24;
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&since_epoch.to_le_bytes());
    key[16..20].copy_from_slice(&skill.to_le_bytes());
    key[20] = stream as u8;
    ChaCha8Rng::from_seed(key)
}

struct CallerModel {
    instant_hang_ups: f64,
    numbers: WeightedIndex<f64>,
    patience: Exp<f64>,
    handling: LogNormal<f64>,
}

impl CallerModel {
    /// `None` for a skill that has no numbers, or whose figures are not valid parameters of a distribution.
    fn of(skill: &Skill) -> Option<Self> {
        let spread = (1.0 + HANDLING_CV * HANDLING_CV).ln();
        Some(Self {
            instant_hang_ups: skill.instant_hang_ups,
            numbers: WeightedIndex::new((1..=skill.numbers.len()).map(|rank| (rank as f64).powf(-ZIPF))).ok()?,
            patience: Exp::new(1.0 / skill.patience_seconds).ok()?,
            handling: LogNormal::new(skill.handling_seconds.ln() - spread / 2.0, spread.sqrt()).ok()?,
        })
    }

    /// Callers who arrive within `when` at `factor` times the expected rate.
    fn callers(&self, rng: &mut ChaCha8Rng, expected: &[f64; SLOTS], factor: f64, when: &Range<f64>) -> Vec<Caller> {
        arrivals(rng, expected, factor, when).into_iter().map(|arrival| self.caller(rng, arrival)).collect()
    }

    fn caller(&self, rng: &mut ChaCha8Rng, arrival: f64) -> Caller {
        let number = self.numbers.sample(rng);
        let instant = rng.random_bool(self.instant_hang_ups);
        let patience = if instant { rng.random_range(INSTANT) } else { self.patience.sample(rng) };
        let ringing = rng.random_range(RING);
        Caller { arrival, number, instant, patience, ringing, handling: self.handling.sample(rng) }
    }
}

/// Arrival times in seconds from the origin, ascending: a Poisson process within `when` at `factor` times the expected
/// rate.
fn arrivals(rng: &mut ChaCha8Rng, expected: &[f64; SLOTS], factor: f64, when: &Range<f64>) -> Vec<f64> {
    let mut moments = Vec::new();
    for (slot, expected) in expected.iter().enumerate() {
        let opens = slot as f64 * SLOT_SECONDS;
        let (from, until) = (when.start.max(opens), when.end.min(opens + SLOT_SECONDS));
        if from >= until {
            continue;
        }
        let Ok(poisson) = Poisson::new(expected * factor * ((until - from) / SLOT_SECONDS)) else { continue };
        let start = moments.len();
        let count = poisson.sample(rng) as usize;
        moments.extend((0..count).map(|_| from + rng.random::<f64>() * (until - from)));
        moments[start..].sort_by(f64::total_cmp);
    }
    moments
}
