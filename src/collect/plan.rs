//! The calls per day that a configuration needs, compared with the quota of its licenses.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::quota::daily_quota;
use super::{ActiveCollector, active};
use crate::config::{Operation, duration};
use crate::model::Collector;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The polls of one operation per day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The operation.
    pub operation: Arc<str>,
    /// One line for each enabled collector.
    pub lines: Vec<PlanLine>,
    /// Calls per day that the licenses include; `None` if they are not configured.
    pub quota: Option<u64>,
}

/// The polls of one collector per day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// The collector.
    pub collector: Collector,
    /// The time between two polls.
    pub interval: Duration,
    /// Calls per poll.
    pub calls_per_poll: u64,
    /// Calls in a day of 24 hours.
    pub calls_per_day: u64,
    /// The thresholds of the service level, in seconds, for which calls are made. One call has one of them.
    pub services_times: Vec<u32>,
}

/// A plan that needs more calls than the quota.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct OverQuota(Plan);

impl Plan {
    /// The plan of an operation.
    pub fn of(operation: &Operation) -> Self {
        let lines = active(operation).map(|collector| line(&collector)).collect();
        Self { operation: Arc::clone(&operation.name), lines, quota: daily_quota(operation.licenses) }
    }

    /// Calls per day of all collectors.
    pub fn calls_per_day(&self) -> u64 {
        self.lines.iter().map(|line| line.calls_per_day).sum()
    }

    /// Fails if the plan needs more calls than the quota.
    pub fn check(self) -> Result<Self, OverQuota> {
        match self.quota {
            Some(quota) if self.calls_per_day() > quota => Err(OverQuota(self)),
            _ => Ok(self),
        }
    }
}

fn line(active: &ActiveCollector) -> PlanLine {
    let (interval, calls_per_poll) = (active.cadence.interval, active.collector.calls_per_poll());
    let polls = DAY.as_millis().div_ceil(interval.as_millis().max(1));
    let polls = u64::try_from(polls).unwrap_or(u64::MAX);
    PlanLine {
        collector: active.name,
        interval,
        calls_per_poll,
        calls_per_day: polls.saturating_mul(calls_per_poll),
        services_times: active.collector.services_times(),
    }
}

impl fmt::Display for OverQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { operation, lines, quota } = &self.0;
        let (planned, quota) = (self.0.calls_per_day(), quota.unwrap_or_default());
        write!(f, "operation {operation:?}: the plan costs {planned} calls a day, the quota is {quota} (")?;
        for (index, line) in lines.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let PlanLine { collector, calls_per_poll, calls_per_day, .. } = line;
            let interval = duration::text(line.interval);
            write!(f, "{comma}{collector}: {calls_per_poll} a poll every {interval} = {calls_per_day}")?;
        }
        write!(f, "); poll less often, ask for fewer skill_ids or windows, or correct licenses")
    }
}
