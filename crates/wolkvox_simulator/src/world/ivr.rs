//! What callers do in the IVR menus before they enter a queue, including callers who never enter one.

use std::collections::BTreeMap;

use chacha20::ChaCha8Rng;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Zoned};
use rand::RngExt;
use rand_distr::Distribution;
use rand_distr::weighted::WeightedIndex;

use super::World;
use super::callers::{RandomStream, random_generator};
use super::operation::{MenuOption, SELF_SERVICE, Skill};
use super::queue::Call;

/// Share of the queued callers who press nothing and are connected anyway.
const PRESS_NOTHING: f64 = 0.06;
/// Callers who hang up in the menu, per caller who enters the queue.
const LEAVE: f64 = 0.06;
/// Share of the callers who hang up without pressing a key. The others chose a recorded answer.
const LEAVE_WITHOUT_A_KEY: f64 = 0.6;
/// Time in the menu before the queue, seconds.
const UNTIL_QUEUE: std::ops::Range<f64> = 10.0..90.0;
/// Time in the menu of callers who hang up, seconds.
const UNTIL_LEAVING: std::ops::Range<f64> = 3.0..75.0;
/// A caller who hangs up does so within this time after the arrival of another call, seconds.
const AROUND: std::ops::Range<f64> = 0.0..600.0;

/// One caller's visit to a menu.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct IvrVisit {
    /// The arrival in the queue, or the moment of hanging up.
    ended: Timestamp,
    lasted: SignedDuration,
    routing_point: u32,
    choice: Choice,
}

impl IvrVisit {
    /// The arrival in the queue, or the moment of hanging up.
    pub(super) fn ended(&self) -> Timestamp {
        self.ended
    }
}

/// The caller's choice in a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// A menu option, by its name.
    Option(&'static str),
    /// No key.
    Nothing,
}

impl Choice {
    /// The name of the choice in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Option(name) => name,
            Self::Nothing => "PULSE",
        }
    }
}

/// The callers who made one choice in a menu, within a window.
#[derive(Clone, Debug, PartialEq)]
pub struct IvrTruth {
    /// The routing point of the menu.
    pub routing_point: u32,
    /// The choice.
    pub choice: Choice,
    /// The number of callers.
    pub calls: u64,
    /// The total time that they spent in the menu.
    pub time: SignedDuration,
}

impl World {
    /// Callers by menu option whose visit ended from `from` to `until` (both included) and not after `as_of`. For
    /// queued callers the visit ends with the arrival in the queue.
    pub fn ivr_between(&self, from: &Zoned, until: &Zoned, as_of: &Zoned) -> Vec<IvrTruth> {
        let (from, until) = (from.timestamp(), until.timestamp().min(as_of.timestamp()));
        let mut options: BTreeMap<(u32, Choice), (u64, SignedDuration)> = BTreeMap::new();
        for place in 0..self.skills.len() {
            for day in self.days(place, from, until) {
                let start = day.ivr_visits.partition_point(|visit| visit.ended < from);
                for visit in day.ivr_visits[start..].iter().take_while(|visit| visit.ended <= until) {
                    let (calls, time) = options.entry((visit.routing_point, visit.choice)).or_default();
                    *calls += 1;
                    *time += visit.lasted;
                }
            }
        }
        let truth = |((routing_point, choice), (calls, time))| IvrTruth { routing_point, choice, calls, time };
        options.into_iter().map(truth).collect()
    }
}

/// IVR visits of these `calls`, plus those of callers who hung up in the menu, sorted by end time.
pub(super) fn ivr_visits(seed: u64, date: Date, skill: &Skill, calls: &[Call]) -> Vec<IvrVisit> {
    let mut rng = random_generator(seed, date, skill.id, RandomStream::Ivr);
    let weights = |menu_options: &[MenuOption]| WeightedIndex::new(menu_options.iter().map(|option| option.weight));
    let (Ok(menu_options), Ok(services)) = (weights(skill.menu_options), weights(&SELF_SERVICE)) else {
        return Vec::new();
    };
    let mut ivr_visits = Vec::new();
    for call in calls {
        let option = skill.menu_options[menu_options.sample(&mut rng)];
        let choice = if rng.random_bool(PRESS_NOTHING) { Choice::Nothing } else { Choice::Option(option.option) };
        ivr_visits.push(visit(&mut rng, call.arrived, UNTIL_QUEUE, option.routing_point, choice));
        if rng.random_bool(LEAVE) {
            let ended = call.arrived + milliseconds(&mut rng, AROUND);
            let (routing_point, choice) = if rng.random_bool(LEAVE_WITHOUT_A_KEY) {
                (skill.menu_options[menu_options.sample(&mut rng)].routing_point, Choice::Nothing)
            } else {
                let service = SELF_SERVICE[services.sample(&mut rng)];
                (service.routing_point, Choice::Option(service.option))
            };
            ivr_visits.push(visit(&mut rng, ended, UNTIL_LEAVING, routing_point, choice));
        }
    }
    ivr_visits.sort_by_key(|visit| visit.ended);
    ivr_visits
}

fn visit(
    rng: &mut ChaCha8Rng,
    ended: Timestamp,
    lasts: std::ops::Range<f64>,
    routing_point: u32,
    choice: Choice,
) -> IvrVisit {
    IvrVisit { ended, lasted: milliseconds(rng, lasts), routing_point, choice }
}

fn milliseconds(rng: &mut ChaCha8Rng, seconds: std::ops::Range<f64>) -> SignedDuration {
    SignedDuration::from_millis((rng.random_range(seconds) * 1000.0) as i64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::ToSpan;

    use super::super::tests::{WEEKDAYS, bogota, real_hours};
    use super::*;

    fn day(world: &World, day: &str) -> Vec<IvrTruth> {
        let night = bogota(&format!("{day}T23:59:59"));
        world.ivr_between(&bogota(&format!("{day}T00:00")), &night, &night)
    }

    fn calls<'a>(options: impl IntoIterator<Item = &'a IvrTruth>) -> u64 {
        options.into_iter().map(|option| option.calls).sum()
    }

    #[test]
    fn about_one_caller_in_eleven_presses_nothing() {
        for seed in 1..=3 {
            let world = real_hours(seed);
            for weekday in WEEKDAYS {
                let options = day(&world, weekday);
                let silent = calls(options.iter().filter(|option| option.choice == Choice::Nothing));
                let share = silent as f64 / calls(&options) as f64;
                assert!((0.06..0.12).contains(&share), "{seed} {weekday}: {share}");
            }
        }
    }

    #[test]
    fn every_queued_caller_has_visited_a_menu() {
        let world = real_hours(2);
        let start = bogota("2026-11-17T00:00");
        let mut now = bogota("2026-11-17T06:55");
        while now < bogota("2026-11-17T20:40") {
            let queued: u64 = world.skills_at(&now).iter().map(|skill| skill.today.inbound).sum();
            let passed = calls(&world.ivr_between(&start, &now, &now));
            assert!(passed >= queued && passed <= queued + queued / 10 + 20, "{now}: {passed}, {queued} in queues");
            now = now.checked_add(11.minutes()).unwrap();
        }
    }

    #[test]
    fn every_option_of_the_menus_is_used_on_a_working_day() {
        let options = day(&real_hours(1), "2026-11-17");
        let names: BTreeSet<&str> = options.iter().map(|option| option.choice.name()).collect();
        for name in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "PULSE", "Hablar con asesor", "Volver al menú"]
        {
            assert!(names.contains(name), "{name}");
        }
        let menus: BTreeSet<u32> = options.iter().map(|option| option.routing_point).collect();
        assert_eq!(menus.len(), 3);
    }

    #[test]
    fn the_mean_time_in_a_menu_is_realistic() {
        for option in day(&real_hours(1), "2026-11-17") {
            let mean = option.time.as_secs_f64() / option.calls as f64;
            assert!((3.0..90.0).contains(&mean), "{option:?}");
        }
    }

    #[test]
    fn the_parts_of_a_day_add_up_to_the_day() {
        let (world, noon) = (real_hours(1), bogota("2026-11-17T12:00"));
        let (start, night) = (bogota("2026-11-17T00:00"), bogota("2026-11-17T23:59:59"));
        let before = noon.checked_sub(1.millisecond()).unwrap();
        let parts =
            calls(&world.ivr_between(&start, &before, &night)) + calls(&world.ivr_between(&noon, &night, &night));
        assert_eq!(parts, calls(&world.ivr_between(&start, &night, &night)));
    }

    #[test]
    fn later_visits_are_not_returned() {
        let (world, noon) = (real_hours(1), bogota("2026-11-17T12:00"));
        let (start, night) = (bogota("2026-11-17T00:00"), bogota("2026-11-17T23:59:59"));
        assert_eq!(world.ivr_between(&start, &night, &noon), world.ivr_between(&start, &noon, &noon));
    }
}
