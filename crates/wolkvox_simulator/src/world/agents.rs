//! The figures of each agent on a local day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::World;
use super::operation::Skill;
use super::people::Agent;
use super::queue::{Call, Ending};
use super::shifts::Shifts;

/// One agent's local day up to a moment. A call belongs to the day on which it arrived, as in the skill totals, and is
/// counted from the moment at which the agent answers.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentTruth {
    /// The agent.
    pub agent: Agent,
    /// The skill that the agent works for.
    pub skill: u32,
    /// Calls answered.
    pub calls: u64,
    /// Time spent on those calls up to the moment: talk and after-call work.
    pub handling: SignedDuration,
    /// The part of it that is after-call work.
    pub wrap_up: SignedDuration,
    /// Time within the day in which the agent was busy with calls. The calls may have arrived on the day before.
    pub busy: SignedDuration,
    /// Time within the day in which the agent was logged in: on duty, or still busy after the shift.
    pub logged_in: SignedDuration,
}

impl AgentTruth {
    /// Mean handling time; `None` without calls.
    pub fn average_handling_time(&self) -> Option<SignedDuration> {
        self.mean(self.handling)
    }

    /// Mean after-call work; `None` without calls.
    pub fn average_wrap_up(&self) -> Option<SignedDuration> {
        self.mean(self.wrap_up)
    }

    /// Busy share of the time logged in, from 0 to 1; `None` if the agent was not logged in.
    pub fn occupancy(&self) -> Option<f64> {
        self.logged_in.is_positive().then(|| self.busy.as_secs_f64() / self.logged_in.as_secs_f64())
    }

    /// Points of the gamification service. They only grow during a day.
    pub fn points(&self) -> u64 {
        self.calls * (180 + u64::from(self.agent.id) * 7 % 90)
    }

    /// Calls that met the goal of the game.
    pub fn hits(&self) -> u64 {
        self.calls / (6 + u64::from(self.agent.id) % 5)
    }

    fn mean(&self, whole: SignedDuration) -> Option<SignedDuration> {
        (self.calls > 0).then(|| SignedDuration::from_secs_f64(whole.as_secs_f64() / self.calls as f64))
    }
}

impl World {
    /// The agents who are rostered on the local day `date`, in the order of their extensions, then the reinforcements.
    /// The figures are those at `as_of`, whose zone decides when the day begins and ends. Agents whose shift has not
    /// begun, and missing agents, have zeros.
    pub fn agents_on(&self, date: Date, as_of: &Zoned) -> Vec<AgentTruth> {
        let Some(local_day) = LocalDay::of(date, as_of) else { return Vec::new() };
        let of_skill = |(place, skill): (usize, &Skill)| {
            let mut staff = BTreeMap::new();
            // One nanosecond less, because the first moment of the next day may belong to the next date of demand,
            // which would be generated for nothing.
            for day in self.days(place, local_day.start, local_day.end - SignedDuration::from_nanos(1)) {
                local_day.add_shifts(skill, &day.shifts, &mut staff);
                for call in &day.calls {
                    local_day.add_call(skill, &day.shifts, call, &mut staff);
                }
            }
            staff.into_values()
        };
        self.skills.iter().enumerate().flat_map(of_skill).collect()
    }
}

/// The agents of a skill, by their number within the skill.
type Staff = BTreeMap<u16, AgentTruth>;

/// A local day, as known at a moment.
struct LocalDay {
    start: Timestamp,
    /// The start of the next day.
    end: Timestamp,
    as_of: Timestamp,
    /// The end of the known part: `end` or `as_of`, whichever is earlier.
    until: Timestamp,
}

impl LocalDay {
    /// `None` if the date is at the end of the supported range.
    fn of(date: Date, as_of: &Zoned) -> Option<Self> {
        let starts = |date: Date| Some(date.to_zoned(as_of.time_zone().clone()).ok()?.start_of_day().ok()?.timestamp());
        let (start, end, as_of) = (starts(date)?, starts(date.tomorrow().ok()?)?, as_of.timestamp());
        Some(Self { start, end, as_of, until: end.min(as_of) })
    }

    /// Adds every agent who is rostered on the day. Agents who come later and missing agents are added with no time.
    fn add_shifts(&self, skill: &Skill, shifts: &Shifts, staff: &mut Staff) {
        for agent in 0..shifts.headcount() {
            if shifts.is_rostered(agent, self.start, self.end) {
                entry(staff, skill, agent).logged_in += shifts.time_on_duty(agent, self.start, self.until);
            }
        }
    }

    fn add_call(&self, skill: &Skill, shifts: &Shifts, call: &Call, staff: &mut Staff) {
        let Ending::Answered { at, agent, talk_ended, agent_free } = call.ending else { return };
        if at > self.as_of {
            return;
        }
        if (self.start..self.end).contains(&call.arrived) {
            let truth = entry(staff, skill, agent);
            truth.calls += 1;
            truth.handling += duration_between(at, agent_free.min(self.as_of));
            truth.wrap_up += duration_between(talk_ended, agent_free.min(self.as_of));
        }
        let (from, until) = (at.max(self.start), agent_free.min(self.until));
        if from < until {
            let busy = duration_between(from, until);
            let truth = entry(staff, skill, agent);
            truth.busy += busy;
            // An agent who is busy at the end of the shift stays until the work is done.
            truth.logged_in += busy - shifts.time_on_duty(agent, from, until);
        }
    }
}

fn entry<'a>(staff: &'a mut Staff, skill: &Skill, agent: u16) -> &'a mut AgentTruth {
    staff.entry(agent).or_insert_with(|| AgentTruth {
        agent: Agent::of(skill, agent),
        skill: skill.id,
        calls: 0,
        handling: SignedDuration::ZERO,
        wrap_up: SignedDuration::ZERO,
        busy: SignedDuration::ZERO,
        logged_in: SignedDuration::ZERO,
    })
}

/// Zero if `until` is not later.
fn duration_between(from: Timestamp, until: Timestamp) -> SignedDuration {
    until.duration_since(from).max(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::{DateTime, date};

    use super::super::tests::{bogota, real_hours, zone};
    use super::super::{Calendar, demo};
    use super::*;

    const TUESDAY: Date = date(2026, 11, 17);

    fn answered(world: &World, at: &Zoned) -> u64 {
        world.skills_at(at).iter().map(|skill| skill.today.answered()).sum()
    }

    fn calls(agents: &[AgentTruth]) -> u64 {
        agents.iter().map(|truth| truth.calls).sum()
    }

    #[test]
    fn the_calls_of_the_agents_add_up_to_the_answered_calls_at_any_moment() {
        let world = real_hours(1);
        let mut now = bogota("2026-11-17T06:50");
        while now < bogota("2026-11-17T21:40") {
            assert_eq!(calls(&world.agents_on(TUESDAY, &now)), answered(&world, &now), "{now}");
            now = now.checked_add(17.minutes()).unwrap();
        }
    }

    #[test]
    fn the_calls_of_a_skills_agents_add_up_to_the_skill() {
        let (world, now) = (real_hours(1), bogota("2026-11-17T13:13:13"));
        let agents = world.agents_on(TUESDAY, &now);
        for skill in world.skills_at(&now) {
            let of_skill: u64 = agents.iter().filter(|truth| truth.skill == skill.id).map(|truth| truth.calls).sum();
            assert_eq!(of_skill, skill.today.answered(), "{}", skill.name);
        }
    }

    #[test]
    fn mean_handling_times_match_the_skills() {
        let world = real_hours(1);
        let agents = world.agents_on(TUESDAY, &bogota("2026-11-18T00:00"));
        for skill in world.skills().iter().take(3) {
            let own = agents.iter().filter(|truth| truth.skill == skill.id);
            let (handling, wrap_up, calls) = own.fold((0.0, 0.0, 0), |(handling, wrap_up, calls), truth| {
                let seconds = |time: SignedDuration| time.as_secs_f64();
                (handling + seconds(truth.handling), wrap_up + seconds(truth.wrap_up), calls + truth.calls)
            });
            let mean = handling / calls as f64 / skill.handling_seconds;
            assert!((0.9..1.1).contains(&mean), "{}: {mean}", skill.name);
            assert!((wrap_up / handling - 0.12).abs() < 0.001, "{}", skill.name);
        }
    }

    #[test]
    fn no_agent_is_busy_for_longer_than_logged_in() {
        let world = real_hours(3);
        for now in ["2026-11-17T07:10", "2026-11-17T11:00", "2026-11-17T19:59", "2026-11-18T00:00"] {
            for truth in world.agents_on(TUESDAY, &bogota(now)) {
                assert!(truth.busy <= truth.logged_in, "{truth:?}");
                assert!(truth.logged_in <= SignedDuration::from_hours(15), "{truth:?}");
            }
        }
    }

    #[test]
    fn the_time_logged_in_grows_until_the_end_of_the_day_and_then_stays() {
        let world = real_hours(1);
        let logged_in = |now: &str| {
            let first = world.agents_on(TUESDAY, &bogota(now)).remove(0);
            first.logged_in.as_mins()
        };
        assert_eq!((logged_in("2026-11-17T07:00"), logged_in("2026-11-17T09:30")), (0, 150));
        assert_eq!(logged_in("2026-11-18T00:00"), logged_in("2026-11-25T12:00"));
    }

    #[test]
    fn agents_are_the_same_people_every_day() {
        let world = real_hours(1);
        let first = |day| world.agents_on(day, &bogota("2026-12-31T00:00")).remove(0).agent;
        assert_eq!(first(date(2026, 11, 16)), first(date(2026, 11, 19)));
        assert_eq!(first(TUESDAY).id, 12_001);
    }

    #[test]
    fn on_a_sunday_no_agent_is_rostered() {
        assert_eq!(real_hours(1).agents_on(date(2026, 11, 22), &bogota("2026-11-23T10:00")), []);
    }

    #[test]
    fn before_the_shift_all_rostered_agents_are_listed_with_zeros() {
        let agents = real_hours(1).agents_on(TUESDAY, &bogota("2026-11-17T05:00"));
        assert!((30..100).contains(&agents.len()), "{}", agents.len());
        assert!(agents.iter().all(|truth| truth.calls == 0 && truth.logged_in.is_zero() && truth.busy.is_zero()));
    }

    #[test]
    fn at_a_busy_midnight_the_day_starts_again() {
        let start = bogota("2026-11-18T00:00");
        let world = World::new(1, Calendar::busy_at(zone("America/Bogota"), start.timestamp()), demo());
        let (yesterday, today) = (TUESDAY, date(2026, 11, 18));
        let just_before = world.agents_on(yesterday, &bogota("2026-11-17T23:59:59"));
        let just_after = world.agents_on(today, &bogota("2026-11-18T00:00:30"));
        assert!(calls(&just_before) > 1000 && calls(&just_after) < 20);
        assert!(just_after.iter().all(|truth| truth.logged_in <= SignedDuration::from_secs(30)));
        // Calls that arrived before midnight and were answered after it are yesterday's.
        let settled = calls(&world.agents_on(yesterday, &bogota("2026-11-18T01:00")));
        assert!((calls(&just_before)..calls(&just_before) + 20).contains(&settled));
        let day = |agents: Vec<AgentTruth>| agents.iter().map(|truth| truth.busy.as_secs()).sum::<i64>();
        assert!(day(just_after) > 30 * 10, "agents who were busy at midnight are still busy");
    }

    #[test]
    fn days_of_23_and_25_hours_are_whole() {
        let santiago = zone("America/Santiago");
        for day in [date(2026, 9, 6), date(2026, 4, 4)] {
            let noon = day.at(12, 0, 0, 0).to_zoned(santiago.clone()).unwrap();
            let world = World::new(1, Calendar::busy_at(santiago.clone(), noon.timestamp()), demo());
            let last = noon.tomorrow().unwrap().start_of_day().unwrap().checked_sub(1.millisecond()).unwrap();
            assert_eq!(calls(&world.agents_on(day, &last)), answered(&world, &last), "{day}");
        }
    }

    #[test]
    fn a_second_before_midnight_belongs_to_the_day_in_every_zone() {
        for name in ["America/Bogota", "Asia/Kathmandu", "Pacific/Auckland"] {
            let now = "2026-11-17T23:59:59".parse::<DateTime>().unwrap().to_zoned(zone(name)).unwrap();
            let world = World::new(1, Calendar::busy_at(zone(name), now.timestamp()), demo());
            assert_eq!(calls(&world.agents_on(TUESDAY, &now)), answered(&world, &now), "{name}");
        }
    }
}
