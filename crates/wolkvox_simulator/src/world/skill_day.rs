//! All events of one date of demand of one skill.

use jiff::civil::Date;

use super::World;
use super::callers;
use super::incident::Incident;
use super::ivr::{self, IvrVisit};
use super::queue::{self, Call};
use super::shifts::Shifts;
use super::transfers::{self, TransferTruth};

/// The events of a day. None of them lasts beyond the date of demand, because the contact centre is closed at night for
/// longer than any call lasts.
#[derive(Debug)]
pub(super) struct SkillDay {
    /// Who was on duty when.
    pub(super) shifts: Shifts,
    /// In the order of arrival.
    pub(super) calls: Vec<Call>,
    /// In the order of time.
    pub(super) transfers: Vec<TransferTruth>,
    /// In the order of their end.
    pub(super) ivr_visits: Vec<IvrVisit>,
}

impl SkillDay {
    /// Generates `date` of the skill at index `place` of the skills of `world`.
    pub(super) fn generate(world: &World, place: usize, date: Date) -> Self {
        let World { seed, skills, conditions, .. } = world;
        let (skill, plan, origin) = (&skills[place], world.plan(place, date), world.calendar.origin(date));
        let incident = Incident::new(world.effect, world.window, origin);
        let shifts = Shifts::new(origin, &plan.agents, conditions, &incident);
        let callers = callers::callers(*seed, date, skill, &plan.calls, conditions, &incident);
        let calls = queue::calls(origin, callers, &shifts, &incident);
        let transfers = transfers::transfers(*seed, date, skills, place, &calls, &shifts);
        let mut ivr_visits = ivr::ivr_visits(*seed, date, skill, &calls);
        ivr_visits.retain(|visit| !incident.blocks_call(visit.ended()));
        Self { shifts, calls, transfers, ivr_visits }
    }
}
