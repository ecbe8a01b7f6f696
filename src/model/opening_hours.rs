//! Weekly opening hours and holidays, in the operation's zone.

use jiff::civil::{Date, Time, Weekday};
use jiff::{ToSpan, Zoned};

/// When a skill takes calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningHours {
    /// The weekly shifts.
    pub shifts: Vec<Shift>,
    /// Days on which it stays closed, whatever the weekday.
    pub holidays: Vec<Date>,
}

/// One stretch of a weekday, `from` included, `to` excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The day of the week.
    pub weekday: Weekday,
    /// The first moment of it.
    pub from: Time,
    /// The end of it; `None` is the end of the day (24:00).
    pub to: Option<Time>,
}

/// How far ahead a change is looked for: a year of holidays is longer than anybody closes.
const HORIZON_DAYS: i32 = 366;

impl OpeningHours {
    /// Whether calls are taken at this local time.
    pub fn is_open(&self, at: &Zoned) -> bool {
        !self.holidays.contains(&at.date())
            && self.shifts.iter().any(|shift| {
                shift.weekday == at.weekday() && shift.from <= at.time() && shift.to.is_none_or(|to| at.time() < to)
            })
    }

    /// The next moment at which [`OpeningHours::is_open`] changes its answer; `None` when it never does.
    pub fn next_change(&self, after: &Zoned) -> Option<Zoned> {
        let now = self.is_open(after);
        (0..=HORIZON_DAYS).find_map(|days| {
            let date = after.date().checked_add(days.days()).ok()?;
            let mut bounds: Vec<Time> = self
                .shifts
                .iter()
                .filter(|shift| shift.weekday == date.weekday())
                .flat_map(|shift| [Some(shift.from), shift.to])
                .flatten()
                .chain([Time::midnight()])
                .collect();
            bounds.sort_unstable();
            bounds
                .into_iter()
                .filter_map(|time| date.to_datetime(time).to_zoned(after.time_zone().clone()).ok())
                .find(|moment| moment > after && self.is_open(moment) != now)
        })
    }
}
