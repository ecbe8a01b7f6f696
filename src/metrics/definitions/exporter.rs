//! The exporter: success and age of its polls, its calls to wolkvox, its quota and its configuration.
//!
//! These families exist from the start. They stay when the values of a report expire.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Definition, Owner, Read, RenderInput, SelfMetrics, Table, counter, gauge, histogram, info};
use crate::metrics::sample::Number::{self, Count, Real};
use crate::metrics::sample::{Label, Sink};
use crate::model::{CollectorStatus, DurationHistogram, EndpointStats, Reason, RequestStatus, Snapshot};

/// Families that change with a poll.
pub(super) const POLLED: Table<RenderInput> = Table { owner: Owner::Exporter, rows: POLLED_ROWS };

/// Families that are rendered for each scrape.
pub(super) const SCRAPED: Table<SelfMetrics> = Table { owner: Owner::Exporter, rows: SCRAPED_ROWS };

const POLLED_ROWS: &[Definition<RenderInput>] = &[
    gauge(
        "wolkvox_up",
        "1 if the last poll of every enabled collector succeeded; 0 before the first poll and after a failure.",
        &PerOperation(|snapshot, _| Some(Number::flag(snapshot.is_up()))),
    ),
    gauge(
        "wolkvox_collector_success",
        "1 if the collector's last poll succeeded; 0 before the first poll and after a failure.",
        &PerCollector(|collector| Some(Number::flag(collector.success))),
    ),
    info(
        "wolkvox_collector_failure_info",
        "Reason of the failure of the collector's last poll, until the next success; quota_used_up means that no call was made.",
        &LastFailure,
    ),
    gauge(
        "wolkvox_collector_duration_seconds",
        "Duration of the collector's last poll.",
        &PerCollector(|collector| collector.duration.map(seconds)),
    ),
    gauge(
        "wolkvox_collector_last_attempt_timestamp_seconds",
        "Unix time at which the collector's last poll ended.",
        &PerCollector(|collector| collector.last_attempt.map(unix_time)),
    ),
    gauge(
        "wolkvox_collector_last_success_timestamp_seconds",
        "Unix time at which the collector's last successful poll ended.",
        &PerCollector(|collector| collector.last_success().map(unix_time)),
    ),
    gauge(
        "wolkvox_collector_interval_seconds",
        "Time between two polls of the collector (configuration).",
        &PerCollector(|collector| Some(seconds(collector.interval))),
    ),
    gauge(
        "wolkvox_collector_rows",
        "Rows that wolkvox sent in the collector's last successful poll (data).",
        &PerCollector(|collector| collector.rows().map(Count)),
    ),
    gauge(
        "wolkvox_collector_request_success",
        "1 if the request of the collector's last poll succeeded, else 0; a poll makes one for each of its skill_ids and windows (configuration).",
        &PerRequest(|request| Some(Number::flag(request.success()))),
    ),
    gauge(
        "wolkvox_collector_request_last_success_timestamp_seconds",
        "Unix time at which the last poll ended in which the request succeeded.",
        &PerRequest(|request| request.last_success.map(unix_time)),
    ),
    counter(
        "wolkvox_api_requests_total",
        "Calls to the wolkvox API, including failed calls.",
        &PerEndpoint(|stats| stats.requests),
    ),
    counter(
        "wolkvox_api_request_failures_total",
        "Calls to the wolkvox API that failed or whose response may be incomplete, by reason (HTTP status, code and msg).",
        &Failures,
    ),
    histogram(
        "wolkvox_api_request_duration_seconds",
        "Duration of calls to the wolkvox API, over all operations.",
        &Durations,
    ),
    counter(
        "wolkvox_api_empty_answers_total",
        "Responses without rows: code 404, or an empty list (code, data).",
        &PerEndpoint(|stats| stats.empty_answers),
    ),
    gauge(
        "wolkvox_api_quota_limit",
        "Calls that the operation may make in a day: 1,000 for each license (configuration).",
        &PerOperation(|snapshot, _| snapshot.quota.limit.map(Count)),
    ),
    gauge(
        "wolkvox_api_quota_used",
        "Calls that the operation has made since the start of its local day.",
        &PerOperation(|snapshot, input| Some(Count(snapshot.calls_today(input.now, input.instant)))),
    ),
    gauge(
        "wolkvox_api_quota_reset_timestamp_seconds",
        "Unix time at which the next local day of the operation starts, and with it a new quota.",
        &PerOperation(|snapshot, input| snapshot.next_day(input.now).map(unix_time)),
    ),
    counter(
        "wolkvox_parse_errors_total",
        "Values in a response that could not be parsed, by field; such a value has no sample.",
        &ParseErrorCounts,
    ),
    counter(
        "wolkvox_json_repairs_total",
        "Responses that could be parsed only after a repair, for example of a trailing comma.",
        &PerEndpoint(|stats| stats.json_repairs),
    ),
    counter(
        "wolkvox_duplicate_rows_total",
        "Rows with the same key as an earlier row of the same response; the last row is used.",
        &PerEndpoint(|stats| stats.duplicate_rows),
    ),
];

const SCRAPED_ROWS: &[Definition<SelfMetrics>] = &[
    info("wolkvox_exporter_build_info", "Version of the exporter and the revision that it was built from.", &Build),
    gauge(
        "wolkvox_exporter_config_last_reload_successful",
        "1 if the last reload of the configuration succeeded, else 0; 1 before the first reload.",
        &PerExporter(|metrics| Some(Number::flag(metrics.info.running.last_reload().successful))),
    ),
    gauge(
        "wolkvox_exporter_config_last_reload_success_timestamp_seconds",
        "Unix time at which the configuration in use was read, at the start or by a reload.",
        &PerExporter(|metrics| Some(unix_time(metrics.info.running.last_reload().config_read_at))),
    ),
    counter(
        "wolkvox_exporter_log_lines_dropped_total",
        "Lines of the log that were not written, because standard error is read too slowly or not at all.",
        &PerExporter(|metrics| Some(Count(metrics.info.running.log_lines_dropped()))),
    ),
    gauge(
        "wolkvox_exporter_state_last_write_successful",
        "1 if the last write of the state file succeeded, else 0; absent without a state file.",
        &PerExporter(|metrics| metrics.info.running.is_state_written().map(Number::flag)),
    ),
    counter(
        "wolkvox_exporter_http_connections_closed_total",
        "Connections of clients that were closed: no_request in time, place_needed for another one, slow_reader of a response, reader of an old_page.",
        &ClosedConnections,
    ),
    gauge(
        "wolkvox_exporter_web_config_last_reload_successful",
        "1 if the web configuration was read without errors the last time, else 0; absent without --web.config.file.",
        &PerExporter(|metrics| metrics.info.running.is_web_config_valid().map(Number::flag)),
    ),
];

/// Unix time in seconds, with milliseconds, which are precise enough for ages.
fn unix_time(at: Timestamp) -> Number {
    Real(at.as_millisecond() as f64 / 1000.0)
}

fn seconds(duration: Duration) -> Number {
    Real(duration.as_secs_f64())
}

/// One sample for each operation.
#[derive(Debug)]
struct PerOperation(fn(&Snapshot, &RenderInput) -> Option<Number>);

/// One sample for each operation and collector.
#[derive(Debug)]
struct PerCollector(fn(&CollectorStatus) -> Option<Number>);

/// One sample for each operation, collector and request. A label that does not apply to the collector is empty.
#[derive(Debug)]
struct PerRequest(fn(&RequestStatus) -> Option<Number>);

/// One sample for each operation and endpoint, 0 at the start.
#[derive(Debug)]
struct PerEndpoint(fn(&EndpointStats) -> u64);

/// One sample for each operation, endpoint and reason, 0 at the start.
#[derive(Debug)]
struct Failures;

/// One sample for each collector whose last poll failed.
#[derive(Debug)]
struct LastFailure;

/// One sample for each operation, endpoint and field, 0 at the start.
#[derive(Debug)]
struct ParseErrorCounts;

/// One histogram for each endpoint over all operations, because one for each operation would be most of the page.
#[derive(Debug)]
struct Durations;

/// One sample.
#[derive(Debug)]
struct Build;

/// One sample for each reason.
#[derive(Debug)]
struct ClosedConnections;

/// One sample.
#[derive(Debug)]
struct PerExporter(fn(&SelfMetrics) -> Option<Number>);

fn endpoints(input: &RenderInput) -> impl Iterator<Item = (&str, &EndpointStats)> {
    input.snapshots.iter().flat_map(|snapshot| snapshot.endpoints.iter().map(|stats| (&*snapshot.operation, stats)))
}

impl Read<RenderInput> for PerOperation {
    fn labels(&self) -> &'static [&'static str] {
        &["operation"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for snapshot in input.snapshots.iter() {
            sink.sample(&[(&*snapshot.operation).into()], (self.0)(snapshot, input));
        }
    }
}

impl Read<RenderInput> for PerCollector {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "collector"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for snapshot in input.snapshots.iter() {
            for collector in &snapshot.collectors {
                sink.sample(&[(&*snapshot.operation).into(), collector.name.name().into()], (self.0)(collector));
            }
        }
    }
}

impl Read<RenderInput> for PerRequest {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "collector", "skill_id", "window"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for snapshot in input.snapshots.iter() {
            for collector in &snapshot.collectors {
                for request in &collector.requests {
                    let text = |value: &Option<Arc<str>>| value.clone().unwrap_or_default();
                    let (skill_id, window) = (text(&request.key.skill_id), text(&request.key.window));
                    let labels = [
                        (&*snapshot.operation).into(),
                        collector.name.name().into(),
                        (&*skill_id).into(),
                        (&*window).into(),
                    ];
                    sink.sample(&labels, (self.0)(request));
                }
            }
        }
    }
}

impl Read<RenderInput> for PerEndpoint {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "endpoint"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (operation, stats) in endpoints(input) {
            sink.sample(&[operation.into(), stats.endpoint.into()], Some(Count((self.0)(stats))));
        }
    }
}

impl Read<RenderInput> for Failures {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "endpoint", "reason"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (operation, stats) in endpoints(input) {
            for (reason, failures) in Reason::ALL.into_iter().zip(stats.failures) {
                let labels = [operation.into(), stats.endpoint.into(), reason.as_str().into()];
                sink.sample(&labels, Some(Count(failures)));
            }
        }
    }
}

impl Read<RenderInput> for LastFailure {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "collector", "reason"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for snapshot in input.snapshots.iter() {
            for collector in &snapshot.collectors {
                let Some(failure) = &collector.failure else { continue };
                let labels =
                    [(&*snapshot.operation).into(), collector.name.name().into(), failure.reason_text().into()];
                sink.sample(&labels, Some(Count(1)));
            }
        }
    }
}

impl Read<RenderInput> for ParseErrorCounts {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "endpoint", "field"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (operation, stats) in endpoints(input) {
            for (field, errors) in &stats.parse_errors {
                let labels: [Label<'_>; 3] = [operation.into(), stats.endpoint.into(), (*field).into()];
                sink.sample(&labels, Some(Count(*errors)));
            }
        }
    }
}

impl Read<RenderInput> for Durations {
    fn labels(&self) -> &'static [&'static str] {
        &["endpoint"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        let mut merged: BTreeMap<&str, DurationHistogram> = BTreeMap::new();
        let existing = endpoints(input).map(|(_, stats)| (stats.endpoint, &stats.duration));
        let removed = input.snapshots.removed_durations.iter().map(|(endpoint, durations)| (*endpoint, durations));
        for (endpoint, durations) in existing.chain(removed) {
            merged.entry(endpoint).or_default().merge(durations);
        }
        for (endpoint, histogram) in &merged {
            sink.histogram(&[(*endpoint).into()], histogram);
        }
    }
}

impl Read<SelfMetrics> for Build {
    fn labels(&self) -> &'static [&'static str] {
        &["version", "revision"]
    }

    fn samples(&self, metrics: &SelfMetrics, sink: &mut dyn Sink) {
        sink.sample(&[metrics.info.version.into(), metrics.info.revision.into()], Some(Count(1)));
    }
}

impl Read<SelfMetrics> for PerExporter {
    fn labels(&self) -> &'static [&'static str] {
        &[]
    }

    fn samples(&self, metrics: &SelfMetrics, sink: &mut dyn Sink) {
        sink.sample(&[], (self.0)(metrics));
    }
}

impl Read<SelfMetrics> for ClosedConnections {
    fn labels(&self) -> &'static [&'static str] {
        &["reason"]
    }

    fn samples(&self, metrics: &SelfMetrics, sink: &mut dyn Sink) {
        for (reason, closed) in metrics.info.running.closed_connections() {
            sink.sample(&[reason.into()], Some(Count(closed)));
        }
    }
}
