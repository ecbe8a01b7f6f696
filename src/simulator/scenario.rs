//! What can go wrong in the simulation. A scenario is data: [`Scenario::effects`] says what it does, nothing else asks
//! which scenario it is.

use clap::ValueEnum;

/// The story that the simulation tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Ordinary days and faithful answers.
    #[default]
    Healthy,
    /// Values, rows and documents that cannot be read, and totals that fall, among many good ones.
    BadData,
    /// After a while the API fails in every way it knows, and later recovers.
    ApiDown,
    /// After a while the token is no longer valid.
    BadToken,
    /// A small daily quota that is soon used up.
    Quota,
}

/// What a scenario does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Effects {
    /// What happens to the answers.
    pub(super) answers: Answers,
    /// Whether day totals are corrected downwards now and then.
    pub(super) late_corrections: bool,
    /// Requests a day, if not what the licences allow.
    pub(super) daily_quota: Option<u64>,
}

/// What happens to answers on their way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    /// They say what the world is.
    Faithful,
    /// Some of their content is unreadable.
    Spoilt,
    /// None are given during the trouble, failures instead.
    Withheld,
    /// The token is refused from the trouble on.
    Refused,
}

const FAITHFUL: Effects = Effects { answers: Answers::Faithful, late_corrections: false, daily_quota: None };

impl Scenario {
    /// What this scenario does to totals, answers and limits.
    pub(super) const fn effects(self) -> Effects {
        match self {
            Self::Healthy => FAITHFUL,
            Self::BadData => Effects { answers: Answers::Spoilt, late_corrections: true, ..FAITHFUL },
            Self::ApiDown => Effects { answers: Answers::Withheld, ..FAITHFUL },
            Self::BadToken => Effects { answers: Answers::Refused, ..FAITHFUL },
            Self::Quota => Effects { daily_quota: Some(60), ..FAITHFUL },
        }
    }
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
        assert_eq!(names, ["healthy", "bad-data", "api-down", "bad-token", "quota"]);
    }
}
