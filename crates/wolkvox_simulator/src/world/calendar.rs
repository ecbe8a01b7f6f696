//! When people call: the profile of the half-hours, weekdays and pay days, and the position of a date of demand in
//! time.
//!
//! A *date of demand* is a day from the view of the callers: it begins and ends while the contact centre is closed. It
//! is the local date, unless the profile is shifted so that the demo is busy at any hour. The local calendar (day
//! totals, windows) is never shifted.

use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// Half-hours in a date of demand.
pub(super) const SLOTS: usize = 48;
/// Length of a half-hour, in seconds.
pub(super) const SLOT_SECONDS: f64 = 1800.0;

/// The first half-hour of [`PROFILE`]: 07:00.
const OPENS: usize = 14;
/// Calls by half-hour from 07:00 to 20:00. Only their proportions matter.
const PROFILE: [f64; 26] = [
    0.9, 1.6, 2.6, 3.6, 4.7, 5.4, 5.7, 5.6, 5.2, 4.7, 4.0, 3.5, 3.4, 3.8, 4.5, 5.1, 5.3, 5.1, 4.6, 4.0, 3.2, 2.6, 2.0,
    1.6, 1.2, 0.9,
];
/// The half-hours in which a Saturday is open: 08:00 to 14:00.
const SATURDAY: std::ops::Range<usize> = 16..28;
/// What the start of a simulation looks like with [`Calendar::busy_at`].
const BUSY_TIME: Time = time(10, 30, 0, 0);
const BUSY_WEEKDAY: Weekday = Weekday::Tuesday;

/// Converts between times and dates of demand.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    shift: Option<SignedDuration>,
}

impl Calendar {
    /// People call according to the local time: 07:00 to 20:00, less on Saturdays, not at all on Sundays.
    pub fn real_hours(zone: TimeZone) -> Self {
        Self { zone, shift: None }
    }

    /// The same days, shifted so that `start` looks like 10:30 on a Tuesday. The shift has a fixed length, so the
    /// demand does not follow daylight saving time.
    pub fn busy_at(zone: TimeZone, start: Timestamp) -> Self {
        let here = start.to_zoned(zone.clone()).date();
        let days = i64::from(BUSY_WEEKDAY.to_monday_zero_offset() - here.weekday().to_monday_zero_offset());
        let tuesday = here.checked_add(Span::new().days(days)).unwrap_or(here);
        let looks_like = TimeZone::UTC.to_timestamp(tuesday.to_datetime(BUSY_TIME)).unwrap_or(start);
        Self { zone, shift: Some(looks_like.duration_since(start)) }
    }

    /// The date of demand that `at` belongs to.
    pub(super) fn date_of(&self, at: Timestamp) -> Date {
        match self.shift {
            None => self.zone.to_datetime(at).date(),
            Some(shift) => TimeZone::UTC.to_datetime(at.checked_add(shift).unwrap_or(at)).date(),
        }
    }

    /// The moment from which the half-hours of `date` are counted. With real hours it is seven hours before opening
    /// time, so that opening time stays right on a day on which the clocks change. On such a day it is not midnight.
    pub(super) fn origin(&self, date: Date) -> Timestamp {
        let opening = date.to_datetime(time(7, 0, 0, 0));
        let zone = if self.shift.is_some() { &TimeZone::UTC } else { &self.zone };
        let moment = zone.to_timestamp(opening).unwrap_or(Timestamp::UNIX_EPOCH);
        let back = SignedDuration::from_hours(7) + self.shift.unwrap_or(SignedDuration::ZERO);
        moment.checked_sub(back).unwrap_or(moment)
    }
}

/// What the forecast knows about a date. Dates of the same kind have the same plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DateKind {
    weekday: Weekday,
    is_pay_day: bool,
}

impl DateKind {
    pub(super) fn of(date: Date) -> Self {
        Self { weekday: date.weekday(), is_pay_day: is_pay_day(date) }
    }

    /// Expected calls of each half-hour, as shares of the calls of an ordinary day.
    pub(super) fn shares(self) -> [f64; SLOTS] {
        let total: f64 = PROFILE.iter().sum();
        let factor = weekday_factor(self.weekday) * if self.is_pay_day { 1.12 } else { 1.0 };
        let open = if self.weekday == Weekday::Saturday { SATURDAY } else { OPENS..OPENS + PROFILE.len() };
        let mut shares = [0.0; SLOTS];
        for slot in open {
            shares[slot] = factor * PROFILE[slot - OPENS] / total;
        }
        shares
    }
}

fn weekday_factor(weekday: Weekday) -> f64 {
    match weekday {
        Weekday::Monday => 1.12,
        Weekday::Tuesday => 1.03,
        Weekday::Wednesday => 0.98,
        Weekday::Thursday => 0.96,
        Weekday::Friday => 1.0,
        Weekday::Saturday => 0.8,
        Weekday::Sunday => 0.0,
    }
}

/// Wages are paid on the 15th and at the end of the month.
fn is_pay_day(date: Date) -> bool {
    date.day() == 15 || date.day() == date.days_in_month().min(30)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn slot_of(calendar: &Calendar, at: Timestamp) -> f64 {
        let origin = calendar.origin(calendar.date_of(at));
        at.duration_since(origin).as_secs_f64() / SLOT_SECONDS
    }

    #[test]
    fn the_busy_time_is_half_past_ten_on_a_tuesday() {
        let zone = TimeZone::get("America/Bogota").unwrap();
        for start in ["2026-11-22T03:00:00-05", "2026-11-25T23:59:59-05", "2026-11-23T00:00:00-05"] {
            let start: Timestamp = start.parse().unwrap();
            let calendar = Calendar::busy_at(zone.clone(), start);
            assert_eq!(calendar.date_of(start).weekday(), Weekday::Tuesday);
            assert!((slot_of(&calendar, start) - 21.0).abs() < 1e-9);
        }
    }

    #[test]
    fn opening_time_is_right_on_days_when_the_clocks_change() {
        let zone = TimeZone::get("America/Santiago").unwrap();
        let calendar = Calendar::real_hours(zone.clone());
        for day in [date(2026, 4, 4), date(2026, 4, 5), date(2026, 9, 6), date(2026, 9, 7)] {
            let seven = zone.to_timestamp(day.at(7, 0, 0, 0)).unwrap();
            assert_eq!(calendar.date_of(seven), day);
            assert!((slot_of(&calendar, seven) - 14.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_sunday_is_closed_and_a_saturday_short() {
        let shares = |date| DateKind::of(date).shares();
        assert!(shares(date(2026, 11, 22)).iter().all(|share| *share == 0.0));
        let saturday: f64 = shares(date(2026, 11, 21)).iter().sum();
        assert!((0.3..0.6).contains(&saturday), "{saturday}");
    }
}
