//! Parses requests: the report and its parameters.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};

use super::Refusal;

/// The reports that the simulator has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// `real_time.php?api=skills`
    Skills,
    /// `reports_manager.php?api=skill_6`
    Dnis,
    /// `gamification.php?api=agents_kpi`
    AgentsKpi,
    /// `reports_manager.php?api=chat_9`
    Transfers,
    /// `reports_manager.php?api=diagram_1_3`
    Ivr,
}

/// Report, file name, and value of the parameter `api`.
const ENDPOINTS: [(Endpoint, &str, &str); 5] = [
    (Endpoint::Skills, "real_time.php", "skills"),
    (Endpoint::Dnis, "reports_manager.php", "skill_6"),
    (Endpoint::AgentsKpi, "gamification.php", "agents_kpi"),
    (Endpoint::Transfers, "reports_manager.php", "chat_9"),
    (Endpoint::Ivr, "reports_manager.php", "diagram_1_3"),
];

/// The longest window that wolkvox allows, days.
const LONGEST_WINDOW: i64 = 31;
/// The largest value of `services_time` that is accepted, seconds.
const LONGEST_THRESHOLD: u32 = 3600;

/// A request whose parameters are all valid.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    Skills {
        skill: Option<u32>,
        services_time: Option<u32>,
    },
    Dnis {
        skill: Option<u32>,
        window: Window,
    },
    /// Covers whole local days: each day that the window touches.
    AgentsKpi(Window),
    Transfers(Window),
    Ivr(Window),
}

/// A time range; both ends are included.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) from: Zoned,
    pub(crate) until: Zoned,
}

/// The query parameters of a request, as pairs.
pub(crate) type Parameters = [(String, String)];

impl Endpoint {
    /// The report that `file` and the parameter `api` select, if any.
    pub(crate) fn of(file: &str, parameters: &Parameters) -> Option<Self> {
        let api = value(parameters, "api")?;
        ENDPOINTS.iter().find(|(_, in_file, name)| *in_file == file && *name == api).map(|(endpoint, ..)| *endpoint)
    }

    /// Whether the simulator has the report with this value of the parameter `api`.
    pub fn exists(api: &str) -> bool {
        ENDPOINTS.iter().any(|(.., name)| *name == api)
    }
}

impl Request {
    /// Parses the parameters of `endpoint`. Dates are local times in `zone`.
    pub(crate) fn parse(endpoint: Endpoint, parameters: &Parameters, zone: &TimeZone) -> Result<Self, Refusal> {
        Ok(match endpoint {
            Endpoint::Skills => Self::Skills { skill: skill(parameters)?, services_time: services_time(parameters)? },
            Endpoint::Dnis => Self::Dnis { skill: skill(parameters)?, window: Window::parse(parameters, zone)? },
            Endpoint::AgentsKpi => Self::AgentsKpi(Window::parse(parameters, zone)?),
            Endpoint::Transfers => Self::Transfers(Window::parse(parameters, zone)?),
            Endpoint::Ivr => Self::Ivr(Window::parse(parameters, zone)?),
        })
    }
}

impl Window {
    fn parse(parameters: &Parameters, zone: &TimeZone) -> Result<Self, Refusal> {
        let date = |name| value(parameters, name).and_then(date_time).ok_or(Refusal::ParametersRequired);
        let (from, until) = (date("date_ini")?, date("date_end")?);
        let placed = |ambiguous: Result<Zoned, jiff::Error>| ambiguous.map_err(|_| Refusal::ParametersRequired);
        let from = placed(zone.clone().into_ambiguous_zoned(from).compatible())?;
        // The window includes the whole second that `date_end` names.
        let until = placed(zone.clone().into_ambiguous_zoned(until).later())? + SignedDuration::from_millis(999);
        let length = until.duration_since(&from);
        // The vendor does not document the response to such a window. "No rows" is the closest one: its message asks to
        // validate the dates.
        if length.is_negative() || length > SignedDuration::from_hours(24 * LONGEST_WINDOW + 1) {
            return Err(Refusal::NoRows);
        }
        Ok(Self { from, until })
    }
}

/// One skill, or `None` for all.
fn skill(parameters: &Parameters) -> Result<Option<u32>, Refusal> {
    match value(parameters, "skill_id") {
        None | Some("") => Err(Refusal::ParametersRequired),
        Some("all") => Ok(None),
        // No skill has an id that is not a number.
        Some(id) => Ok(Some(id.parse().map_err(|_| Refusal::NoRows)?)),
    }
}

fn value<'a>(parameters: &'a Parameters, name: &str) -> Option<&'a str> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn services_time(parameters: &Parameters) -> Result<Option<u32>, Refusal> {
    let Some(text) = value(parameters, "services_time") else { return Ok(None) };
    match text.parse() {
        Ok(seconds) if (1..=LONGEST_THRESHOLD).contains(&seconds) => Ok(Some(seconds)),
        _ => Err(Refusal::ParametersRequired),
    }
}

/// `YYYYmmddHHMMSS`
fn date_time(text: &str) -> Option<DateTime> {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let two = |at: usize| text[at..at + 2].parse::<i8>().ok();
    DateTime::new(text[..4].parse().ok()?, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(endpoint: Endpoint, query: &str) -> Result<Request, Refusal> {
        let parameters: Vec<(String, String)> =
            query.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        Request::parse(endpoint, &parameters, &TimeZone::get("America/Santiago").unwrap())
    }

    #[test]
    fn a_request_selects_one_skill_or_all() {
        assert_eq!(read(Endpoint::Skills, "skill_id=all"), Ok(Request::Skills { skill: None, services_time: None }));
        let one = Request::Skills { skill: Some(4173), services_time: Some(45) };
        assert_eq!(read(Endpoint::Skills, "skill_id=4173&services_time=45"), Ok(one));
    }

    #[test]
    fn missing_and_ill_formed_parameters_are_refused() {
        for query in [
            "",
            "skill_id=",
            "skill_id=all",
            "skill_id=all&date_ini=20260404000000",
            "skill_id=all&date_ini=20260404&date_end=20260404235959",
            "skill_id=all&date_ini=20260404000000&date_end=20260431000000",
            "skill_id=all&date_ini=2026040400000x&date_end=20260404235959",
        ] {
            assert_eq!(read(Endpoint::Dnis, query), Err(Refusal::ParametersRequired), "{query}");
        }
        assert_eq!(read(Endpoint::Skills, "skill_id=all&services_time=soon"), Err(Refusal::ParametersRequired));
    }

    #[test]
    fn reports_without_a_skill_parameter_need_only_both_ends_of_the_window() {
        for endpoint in [Endpoint::AgentsKpi, Endpoint::Transfers, Endpoint::Ivr] {
            for query in ["", "date_ini=20260404000000", "date_end=20260404235959", "date_ini=&date_end="] {
                assert_eq!(read(endpoint, query), Err(Refusal::ParametersRequired), "{query}");
            }
            assert!(read(endpoint, "date_ini=20260404000000&date_end=20260404235959").is_ok());
        }
    }

    #[test]
    fn windows_that_end_before_they_start_or_last_too_long_have_no_rows() {
        for (from, until) in [("20260404120000", "20260404110000"), ("20260301000000", "20260404000000")] {
            let query = format!("skill_id=all&date_ini={from}&date_end={until}");
            assert_eq!(read(Endpoint::Dnis, &query), Err(Refusal::NoRows));
        }
    }

    #[test]
    fn the_window_of_a_day_has_23_24_or_25_hours() {
        for (day, hours) in [("20260404", 25), ("20260906", 23), ("20261124", 24)] {
            let query = format!("skill_id=all&date_ini={day}000000&date_end={day}235959");
            let Ok(Request::Dnis { window, .. }) = read(Endpoint::Dnis, &query) else { panic!("refused") };
            let length = window.until.duration_since(&window.from);
            assert_eq!(length, SignedDuration::from_hours(hours) - SignedDuration::from_millis(1), "{day}");
        }
    }
}
