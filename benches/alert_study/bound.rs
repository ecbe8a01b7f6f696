//! A bound for every alert: an observer who sees each call when it happens, and who knows the roster.
//!
//! When a caller waits although a third of the rostered agents have no call, agents are missing. Healthy days have no
//! such moment, except while calls ring.

use jiff::{SignedDuration, Timestamp};
use wolkvox_simulator::world::{Ending, World};

use crate::skill_days::{INCIDENT, Setting, in_parallel};
use crate::worlds::TROUBLES;

/// Longer than any call rings.
const RINGING: SignedDuration = SignedDuration::from_secs(6);
/// With fewer busy agents than this share of the roster, agents are missing.
const BUSY: f64 = 2.0 / 3.0;

/// Minutes from the moment at which half the agents leave until the observer knows it, for each of `count` days;
/// infinite if it never does.
pub(crate) fn delays(setting: &Setting, count: usize) -> Vec<f64> {
    let half = &TROUBLES[0];
    in_parallel(count, |number| {
        let (world, midnight) = setting.incident_world(number, half.effect, half.lasts);
        let incident = midnight + SignedDuration::from_secs(INCIDENT);
        first_sign(&world, midnight, incident)
            .map_or(f64::INFINITY, |at| at.duration_since(incident).as_secs_f64() / 60.0)
    })
}

/// The first moment at or after `from` at which agents are visibly missing.
fn first_sign(world: &World, midnight: Timestamp, from: Timestamp) -> Option<Timestamp> {
    let (mut waited, mut begun, mut free) = (Vec::new(), Vec::new(), Vec::new());
    world.each_call(0, midnight, midnight + SignedDuration::from_hours(24), |call| {
        let end = match call.ending {
            Ending::Answered { at, agent_free, .. } => {
                begun.push(at);
                free.push(agent_free);
                at
            }
            Ending::Abandoned { at } => at,
        };
        if end.duration_since(call.arrived) > RINGING {
            waited.push(call.arrived + RINGING);
        }
    });
    for moments in [&mut waited, &mut begun, &mut free] {
        moments.sort_unstable();
    }
    let before = |moments: &[Timestamp], at: Timestamp| moments.partition_point(|moment| *moment <= at);
    waited.into_iter().filter(|at| *at >= from).find(|at| {
        let busy = before(&begun, *at) - before(&free, *at);
        (busy as f64) < BUSY * f64::from(world.rostered_at(0, *at))
    })
}
