//! Skills (groups of agents with one queue) as the real-time report shows them.

use std::sync::Arc;

/// What one good poll of the real-time report said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SkillsReport {
    /// One entry a skill, ordered by id.
    pub skills: Vec<Skill>,
    /// What wolkvox divides by for the service level, as far as the data tell.
    pub denominator: Denominator,
    /// How sure that is.
    pub evidence: Evidence,
}

/// One skill. Counts are of the running day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Skill {
    /// wolkvox's identification of the skill.
    pub id: Arc<str>,
    /// Its name as wolkvox writes it, accents, double spaces and all.
    pub name: Option<Arc<str>>,
    /// Calls that wait now.
    pub calls_in_queue: Option<u64>,
    /// Calls received today.
    pub inbound: Option<u64>,
    /// Calls answered today.
    pub answered: Option<u64>,
    /// Calls whose caller gave up today.
    pub abandoned: Option<u64>,
    /// Share of calls answered within each threshold, ascending by threshold.
    pub service_levels: Vec<ServiceLevel>,
    /// Share of inbound calls abandoned, 0–1.
    pub abandon_ratio: Option<f64>,
    /// Calls counted since the series was first seen.
    pub counters: SkillCounters,
}

/// A share of calls answered within a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceLevel {
    /// The time, in seconds.
    pub threshold_seconds: u32,
    /// The share, 0–1 (wolkvox may send more than 1).
    pub ratio: f64,
}

/// Calls counted from the increments of the day totals; `None` until a first reading set the baseline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SkillCounters {
    /// Calls received.
    pub inbound: Option<u64>,
    /// Calls answered.
    pub answered: Option<u64>,
    /// Calls abandoned.
    pub abandoned: Option<u64>,
    /// Calls answered within (threshold in seconds, calls), ascending by threshold.
    pub answered_within: Vec<(u32, u64)>,
    /// Falls of a day total that were no daily reset: late corrections by wolkvox.
    pub corrections: u64,
}

/// What the service level is a share of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denominator {
    /// Of the calls received: what the vendor's glossary says.
    #[default]
    Inbound,
    /// Of the calls answered.
    Answered,
}

/// How the [`Denominator`] is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Nothing contradicts the vendor's glossary, nothing proves it yet.
    #[default]
    Assumed,
    /// The percentages fit this denominator only.
    Inferred,
    /// The percentages fit neither, or sometimes one and sometimes the other.
    Contradictory,
}

impl Denominator {
    /// Its name in the field's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Answered => "answered",
        }
    }
}

impl Evidence {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assumed => "assumed",
            Self::Inferred => "inferred",
            Self::Contradictory => "contradictory",
        }
    }
}
