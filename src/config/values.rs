//! What single values may hold, wherever they were written: in the file, in a flag, in the environment.
//!
//! Every check takes what was written and gives the checked value, or a message that says what would be right. Where a
//! value might be a secret put into the wrong place, the message does not repeat it.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::checked::{SkillSelection, Window};
use super::{duration, suggest};

/// Where an operation is unless it says so: wolkvox is at home in Colombia.
pub(super) const DEFAULT_TIMEZONE: &str = "America/Bogota";

/// The time between polls unless configured: the cadence that wolkvox suggests.
pub(super) const DEFAULT_INTERVAL: Duration = Duration::from_secs(300);

/// Below a second the polls of one token, which go one at a time and take tenths of a second each, would run into each
/// other.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// Whoever wants less than one poll a day does not want to monitor.
const LONGEST_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// Figures of last week help nobody now.
const LONGEST_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

/// wolkvox builds reports about every ten minutes; less than a minute would show nothing at all.
const SHORTEST_WINDOW: Duration = Duration::from_secs(60);

/// wolkvox refuses windows of more than 31 days.
const LONGEST_WINDOW: Duration = Duration::from_secs(31 * 24 * 3600);

/// Longer names are no names. A bound, because the name is on every series.
const LONGEST_NAME: usize = 100;

/// Licences of one operation; the bound only catches typing errors.
pub(super) const LICENSES: std::ops::RangeInclusive<u32> = 1..=1_000_000;

/// Numbers or options of one window with series of their own: an answer of wolkvox holds 60,000 rows at most.
pub(super) const MAX_SERIES: std::ops::RangeInclusive<u32> = 1..=60_000;

/// The label `operation`.
pub(super) fn name(text: &str) -> Result<Arc<str>, String> {
    let wrong = if text.is_empty() {
        "is empty"
    } else if text.chars().any(char::is_control) {
        "holds control characters"
    } else if text.trim() != text {
        "begins or ends with white space"
    } else if text.chars().count() > LONGEST_NAME {
        "is longer than 100 characters"
    } else {
        return Ok(Arc::from(text));
    };
    Err(format!("the name {wrong}: a short name such as ventas-co is right, it becomes the label operation"))
}

/// The server's number, which becomes part of a host name.
pub(super) fn server(text: &str) -> Result<&str, String> {
    // Names of servers are digits; accepting the whole name would ask wvwv0010.
    let bare = text.strip_prefix("wv").filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if let Some(bare) = bare.filter(|rest| rest.chars().all(|c| c.is_ascii_alphanumeric())) {
        return Err(format!("{text:?} has the prefix of the host name: only what follows it is right, \"{bare}\""));
    }
    if !text.is_empty() && text.len() <= 32 && text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Ok(text);
    }
    let prefix = "only the digits of the server are right, for example \"0010\" for wv0010.wolkvox.com";
    Err(if text.is_empty() { format!("is empty: {prefix}") } else { format!("{text:?} is no server: {prefix}") })
}

/// A zone of the IANA database.
pub(super) fn timezone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| {
        let database = TimeZoneDatabase::bundled();
        let names: Vec<String> = database.available().map(|name| name.as_str().to_owned()).collect();
        let hint = suggest::nearest(text, names.iter().map(String::as_str)).map_or_else(
            || format!("a name such as {DEFAULT_TIMEZONE} is right"),
            |name| format!("did you mean {name}?"),
        );
        format!("{text:?} is no time zone of the IANA database: {hint}")
    })
}

/// The zone of an operation that names none.
pub(super) fn default_timezone() -> TimeZone {
    timezone(DEFAULT_TIMEZONE).expect("the time zones are part of the program, and the default is one of them")
}

/// The time between two polls.
pub(super) fn interval(text: &str) -> Result<Duration, String> {
    bounded(text, "an interval", SHORTEST_INTERVAL, LONGEST_INTERVAL)
}

/// How long values are shown without a new success; `interval` is that of the same collector.
pub(super) fn max_age(text: &str, interval: Duration) -> Result<Duration, String> {
    let age = bounded(text, "an age", SHORTEST_INTERVAL, LONGEST_AGE)?;
    if age < interval {
        return Err(format!(
            "{text} is shorter than the interval, {}: values would vanish between two polls; three intervals, {}, are usual",
            duration::text(interval),
            duration::text(interval * 3),
        ));
    }
    Ok(age)
}

/// A stretch of time to ask for.
pub(super) fn window(text: &str) -> Result<Window, String> {
    if text == "today" {
        return Ok(Window::today());
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("{text:?} is no window: today, or a duration such as 30m, is right"));
    }
    bounded(text, "a window", SHORTEST_WINDOW, LONGEST_WINDOW).map(|length| Window::rolling(text, length))
}

/// What a report is asked for.
pub(super) fn skill_selection(text: &str) -> Result<SkillSelection, String> {
    if text == "all" {
        return Ok(SkillSelection::all());
    }
    skill_id(text).map(|id| SkillSelection(Arc::from(id)))
}

/// One skill's identification.
pub(super) fn skill_id(text: &str) -> Result<&str, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.eq_ignore_ascii_case("all") {
        Err("all is no single skill; where every skill can be meant it is written in small letters".to_owned())
    } else if text.is_empty() {
        Err("the skill id is empty: an id such as \"4173\" is right".to_owned())
    } else if text.chars().all(allowed) {
        Ok(text)
    } else {
        Err(format!("{text:?} is no skill id: digits, letters, - and _ are right, one skill an entry"))
    }
}

/// Refuses `all` next to ids, where the ids would be asked for twice.
pub(super) fn selections(all: &[SkillSelection]) -> Result<(), String> {
    if all.len() > 1 && all.contains(&SkillSelection::all()) {
        return Err("all stands next to single skills: either all or ids are right, or every skill is asked for twice"
            .to_owned());
    }
    Ok(())
}

fn bounded(text: &str, what: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    let value = duration::parse(text)?;
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let (least, most) = (duration::text(least), duration::text(most));
    Err(format!("{text} is out of range: {what} from {least} to {most} is right"))
}
