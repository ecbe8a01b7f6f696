//! One date of demand of one skill with all that happened on it.

use jiff::Timestamp;
use jiff::civil::Date;

use super::callers;
use super::day::{self, Call, Plan};
use super::disturbance::Disturbance;
use super::ivr::{self, Passage};
use super::operation::Skill;
use super::shifts::Shifts;
use super::transfers::{self, TransferTruth};

/// What happened. Nothing of it outlasts the date of demand: the nights are closed for longer than any call lasts.
#[derive(Debug)]
pub(super) struct Chronicle {
    /// Who was on duty when.
    pub(super) shifts: Shifts,
    /// In the order of arrival.
    pub(super) calls: Vec<Call>,
    /// In the order of time.
    pub(super) transfers: Vec<TransferTruth>,
    /// In the order of their end.
    pub(super) passages: Vec<Passage>,
}

impl Chronicle {
    /// What `seed` makes of `date` in the skill at `place` of `skills`; the half-hours are counted from `origin`, and so is
    /// the time of the `disturbance`.
    pub(super) fn of(
        seed: u64,
        date: Date,
        origin: Timestamp,
        skills: &[Skill],
        place: usize,
        disturbance: &Disturbance,
    ) -> Self {
        let skill = &skills[place];
        let plan = Plan::of(skill, date);
        let shifts = Shifts::new(origin, &plan.agents, disturbance);
        let callers = callers::callers(seed, date, skill, &plan.calls, disturbance);
        let calls = day::calls(origin, callers, &shifts, disturbance);
        let transfers = transfers::transfers(seed, date, skills, place, &calls, &shifts);
        let mut passages = ivr::passages(seed, date, skill, &calls);
        passages.retain(|passage| !disturbance.cuts_off(passage.ended()));
        Self { shifts, calls, transfers, passages }
    }
}
