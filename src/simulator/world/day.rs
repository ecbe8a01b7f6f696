//! One date of demand of one skill: a queue, first come first served, simulated call by call.
//!
//! Deterministic: the seed, the date and the skill fix every call. What a scenario does to the world belongs into
//! [`Plan`], between the forecast and the calls.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::weighted::WeightedIndex;
use rand_distr::{Distribution, Exp, LogNormal, Poisson};

use super::calendar::{SLOT_SECONDS, SLOTS, shares};
use super::operation::Skill;
use super::staffing::{self, Load};

/// Coefficient of variation of handling times.
const HANDLING_CV: f64 = 0.9;
/// Share of the handling time that is after-call work.
const AFTER_CALL_SHARE: f64 = 0.12;
/// From the choice of an agent to the answer, seconds.
const RING: std::ops::Range<f64> = 1.0..6.0;
/// An instant hang-up comes within this time, seconds.
const INSTANT: std::ops::Range<f64> = 0.5..4.0;
/// Standard deviation of the forecast's relative error: days differ from what they were staffed for.
const FORECAST_ERROR: f64 = 0.02;
/// Exponent of Zipf's law over the numbers of a skill.
const ZIPF: f64 = 1.1;

/// One call, from its arrival to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// When it entered the queue.
    pub arrived: Timestamp,
    /// Which of the skill's numbers was dialled: an index into [`Skill::numbers`].
    pub number: usize,
    /// How it went on.
    pub ending: Ending,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// An agent took it.
    Answered {
        /// When.
        at: Timestamp,
        /// Which one, counted within the skill from 0; the same people come first every day.
        agent: u16,
        /// When the caller hung up.
        talk_ended: Timestamp,
        /// When the agent was done with the after-call work.
        agent_free: Timestamp,
    },
    /// The caller gave up.
    Abandoned {
        /// When.
        at: Timestamp,
    },
}

/// What a date is to look like: expected calls and agents of each half-hour.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) calls: [f64; SLOTS],
    pub(super) agents: [u16; SLOTS],
}

impl Plan {
    /// A day staffed for what is expected.
    pub(super) fn healthy(skill: &Skill, date: Date) -> Self {
        let calls = shares(date).map(|share| share * skill.calls_a_day);
        let ring = f64::midpoint(RING.start, RING.end);
        let agents = staffing::roster(&calls.map(|calls| {
            (calls > 0.0).then_some(Load {
                calls,
                handling: skill.handling_seconds + ring,
                patience: skill.patience_seconds,
                instant_hang_ups: skill.instant_hang_ups,
                ring,
            })
        }));
        Self { calls, agents }
    }

    /// When `agent` can take a call, not before `from` (seconds of the day); `None` if not again that day.
    fn next_on_duty(&self, agent: u16, from: f64) -> Option<f64> {
        let now = (from / SLOT_SECONDS) as usize;
        (now..SLOTS).find(|slot| self.agents[*slot] > agent).map(|slot| from.max(slot as f64 * SLOT_SECONDS))
    }
}

/// The calls of `date`, in the order of their arrival. `origin` is where its half-hours are counted from.
pub(super) fn calls(seed: u64, date: Date, origin: Timestamp, skill: &Skill, plan: &Plan) -> Vec<Call> {
    let mut rng = generator(seed, date, skill.id, Stream::Calls);
    let Some(behaviour) = Behaviour::of(skill) else { return Vec::new() };
    let moment = |seconds: f64| origin + SignedDuration::from_millis((seconds * 1000.0) as i64);
    let mut free_from = vec![0.0_f64; plan.agents.iter().copied().max().unwrap_or(0).into()];
    let mut calls = Vec::new();
    for arrival in arrivals(&mut rng, plan) {
        let number = behaviour.numbers.sample(&mut rng);
        let instant = rng.random_bool(skill.instant_hang_ups);
        let patience = if instant { rng.random_range(INSTANT) } else { behaviour.patience.sample(&mut rng) };
        let ringing = rng.random_range(RING);
        let handling = behaviour.handling.sample(&mut rng);
        let taken = if instant { None } else { next_agent(plan, &free_from, arrival, arrival + patience) };
        let ending = if let Some((agent, offered)) = taken {
            let answered = offered + ringing;
            let done = answered + handling;
            free_from[usize::from(agent)] = done;
            Ending::Answered {
                at: moment(answered),
                agent,
                talk_ended: moment(done - handling * AFTER_CALL_SHARE),
                agent_free: moment(done),
            }
        } else {
            Ending::Abandoned { at: moment(arrival + patience) }
        };
        calls.push(Call { arrived: moment(arrival), number, ending });
    }
    calls
}

/// What chance decides. Each has a stream of its own, so that a change to one leaves the others as they were.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Calls = 0,
    Transfers = 1,
    Ivr = 2,
}

/// Every (seed, date, skill) has streams of its own, so no day depends on which days were asked for before.
pub(super) fn generator(seed: u64, day: Date, skill: u32, stream: Stream) -> ChaCha8Rng {
    let since_epoch = day.duration_since(date(1970, 1, 1)).as_hours() / 24;
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&since_epoch.to_le_bytes());
    key[16..20].copy_from_slice(&skill.to_le_bytes());
    key[20] = stream as u8;
    ChaCha8Rng::from_seed(key)
}

struct Behaviour {
    numbers: WeightedIndex<f64>,
    patience: Exp<f64>,
    handling: LogNormal<f64>,
}

impl Behaviour {
    /// `None` for a skill nobody can call, or whose figures make no distribution.
    fn of(skill: &Skill) -> Option<Self> {
        let spread = (1.0 + HANDLING_CV * HANDLING_CV).ln();
        Some(Self {
            numbers: WeightedIndex::new((1..=skill.numbers.len()).map(|rank| (rank as f64).powf(-ZIPF))).ok()?,
            patience: Exp::new(1.0 / skill.patience_seconds).ok()?,
            handling: LogNormal::new(skill.handling_seconds.ln() - spread / 2.0, spread.sqrt()).ok()?,
        })
    }
}

/// Moments of arrival in seconds of the day, ascending: Poisson with the plan's rate, which the day misses a little.
fn arrivals(rng: &mut ChaCha8Rng, plan: &Plan) -> Vec<f64> {
    let surprise = LogNormal::new(0.0, FORECAST_ERROR).map_or(1.0, |error| error.sample(rng));
    let mut moments = Vec::new();
    for (slot, expected) in plan.calls.iter().enumerate() {
        let Ok(poisson) = Poisson::new(expected * surprise) else { continue };
        let start = moments.len();
        let count = poisson.sample(rng) as usize;
        moments.extend((0..count).map(|_| (slot as f64 + rng.random::<f64>()) * SLOT_SECONDS));
        moments[start..].sort_by(f64::total_cmp);
    }
    moments
}

/// The agent who can take a call first, and when: the one idle longest if several can at once. `None` if the caller
/// gives up before. Calls are placed in the order of arrival, so whoever came earlier already has an agent.
fn next_agent(plan: &Plan, free_from: &[f64], arrival: f64, gives_up: f64) -> Option<(u16, f64)> {
    (0u16..)
        .zip(free_from)
        .filter_map(|(agent, free)| Some((agent, plan.next_on_duty(agent, arrival.max(*free))?, *free)))
        .min_by(|a, b| a.1.total_cmp(&b.1).then(a.2.total_cmp(&b.2)))
        .filter(|(_, offered, _)| *offered <= gives_up)
        .map(|(agent, offered, _)| (agent, offered))
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Calendar;
    use super::super::operation::demo;
    use super::*;

    fn a_day(seed: u64, skill: &Skill) -> Vec<Call> {
        let date = date(2026, 11, 24);
        let origin = Calendar::real_hours(jiff::tz::TimeZone::get("America/Bogota").unwrap()).origin(date);
        calls(seed, date, origin, skill, &Plan::healthy(skill, date))
    }

    #[test]
    fn the_same_seed_gives_the_same_day() {
        let skill = &demo()[1];
        assert_eq!(a_day(7, skill), a_day(7, skill));
        assert_ne!(a_day(7, skill), a_day(8, skill));
    }

    #[test]
    fn no_agent_has_two_calls_at_once() {
        let skill = &demo()[1];
        let mut spans: Vec<(u16, Timestamp, Timestamp)> = a_day(3, skill)
            .into_iter()
            .filter_map(|call| match call.ending {
                Ending::Answered { at, agent, agent_free, .. } => Some((agent, at, agent_free)),
                Ending::Abandoned { .. } => None,
            })
            .collect();
        spans.sort_unstable();
        assert!(spans.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].1));
    }

    #[test]
    fn calls_come_in_the_order_of_arrival_and_end_after_it() {
        let calls = a_day(3, &demo()[0]);
        assert!(calls.is_sorted_by_key(|call| call.arrived));
        assert!(calls.iter().all(|call| match call.ending {
            Ending::Answered { at, talk_ended, agent_free, .. } =>
                call.arrived < at && at < talk_ended && talk_ended < agent_free,
            Ending::Abandoned { at } => call.arrived < at,
        }));
    }

    #[test]
    fn a_closed_skill_has_no_calls() {
        assert_eq!(a_day(1, &demo()[5]), []);
    }

    #[test]
    fn the_first_numbers_are_dialled_most() {
        let calls = a_day(1, &demo()[1]);
        let dialled = |number| calls.iter().filter(|call| call.number == number).count();
        assert!(dialled(0) > dialled(3) && dialled(3) > dialled(11));
    }
}
