//! Calls and service level by DNIS, over one or more windows of time.

use std::sync::Arc;

use super::ServiceLevel;

/// The figures from one successful poll of the DNIS report: numbers are masked, and limited in count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DnisReport {
    /// One entry per skill selection, window and number, grouped by selection and window.
    pub rows: Vec<DnisFigures>,
    /// Per skill selection and window, how many numbers are merged into `other`.
    pub merged: Vec<DnisMerged>,
}

/// The figures of one number over one window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DnisFigures {
    /// The skill of the query, or `all`.
    pub skill_id: Arc<str>,
    /// `today`, or a rolling window such as `30m`.
    pub window: Arc<str>,
    /// The number, masked if so configured, or `other`.
    pub dnis: Box<str>,
    /// Calls received.
    pub inbound: Option<u64>,
    /// Calls answered.
    pub answered: Option<u64>,
    /// Calls abandoned.
    pub abandoned: Option<u64>,
    /// Share of calls answered within each threshold, ascending by threshold.
    pub service_levels: Vec<ServiceLevel>,
    /// Share of inbound calls abandoned, 0–1.
    pub abandon_ratio: Option<f64>,
    /// Average speed of answer: mean waiting time of answered calls, in seconds.
    pub average_speed_of_answer: Option<f64>,
    /// Average time to abandon: mean waiting time of abandoned calls, in seconds.
    pub average_time_to_abandon: Option<f64>,
}

/// How many numbers of one window were merged into `other`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnisMerged {
    /// The skill of the query, or `all`.
    pub skill_id: Arc<str>,
    /// `today`, or a rolling window such as `30m`.
    pub window: Arc<str>,
    /// Numbers merged; 0 if every number has its own series.
    pub numbers: u64,
}
