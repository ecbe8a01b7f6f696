//! The callers of a date of demand with all their random properties. The queue decides the rest.

use std::ops::Range;

use chacha20::ChaCha8Rng;
use jiff::civil::{Date, date};
use rand::{RngExt, SeedableRng};
use rand_distr::weighted::WeightedIndex;
use rand_distr::{Distribution, Exp, LogNormal};

use super::arrivals::{ArrivalRates, Surge};
use super::calendar::SLOTS;
use super::conditions::Conditions;
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

/// The callers of `date` in the order of arrival, when `forecast` has the calls of each half-hour on which the roster
/// rests. The callers of an incident, of bursts and of the opening are added; the other callers stay the same.
pub(super) fn callers(
    seed: u64,
    date: Date,
    skill: &Skill,
    forecast: &[f64; SLOTS],
    conditions: &Conditions,
    incident: &Incident,
) -> Vec<Caller> {
    let Some(model) = CallerModel::of(skill, conditions) else { return Vec::new() };
    let generator = |stream| random_generator(seed, date, skill.id, stream);
    let rates = ArrivalRates::new(forecast, conditions, &mut generator(RandomStream::Rates));
    let mut rng = generator(RandomStream::Calls);
    let forecast_error = LogNormal::new(0.0, FORECAST_ERROR).map_or(1.0, |error| error.sample(&mut rng));
    let mut callers = model.callers(&mut rng, &rates, &Surge { factor: forecast_error, when: 0.0..f64::INFINITY });
    let bursts = rates.bursts(conditions.bursts, &mut generator(RandomStream::BurstTimes));
    for (stream, surges) in [
        (RandomStream::ExtraDemand, vec![incident.extra_demand()]),
        (RandomStream::Bursts, bursts),
        (RandomStream::OpeningCalls, rates.opening_calls(conditions.opening_calls).into_iter().collect()),
    ] {
        let mut rng = generator(stream);
        callers.extend(surges.iter().flat_map(|surge| model.callers(&mut rng, &rates, surge)));
    }
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
    Rates = 4,
    BurstTimes = 5,
    Bursts = 6,
    OpeningCalls = 7,
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
    patience_factor: f64,
    handling: LogNormal<f64>,
}

impl CallerModel {
    /// `None` for a skill that has no numbers, or whose figures are not valid parameters of a distribution.
    fn of(skill: &Skill, conditions: &Conditions) -> Option<Self> {
        let spread = (1.0 + HANDLING_CV * HANDLING_CV).ln();
        Some(Self {
            instant_hang_ups: skill.instant_hang_ups,
            numbers: WeightedIndex::new((1..=skill.numbers.len()).map(|rank| (rank as f64).powf(-ZIPF))).ok()?,
            patience: Exp::new(1.0 / skill.patience_seconds).ok()?,
            patience_factor: conditions.patience,
            handling: LogNormal::new(skill.handling_seconds.ln() - spread / 2.0, spread.sqrt()).ok()?,
        })
    }

    fn callers(&self, rng: &mut ChaCha8Rng, rates: &ArrivalRates, surge: &Surge) -> Vec<Caller> {
        rates.arrivals(rng, surge).into_iter().map(|arrival| self.caller(rng, arrival)).collect()
    }

    fn caller(&self, rng: &mut ChaCha8Rng, arrival: f64) -> Caller {
        let number = self.numbers.sample(rng);
        let instant = rng.random_bool(self.instant_hang_ups);
        let patience =
            if instant { rng.random_range(INSTANT) } else { self.patience.sample(rng) * self.patience_factor };
        let ringing = rng.random_range(RING);
        Caller { arrival, number, instant, patience, ringing, handling: self.handling.sample(rng) }
    }
}
