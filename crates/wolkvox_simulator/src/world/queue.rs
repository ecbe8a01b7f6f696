//! One date of demand of one skill: a queue, first come first served, simulated call by call.
//!
//! Deterministic: the seed, the date and the skill fix every call, with the incident if there is one.

use std::ops::Range;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::calendar::{SLOTS, shares};
use super::callers::{Caller, RING};
use super::incident::Incident;
use super::operation::Skill;
use super::reinforcements;
use super::shifts::Shifts;
use super::staffing::{self, Load};

/// Share of the handling time that is after-call work.
const AFTER_CALL_SHARE: f64 = 0.12;

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
        /// Which one, counted within the skill from 0; the same people come first every day. Who steps in beside the roster
        /// is counted after it.
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

/// What a date is to look like: expected calls of each half-hour, and the agents who are rostered for them.
#[derive(Clone, Debug)]
pub(super) struct DayPlan {
    pub(super) calls: [f64; SLOTS],
    pub(super) agents: [u16; SLOTS],
}

impl DayPlan {
    /// A day staffed for what is expected. Nobody expects a incident.
    pub(super) fn of(skill: &Skill, date: Date) -> Self {
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
}

/// What becomes of `callers`, in the order of their arrival. Their moments are counted from `origin`.
pub(super) fn calls(
    origin: Timestamp,
    callers: impl IntoIterator<Item = Caller>,
    shifts: &Shifts,
    incident: &Incident,
) -> Vec<Call> {
    let moment = |seconds: f64| origin + SignedDuration::from_millis((seconds * 1000.0) as i64);
    let mut pool = AgentPool::new(shifts, incident.queue_stop());
    let mut calls = Vec::new();
    for caller in callers {
        let arrived = moment(caller.arrival);
        if incident.blocks_call(arrived) {
            continue;
        }
        let ending = match pool.assign(&caller) {
            Ok((agent, answered)) => {
                let handling = caller.handling * incident.handling_factor(answered);
                let done = answered + handling;
                pool.free_from[usize::from(agent)] = done;
                Ending::Answered {
                    at: moment(answered),
                    agent,
                    talk_ended: moment(done - handling * AFTER_CALL_SHARE),
                    agent_free: moment(done),
                }
            }
            Err(abandoned) => Ending::Abandoned { at: moment(abandoned) },
        };
        calls.push(Call { arrived, number: caller.number, ending });
    }
    calls
}

/// The agents of a skill while their calls are placed; times in seconds of the day.
struct AgentPool<'a> {
    shifts: &'a Shifts,
    /// When no caller is given to an agent.
    queue_stop: Range<f64>,
    free_from: Vec<f64>,
}

impl<'a> AgentPool<'a> {
    fn new(shifts: &'a Shifts, queue_stop: Range<f64>) -> Self {
        Self { shifts, queue_stop, free_from: vec![0.0; shifts.headcount().into()] }
    }

    /// Who answers `caller`, and when; an error is when the caller gives up instead.
    fn assign(&mut self, caller: &Caller) -> Result<(u16, f64), f64> {
        let abandons = caller.arrival + caller.patience;
        if caller.instant {
            return Err(abandons);
        }
        let (agent, mut offered) = self.next_agent(caller.arrival, abandons).ok_or(abandons)?;
        if self.queue_stop.contains(&(offered + caller.ringing)) {
            // It rang when the queue got stuck, and rings no more: the caller, who had held out so far, waits on for the
            // same agent. Any other may yet have got a later call before that moment.
            let abandons = abandons.max(self.queue_stop.start);
            self.free_from[usize::from(agent)] = self.queue_stop.start;
            offered =
                self.next_offer(agent, self.queue_stop.start).filter(|offer| *offer <= abandons).ok_or(abandons)?;
        }
        Ok((agent, offered + caller.ringing))
    }

    /// The agent who can take a call first, and when: the one idle longest if several can at once. `None` if the caller
    /// gives up before. Calls are placed in the order of arrival, so whoever came earlier already has an agent.
    fn next_agent(&self, arrival: f64, abandons: f64) -> Option<(u16, f64)> {
        (0u16..)
            .zip(&self.free_from)
            .filter_map(|(agent, free)| {
                let delay = if self.shifts.is_reinforcement(agent) { reinforcements::JOIN_AFTER } else { 0.0 };
                Some((agent, self.next_offer(agent, free.max(arrival + delay))?, *free))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1).then(a.2.total_cmp(&b.2)))
            .filter(|(_, offered, _)| *offered <= abandons)
            .map(|(agent, offered, _)| (agent, offered))
    }

    /// When `agent` can be given a call, not before `from`.
    fn next_offer(&self, agent: u16, from: f64) -> Option<f64> {
        let offer = self.shifts.next_on_duty(agent, from)?;
        if self.queue_stop.contains(&offer) {
            self.shifts.next_on_duty(agent, self.queue_stop.end)
        } else {
            Some(offer)
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::tests::alone;
    use super::*;

    /// The calls of a Tuesday in the skill at `place`.
    fn a_day(seed: u64, place: usize) -> Vec<Call> {
        alone(seed, place).day(0, date(2026, 11, 24)).calls.clone()
    }

    #[test]
    fn the_same_seed_gives_the_same_day() {
        assert_eq!(a_day(7, 1), a_day(7, 1));
        assert_ne!(a_day(7, 1), a_day(8, 1));
    }

    #[test]
    fn no_agent_has_two_calls_at_once() {
        let mut spans: Vec<(u16, Timestamp, Timestamp)> = a_day(3, 1)
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
        let calls = a_day(3, 0);
        assert!(calls.is_sorted_by_key(|call| call.arrived));
        assert!(calls.iter().all(|call| match call.ending {
            Ending::Answered { at, talk_ended, agent_free, .. } =>
                call.arrived < at && at < talk_ended && talk_ended < agent_free,
            Ending::Abandoned { at } => call.arrived < at,
        }));
    }

    #[test]
    fn a_closed_skill_has_no_calls() {
        assert_eq!(a_day(1, 5), []);
    }

    #[test]
    fn the_first_numbers_are_dialled_most() {
        let calls = a_day(1, 1);
        let dialled = |number| calls.iter().filter(|call| call.number == number).count();
        assert!(dialled(0) > dialled(3) && dialled(3) > dialled(11));
    }
}
