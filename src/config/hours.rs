//! Opening hours as they are written: `mon-fri 07:00-20:00`.
//!
//! A shift belongs to the day on which it begins and ends on that day, at 24:00 at the latest. A night shift is two
//! entries: an entry whose end comes before its beginning is more often a typing error than a night, and with two
//! entries it is plain what a holiday closes.

use jiff::civil::{Time, Weekday};

use super::suggest::list;
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

/// The days in Spanish, for a hint only.
const SPANISH: [&str; 7] = ["lun", "mar", "mi", "jue", "vie", "sáb", "dom"];

const FORM: &str = "days and times are right, for example \"mon-fri 07:00-20:00\" or \"sat,sun 08:00-14:00\"";

/// Reads one entry into its shifts, one a weekday.
pub(super) fn parse(text: &str) -> Result<Vec<Shift>, String> {
    let wrong = || format!("{text:?} is no opening time: {FORM}");
    let (days, times) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let (from, to) = times.trim().split_once('-').ok_or_else(wrong)?;
    let weekdays = weekdays(days)?;
    let (start, end) = (time(from)?, time(to)?);
    let start = start.ok_or_else(|| format!("{text:?} begins at 24:00: the next day's 00:00 is right"))?;
    if end.is_some_and(|end| end <= start) {
        let after = Time::midnight();
        let next: Vec<_> = weekdays.iter().map(|day| name(day.next())).collect();
        return Err(if start == end.unwrap_or(after) {
            format!("{text:?} ends when it begins: 00:00-24:00 is the whole day")
        } else if end == Some(after) {
            format!("{text:?} ends before it begins: 24:00 is the end of the day, \"{days} {from}-24:00\"")
        } else {
            format!(
                "{text:?} ends before it begins: a shift over midnight is two entries, \"{days} {from}-24:00\" and \"{} 00:00-{to}\"",
                next.join(",")
            )
        });
    }
    Ok(weekdays.into_iter().map(|weekday| Shift { weekday, from: start, to: end }).collect())
}

fn weekdays(text: &str) -> Result<Vec<Weekday>, String> {
    let mut all = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (weekday(first)?, weekday(last)?);
        // A range may go past Sunday: fri-mon is Friday, Saturday, Sunday and Monday.
        let length = usize::from(first.until(last).unsigned_abs()) + 1;
        for day in first.cycle_forward().take(length) {
            if all.contains(&day) {
                return Err(format!("{text:?} names {} twice: once is right", name(day)));
            }
            all.push(day);
        }
    }
    Ok(all)
}

fn weekday(text: &str) -> Result<Weekday, String> {
    let lower = text.to_lowercase();
    let names = DAYS.map(|(name, _)| name);
    if let Some((_, day)) = DAYS.iter().find(|(name, _)| *name == lower) {
        return Ok(*day);
    }
    let spanish =
        SPANISH.iter().position(|start| lower.starts_with(start) || lower.starts_with(&start.replace('á', "a")));
    let meant = DAYS.iter().position(|(name, _)| lower.starts_with(name)).or(spanish);
    let hint = meant.map_or_else(|| format!("the days are {}", list(&names)), |at| format!("{} is right", names[at]));
    Err(format!("{text:?} is no weekday: {hint}"))
}

fn name(day: Weekday) -> &'static str {
    DAYS[usize::from(day.to_monday_zero_offset().unsigned_abs())].0
}

/// `HH:MM`; `None` is 24:00.
fn time(text: &str) -> Result<Option<Time>, String> {
    let wrong = || format!("{text:?} is no time of day: 00:00 to 24:00 is right");
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let number = |digits: &str| {
        let shaped = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        shaped.then(|| digits.parse::<i8>().ok()).flatten().ok_or_else(wrong)
    };
    match (number(hour)?, number(minute)?) {
        (24, 0) => Ok(None),
        (hour, minute) => Time::new(hour, minute, 0, 0).map(Some).map_err(|_| wrong()),
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
    fn days_are_names_ranges_and_lists_of_both() {
        assert_eq!(days("mon-fri 07:00-20:00"), ["mon", "tue", "wed", "thu", "fri"]);
        assert_eq!(days("sun 07:00-20:00"), ["sun"]);
        assert_eq!(days("Mon,wed-thu 07:00-20:00"), ["mon", "wed", "thu"]);
        assert_eq!(days("sat-mon 07:00-20:00"), ["sat", "sun", "mon"]);
        assert_eq!(days("mon-sun 07:00-20:00").len(), 7);
    }

    #[test]
    fn the_end_of_the_day_is_24_00() {
        let shifts = parse("sat 08:30-24:00").unwrap();
        assert_eq!(shifts, [Shift { weekday: Weekday::Saturday, from: at(8, 30, 0, 0), to: None }]);
    }

    #[test]
    fn every_error_says_what_would_be_right() {
        for (written, message) in [
            ("mon-fri", format!("\"mon-fri\" is no opening time: {FORM}")),
            ("mon-fri 07:00", format!("\"mon-fri 07:00\" is no opening time: {FORM}")),
            ("lun-vie 07:00-20:00", "\"lun\" is no weekday: mon is right".to_owned()),
            ("monday 07:00-20:00", "\"monday\" is no weekday: mon is right".to_owned()),
            ("sabado 07:00-20:00", "\"sabado\" is no weekday: sat is right".to_owned()),
            ("xyz 07:00-20:00", "\"xyz\" is no weekday: the days are mon, tue, wed, thu, fri, sat and sun".to_owned()),
            ("mon-wed,tue 07:00-20:00", "\"mon-wed,tue\" names tue twice: once is right".to_owned()),
            ("mon 7:00-20:00", "\"7:00\" is no time of day: 00:00 to 24:00 is right".to_owned()),
            ("mon 07:00-24:01", "\"24:01\" is no time of day: 00:00 to 24:00 is right".to_owned()),
            ("mon 24:00-24:00", "\"mon 24:00-24:00\" begins at 24:00: the next day's 00:00 is right".to_owned()),
            ("mon 09:00-09:00", "\"mon 09:00-09:00\" ends when it begins: 00:00-24:00 is the whole day".to_owned()),
            (
                "mon 09:00-00:00",
                "\"mon 09:00-00:00\" ends before it begins: 24:00 is the end of the day, \"mon 09:00-24:00\""
                    .to_owned(),
            ),
            (
                "fri,sat 22:00-06:00",
                "\"fri,sat 22:00-06:00\" ends before it begins: a shift over midnight is two entries, \
                 \"fri,sat 22:00-24:00\" and \"sat,sun 00:00-06:00\""
                    .to_owned(),
            ),
        ] {
            assert_eq!(parse(written), Err(message), "{written}");
        }
    }
}
