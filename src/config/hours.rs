//! Opening hours such as `mon-fri 07:00-20:00`.
//!
//! A shift belongs to the day on which it begins and ends on that day, at 24:00 at the latest. A night shift is two
//! entries, because an entry that ends before it begins is more often a typing error than a night shift, and because
//! with two entries it is clear which of them a holiday closes.

use jiff::civil::{Time, Weekday};

use super::errors::InvalidValue;
use super::suggest::alternatives;
use crate::model::Shift;

/// The days in the order of a week.
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// How the days begin in Spanish, only for suggestions.
const SPANISH_PREFIXES: [&str; 7] = ["lun", "mar", "mi", "jue", "vie", "sáb", "dom"];

const EXPECTED: &str = "days and times, such as \"mon-fri 07:00-20:00\" or \"sat,sun 08:00-14:00\"";

/// Parses one entry into its shifts, one for each weekday.
pub(super) fn parse(text: &str) -> Result<Vec<Shift>, InvalidValue> {
    let invalid = |expected: &str| InvalidValue::new("opening hours", text, expected);
    let (days, times) = text.trim().split_once(' ').ok_or_else(|| invalid(EXPECTED))?;
    let (from, to) = times.trim().split_once('-').ok_or_else(|| invalid(EXPECTED))?;
    let weekdays = weekdays(days)?;
    let (start, end) = (time(from)?, time(to)?);
    let start = start.ok_or_else(|| invalid("a start before 24:00; use 00:00 of the next day"))?;
    if end.is_some_and(|end| end <= start) {
        let midnight = Time::midnight();
        return Err(invalid(&if start == end.unwrap_or(midnight) {
            "an end after the start; the whole day is 00:00-24:00".to_owned()
        } else if end == Some(midnight) {
            format!("an end after the start; the end of the day is 24:00, \"{days} {from}-24:00\"")
        } else {
            let next_days: Vec<_> = weekdays.iter().map(|day| name(day.next())).collect();
            format!(
                "an end after the start; write a night shift as two entries, \"{days} {from}-24:00\" and \"{} 00:00-{to}\"",
                next_days.join(",")
            )
        }));
    }
    Ok(weekdays.into_iter().map(|weekday| Shift { weekday, from: start, to: end }).collect())
}

/// The texts of shifts. Shifts of the same time on several days are one text.
pub(super) fn texts(shifts: &[Shift]) -> Vec<String> {
    let mut groups: Vec<(Shift, Vec<&str>)> = Vec::new();
    for shift in shifts {
        match groups.iter_mut().find(|(first, _)| (first.from, first.to) == (shift.from, shift.to)) {
            Some((_, days)) => days.push(name(shift.weekday)),
            None => groups.push((*shift, vec![name(shift.weekday)])),
        }
    }
    let text = |(Shift { from, to, .. }, days): (Shift, Vec<&str>)| {
        let end = to.map_or_else(|| "24:00".to_owned(), |to| to.strftime("%H:%M").to_string());
        format!("{} {}-{end}", days.join(","), from.strftime("%H:%M"))
    };
    groups.into_iter().map(text).collect()
}

fn weekdays(text: &str) -> Result<Vec<Weekday>, InvalidValue> {
    let mut all = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (weekday(first)?, weekday(last)?);
        // A range may include Sunday and Monday: fri-mon is Friday, Saturday, Sunday and Monday.
        let length = usize::from(first.until(last).unsigned_abs()) + 1;
        for day in first.cycle_forward().take(length) {
            if all.contains(&day) {
                let expected = format_args!("each day once, but {} is there twice", name(day));
                return Err(InvalidValue::new("weekdays", text, expected));
            }
            all.push(day);
        }
    }
    Ok(all)
}

fn weekday(text: &str) -> Result<Weekday, InvalidValue> {
    let lower = text.to_lowercase();
    let names = DAYS.map(|(name, _)| name);
    if let Some((_, day)) = DAYS.iter().find(|(name, _)| *name == lower) {
        return Ok(*day);
    }
    let begins_with = |start: &str| lower.starts_with(start) || lower.starts_with(&start.replace('á', "a"));
    let day = names.iter().position(|name| begins_with(name));
    let day = day.or_else(|| SPANISH_PREFIXES.iter().position(|start| begins_with(start)));
    Err(match day {
        Some(day) => InvalidValue::without_value(format!("invalid weekday {text:?}: did you mean {}?", names[day])),
        None => InvalidValue::new("weekday", text, alternatives(&names)),
    })
}

fn name(day: Weekday) -> &'static str {
    DAYS[usize::from(day.to_monday_zero_offset().unsigned_abs())].0
}

/// `HH:MM`; `None` is 24:00.
fn time(text: &str) -> Result<Option<Time>, InvalidValue> {
    let invalid = || InvalidValue::new("time", text, "a time from 00:00 to 24:00");
    let (hour, minute) = text.split_once(':').ok_or_else(invalid)?;
    let number = |digits: &str| {
        let has_form = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        has_form.then(|| digits.parse::<i8>().ok()).flatten().ok_or_else(invalid)
    };
    match (number(hour)?, number(minute)?) {
        (24, 0) => Ok(None),
        (hour, minute) => Time::new(hour, minute, 0, 0).map(Some).map_err(|_| invalid()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time as at;

    use super::*;

    fn days(text: &str) -> Vec<&'static str> {
        parse(text).unwrap().into_iter().map(|shift| name(shift.weekday)).collect()
    }

    #[test]
    fn days_can_be_names_ranges_and_lists() {
        assert_eq!(days("mon-fri 07:00-20:00"), ["mon", "tue", "wed", "thu", "fri"]);
        assert_eq!(days("sun 07:00-20:00"), ["sun"]);
        assert_eq!(days("Mon,wed-thu 07:00-20:00"), ["mon", "wed", "thu"]);
        assert_eq!(days("sat-mon 07:00-20:00"), ["sat", "sun", "mon"]);
        assert_eq!(days("mon-sun 07:00-20:00").len(), 7);
    }

    #[test]
    fn a_shift_can_end_at_24_00() {
        let shifts = parse("sat 08:30-24:00").unwrap();
        assert_eq!(shifts, [Shift { weekday: Weekday::Saturday, from: at(8, 30, 0, 0), to: None }]);
    }

    #[test]
    fn every_error_describes_the_expected_form() {
        for (text, message) in [
            ("mon-fri", &*format!("invalid opening hours \"mon-fri\": expected {EXPECTED}")),
            ("mon-fri 07:00", &format!("invalid opening hours \"mon-fri 07:00\": expected {EXPECTED}")),
            ("lun-vie 07:00-20:00", "invalid weekday \"lun\": did you mean mon?"),
            ("monday 07:00-20:00", "invalid weekday \"monday\": did you mean mon?"),
            ("sabado 07:00-20:00", "invalid weekday \"sabado\": did you mean sat?"),
            ("xyz 07:00-20:00", "invalid weekday \"xyz\": expected mon, tue, wed, thu, fri, sat or sun"),
            (
                "mon-wed,tue 07:00-20:00",
                "invalid weekdays \"mon-wed,tue\": expected each day once, but tue is there twice",
            ),
            ("mon 7:00-20:00", "invalid time \"7:00\": expected a time from 00:00 to 24:00"),
            ("mon 07:00-24:01", "invalid time \"24:01\": expected a time from 00:00 to 24:00"),
            (
                "mon 24:00-24:00",
                "invalid opening hours \"mon 24:00-24:00\": expected a start before 24:00; use 00:00 of the next day",
            ),
            (
                "mon 09:00-09:00",
                "invalid opening hours \"mon 09:00-09:00\": expected an end after the start; \
                 the whole day is 00:00-24:00",
            ),
            (
                "mon 09:00-00:00",
                "invalid opening hours \"mon 09:00-00:00\": expected an end after the start; \
                 the end of the day is 24:00, \"mon 09:00-24:00\"",
            ),
            (
                "fri,sat 22:00-06:00",
                "invalid opening hours \"fri,sat 22:00-06:00\": expected an end after the start; \
                 write a night shift as two entries, \"fri,sat 22:00-24:00\" and \"sat,sun 00:00-06:00\"",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message, "{text}");
        }
    }
}
