//! Weekly opening hours and holidays, in the operation's zone.
//!
//! A skill is open when the local date and time of the contact centre are within a shift. When clocks go back, the hour
//! that is repeated counts twice. When clocks go forward, the local times in the gap do not exist.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{SignedDuration, ToSpan, Zoned};

/// How far ahead [`OpeningHours::next_change`] searches: a year, so that it finds the next day that is not a holiday.
const HORIZON: SignedDuration = SignedDuration::from_hours(366 * 24);

/// When a skill takes calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningHours {
    /// The weekly shifts. Without shifts it is never open.
    pub shifts: Vec<Shift>,
    /// Days on which it stays closed, on any weekday.
    pub holidays: Vec<Date>,
}

/// A period of one weekday, from `from` (included) to `to` (excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The day of the week.
    pub weekday: Weekday,
    /// The start.
    pub from: Time,
    /// The end; `None` is the end of the day (24:00).
    pub to: Option<Time>,
}

impl Shift {
    /// The whole of a weekday.
    pub fn all_day(weekday: Weekday) -> Self {
        Self { weekday, from: Time::midnight(), to: None }
    }

    /// Whether some time is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let ends_after = |shift: &Self, time: Time| shift.to.is_none_or(|to| to > time);
        self.weekday == other.weekday && ends_after(self, other.from) && ends_after(other, self.from)
    }

    fn contains(&self, time: Time) -> bool {
        self.from <= time && self.to.is_none_or(|to| time < to)
    }
}

impl OpeningHours {
    /// Always open except on `holidays`.
    pub fn around_the_clock(holidays: Vec<Date>) -> Self {
        let shifts = Weekday::Monday.cycle_forward().take(7).map(Shift::all_day).collect();
        Self { shifts, holidays }
    }

    /// Whether it is open at `now`, as local time of `now`'s zone.
    pub fn is_open(&self, now: &Zoned) -> bool {
        self.is_open_at(now.datetime())
    }

    /// The first time after `now` at which [`OpeningHours::is_open`] changes; `None` if it does not change within a
    /// year.
    pub fn next_change(&self, now: &Zoned) -> Option<Zoned> {
        let zone = now.time_zone();
        let open = self.is_open(now);
        let horizon = now.timestamp().checked_add(HORIZON).ok()?;
        let mut from = now.timestamp();
        // Between two clock changes the offset to UTC is constant, so local times are in order and none occurs twice.
        while from < horizon {
            let until = zone.following(from).next().map_or(horizon, |change| change.timestamp().min(horizon));
            let offset = zone.to_offset(from);
            let (first, end) = (offset.to_datetime(from), offset.to_datetime(until));
            let change =
                self.possible_changes(first).take_while(|at| *at < end).find(|at| self.is_open_at(*at) != open);
            if let Some(change) = change {
                return offset.to_timestamp(change).ok().map(|at| at.to_zoned(zone.clone()));
            }
            from = until;
        }
        None
    }

    fn is_open_at(&self, local: DateTime) -> bool {
        self.shifts_of(local.date()).any(|shift| shift.contains(local.time()))
    }

    fn shifts_of(&self, date: Date) -> impl Iterator<Item = &Shift> {
        let closed = self.holidays.contains(&date);
        self.shifts.iter().filter(move |shift| !closed && shift.weekday == date.weekday())
    }

    /// `first`, then every later local time at which the result may change, in order.
    fn possible_changes(&self, first: DateTime) -> impl Iterator<Item = DateTime> {
        let later = first.date().series(1.day()).flat_map(move |date| {
            let ends = self.shifts_of(date).flat_map(|shift| [Some(shift.from), shift.to]).flatten();
            let mut times: Vec<Time> = std::iter::once(Time::midnight()).chain(ends).collect();
            times.sort_unstable();
            times.into_iter().map(move |time| date.to_datetime(time))
        });
        std::iter::once(first).chain(later.filter(move |at| *at > first))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn weekdays(from: Time, to: Option<Time>) -> OpeningHours {
        let shifts = Weekday::Monday.cycle_forward().take(5).map(|weekday| Shift { weekday, from, to }).collect();
        OpeningHours { shifts, holidays: vec![date(2026, 12, 8)] }
    }

    fn at(text: &str) -> Zoned {
        text.parse().unwrap()
    }

    #[test]
    fn the_start_of_a_shift_is_open_and_its_end_is_closed() {
        let hours = weekdays(time(7, 0, 0, 0), Some(time(20, 0, 0, 0)));
        for (moment, open) in [
            ("2026-12-07T06:59:59[America/Bogota]", false),
            ("2026-12-07T07:00[America/Bogota]", true),
            ("2026-12-07T19:59:59[America/Bogota]", true),
            ("2026-12-07T20:00[America/Bogota]", false),
            ("2026-12-05T12:00[America/Bogota]", false),
        ] {
            assert_eq!(hours.is_open(&at(moment)), open, "{moment}");
        }
    }

    #[test]
    fn the_zone_of_the_time_decides_not_utc() {
        let hours = weekdays(time(7, 0, 0, 0), Some(time(20, 0, 0, 0)));
        assert!(hours.is_open(&at("2026-12-07T19:00[America/Bogota]")));
        assert!(!hours.is_open(&at("2026-12-07T19:00[America/Bogota]").in_tz("UTC").unwrap()));
    }

    #[test]
    fn a_holiday_is_closed_and_skipped_by_the_next_change() {
        let hours = weekdays(time(7, 0, 0, 0), Some(time(20, 0, 0, 0)));
        assert!(!hours.is_open(&at("2026-12-08T12:00[America/Bogota]")));
        let reopens = hours.next_change(&at("2026-12-07T20:00[America/Bogota]"));
        assert_eq!(reopens, Some(at("2026-12-09T07:00[America/Bogota]")));
    }

    #[test]
    fn shifts_that_meet_at_midnight_are_one_period() {
        let night = |weekday, from, to| Shift { weekday, from, to };
        let hours = OpeningHours {
            shifts: vec![
                night(Weekday::Friday, time(22, 0, 0, 0), None),
                night(Weekday::Saturday, Time::midnight(), Some(time(6, 0, 0, 0))),
            ],
            holidays: Vec::new(),
        };
        let closes = hours.next_change(&at("2026-11-06T22:00[America/Bogota]"));
        assert_eq!(closes, Some(at("2026-11-07T06:00[America/Bogota]")));
    }

    #[test]
    fn hours_that_never_change_have_no_next_change() {
        let now = at("2026-11-06T22:00[America/Santiago]");
        assert_eq!(OpeningHours::around_the_clock(Vec::new()).next_change(&now), None);
        assert_eq!(OpeningHours::default().next_change(&now), None);
    }

    #[test]
    fn around_the_clock_closes_for_the_whole_of_a_holiday() {
        let hours = OpeningHours::around_the_clock(vec![date(2026, 12, 25)]);
        let closes = hours.next_change(&at("2026-11-06T22:00[America/Bogota]")).unwrap();
        assert_eq!(closes, at("2026-12-25T00:00[America/Bogota]"));
        assert_eq!(hours.next_change(&closes), Some(at("2026-12-26T00:00[America/Bogota]")));
    }

    #[test]
    fn on_the_day_of_a_clock_change_opening_follows_local_time() {
        // Clocks in New York went forward on 8 March 2026 at 02:00.
        let sunday = Shift { weekday: Weekday::Sunday, from: time(9, 0, 0, 0), to: Some(time(17, 0, 0, 0)) };
        let hours = OpeningHours { shifts: vec![sunday], holidays: Vec::new() };
        let opens = hours.next_change(&at("2026-03-07T12:00[America/New_York]")).unwrap();
        assert_eq!(opens, at("2026-03-08T09:00-04:00[America/New_York]"));
    }

    #[test]
    fn a_shift_that_begins_in_a_gap_begins_when_the_gap_ends() {
        let sunday = Shift { weekday: Weekday::Sunday, from: time(2, 30, 0, 0), to: Some(time(5, 0, 0, 0)) };
        let hours = OpeningHours { shifts: vec![sunday], holidays: Vec::new() };
        let opens = hours.next_change(&at("2026-03-08T01:00[America/New_York]")).unwrap();
        assert_eq!(opens, at("2026-03-08T03:00-04:00[America/New_York]"));
    }

    #[test]
    fn an_hour_that_is_repeated_counts_twice() {
        // Clocks in Santiago went back on Saturday 4 April 2026 at 24:00, to 23:00.
        let late = Shift { weekday: Weekday::Saturday, from: time(20, 0, 0, 0), to: Some(time(23, 30, 0, 0)) };
        let hours = OpeningHours { shifts: vec![late], holidays: Vec::new() };
        let mut changes = Vec::new();
        let mut now = at("2026-04-04T21:00[America/Santiago]");
        for _ in 0..3 {
            now = hours.next_change(&now).unwrap();
            changes.push(now.clone());
        }
        let expected = ["23:30-03:00", "23:00-04:00", "23:30-04:00"];
        assert_eq!(changes, expected.map(|time| at(&format!("2026-04-04T{time}[America/Santiago]"))));
    }

    #[test]
    fn every_hour_of_a_year_agrees_with_the_next_change() {
        let hours = weekdays(time(7, 30, 0, 0), Some(time(23, 15, 0, 0)));
        for zone in ["America/Bogota", "America/Santiago", "Europe/Madrid"] {
            let start = date(2026, 1, 1).in_tz(zone).unwrap();
            let mut change = hours.next_change(&start).unwrap();
            let mut open = hours.is_open(&start);
            for quarter in 0..365 * 96 {
                let now = &start + jiff::SignedDuration::from_mins(15 * quarter);
                if now >= change {
                    open = !open;
                    change = hours.next_change(&now).unwrap();
                }
                assert_eq!(hours.is_open(&now), open, "{now}");
            }
        }
    }

    #[test]
    fn shifts_overlap_when_some_time_is_in_both() {
        let shift = |from, to| Shift { weekday: Weekday::Monday, from: time(from, 0, 0, 0), to };
        let morning = shift(7, Some(time(12, 0, 0, 0)));
        assert!(!morning.overlaps(&shift(12, None)));
        assert!(morning.overlaps(&shift(11, None)));
        assert!(shift(11, None).overlaps(&morning));
        assert!(!morning.overlaps(&Shift { weekday: Weekday::Tuesday, ..morning }));
    }
}
