//! What callers chose in the IVR, over one or more windows of time.

use std::sync::Arc;

/// What one good poll of the IVR report said, capped.
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
    /// What the caller chose, `PULSE` for nothing, or `other`.
    pub option: Box<str>,
    /// Calls that passed.
    pub calls: Option<u64>,
    /// Time spent there by all of them, in seconds.
    pub time: Option<f64>,
}
