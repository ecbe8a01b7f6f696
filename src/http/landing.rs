//! `/`: the landing page for people, with links and the state of every collector.
//!
//! The page is self-contained: no script, no resource from another host. The macro `html!` escapes every value. The
//! state of a collector is a word, and its color only repeats the word.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Html;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::state::AppState;
use crate::clock::Clock;
use crate::model::{Collector, CollectorStatus, RequestStatus, SkillsReport, Snapshot, TargetThreshold};

const STYLE: PreEscaped<&str> = PreEscaped(include_str!("landing.css"));

/// Forbids scripts and resources of other hosts, as a second protection in case that a value is not escaped.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

pub(super) async fn page(State(state): State<Arc<AppState>>) -> ([(HeaderName, HeaderValue); 3], Html<String>) {
    let page = document(state.telemetry_path.as_str(), &state.store.current(), &state.clock);
    (HEADERS, Html(page.into_string()))
}

fn document(metrics_path: &str, operations: &[Arc<Snapshot>], clock: &Clock) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="refresh" content="10";
                title { "wolkvox_exporter" }
                style { (STYLE) }
            }
            body {
                h1 { "wolkvox_exporter" }
                p { "Prometheus exporter for wolkvox, the contact-centre cloud. Version " (env!("CARGO_PKG_VERSION")) "." }
                nav {
                    // Relative, so that they also work behind a proxy that adds a prefix to the path.
                    a href=(metrics_path.trim_start_matches('/')) { "Metrics" }
                    a href="-/healthy" { "Healthy" }
                    a href="-/ready" { "Ready" }
                    a href="config" { "Configuration" }
                }
                @if operations.is_empty() {
                    p { "No operation is configured." }
                }
                @for snapshot in operations {
                    (operation(snapshot, clock))
                }
                p {
                    small {
                        "The page reloads every 10 seconds. fresh: the last poll succeeded. failing: the last poll failed; "
                        "the last good values, if there are any, are still exported. stale: the values are too old and are "
                        "no longer exported. waiting: the first poll has not finished."
                    }
                }
            }
        }
    }
}

fn operation(snapshot: &Snapshot, clock: &Clock) -> Markup {
    html! {
        h2 { (snapshot.operation) }
        p { (quota(snapshot, clock)) }
        table {
            tr {
                th { "Collector" }
                th { "State" }
                th { "Last success" }
                th class="n" { "Age" }
                th class="n" { "Interval" }
                th class="n" { "Rows" }
                th { "Remarks" }
            }
            @for collector in &snapshot.collectors {
                (collector_row(collector, snapshot, clock))
            }
        }
    }
}

fn collector_row(collector: &CollectorStatus, snapshot: &Snapshot, clock: &Clock) -> Markup {
    let state = CollectorState::of(collector, snapshot, clock);
    html! {
        tr {
            td { (collector.name.to_string()) }
            td { span class={ "state " (state.as_str()) } { (state.as_str()) } }
            td {
                @match collector.last_success() {
                    Some(at) => { (local_time(at, &snapshot.timezone)) }
                    None => { "never" }
                }
            }
            td class="n" { @if let Some(at) = collector.last_success() { (duration_text(age(at, clock))) } }
            td class="n" { (duration_text(collector.interval)) }
            td class="n" { @if let Some(rows) = collector.rows() { (rows) } }
            td {
                @if let Some(failure) = &collector.failure {
                    (failure.message)
                } @else {
                    @for request in &collector.requests {
                        (request_remark(request, snapshot, clock))
                    }
                    @if collector.name == Collector::Skills {
                        (target_remark(snapshot, clock))
                    }
                }
            }
        }
    }
}

/// Names a request whose values are not those of the last poll.
fn request_remark(request: &RequestStatus, snapshot: &Snapshot, clock: &Clock) -> Markup {
    html! {
        @if let Some(failure) = &request.failure {
            div {
                (request.key.to_string()) ": " (failure.message)
                @match request.last_success {
                    Some(at) => { " (last success " (duration_text(age(at, clock))) " ago)" }
                    None => { " (no success yet)" }
                }
            }
        } @else if let Some(since) = request.empty_since {
            div {
                (request.key.to_string()) ": no rows since " (local_time(since, &snapshot.timezone))
                "; the values of the last response with rows are kept"
            }
        }
    }
}

/// Names the thresholds of targets that wolkvox does not send.
fn target_remark(snapshot: &Snapshot, clock: &Clock) -> Markup {
    let reports = snapshot.reports_of::<SkillsReport>(clock.instant());
    let missing = reports.flat_map(|report| &report.target_thresholds).filter(|threshold| !threshold.is_sent);
    html! {
        @for TargetThreshold { skill_id, threshold_seconds, .. } in missing {
            div {
                "skill_id " (skill_id) ": wolkvox sends no service level within " (threshold_seconds)
                " s, so a target with this threshold cannot be measured"
            }
        }
    }
}

fn quota(snapshot: &Snapshot, clock: &Clock) -> String {
    let used = snapshot.calls_today(clock.now(), clock.instant());
    match snapshot.quota.limit {
        Some(limit) => format!("Calls to wolkvox today: {used} of {limit}."),
        None => format!("Calls to wolkvox today: {used}; no limit is configured."),
    }
}

fn age(at: Timestamp, clock: &Clock) -> Duration {
    // If the clock was set back, the age is 0 instead of negative.
    Duration::try_from(clock.wall().duration_since(at)).unwrap_or_default()
}

fn local_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// The state of a collector in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CollectorState {
    /// The first poll has not finished.
    Waiting,
    /// The last poll succeeded.
    Fresh,
    /// The last poll failed; values of an earlier poll may be exported.
    Failing,
    /// The values are too old to be exported.
    Stale,
}

impl CollectorState {
    fn of(collector: &CollectorStatus, snapshot: &Snapshot, clock: &Clock) -> Self {
        let has_values = snapshot.fresh(clock.instant()).any(|report| report.collector == collector.name);
        match (collector.last_attempt, has_values, collector.success) {
            (None, ..) => Self::Waiting,
            (Some(_), true, true) => Self::Fresh,
            (Some(_), true, false) => Self::Failing,
            (Some(_), false, _) if collector.last_success().is_none() => Self::Failing,
            (Some(_), false, _) => Self::Stale,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Fresh => "fresh",
            Self::Failing => "failing",
            Self::Stale => "stale",
        }
    }
}

/// A duration in its two largest units.
fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (large, small, [large_unit, small_unit]) = match seconds {
        0..60 => return format!("{seconds} s"),
        60..3600 => (seconds / 60, seconds % 60, ["min", "s"]),
        3600..86_400 => (seconds / 3600, seconds / 60 % 60, ["h", "min"]),
        _ => (seconds / 86_400, seconds / 3600 % 24, ["d", "h"]),
    };
    if small > 0 { format!("{large} {large_unit} {small} {small_unit}") } else { format!("{large} {large_unit}") }
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
        assert!(html.contains("<h2>&lt;b&gt;&quot;ventas&quot; &amp; 'sur'&lt;/b&gt;</h2>"), "{html}");
        assert!(html.contains("no JSON: &lt;html&gt;"), "{html}");
    }

    #[tokio::test]
    async fn links_are_relative() {
        let html = html(vec![fixture::waiting()]).await;
        for link in ["metrics", "-/healthy", "-/ready", "config"] {
            assert!(html.contains(&format!("href=\"{link}\"")), "{link}: {html}");
        }
        assert!(!html.contains("href=\"/"), "{html}");
    }

    #[tokio::test]
    async fn no_resource_comes_from_another_host() {
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
    async fn a_successful_poll_has_its_time_age_and_rows() {
        let html = html(vec![fixture::succeeded(Duration::from_secs(60))]).await;
        for part in ["2026-11-03 09:58:45 -05:00", "1 min 15 s", "<td class=\"n\">12</td>", "today: 7 of 50000"] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn durations_have_at_most_two_units() {
        let cases =
            [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3661, "1 h 1 min"), (86_400, "1 d"), (200_000, "2 d 7 h")];
        for (seconds, text) in cases {
            assert_eq!(duration_text(Duration::from_secs(seconds)), text);
        }
    }
}
