//! The options that callers chose in the IVR menus, over one or more windows of time.

use std::sync::Arc;

/// The figures from one successful poll of the IVR report, with a limited number of options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IvrReport {
    /// One entry per window, routing point and option.
    pub options: Vec<IvrOption>,
    /// Per window, how many options are merged into `other`.
    pub merged: Vec<(Arc<str>, u64)>,
}

/// One option of one routing point over one window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IvrOption {
    /// `today`, or a rolling window such as `30m`.
    pub window: Arc<str>,
    /// The routing point, or `other`.
    pub rp_id: Box<str>,
    /// The option that the caller chose, `PULSE` if the caller chose nothing, or `other`.
    pub option: Box<str>,
    /// Calls that took this option.
    pub calls: Option<u64>,
    /// The time that all of them spent there, in seconds.
    pub time: Option<f64>,
}
