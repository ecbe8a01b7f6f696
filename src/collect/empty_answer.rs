//! An empty answer in the middle of a day.
//!
//! wolkvox was seen to answer "no records" for a report that had rows a minute before. The totals of a running day do
//! not become empty, so the values of the last poll with rows are kept, but not longer than without any answer.

use std::time::Instant;

use jiff::civil::{Date, Time};

use super::reset_time::REPORT_LAG;
use crate::config::Window;
use crate::model::{ExpiringReport, Report};

/// Whether the values of an earlier response, which had so many `rows`, stay after a response without rows.
pub(super) fn keeps(earlier: &ExpiringReport, rows: Option<u64>, today: Date, now: Instant) -> bool {
    // Just after midnight a report may still have the rows of the old day.
    let since_midnight = earlier.started.duration_since(today.to_datetime(Time::midnight()));
    let is_of_today = earlier.started.date() == today && since_midnight > REPORT_LAG;
    rows > Some(0) && is_of_today && now < earlier.expires && has_running_day(&earlier.report)
}

/// Whether the report has values of the running day. A rolling window may become empty at any time.
fn has_running_day(report: &Report) -> bool {
    let today = Window::today().label;
    match report {
        Report::Skills(_) | Report::AgentsKpi(_) | Report::Transfers(_) => true,
        Report::Dnis(report) => report.rows.iter().any(|row| row.window == today),
        Report::Ivr(report) => report.options.iter().any(|option| option.window == today),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use jiff::civil::date;

    use super::*;
    use crate::clock::Clock;
    use crate::model::{DnisFigures, DnisReport, SkillsReport};

    #[test]
    fn values_stay_on_the_same_day_until_they_are_too_old() {
        let now = Clock::system().instant();
        let today = date(2026, 11, 20);
        let earlier = ExpiringReport {
            collector: crate::model::Collector::Skills,
            request: 0,
            expires: now + Duration::from_secs(60),
            started: today.at(10, 0, 0, 0),
            report: Arc::new(Report::Skills(SkillsReport::default())),
        };
        assert!(keeps(&earlier, Some(3), today, now));
        assert!(!keeps(&earlier, Some(0), today, now), "there was nothing to keep");
        assert!(!keeps(&earlier, Some(3), date(2026, 11, 21), now), "another day");
        let after_midnight = ExpiringReport { started: today.at(0, 20, 0, 0), ..earlier.clone() };
        assert!(!keeps(&after_midnight, Some(3), today, now), "perhaps rows of the old day");
        assert!(!keeps(&earlier, Some(3), today, now + Duration::from_secs(60)), "too old");
    }

    #[test]
    fn a_rolling_window_may_become_empty() {
        let of = |windows: &[&str]| {
            let row = |window: &&str| DnisFigures { window: Arc::from(*window), ..DnisFigures::default() };
            Report::Dnis(DnisReport { rows: windows.iter().map(row).collect(), merged: Vec::new() })
        };
        assert!(has_running_day(&of(&["30m", "today"])));
        assert!(!has_running_day(&of(&["30m"])));
    }
}
