//! Weekly opening hours and holidays, in the operation's zone.

use jiff::civil::{Date, Time, Weekday};

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
