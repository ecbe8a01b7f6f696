//! `/`: what this is, where things are, and how every collector is doing, for people.
//!
//! Self-contained: no script, no resource from elsewhere. Everything that comes from a configuration or from wolkvox is
//! escaped. A state is a word first; its colour only repeats it.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Html;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::state::AppState;
use crate::clock::Clock;
use crate::model::{CollectorStatus, Snapshot};

const STYLE: &str = "
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
h1 { margin-bottom: 0 } h2 { margin: 2rem 0 .5rem }
nav a { margin-right: 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8886; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.state { font-weight: 600; padding: 0 .5rem; border-radius: .3rem; border: 1px solid; white-space: nowrap }
.fresh { color: #17803d } .waiting { color: #777 } .failing { color: #b45309 } .stale { color: #c81e1e }
small { color: #777 }
";

/// No script and nothing from elsewhere may run, even if an escape were forgotten.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

pub(super) async fn page(State(state): State<Arc<AppState>>) -> ([(HeaderName, HeaderValue); 3], Html<String>) {
    let operations = state.store.current();
    let mut html = String::new();
    // Writing to a string cannot fail.
    let _ = render(&mut html, state.telemetry_path.as_str(), &operations, &state.clock);
    (HEADERS, Html(html))
}

fn render(html: &mut String, metrics: &str, operations: &[Arc<Snapshot>], clock: &Clock) -> fmt::Result {
    write!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"refresh\" content=\"10\">\n<title>wolkvox_exporter</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>wolkvox_exporter</h1>\n\
         <p>Prometheus exporter for wolkvox, the contact-centre cloud. Version {}.</p>\n\
         <nav><a href=\"{metrics}\">Metrics</a><a href=\"/-/healthy\">Healthy</a><a href=\"/-/ready\">Ready</a></nav>\n",
        env!("CARGO_PKG_VERSION"),
        metrics = Escaped(metrics),
    )?;
    if operations.is_empty() {
        html.push_str("<p>No operation is configured.</p>\n");
    }
    for snapshot in operations {
        operation(html, snapshot, clock)?;
    }
    html.push_str(
        "<p><small>The page reloads every 10 seconds. fresh: the last poll succeeded. failing: the last poll failed; \
         the last good values, if there are any, are still shown. stale: the values are too old and no longer shown. \
         waiting: the first poll is not done.</small></p>\n</body>\n</html>\n",
    );
    Ok(())
}

fn operation(html: &mut String, snapshot: &Snapshot, clock: &Clock) -> fmt::Result {
    write!(
        html,
        "<h2>{}</h2>\n<p>{}</p>\n<table>\n<tr><th>Collector<th>State<th>Last success<th class=\"n\">Age<th class=\"n\">Every\
         <th class=\"n\">Rows<th>Last failure</tr>\n",
        Escaped(&snapshot.operation),
        Escaped(&quota(snapshot, clock)),
    )?;
    for collector in &snapshot.collectors {
        let state = Condition::of(collector, snapshot, clock);
        let age = collector.last_success.map(|at| Age(since(at, clock)).to_string());
        let failure = collector.failure.as_ref().map_or("", |failure| &failure.message);
        writeln!(
            html,
            "<tr><td>{name}<td><span class=\"state {state}\">{state}</span><td>{success}<td class=\"n\">{age}<td class=\"n\">{every}\
             <td class=\"n\">{rows}<td>{failure}</tr>",
            name = Escaped(collector.name.0),
            success = collector.last_success.map_or_else(|| "never".to_owned(), |at| local(at, &snapshot.timezone)),
            age = age.unwrap_or_default(),
            every = Age(collector.interval),
            rows = collector.rows.map(|rows| rows.to_string()).unwrap_or_default(),
            failure = Escaped(failure),
        )?;
    }
    html.push_str("</table>\n");
    Ok(())
}

fn quota(snapshot: &Snapshot, clock: &Clock) -> String {
    let used = snapshot.calls_today(clock.now());
    match snapshot.quota.limit {
        Some(limit) => format!("Calls to wolkvox today: {used} of {limit}."),
        None => format!("Calls to wolkvox today: {used}; no limit is configured."),
    }
}

fn since(at: Timestamp, clock: &Clock) -> Duration {
    // A clock that was set back shows an age of nothing, not a negative one.
    Duration::try_from(clock.wall().duration_since(at)).unwrap_or_default()
}

fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// How a collector is doing, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Waiting,
    Fresh,
    Failing,
    Stale,
}

impl Condition {
    fn of(collector: &CollectorStatus, snapshot: &Snapshot, clock: &Clock) -> Self {
        let shown = snapshot.fresh(clock.instant()).any(|report| report.collector == collector.name);
        match (collector.last_attempt, shown, collector.success) {
            (None, ..) => Self::Waiting,
            (Some(_), true, true) => Self::Fresh,
            (Some(_), true, false) => Self::Failing,
            (Some(_), false, _) if collector.last_success.is_none() => Self::Failing,
            (Some(_), false, _) => Self::Stale,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waiting => "waiting",
            Self::Fresh => "fresh",
            Self::Failing => "failing",
            Self::Stale => "stale",
        })
    }
}

/// A length of time in its two largest units.
struct Age(Duration);

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (large, small, names) = match seconds {
            0..60 => return write!(f, "{seconds} s"),
            60..3600 => (seconds / 60, seconds % 60, ["min", "s"]),
            3600..86_400 => (seconds / 3600, seconds / 60 % 60, ["h", "min"]),
            _ => (seconds / 86_400, seconds / 3600 % 24, ["d", "h"]),
        };
        write!(f, "{large} {}", names[0])?;
        if small > 0 { write!(f, " {small} {}", names[1]) } else { Ok(()) }
    }
}

/// Text as it may stand in an element or an attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{ScrapeLimit, fixture};

    async fn html(snapshots: Vec<Snapshot>) -> String {
        page(State(Arc::new(fixture::state(snapshots, ScrapeLimit::at_most(0))))).await.1.0
    }

    #[tokio::test]
    async fn names_and_messages_are_escaped() {
        let html = html(vec![fixture::failed()]).await;
        assert!(html.contains("<h2>&lt;b&gt;&quot;ventas&quot; &amp; &#39;sur&#39;&lt;/b&gt;</h2>"), "{html}");
        assert!(html.contains("no JSON: &lt;html&gt;"), "{html}");
    }

    #[tokio::test]
    async fn nothing_comes_from_elsewhere() {
        let html = html(vec![fixture::failed()]).await;
        for foreign in ["http://", "https://", "<script", "src=", "@import", "url("] {
            assert!(!html.contains(foreign), "{foreign}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_state_has_its_word() {
        let mut failing = fixture::succeeded(Duration::from_secs(60));
        failing.collectors[0].success = false;
        let cases = [
            (fixture::waiting(), "waiting"),
            (fixture::succeeded(Duration::from_secs(60)), "fresh"),
            (failing, "failing"),
            (fixture::failed(), "failing"),
            (fixture::succeeded(Duration::ZERO), "stale"),
        ];
        for (snapshot, word) in cases {
            let html = html(vec![snapshot]).await;
            assert!(html.contains(&format!("<span class=\"state {word}\">{word}</span>")), "{word}: {html}");
        }
    }

    #[tokio::test]
    async fn a_success_shows_when_it_was_how_old_it_is_and_what_it_brought() {
        let html = html(vec![fixture::succeeded(Duration::from_secs(60))]).await;
        for part in ["2026-11-03 09:58:45 -05:00", "1 min 15 s", "<td class=\"n\">12<td>", "today: 7 of 50000"] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn ages_are_short() {
        let cases =
            [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3661, "1 h 1 min"), (86_400, "1 d"), (200_000, "2 d 7 h")];
        for (seconds, text) in cases {
            assert_eq!(Age(Duration::from_secs(seconds)).to_string(), text);
        }
    }
}
