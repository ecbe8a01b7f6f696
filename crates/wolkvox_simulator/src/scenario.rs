//! What can go wrong in the simulation. A scenario is data: [`Scenario::effects`] lists its effects, and no other code
//! depends on which scenario it is.

use std::time::Duration;

use clap::ValueEnum;

use crate::world::IncidentEffect;

/// What happens in the simulation. All scenarios except the first and the last two begin with a normal period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Normal days and correct responses
    #[default]
    Healthy,
    /// Almost twice as many calls as the agents were planned for; 2h
    Rush,
    /// Half of the agents are missing; 10h
    Understaffed,
    /// Calls take longer and longer, in the end by a third, and the service level falls over hours; 10h
    SlowDecay,
    /// No calls arrive; 1h30m
    TrunkDown,
    /// Calls wait in the queue and are not given to the agents; 45m
    StuckQueue,
    /// The API fails, in six different ways one after the other; 10m
    ApiDown,
    /// The token is no longer valid; without end
    BadToken,
    /// A small daily quota that is soon used up
    Quota,
    /// Some unreadable values, rows and documents among many good ones, and totals that fall
    BadData,
}

/// The effects of a scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effects {
    /// The effect on the contact centre during the incident.
    pub(crate) incident: IncidentEffect,
    /// The effect on the API.
    pub(crate) api: ApiBehavior,
    /// How long the incident lasts unless the settings say it; `None` means without end.
    pub(crate) lasts: Option<Duration>,
    /// Whether day totals are sometimes corrected downwards.
    pub(crate) late_corrections: bool,
    /// Requests a day, instead of the number that the licenses allow.
    pub(crate) daily_quota: Option<u64>,
}

/// How the API responds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiBehavior {
    /// Correct responses.
    Normal,
    /// Responses with some unreadable content.
    Corrupted,
    /// Failures during the incident.
    Failing,
    /// The token is refused during the incident.
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
    /// The effects of this scenario.
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
    fn scenarios_have_their_command_line_names() {
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

    /// A duration of whole minutes as Prometheus writes it, such as 1h30m.
    fn text(lasts: Duration) -> String {
        let (hours, minutes) = (lasts.as_secs() / 3600, lasts.as_secs() / 60 % 60);
        match (hours, minutes) {
            (0, _) => format!("{minutes}m"),
            (_, 0) => format!("{hours}h"),
            _ => format!("{hours}h{minutes}m"),
        }
    }

    #[test]
    fn the_help_ends_with_the_length_of_the_incident() {
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
