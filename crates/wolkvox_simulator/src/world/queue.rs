//! The calls of one date of demand of one skill: a queue in the order of arrival, simulated call by call.
//!
//! The result is deterministic: the seed, the date, the skill and the incident determine every call.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::calendar::{DateKind, SLOTS};
use super::callers::{Caller, RING};
use super::conditions::Conditions;
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
    /// The dialled number: an index into [`Skill::numbers`].
    pub number: usize,
    /// How the call ended.
    pub ending: Ending,
}

/// The end of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// An agent answered the call.
    Answered {
        /// The moment of the answer.
        at: Timestamp,
        /// The number of the agent within the skill, from 0. The same agents have the first numbers every day.
        /// Reinforcements are numbered after the roster.
        agent: u16,
        /// When the caller hung up.
        talk_ended: Timestamp,
        /// When the agent finished the after-call work.
        agent_free: Timestamp,
    },
    /// The caller hung up in the queue.
    Abandoned {
        /// The moment of hanging up.
        at: Timestamp,
    },
}

/// The plan of a kind of date: expected calls of each half-hour, and the agents rostered for them.
#[derive(Clone, Debug)]
pub(super) struct DayPlan {
    pub(super) calls: [f64; SLOTS],
    pub(super) agents: [u16; SLOTS],
}

impl DayPlan {
    /// A plan with enough agents for the expected calls, with the planner's minimum and spare agents. It does not expect any
    /// incident.
    pub(super) fn of(skill: &Skill, date: DateKind, conditions: &Conditions) -> Self {
        let calls = date.shares().map(|share| share * skill.calls_a_day);
        let ring = f64::midpoint(RING.start, RING.end);
        let loads = calls.map(|calls| {
            (calls > 0.0).then_some(Load {
                calls,
                handling: skill.handling_seconds + ring,
                patience: skill.patience_seconds,
                instant_hang_ups: skill.instant_hang_ups,
                ring,
            })
        });
        let planned = staffing::roster(&loads, conditions.least_agents);
        let agents = planned.map(|agents| if agents > 0 { agents + conditions.spare_agents } else { 0 });
        Self { calls, agents }
    }
}

/// The calls of these `callers`, in the order of arrival. The callers' times are counted from `origin`.
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

/// The agents of a skill while calls are assigned to them. Times are in seconds from the origin.
struct AgentPool<'a> {
    shifts: &'a Shifts,
    /// When no waiting call is given to an agent.
    queue_stop: Range<f64>,
    free_from: Vec<f64>,
    /// The last result of [`Self::next_offer`] for each agent: none of them can be given a call before.
    not_before: Vec<f64>,
}

impl<'a> AgentPool<'a> {
    fn new(shifts: &'a Shifts, queue_stop: Range<f64>) -> Self {
        let zeros = vec![0.0; shifts.headcount().into()];
        Self { shifts, queue_stop, free_from: zeros.clone(), not_before: zeros }
    }

    /// The agent who answers `caller`, and the moment of the answer. An error is the moment at which the caller
    /// abandons instead.
    fn assign(&mut self, caller: &Caller) -> Result<(u16, f64), f64> {
        let abandons = caller.arrival + caller.patience;
        if caller.instant {
            return Err(abandons);
        }
        let (agent, mut offered) = self.next_agent(caller.arrival, abandons).ok_or(abandons)?;
        if self.queue_stop.contains(&(offered + caller.ringing)) {
            // The call rang when the queue got stuck, so it is not answered now. The caller waits on for the same
            // agent, because any other agent may have got a later call before that moment.
            let abandons = abandons.max(self.queue_stop.start);
            self.free_from[usize::from(agent)] = self.queue_stop.start;
            offered =
                self.next_offer(agent, self.queue_stop.start).filter(|offer| *offer <= abandons).ok_or(abandons)?;
        }
        Ok((agent, offered + caller.ringing))
    }

    /// The agent who can take a call first, and when. If several can take it at the same time, it is the one who has
    /// been idle for longest. `None` if the caller abandons before. Calls are assigned in the order of arrival, so
    /// earlier callers already have an agent.
    fn next_agent(&mut self, arrival: f64, abandons: f64) -> Option<(u16, f64)> {
        // Nobody can take the call after it is abandoned.
        let (mut best, mut chosen) = ((abandons, f64::INFINITY), None);
        for agent in 0..self.shifts.headcount() {
            let delay = if self.shifts.is_reinforcement(agent) { reinforcements::JOIN_AFTER } else { 0.0 };
            let (free, not_before) = (self.free_from[usize::from(agent)], self.not_before[usize::from(agent)]);
            let from = free.max(arrival + delay).max(not_before);
            // The shifts are looked at only if they can matter, because this loop takes most of the time.
            if (from, free) >= best {
                continue;
            }
            let offered = self.next_offer(agent, from).unwrap_or(f64::INFINITY);
            self.not_before[usize::from(agent)] = offered;
            if (offered, free) < best {
                (best, chosen) = ((offered, free), Some((agent, offered)));
            }
        }
        chosen
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
    fn calls_are_in_the_order_of_arrival_and_end_after_it() {
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
