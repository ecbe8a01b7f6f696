//! The worlds and incidents in which the study counts false pages and measures delays.

#![allow(dead_code, reason = "the study uses all of it, and a test uses a part")]

use std::time::Duration;

use wolkvox_simulator::world::{Conditions, IncidentEffect, Skill, demo};

/// A world whose days are healthy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) conditions: Conditions,
    /// The highest number of false pages for each skill and day.
    pub(crate) limit: f64,
}

/// At most one false page in 2,000 skill-days of the plain world, and one in 100 of a harder one.
const PLAIN_LIMIT: f64 = 1.0 / 2000.0;
pub(crate) const HARDER_LIMIT: f64 = 1.0 / 100.0;

const fn harder(name: &'static str, conditions: Conditions) -> World {
    World { name, conditions, limit: HARDER_LIMIT }
}

const PLAIN: Conditions = Conditions::PLAIN;

/// The plain world is the first.
pub(crate) const WORLDS: [World; 10] = [
    World { name: "plain", conditions: PLAIN, limit: PLAIN_LIMIT },
    harder("the rate of each quarter of an hour varies by 20 %", Conditions { rate_spread: 0.2, ..PLAIN }),
    harder("one agent fewer than planned", Conditions { agents_fewer: 1, ..PLAIN }),
    harder(
        "nobody steps in; one agent more is planned",
        Conditions { reinforcements: false, spare_agents: 1, ..PLAIN },
    ),
    harder("12 % more calls than planned", Conditions { demand: 1.12, ..PLAIN }),
    harder("half the patience", Conditions { patience: 0.5, ..PLAIN }),
    harder("six times the patience", Conditions { patience: 6.0, ..PLAIN }),
    harder("three bursts of five minutes with twice the calls", Conditions { bursts: 3, ..PLAIN }),
    harder(
        "a quarter of the first half-hour's calls wait for the opening",
        Conditions { opening_calls: 0.25, ..PLAIN },
    ),
    harder("15 % of the agents are at lunch from 12:30 to 13:30", Conditions { lunch: 0.15, ..PLAIN }),
];

/// What goes wrong at 10:00 of an otherwise plain day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) name: &'static str,
    pub(crate) conditions: Conditions,
    pub(crate) effect: IncidentEffect,
    pub(crate) lasts: Duration,
    /// The promise: the highest median delay in minutes with polls every minute, for each size that has one.
    pub(crate) promise: &'static [(u32, f64)],
}

const HOUR: Duration = Duration::from_secs(3600);
/// From 10:00 to closing time.
pub(crate) const SHIFT: Duration = Duration::from_secs(10 * 3600);
const NONE: IncidentEffect = IncidentEffect::NONE;
const HALF: IncidentEffect = IncidentEffect { staff_share: 0.5, ..NONE };

const fn trouble(name: &'static str, effect: IncidentEffect, lasts: Duration) -> Trouble {
    Trouble { name, conditions: PLAIN, effect, lasts, promise: &[] }
}

/// Half the agents leaving is the first.
pub(crate) const TROUBLES: [Trouble; 8] = [
    Trouble {
        promise: &[(2400, 15.0), (1200, 26.0), (600, 42.0), (250, 100.0), (80, 600.0)],
        ..trouble("half the agents leave", HALF, SHIFT)
    },
    Trouble {
        conditions: Conditions { patience: 6.0, ..PLAIN },
        ..trouble("half the agents leave, six times the patience", HALF, SHIFT)
    },
    Trouble {
        conditions: Conditions { patience: 0.5, ..PLAIN },
        ..trouble("half the agents leave, half the patience", HALF, SHIFT)
    },
    trouble("half the agents leave for an hour", HALF, HOUR),
    trouble("a quarter of the agents leave", IncidentEffect { staff_share: 0.75, ..NONE }, SHIFT),
    trouble("1.8 times the calls for two hours", IncidentEffect { demand_factor: 1.8, ..NONE }, HOUR.saturating_mul(2)),
    trouble(
        "calls take a third longer, growing over three hours",
        IncidentEffect { handling_factor: 1.35, handling_grows_for: HOUR.saturating_mul(3), ..NONE },
        SHIFT,
    ),
    trouble(
        "no call is given to an agent for 45 minutes",
        IncidentEffect { queue_moves: false, ..NONE },
        Duration::from_secs(45 * 60),
    ),
];

/// What happens to the skill of [`one_agent`] at 10:00.
pub(crate) const AGENT_LEAVES: IncidentEffect = IncidentEffect { staff_share: 0.0, ..NONE };

/// A skill for which one agent is enough, without anybody who steps in.
pub(crate) fn one_agent() -> (Skill, Conditions) {
    let (_, smallest) = skills().remove(0);
    let skill = Skill { calls_a_day: 20.0, ..smallest };
    (skill, Conditions { least_agents: 1, reinforcements: false, ..PLAIN })
}

/// The skills of the study by their calls a day, the smallest first.
pub(crate) fn skills() -> Vec<(u32, Skill)> {
    let mut skills: Vec<(u32, Skill)> = demo()
        .into_iter()
        .filter(|skill| skill.calls_a_day > 0.0)
        .map(|skill| (skill.calls_a_day as u32, skill))
        .collect();
    skills.sort_by_key(|(size, _)| *size);
    skills
}
