//! Sends queries to Prometheus as Grafana does: with the values of variables, for one time or for a range.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use serde_json::Value;

use super::history::{OPERATION, all_skills};
use super::support::dashboard::{Asked, Target, list, text};
use super::support::prometheus::Prometheus;

/// The time range of a dashboard when it is opened, in seconds.
pub(crate) const RANGE: u64 = 6 * 3600;
/// Seconds between two scrapes.
pub(crate) const SCRAPES: u64 = 60;
/// The minutes of a half-hour. Panels with one point for each have this interval.
const HALF_HOUR: u64 = 30;
/// The maximum of points when the panel sets none: about its width in pixels.
const POINTS: u64 = 720;

/// An expression with its variables filled in as Grafana does it. `$1` is not a variable.
fn filled(expression: &str, values: &BTreeMap<&str, String>) -> String {
    let mut parts = expression.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        match values.get(&part[..end]) {
            Some(value) => filled.push_str(value),
            None => filled = filled + "$" + &part[..end],
        }
        filled.push_str(&part[end..]);
    }
    filled
}

/// The selected values by variable. A variable that is not listed has the value All.
pub(crate) type Chosen<'a> = &'a [(&'a str, &'a str)];

/// No selection: a dashboard as it is opened.
pub(crate) const ALL: Chosen = &[];

/// The values of the variables, for a panel with a time range of `range` seconds and steps of `step` seconds. All is what
/// the variable says, but for the operation it is only the operation whose exporter works, unless another one is selected.
fn values(range: u64, step: u64, chosen: Chosen<'_>) -> BTreeMap<&str, String> {
    let all = ["job", "instance", "agent_id", "dnis", "rp_id", "channel"];
    let all = all.map(|name| (name, ".+".to_owned()));
    let others = [
        ("operation", OPERATION.to_owned()),
        // A skill can have no team.
        ("team", ".*".to_owned()),
        // Dialled numbers have the skill `all` if skills are merged.
        ("skill_id", format!("({}|all)", all_skills().join("|"))),
        ("window", "today".to_owned()),
        ("threshold_seconds", "20".to_owned()),
        ("__interval", format!("{step}s")),
        ("__range", format!("{range}s")),
        ("__range_s", range.to_string()),
        ("__rate_interval", format!("{}s", (step + SCRAPES).max(4 * SCRAPES))),
    ];
    let chosen = chosen.iter().map(|(name, value)| (*name, (*value).to_owned()));
    all.into_iter().chain(others).chain(chosen).collect()
}

/// An expression of a variable, or one outside of a panel, with the values of the variables.
pub(crate) fn of_variable(expression: &str) -> String {
    of_variable_with(expression, ALL)
}

/// As [`of_variable`], with a selection.
pub(crate) fn of_variable_with(expression: &str, chosen: Chosen<'_>) -> String {
    filled(expression, &values(RANGE, SCRAPES, chosen))
}

/// The values of a variable at `moment`, in the order of Prometheus.
///
/// # Errors
/// When Prometheus refuses the query: its message.
pub(crate) async fn options(
    prometheus: &Prometheus,
    (variable, asked): (&str, &Asked),
    chosen: Chosen<'_>,
    moment: Timestamp,
) -> Result<Vec<String>, String> {
    let end = moment.to_string();
    Ok(match asked {
        Asked::Result(expression) => {
            let query = of_variable_with(expression, chosen);
            let response = prometheus.api("/api/v1/query", &[("query", &query), ("time", &end)]).await?;
            let series = list(&response, "result").iter();
            series.map(|series| text(&series["metric"], variable).to_owned()).collect()
        }
        Asked::Label(selector, label) => {
            let (path, selector) = (format!("/api/v1/label/{label}/values"), of_variable_with(selector, chosen));
            let values = prometheus.api(&path, &[("match[]", &selector), ("start", &end), ("end", &end)]).await?;
            values.as_array().into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        }
    })
}

/// An expression with the values of the variables and these skills, in a time range of so many seconds.
pub(crate) fn in_range(expression: &str, range: u64, skills: &str) -> String {
    filled(expression, &values(range, SCRAPES, &[("skill_id", skills)]))
}

#[test]
fn only_variables_are_replaced() {
    let values = values(RANGE, 60, &[("skill_id", "1|2")]);
    let expression = r#"label_replace(a{skill_id=~"$skill_id"}[$__range], "x", "$1", "y", "(.+)")"#;
    let expected = r#"label_replace(a{skill_id=~"1|2"}[21600s], "x", "$1", "y", "(.+)")"#;
    assert_eq!(filled(expression, &values), expected);
}

/// Seconds between two points of a query, as the dashboard is opened.
pub(crate) fn step(target: &Target) -> u64 {
    step_of(target, RANGE)
}

/// Seconds between two points of a query over so many seconds.
fn step_of(target: &Target, range: u64) -> u64 {
    let step = (range / target.most_points.unwrap_or(POINTS)).div_ceil(SCRAPES) * SCRAPES;
    step.max(60 * target.least_minutes.unwrap_or_default())
}

/// The time range of a panel of a dashboard whose range is `range` seconds and ends at `moment`, as Grafana computes it
/// from the panel's own settings, in the time zone of the operation.
fn range_of(target: &Target, range: u64, moment: Timestamp) -> (Timestamp, Timestamp) {
    let midnight = |date: Zoned| date.start_of_day().expect("every day has a start");
    let now = moment.to_zoned(TimeZone::get("America/Bogota").expect("the zone is built in"));
    match (target.time.0.as_str(), target.time.1.as_str()) {
        ("", "") => (moment - range.cast_signed().seconds(), moment),
        ("now/M", "") => (midnight(now.first_of_month().expect("every month has a start")).timestamp(), moment),
        ("now/d", "1d/d") => (midnight(&now - 1.day()).timestamp(), midnight(now).timestamp()),
        other => panic!("unexpected time range of a panel: {other:?}"),
    }
}

/// The series that Prometheus returns for the query of a panel at `moment`.
///
/// # Errors
/// When Prometheus refuses the query: its message.
pub(crate) async fn ask(
    prometheus: &Prometheus,
    target: &Target,
    chosen: Chosen<'_>,
    moment: Timestamp,
) -> Result<Vec<Value>, String> {
    Ok(list(&response(prometheus, target, chosen, RANGE, moment).await?, "result").to_vec())
}

async fn response(
    prometheus: &Prometheus,
    target: &Target,
    chosen: Chosen<'_>,
    range: u64,
    moment: Timestamp,
) -> Result<Value, String> {
    let (start, end) = range_of(target, range, moment);
    let (start, end) = (start.as_second().cast_unsigned(), end.as_second().cast_unsigned());
    let step = step_of(target, range);
    let every_skill = target.every_skill.iter().map(|all| ("skill_id", all.as_str()));
    let chosen: Vec<_> = every_skill.chain(chosen.iter().copied()).collect();
    let query = filled(&target.expression, &values(end - start, step, &chosen));
    // Grafana begins at a multiple of the step. It matters only where a point must be a certain time.
    let start = if target.least_minutes == Some(HALF_HOUR) { start / step * step } else { start };
    let (start, end, step) = (start.to_string(), end.to_string(), step.to_string());
    if target.instant {
        prometheus.api("/api/v1/query", &[("query", &query), ("time", &end), ("stats", "all")]).await
    } else {
        let parameters =
            [("query", query.as_str()), ("start", &start), ("end", &end), ("step", &step), ("stats", "all")];
        prometheus.api("/api/v1/query_range", &parameters).await
    }
}

/// What a query costs by Prometheus's own count. Samples are the same on every machine; the time is a figure only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Samples that Prometheus read, each once for every step that needs it.
    pub(crate) read: u64,
    /// The most samples that it held in memory at once.
    pub(crate) held: u64,
    /// Seconds of evaluation.
    pub(crate) seconds: f64,
}

/// As [`ask`] for a dashboard with a range of so many seconds, with what it cost.
///
/// # Errors
/// As [`ask`].
pub(crate) async fn ask_with_cost(
    prometheus: &Prometheus,
    target: &Target,
    chosen: Chosen<'_>,
    range: u64,
    moment: Timestamp,
) -> Result<(Vec<Value>, Cost), String> {
    let response = response(prometheus, target, chosen, range, moment).await?;
    let (samples, timings) = (&response["stats"]["samples"], &response["stats"]["timings"]);
    let count = |name: &str| samples[name].as_u64().ok_or_else(|| format!("no {name} in {}", response["stats"]));
    let cost = Cost {
        read: count("totalQueryableSamples")?,
        held: count("peakSamples")?,
        seconds: timings["evalTotalTime"].as_f64().unwrap_or_default(),
    };
    Ok((list(&response, "result").to_vec(), cost))
}
