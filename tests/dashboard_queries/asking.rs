//! Sends queries to Prometheus as Grafana does: with the values of variables, for one time or for a range.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use wolkvox_exporter::clock::Clock;

use super::history::OPERATION;
use super::support::dashboard::{Target, list};
use super::support::prometheus::Prometheus;

/// The time range of a dashboard when it is opened, in seconds.
pub(crate) const RANGE: u64 = 6 * 3600;
/// Seconds between two scrapes.
pub(crate) const SCRAPES: u64 = 60;
/// The maximum of points when the panel sets none: about its width in pixels.
const POINTS: u64 = 720;

/// A panel that takes longer makes its board feel slow.
pub(crate) const LIMIT: Duration = Duration::from_millis(500);
/// The fastest of so many answers counts: other tests keep the machine busy.
const TRIES: usize = 4;

/// An expression with its variables filled in as Grafana does it. `$1` is no variable.
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
pub(crate) type Chosen<'a> = &'a [(&'static str, &'a str)];

/// No selection: a dashboard as it is opened.
pub(crate) const ALL: Chosen = &[];

/// The values of the variables, for a panel with steps of `step` seconds. All is `.+`, but for the operation it is only
/// the operation whose exporter works, unless another one is selected.
fn values(step: u64, chosen: Chosen) -> BTreeMap<&'static str, String> {
    let all = ["job", "instance", "skill_id", "agent_id", "dnis", "rp_id", "channel"];
    let all = all.map(|name| (name, ".+".to_owned()));
    let others = [
        ("operation", OPERATION.to_owned()),
        ("window", "today".to_owned()),
        ("threshold_seconds", "20".to_owned()),
        ("__interval", format!("{step}s")),
        ("__range", format!("{RANGE}s")),
        ("__rate_interval", format!("{}s", (step + SCRAPES).max(4 * SCRAPES))),
    ];
    let chosen = chosen.iter().map(|(name, value)| (*name, (*value).to_owned()));
    all.into_iter().chain(others).chain(chosen).collect()
}

/// An expression of a variable, or one outside of a panel, with the values of the variables.
pub(crate) fn of_variable(expression: &str) -> String {
    filled(expression, &values(SCRAPES, ALL))
}

#[test]
fn only_variables_are_replaced() {
    let values = values(60, &[("skill_id", "1|2")]);
    let expression = r#"label_replace(a{skill_id=~"$skill_id"}[$__range], "x", "$1", "y", "(.+)")"#;
    let expected = r#"label_replace(a{skill_id=~"1|2"}[21600s], "x", "$1", "y", "(.+)")"#;
    assert_eq!(filled(expression, &values), expected);
}

/// Seconds between two points of a query.
pub(crate) fn step(target: &Target) -> u64 {
    let step = (RANGE / target.most_points.unwrap_or(POINTS)).div_ceil(SCRAPES) * SCRAPES;
    step.max(60 * target.least_minutes.unwrap_or_default())
}

/// What Prometheus says to a query that a panel asks at `moment`.
///
/// # Errors
/// What Prometheus has against the query.
pub(crate) async fn ask(
    prometheus: &Prometheus,
    target: &Target,
    chosen: Chosen<'_>,
    moment: Timestamp,
) -> Result<Vec<Value>, String> {
    let step = step(target);
    let query = filled(&target.expression, &values(step, chosen));
    let end = moment.as_second().cast_unsigned();
    let (start, end, step) = ((end - RANGE).to_string(), end.to_string(), step.to_string());
    let answer = if target.instant {
        prometheus.api("/api/v1/query", &[("query", &query), ("time", &end)]).await?
    } else {
        let parameters = [("query", query.as_str()), ("start", &start), ("end", &end), ("step", &step)];
        prometheus.api("/api/v1/query_range", &parameters).await?
    };
    Ok(list(&answer, "result").to_vec())
}

/// [`ask`], and how long it took at best.
///
/// # Errors
/// As [`ask`].
pub(crate) async fn timed(
    prometheus: &Prometheus,
    target: &Target,
    chosen: Chosen<'_>,
    moment: Timestamp,
) -> Result<(usize, Duration), String> {
    let clock = Clock::system();
    let mut best = Duration::MAX;
    let mut series = 0;
    for _ in 0..TRIES {
        let asked = clock.instant();
        series = ask(prometheus, target, chosen, moment).await?.len();
        best = best.min(clock.instant().duration_since(asked));
        if best < LIMIT {
            break;
        }
    }
    Ok((series, best))
}
