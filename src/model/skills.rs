//! Skills (groups of agents with one queue) as the real-time report lists them.

use std::sync::Arc;

use jiff::civil::Time;

/// The figures from one successful poll of the real-time report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SkillsReport {
    /// One entry a skill, ordered by id.
    pub skills: Vec<Skill>,
    /// The thresholds that the targets of the requested skills need; empty if there are no skills.
    pub target_thresholds: Vec<TargetThreshold>,
    /// The number of calls by which wolkvox divides for the service level, as inferred from the data.
    pub denominator: Denominator,
    /// How certain the denominator is.
    pub evidence: Evidence,
    /// The local time of the day at which the first poll after wolkvox's daily reset came, at the latest; `None` until
    /// it was observed on several days.
    pub daily_reset: Option<Time>,
}

/// A threshold of the service level that a target needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetThreshold {
    /// The skill of the query, or `all`.
    pub skill_id: Arc<str>,
    /// The time, in seconds.
    pub threshold_seconds: u32,
    /// Whether wolkvox's response has the service level within this time. If not, the target cannot be measured.
    pub is_sent: bool,
}

/// One skill. Counts are of the running day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Skill {
    /// wolkvox's identifier of the skill.
    pub id: Arc<str>,
    /// Its name exactly as wolkvox writes it, with accents and double spaces.
    pub name: Option<Arc<str>>,
    /// Calls waiting in queue now.
    pub calls_in_queue: Option<u64>,
    /// Calls received today.
    pub inbound: Option<u64>,
    /// Calls answered today.
    pub answered: Option<u64>,
    /// Calls abandoned today.
    pub abandoned: Option<u64>,
    /// Share of calls answered within each threshold, ascending by threshold.
    pub service_levels: Vec<ServiceLevel>,
    /// Share of inbound calls abandoned, 0–1.
    pub abandon_ratio: Option<f64>,
    /// Calls counted since the skill was first seen.
    pub counters: SkillCounters,
}

/// The share of calls that were answered within a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceLevel {
    /// The time, in seconds.
    pub threshold_seconds: u32,
    /// The share, 0–1 (wolkvox may send more than 1).
    pub ratio: f64,
}

/// Calls counted from the increases of the day totals; `None` until a first value has set the baseline.
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
    /// Decreases of a day total that were not the daily reset: late corrections by wolkvox.
    pub corrections: u64,
}

/// The denominator of the service level: a number of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denominator {
    /// The calls received, as the vendor's glossary says.
    #[default]
    Inbound,
    /// The calls answered.
    Answered,
}

/// How certain the [`Denominator`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Taken from the vendor's glossary; the data neither confirm nor contradict it yet.
    #[default]
    Assumed,
    /// Only this denominator fits the percentages.
    Inferred,
    /// Neither denominator fits the percentages, or sometimes one and sometimes the other.
    Contradictory,
}

impl Denominator {
    /// The value of the label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Answered => "answered",
        }
    }
}

impl Evidence {
    /// The value of the label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assumed => "assumed",
            Self::Inferred => "inferred",
            Self::Contradictory => "contradictory",
        }
    }
}
