//! Checks of single values, wherever they come from: the file, a flag or the environment.
//!
//! Each check takes a text and returns the checked value, or a message that describes the expected form. If a text
//! might be a secret in the wrong place, the message does not quote it.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::errors::InvalidValue;
use super::types::{SkillSelection, Window};
use super::{duration, suggest};

/// The time zone of an operation unless configured, because wolkvox is a Colombian product.
pub(super) const DEFAULT_TIMEZONE: &str = "America/Bogota";

/// The time between polls unless configured: the interval that wolkvox suggests.
pub(super) const DEFAULT_INTERVAL: Duration = Duration::from_secs(300);

/// The polls of one token run one at a time and take tenths of a second each. At shorter intervals they would wait for
/// each other.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// Less than one poll a day is not monitoring; a longer interval is a typing error.
const LONGEST_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// Values of last week are of no use now.
const LONGEST_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

/// wolkvox builds reports about every ten minutes; a window of less than a minute would be empty.
const SHORTEST_WINDOW: Duration = Duration::from_secs(60);

/// wolkvox refuses windows of more than 31 days.
const LONGEST_WINDOW: Duration = Duration::from_secs(31 * 24 * 3600);

/// Characters of a name. There is a limit because the name is a label of every series.
const LONGEST_NAME: usize = 100;

/// Licenses of one operation; the limit only finds typing errors.
pub(super) const LICENSES: std::ops::RangeInclusive<u32> = 1..=1_000_000;

/// Numbers or options of one window with their own series: a response of wolkvox has at most 60,000 rows.
pub(super) const MAX_SERIES: std::ops::RangeInclusive<u32> = 1..=60_000;

/// The label `operation`.
pub(super) fn name(text: &str) -> Result<Arc<str>, InvalidValue> {
    let problem = if text.is_empty() {
        "it is empty"
    } else if text.chars().any(char::is_control) {
        "it contains control characters"
    } else if text.trim() != text {
        "it begins or ends with white space"
    } else if text.chars().count() > LONGEST_NAME {
        "it is longer than 100 characters"
    } else {
        return Ok(Arc::from(text));
    };
    Err(InvalidValue::without_value(format!(
        "invalid name: expected a short name such as ventas-co, which becomes the label operation, but {problem}"
    )))
}

/// The number of the server, which becomes a part of a host name.
pub(super) fn server(text: &str) -> Result<&str, InvalidValue> {
    // The prefix is refused, because the host name would become wvwv0010.
    let without_prefix = text.strip_prefix("wv").filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if let Some(rest) = without_prefix.filter(|rest| rest.chars().all(|c| c.is_ascii_alphanumeric())) {
        return Err(InvalidValue::new("server", text, format_args!("the part after wv only, \"{rest}\"")));
    }
    if !text.is_empty() && text.len() <= 32 && text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Ok(text);
    }
    Err(InvalidValue::new("server", text, "the digits of the server only, such as \"0010\" for wv0010.wolkvox.com"))
}

/// A time zone of the IANA database.
pub(super) fn timezone(text: &str) -> Result<TimeZone, InvalidValue> {
    TimeZone::get(text).map_err(|_| {
        if let Some(hours) = utc_offset(text) {
            return InvalidValue::new("time zone", text, format_args!("{}", zone_of_offset(hours)));
        }
        let database = TimeZoneDatabase::bundled();
        let names: Vec<String> = database.available().map(|name| name.as_str().to_owned()).collect();
        let Some(name) = suggest::nearest(text, names.iter().map(String::as_str)) else {
            let expected = format_args!("a name of the IANA database such as {DEFAULT_TIMEZONE}");
            return InvalidValue::new("time zone", text, expected);
        };
        InvalidValue::without_value(format!("invalid time zone {text:?}: did you mean {name}?"))
    })
}

/// Cities of Latin America that keep this offset all year, by hours from UTC.
const CITIES: [(i8, &str); 6] = [
    (-7, "America/Hermosillo"),
    (-6, "America/Mexico_City"),
    (-5, "America/Bogota"),
    (-4, "America/La_Paz"),
    (-3, "America/Argentina/Buenos_Aires"),
    (-2, "America/Noronha"),
];

/// The whole hours of a text such as `GMT-5`, `UTC-05:00` or `-0500`; `None` for other texts.
fn utc_offset(text: &str) -> Option<i8> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix("ETC/").unwrap_or(&text);
    let text = ["GMT", "UTC"].into_iter().find_map(|name| text.strip_prefix(name)).unwrap_or(text).trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+')?),
    };
    let hours = match digits.len() {
        0..=2 => digits,
        _ => digits.strip_suffix("00").map(|hours| hours.strip_suffix(':').unwrap_or(hours))?,
    };
    let are_digits = (1..=2).contains(&hours.len()) && hours.bytes().all(|b| b.is_ascii_digit());
    hours.parse::<i8>().ok().filter(|hours| are_digits && *hours <= 14).map(|hours| sign * hours)
}

/// The names that somebody who wrote this offset may have meant. The sign in the names under `Etc/` is reversed.
fn zone_of_offset(hours: i8) -> String {
    if hours == 0 {
        return "UTC, or the name of a city such as Europe/London".to_owned();
    }
    let city = CITIES.into_iter().find(|(offset, _)| *offset == hours).map_or("the name of a city", |(_, city)| city);
    let reversed = -hours;
    format!("{city}, or Etc/GMT{reversed:+}, which is UTC{hours:+} because names under Etc/ have the sign reversed")
}

/// The time zone of an operation without the setting.
pub(super) fn default_timezone() -> TimeZone {
    timezone(DEFAULT_TIMEZONE).expect("the time zones are compiled in, and the default is one of them")
}

/// The time between two polls.
pub(super) fn interval(text: &str) -> Result<Duration, InvalidValue> {
    bounded(text, "interval", SHORTEST_INTERVAL, LONGEST_INTERVAL)
}

/// How long values are exported without a new success; `interval` is the interval of the same collector.
pub(super) fn max_age(text: &str, interval: Duration) -> Result<Duration, InvalidValue> {
    let age = bounded(text, "max_age", SHORTEST_INTERVAL, LONGEST_AGE)?;
    if age < interval {
        let (interval, default) = (duration::text(interval), duration::text(interval * 3));
        let expected = format_args!(
            "at least the interval, {interval}, or values would disappear between two polls; \
             the default is three intervals, {default}"
        );
        return Err(InvalidValue::new("max_age", text, expected));
    }
    Ok(age)
}

/// A period of time to request.
pub(super) fn window(text: &str) -> Result<Window, InvalidValue> {
    if text == "today" {
        return Ok(Window::today());
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(InvalidValue::new("window", text, "today, or a duration such as 30m"));
    }
    bounded(text, "window", SHORTEST_WINDOW, LONGEST_WINDOW).map(|length| Window::rolling(text, length))
}

/// The skills that a report is requested for.
pub(super) fn skill_selection(text: &str) -> Result<SkillSelection, InvalidValue> {
    if text == "all" {
        return Ok(SkillSelection::all());
    }
    skill_id(text).map(|id| SkillSelection(Arc::from(id)))
}

/// The id of one skill.
pub(super) fn skill_id(text: &str) -> Result<&str, InvalidValue> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.eq_ignore_ascii_case("all") {
        let expected = "the id of one skill; only the skill_ids of a collector accept all, in lower case";
        Err(InvalidValue::new("skill id", text, expected))
    } else if !text.is_empty() && text.chars().all(allowed) {
        Ok(text)
    } else {
        Err(InvalidValue::new("skill id", text, "one id of letters, digits, - and _, such as \"4173\""))
    }
}

/// Refuses `all` together with ids, because these skills would be requested twice.
pub(super) fn check_selections(all: &[SkillSelection]) -> Result<(), InvalidValue> {
    if all.len() > 1 && all.contains(&SkillSelection::all()) {
        return Err(InvalidValue::without_value("invalid skill_ids: use either [all] or a list of ids, not both"));
    }
    Ok(())
}

fn bounded(text: &str, what: &str, least: Duration, most: Duration) -> Result<Duration, InvalidValue> {
    let value = duration::parse(text)?;
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let (least, most) = (duration::text(least), duration::text(most));
    Err(InvalidValue::new(what, text, format_args!("a duration from {least} to {most}")))
}
