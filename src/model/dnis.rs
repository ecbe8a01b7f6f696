//! Calls and service level by DNIS, over one or more windows of time.

use std::sync::Arc;

use super::ServiceLevel;

/// What one good poll of the DNIS report said, capped and masked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DnisReport {
    /// One entry per skill selection, window and number; grouped by selection and window.
    pub rows: Vec<DnisFigures>,
    /// Per skill selection and window, how many numbers are merged into `other`.
    pub merged: Vec<DnisMerged>,
}

/// The figures of one number over one window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DnisFigures {
    /// The skill asked for, or `all`.
    pub skill_id: Arc<str>,
    /// `today`, or a rolling window such as `30m`.
    pub window: Arc<str>,
    /// The number, masked if so configured, or `other`.
    pub dnis: Box<str>,
    /// Calls received.
    pub inbound: Option<u64>,
    /// Calls answered.
    pub answered: Option<u64>,
    /// Calls whose caller gave up.
    pub abandoned: Option<u64>,
    /// Share of calls answered within each threshold, ascending by threshold.
    pub service_levels: Vec<ServiceLevel>,
    /// Share of inbound calls abandoned, 0–1.
    pub abandon_ratio: Option<f64>,
    /// Average speed of answer: mean wait of the answered, in seconds.
    pub average_speed_of_answer: Option<f64>,
    /// Average time to abandon: mean wait of those who gave up, in seconds.
    pub average_time_to_abandon: Option<f64>,
}

/// How many numbers of one window were merged into `other`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnisMerged {
    /// The skill asked for, or `all`.
    pub skill_id: Arc<str>,
    /// `today`, or a rolling window such as `30m`.
    pub window: Arc<str>,
    /// Numbers merged; 0 when all have a series of their own.
    pub numbers: u64,
}
