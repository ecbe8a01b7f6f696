//! What can go wrong in the simulation. A scenario is data: [`Scenario::effects`] says what it does, nothing else asks
//! which scenario it is.

use std::time::Duration;

use clap::ValueEnum;

use crate::world::IncidentEffect;

/// The story that the simulation tells. All but the first and the last two start with an ordinary while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Ordinary days and faithful answers
    #[default]
    Healthy,
    /// Almost twice the calls that the agents were planned for; 2h
    Rush,
    /// Half of the agents are missing; 10h
    Understaffed,
    /// Calls take longer and longer, by a third in the end, and service decays over hours; 10h
    SlowDecay,
    /// No call comes in; 1h30m
    TrunkDown,
    /// Calls are queued and not given to the agents; 45m
    StuckQueue,
    /// The API fails in every way it knows; 10m
    ApiDown,
    /// The token is no longer valid; without end
    BadToken,
    /// A small daily quota that is soon used up
    Quota,
    /// Values, rows and documents that cannot be read, and totals that fall, among many good ones
    BadData,
}

/// What a scenario does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effects {
    /// What happens in the contact centre during the trouble.
    pub(crate) incident: IncidentEffect,
    /// What happens to the answers.
    pub(crate) api: ApiBehavior,
    /// How long the trouble lasts unless it is chosen; `None` is without end.
    pub(crate) lasts: Option<Duration>,
    /// Whether day totals are corrected downwards now and then.
    pub(crate) late_corrections: bool,
    /// Requests a day, if not what the licenses allow.
    pub(crate) daily_quota: Option<u64>,
}

/// What happens to answers on their way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiBehavior {
    /// They say what the world is.
    Normal,
    /// Some of their content is unreadable.
    Corrupted,
    /// None are given during the trouble, failures instead.
    Failing,
    /// The token is refused during the trouble.
    TokenRefused,
}

const HEALTHY: Effects = Effects {
    incident: IncidentEffect::NONE,
    api: ApiBehavior::Normal,
    lasts: None,
    late_corrections: false,
    daily_quota: None,
};

impl Scenario {
    /// What this scenario does to the contact centre, to totals, answers and limits.
    pub(crate) const fn effects(self) -> Effects {
        match self {
            Self::Healthy => HEALTHY,
            Self::Rush => with_incident(IncidentEffect { demand_factor: 1.8, ..IncidentEffect::NONE }, minutes(120)),
            // From the late morning, when the simulation starts, to closing time.
            Self::Understaffed => {
                with_incident(IncidentEffect { staff_share: 0.5, ..IncidentEffect::NONE }, minutes(600))
            }
            Self::SlowDecay => {
                let growth =
                    IncidentEffect { handling_factor: 1.35, handling_grows_for: minutes(180), ..IncidentEffect::NONE };
                with_incident(growth, minutes(600))
            }
            Self::TrunkDown => {
                with_incident(IncidentEffect { calls_arrive: false, ..IncidentEffect::NONE }, minutes(90))
            }
            Self::StuckQueue => {
                with_incident(IncidentEffect { queue_moves: false, ..IncidentEffect::NONE }, minutes(45))
            }
            Self::ApiDown => Effects { api: ApiBehavior::Failing, lasts: Some(minutes(10)), ..HEALTHY },
            Self::BadToken => Effects { api: ApiBehavior::TokenRefused, ..HEALTHY },
            Self::Quota => Effects { daily_quota: Some(60), ..HEALTHY },
            Self::BadData => Effects { api: ApiBehavior::Corrupted, late_corrections: true, ..HEALTHY },
        }
    }
}

const fn with_incident(incident: IncidentEffect, lasts: Duration) -> Effects {
    Effects { incident, lasts: Some(lasts), ..HEALTHY }
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_named_as_the_command_line_writes_them() {
        let names: Vec<String> = Scenario::value_variants()
            .iter()
            .filter_map(|one| Some(one.to_possible_value()?.get_name().into()))
            .collect();
        assert_eq!(
            names,
            [
                "healthy",
                "rush",
                "understaffed",
                "slow-decay",
                "trunk-down",
                "stuck-queue",
                "api-down",
                "bad-token",
                "quota",
                "bad-data"
            ]
        );
    }

    /// Whole minutes in the form of Prometheus, such as 1h30m.
    fn text(lasts: Duration) -> String {
        let (hours, minutes) = (lasts.as_secs() / 3600, lasts.as_secs() / 60 % 60);
        match (hours, minutes) {
            (0, _) => format!("{minutes}m"),
            (_, 0) => format!("{hours}h"),
            _ => format!("{hours}h{minutes}m"),
        }
    }

    #[test]
    fn the_help_says_how_long_the_trouble_lasts() {
        for scenario in Scenario::value_variants() {
            let effects = scenario.effects();
            let lasts = match effects.lasts {
                Some(lasts) => text(lasts),
                None if effects.api == ApiBehavior::TokenRefused => "without end".to_owned(),
                None => continue,
            };
            let help = scenario.to_possible_value().and_then(|value| value.get_help().map(ToString::to_string));
            assert!(help.as_ref().is_some_and(|help| help.ends_with(&format!("; {lasts}"))), "{help:?} {lasts}");
        }
    }
}
