//! Collectors, schedule, quota and counters together, with a scripted transport instead of wolkvox and in paused time.

mod agents_kpi;
mod clock_steps;
mod ivr;
mod new_token;
mod reload;
mod requests;
mod stale_connection;
mod transfers;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::*;
use crate::api::{ApiError, Query, Response, Transport};
use crate::clock::Clock;
use crate::config::collectors::{DnisMask, DnisSettings, SkillsSettings};
use crate::config::{self, SkillSelection, Token, Window};
use crate::model::{DnisReport, Reason, SkillsReport, Snapshot, SnapshotStore};

const MINUTE: Duration = Duration::from_secs(60);
const SKILL: &str = r#"{"skill_id": "4173", "skill_name": "Atención  \"Ñ\"", "calls_in_queue_now": "2", "stat_inbound": "100",
    "stat_answer": "90", "stat_abandon": "8", "service_level_10seg": "70.00 %", "service_level_20seg": "80 %",
    "service_level_30seg": "85.00%", "service_level_0seg": "0 %", "by_abandon": "8.00 %"}"#;
const NUMBER: &str = r#"{"dnis": "6015550101", "inbound_calls": "1,204", "answer_calls": "1000", "abandon_calls": "200",
    "service_level_20seg": "80.15 %", "asa": "12.5", "abandon": "16.61 %", "ata": "00:01:05"}"#;

/// A transport that returns the responses of the test in order, and the last one for ever. It records the queries and
/// how many were in flight at the same time.
#[derive(Default)]
struct Script {
    responses: Mutex<VecDeque<Result<Response, ApiError>>>,
    queries: Mutex<Vec<Query>>,
    delay: Duration,
    in_flight: AtomicUsize,
    max_in_flight: AtomicUsize,
}

impl Script {
    fn new(responses: impl IntoIterator<Item = Result<Response, ApiError>>) -> Arc<Self> {
        Arc::new(Self { responses: Mutex::new(responses.into_iter().collect()), ..Self::default() })
    }

    fn calls(&self) -> usize {
        self.queries.lock().unwrap().len()
    }

    fn parameters(&self, call: usize) -> Vec<(String, String)> {
        let queries = self.queries.lock().unwrap();
        queries[call].parameters.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect()
    }

    fn always_respond(&self, response: Result<Response, ApiError>) {
        *self.responses.lock().unwrap() = VecDeque::from([response]);
    }
}

impl Transport for Script {
    fn call<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        Box::pin(async move {
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.max_in_flight.fetch_max(now, Ordering::SeqCst);
            self.queries.lock().unwrap().push(query.clone());
            tokio::time::sleep(self.delay).await;
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            let mut responses = self.responses.lock().unwrap();
            if responses.len() > 1 { responses.pop_front().unwrap() } else { responses.front().unwrap().clone() }
        })
    }
}

fn rows(rows: &[&str]) -> Result<Response, ApiError> {
    response(200, &format!(r#"{{"code": "200", "error": null, "msg": "", "data": [{}]}}"#, rows.join(",")))
}

#[expect(clippy::unnecessary_wraps, reason = "a response of the script may also be an error")]
fn response(status: u16, body: &str) -> Result<Response, ApiError> {
    Ok(Response { status, retry_after: None, body: body.as_bytes().to_vec() })
}

/// The response as the vendor's page prints it.
fn vendors_example(report: &str) -> String {
    let path = format!("{}/tests/fixtures/vendor/{report}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn connection_refused() -> Result<Response, ApiError> {
    Err(ApiError::new(Reason::Connect, "refused"))
}

/// One operation in Bogotá with the collectors that the test switches on.
fn operation(collectors: config::CollectorSettings) -> Operation {
    Operation {
        name: "ventas".into(),
        base_url: "http://127.0.0.1:1".parse().unwrap(),
        token: Token::new("sesame-0815".to_owned()),
        token_file: None,
        token_variable: None,
        proxy: None,
        timezone: TimeZone::get("America/Bogota").unwrap(),
        licenses: None,
        collectors,
        targets: Arc::default(),
    }
}

fn skills_every(interval: Duration) -> config::CollectorSettings {
    let settings = SkillsSettings { cadence: Cadence::every(interval), skill_ids: vec![SkillSelection::all()] };
    config::CollectorSettings { skills: Some(settings), ..config::CollectorSettings::default() }
}

fn dnis_every(interval: Duration, windows: Vec<Window>) -> config::CollectorSettings {
    let settings = DnisSettings {
        cadence: Cadence::every(interval),
        skill_ids: vec![SkillSelection::all()],
        windows,
        max_dnis: 1000,
        mask: DnisMask::None,
    };
    config::CollectorSettings { dnis: Some(settings), ..config::CollectorSettings::default() }
}

/// An operation that is being polled.
struct RunningOperation {
    store: Arc<SnapshotStore>,
    clock: Clock,
    _pollers: PollerTasks,
}

fn clock_at(moment: &str) -> Clock {
    Clock::scaled(moment.parse::<Timestamp>().unwrap(), 1.0)
}

/// Starts to poll at 10:30 in Bogotá, on a clock that follows tokio's paused time.
fn start(operation: Operation, script: &Arc<Script>) -> RunningOperation {
    start_with(operation, script, clock_at("2026-11-20T10:30:00-05"), &Arc::new(StateFile::default()))
}

fn start_with(operation: Operation, script: &Arc<Script>, clock: Clock, state: &Arc<StateFile>) -> RunningOperation {
    let transport: Arc<dyn Transport> = Arc::clone(script) as _;
    let (store, pollers) = build_pollers(&[(operation, transport)], &clock, state);
    RunningOperation { store, clock, _pollers: PollerTasks::start(pollers) }
}

impl RunningOperation {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.store.current()[0])
    }

    fn shows_skills(&self) -> bool {
        self.snapshot().report::<SkillsReport>(self.clock.instant()).is_some()
    }

    fn failures(&self, reason: Reason) -> u64 {
        self.snapshot().endpoints[0].failures[reason as usize]
    }
}

/// Stops polling and drops everything, as the end of the process does.
async fn stop(running: RunningOperation) {
    drop(running);
    // An aborted task drops its values when the runtime polls it the next time.
    minutes(0.001).await;
}

async fn minutes(count: f64) {
    tokio::time::sleep(MINUTE.mul_f64(count)).await;
}

#[tokio::test(start_paused = true)]
async fn every_field_of_a_skill_row_is_read() {
    let running = start(operation(skills_every(MINUTE)), &Script::new([rows(&[SKILL])]));
    minutes(0.5).await;
    let snapshot = running.snapshot();
    let report = snapshot.report::<SkillsReport>(running.clock.instant()).unwrap();
    let skill = &report.skills[0];
    assert_eq!((&*skill.id, skill.name.as_deref()), ("4173", Some("Atención  \"Ñ\"")));
    assert_eq!(
        (skill.calls_in_queue, skill.inbound, skill.answered, skill.abandoned),
        (Some(2), Some(100), Some(90), Some(8))
    );
    let levels: Vec<(u32, f64)> = skill.service_levels.iter().map(|l| (l.threshold_seconds, l.ratio)).collect();
    assert_eq!(levels, [(10, 0.7), (20, 0.8), (30, 0.85)]);
    assert_eq!(skill.abandon_ratio, Some(0.08));
    assert_eq!(skill.counters.inbound, Some(0));
    assert_eq!(skill.counters.answered_within, [(10, 0), (20, 0), (30, 0)]);
    let status = &snapshot.collectors[0];
    assert!(snapshot.is_up() && status.success && status.failure.is_none());
    assert_eq!((status.rows(), snapshot.quota.used), (Some(1), 1));
}

#[tokio::test(start_paused = true)]
async fn a_single_poll_continues_the_counters() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let calls = |calls: &str| rows(&[&SKILL.replace("\"100\"", calls)]);
    let after = async |script: &Arc<Script>| {
        let transport: Arc<dyn Transport> = Arc::clone(script) as _;
        let state = Arc::new(StateFile::open(Some(&path)).unwrap());
        let clock = clock_at("2026-11-20T10:30:00-05");
        let (store, pollers) = build_pollers(&[(operation(skills_every(MINUTE)), transport)], &clock, &state);
        poll_once(pollers).await;
        let snapshot = Arc::clone(&store.current()[0]);
        snapshot.report::<SkillsReport>(clock.instant()).unwrap().skills[0].counters.inbound
    };
    assert_eq!(after(&Script::new([calls("\"100\"")])).await, Some(0));
    assert_eq!(after(&Script::new([calls("\"104\"")])).await, Some(4));
    assert_eq!(after(&Script::new([calls("\"105\"")])).await, Some(5));
}

#[tokio::test(start_paused = true)]
async fn a_row_whose_key_cannot_be_parsed_is_one_error() {
    let row = SKILL.replace("\"4173\"", "[4173]");
    let running = start(operation(skills_every(MINUTE)), &Script::new([rows(&[&row])]));
    minutes(0.5).await;
    let stats = &running.snapshot().endpoints[0];
    let errors: Vec<_> = stats.parse_errors.iter().copied().filter(|(_, count)| *count > 0).collect();
    assert_eq!(errors, [("skill_id", 1)]);
}

#[tokio::test(start_paused = true)]
async fn counters_follow_the_day_totals() {
    let later = SKILL.replace("\"100\"", "\"110\"").replace("\"90\"", "\"98\"").replace("\"80 %\"", "\"80.00 %\"");
    let running = start(operation(skills_every(MINUTE)), &Script::new([rows(&[SKILL]), rows(&[&later])]));
    minutes(1.5).await;
    let snapshot = running.snapshot();
    let counters = &snapshot.report::<SkillsReport>(running.clock.instant()).unwrap().skills[0].counters;
    assert_eq!((counters.inbound, counters.answered, counters.abandoned), (Some(10), Some(8), Some(0)));
    // 80 % of 100 calls, then of 110.
    assert_eq!(counters.answered_within[1], (20, 8));
}

#[tokio::test(start_paused = true)]
async fn a_bad_field_drops_one_sample_and_counts_one_error() {
    let bad = SKILL.replace("\"100\"", "\"many\"");
    let running = start(operation(skills_every(MINUTE)), &Script::new([rows(&[&bad])]));
    minutes(0.5).await;
    let snapshot = running.snapshot();
    let skill = &snapshot.report::<SkillsReport>(running.clock.instant()).unwrap().skills[0];
    assert_eq!((skill.inbound, skill.answered), (None, Some(90)));
    let errors: Vec<_> = snapshot.endpoints[0].parse_errors.iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(errors, [&("stat_inbound", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_row_of_blanks_gives_no_skill_and_no_error() {
    let vendor = vendors_example("skills");
    let running = start(operation(skills_every(MINUTE)), &Script::new([response(200, &vendor)]));
    minutes(0.5).await;
    let snapshot = running.snapshot();
    assert!(snapshot.report::<SkillsReport>(running.clock.instant()).unwrap().skills.is_empty());
    assert!(snapshot.endpoints[0].parse_errors.iter().all(|(_, count)| *count == 0));
    assert_eq!(snapshot.collectors[0].rows(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_row_without_its_skill_id_is_counted_as_an_error() {
    let running =
        start(operation(skills_every(MINUTE)), &Script::new([rows(&[r#"{"skill_id": "-", "stat_inbound": "3"}"#])]));
    minutes(0.5).await;
    assert!(running.snapshot().endpoints[0].parse_errors.contains(&("skill_id", 1)));
}

#[tokio::test(start_paused = true)]
async fn the_last_of_two_rows_of_a_skill_is_used_and_one_duplicate_is_counted() {
    let second = SKILL.replace("\"2\"", "\"5\"");
    let running = start(operation(skills_every(MINUTE)), &Script::new([rows(&[SKILL, &second])]));
    minutes(0.5).await;
    let snapshot = running.snapshot();
    let skills = &snapshot.report::<SkillsReport>(running.clock.instant()).unwrap().skills;
    assert_eq!((skills.len(), skills[0].calls_in_queue), (1, Some(5)));
    assert_eq!(snapshot.endpoints[0].duplicate_rows, 1);
}

#[tokio::test(start_paused = true)]
async fn an_element_that_is_not_a_row_is_counted_and_the_others_are_read() {
    let running = start(operation(skills_every(MINUTE)), &Script::new([rows(&["\"oops\"", SKILL])]));
    minutes(0.5).await;
    assert_eq!(running.snapshot().report::<SkillsReport>(running.clock.instant()).unwrap().skills.len(), 1);
    assert!(running.snapshot().endpoints[0].parse_errors.contains(&("row", 1)));
}

#[tokio::test(start_paused = true)]
async fn no_records_is_a_success_without_skills() {
    let none = response(404, r#"{"code": "404", "error": "x", "msg": "Validate dates entered", "data": []}"#);
    let running = start(operation(skills_every(MINUTE)), &Script::new([none]));
    minutes(0.5).await;
    let snapshot = running.snapshot();
    assert!(snapshot.is_up());
    assert!(snapshot.report::<SkillsReport>(running.clock.instant()).unwrap().skills.is_empty());
    assert_eq!(snapshot.endpoints[0].empty_answers, 1);
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_in_the_middle_of_a_day_removes_nothing_until_the_values_are_too_old() {
    let none = || response(404, r#"{"code": "404", "msg": "Validate dates entered", "data": []}"#);
    let script = Script::new([rows(&[SKILL]), rows(&[SKILL]), none(), rows(&[])]);
    let running = start(operation(skills_every(MINUTE)), &script);
    let skills =
        || running.snapshot().report::<SkillsReport>(running.clock.instant()).map(|report| report.skills.len());
    minutes(1.5).await;
    let before = running.snapshot().collectors[0].clone();
    assert_eq!((skills(), before.requests[0].empty_since), (Some(1), None));
    minutes(2.0).await;
    let status = running.snapshot().collectors[0].clone();
    assert!(status.success && status.requests[0].empty_since.is_some());
    assert_eq!((status.last_success(), status.rows(), skills()), (before.last_success(), Some(1), Some(1)));
    assert_eq!(running.snapshot().endpoints[0].empty_answers, 2);
    // Three intervals after the last poll with rows they are too old.
    minutes(3.0).await;
    assert_eq!((skills(), running.snapshot().collectors[0].requests[0].empty_since), (Some(0), None));
    script.always_respond(rows(&[SKILL]));
    minutes(1.0).await;
    assert_eq!(skills(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn values_that_an_empty_answer_kept_end_with_the_local_day() {
    let mut settings = skills_every(MINUTE * 10);
    if let Some(skills) = &mut settings.skills {
        skills.cadence.max_age = MINUTE * 600;
    }
    let script = Script::new([rows(&[SKILL]), rows(&[])]);
    let running = start_with(operation(settings), &script, clock_at("2026-11-20T23:45:00-05"), &Arc::default());
    let shown =
        || running.snapshot().report::<SkillsReport>(running.clock.instant()).is_some_and(|r| !r.skills.is_empty());
    minutes(14.0).await;
    assert!(shown());
    minutes(2.0).await;
    assert!(!shown());
}

#[tokio::test(start_paused = true)]
async fn a_repaired_answer_is_counted() {
    let running = start(
        operation(skills_every(MINUTE)),
        &Script::new([response(200, &format!(r#"{{"code": 200, "data": [{SKILL},]}}"#))]),
    );
    minutes(0.5).await;
    assert!(running.shows_skills());
    assert_eq!(running.snapshot().endpoints[0].json_repairs, 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_sixty_thousand_rows_is_used_and_counted_as_truncated() {
    let many: Vec<String> = (0..60_000).map(|n| format!(r#"{{"skill_id": "{n}", "stat_inbound": "1"}}"#)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let running = start(operation(skills_every(MINUTE)), &Script::new([rows(&many)]));
    while !running.shows_skills() {
        minutes(0.1).await;
    }
    assert_eq!(running.snapshot().report::<SkillsReport>(running.clock.instant()).unwrap().skills.len(), 60_000);
    assert_eq!(running.failures(Reason::Truncated), 1);
    assert!(running.snapshot().is_up());
}

#[tokio::test(start_paused = true)]
async fn numbers_are_queried_per_window_and_every_field_is_read() {
    let script = Script::new([rows(&[NUMBER])]);
    let windows = vec![Window::today(), Window::rolling("30m", MINUTE * 30)];
    let running = start(operation(dnis_every(MINUTE * 5, windows)), &script);
    minutes(1.0).await;
    let written = |from: &str, to: &str| {
        [("skill_id", "all"), ("date_ini", from), ("date_end", to)].map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec()
    };
    assert_eq!(script.parameters(0), written("20261120000000", "20261120103000"));
    assert_eq!(script.parameters(1), written("20261120100000", "20261120103000"));
    let snapshot = running.snapshot();
    let reports: Vec<_> = snapshot.reports_of::<DnisReport>(running.clock.instant()).collect();
    let rows: Vec<_> = reports.iter().flat_map(|report| &report.rows).collect();
    assert_eq!(rows.iter().map(|row| &*row.window).collect::<Vec<_>>(), ["today", "30m"]);
    let number = rows[0];
    assert_eq!(
        (&*number.dnis, number.inbound, number.answered, number.abandoned),
        ("6015550101", Some(1204), Some(1000), Some(200))
    );
    assert_eq!((number.average_speed_of_answer, number.average_time_to_abandon), (Some(12.5), Some(65.0)));
    assert_eq!((number.abandon_ratio, number.service_levels[0].ratio), (Some(0.1661), 0.8015));
    let merged = reports.iter().flat_map(|report| &report.merged);
    assert_eq!(merged.map(|merged| merged.numbers).collect::<Vec<_>>(), [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn the_vendors_blank_example_of_numbers_gives_no_rows_and_no_error() {
    let vendor = vendors_example("dnis");
    let running = start(operation(dnis_every(MINUTE, vec![Window::today()])), &Script::new([response(200, &vendor)]));
    minutes(0.5).await;
    let snapshot = running.snapshot();
    assert!(snapshot.report::<DnisReport>(running.clock.instant()).unwrap().rows.is_empty());
    assert!(snapshot.endpoints[0].parse_errors.iter().all(|(_, count)| *count == 0));
}

#[tokio::test(start_paused = true)]
async fn a_window_that_local_time_cannot_express_is_not_queried() {
    let script = Script::new([rows(&[NUMBER])]);
    let windows = vec![Window::rolling("30m", MINUTE * 30), Window::today()];
    let santiago = Operation {
        timezone: TimeZone::get("America/Santiago").unwrap(),
        ..operation(dnis_every(MINUTE * 5, windows))
    };
    // The second pass of the hour that comes twice.
    let running = start_with(santiago, &script, clock_at("2026-04-04T23:10:00-04"), &Arc::default());
    minutes(1.0).await;
    assert_eq!(script.calls(), 1);
    let snapshot = running.snapshot();
    let mut rows = snapshot.reports_of::<DnisReport>(running.clock.instant()).flat_map(|report| &report.rows);
    assert!(snapshot.is_up() && rows.all(|row| &*row.window == "today"));
}

#[tokio::test(start_paused = true)]
async fn there_is_one_poll_per_interval() {
    let script = Script::new([rows(&[SKILL])]);
    let running = start(operation(skills_every(MINUTE)), &script);
    minutes(60.5).await;
    assert!((60..=62).contains(&script.calls()), "{}", script.calls());
    assert!(running.snapshot().is_up());
}

#[tokio::test(start_paused = true)]
async fn a_failing_poll_backs_off_and_recovers_with_the_next_success() {
    let script = Script::new([connection_refused()]);
    let running = start(operation(skills_every(MINUTE)), &script);
    minutes(0.5).await;
    assert!(!running.snapshot().is_up() && running.snapshot().is_complete());
    minutes(59.5).await;
    // 0, 1, 3, 7, 15, 25, 35, 45, 55 without jitter; a fifth shorter with all of it.
    assert!((8..=12).contains(&script.calls()), "{}", script.calls());
    assert_eq!(running.failures(Reason::Connect), script.calls() as u64);
    script.always_respond(rows(&[SKILL]));
    minutes(11.0).await;
    assert!(running.snapshot().is_up() && running.shows_skills());
    assert_eq!(running.snapshot().collectors[0].failure, None);
}

/// Panics at its first call.
#[derive(Default)]
struct PanicsOnce(AtomicUsize);

impl Transport for PanicsOnce {
    fn call<'a>(&'a self, _: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        Box::pin(async move {
            assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "a bug, on purpose");
            rows(&[SKILL])
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_panics_is_an_internal_failure_and_polling_continues() {
    let transport: Arc<dyn Transport> = Arc::new(PanicsOnce::default());
    let (store, pollers) = build_pollers(
        &[(operation(skills_every(MINUTE)), transport)],
        &clock_at("2026-11-20T10:30:00-05"),
        &Arc::default(),
    );
    let _pollers = PollerTasks::start(pollers);
    minutes(0.5).await;
    let snapshot = Arc::clone(&store.current()[0]);
    assert!(snapshot.is_complete());
    assert_eq!(snapshot.collectors[0].failure.as_ref().unwrap().reason, Some(Reason::Internal));
    assert_eq!(snapshot.endpoints[0].failures[Reason::Internal as usize], 1);
    minutes(1.0).await;
    let snapshot = Arc::clone(&store.current()[0]);
    assert!(snapshot.is_up() && snapshot.collectors[0].failure.is_none());
    assert_eq!(snapshot.endpoints[0].failures.iter().sum::<u64>(), 1);
}

/// Polls like the collector in it, and panics at the end of the second poll, when the state has changed already.
#[derive(Debug)]
struct PanicsAtSecondPoll {
    collector: Box<dyn ReportCollector>,
    polls: u32,
}

impl ReportCollector for PanicsAtSecondPoll {
    fn poll<'a>(
        &'a mut self,
        request: usize,
        poll: &'a mut PollContext<'_>,
    ) -> BoxFuture<'a, Result<Report, PollError>> {
        Box::pin(async move {
            self.polls += 1;
            let report = self.collector.poll(request, poll).await;
            assert!(self.polls != 2, "a bug, on purpose");
            report
        })
    }

    fn state(&self) -> Option<Box<RawValue>> {
        self.collector.state()
    }
}

/// The counter of calls received, and the corrections, after polls of 100, 900 and 107 calls today. The second poll
/// panics.
async fn counted_over_a_panic(state: &Arc<StateFile>) -> (Option<u64>, u64) {
    let calls = |calls: &str| rows(&[&SKILL.replace("\"100\"", calls)]);
    let transport: Arc<dyn Transport> = Script::new([calls("\"100\""), calls("\"900\""), calls("\"107\"")]);
    let clock = clock_at("2026-11-20T10:30:00-05");
    let (store, mut pollers) = build_pollers(&[(operation(skills_every(MINUTE)), transport)], &clock, state);
    let active = pollers[0].collectors.remove(0);
    let collector = Box::new(PanicsAtSecondPoll { collector: active.collector, polls: 0 });
    pollers[0].collectors.push(ActiveCollector { collector, ..active });
    let _pollers = PollerTasks::start(pollers);
    let snapshot = || Arc::clone(&store.current()[0]);
    while snapshot().quota.used < 3 || !snapshot().is_up() {
        minutes(0.1).await;
    }
    assert_eq!(snapshot().endpoints[0].failures[Reason::Internal as usize], 1);
    let counters = snapshot().report::<SkillsReport>(clock.instant()).unwrap().skills[0].counters.clone();
    (counters.inbound, counters.corrections)
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_panicked_continues_with_the_state_of_its_last_successful_poll() {
    let directory = tempfile::tempdir().unwrap();
    let state = StateFile::open(Some(&directory.path().join("state.json"))).unwrap();
    assert_eq!(counted_over_a_panic(&Arc::new(state)).await, (Some(7), 0));
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_panicked_counts_from_zero_without_a_state_file() {
    assert_eq!(counted_over_a_panic(&Arc::default()).await, (Some(0), 0));
}

#[tokio::test(start_paused = true)]
async fn values_stay_while_polls_fail_and_are_removed_at_max_age() {
    let script = Script::new([rows(&[SKILL]), connection_refused()]);
    let running = start(operation(skills_every(MINUTE)), &script);
    minutes(2.5).await;
    assert!(running.shows_skills() && !running.snapshot().is_up());
    let last_success = running.snapshot().collectors[0].last_success();
    minutes(1.0).await;
    assert!(!running.shows_skills());
    assert_eq!(running.snapshot().collectors[0].last_success(), last_success);
    script.always_respond(rows(&[SKILL]));
    minutes(20.0).await;
    assert!(running.shows_skills());
}

#[tokio::test(start_paused = true)]
async fn a_bad_token_is_tried_ten_times_less_often() {
    let refused =
        response(403, r#"{"code": "403", "error": null, "msg": "PLEASE VALIDATE TOKEN sesame-0815", "data": null}"#);
    let script = Script::new([refused]);
    let running = start(operation(skills_every(MINUTE)), &script);
    minutes(60.0).await;
    assert!((6..=9).contains(&script.calls()), "{}", script.calls());
    let failure = running.snapshot().collectors[0].failure.clone().unwrap();
    assert_eq!(failure.reason, Some(Reason::Unauthorized));
    assert!(!failure.message.contains("sesame") && failure.message.contains("[…]"), "{}", failure.message);
}

#[tokio::test(start_paused = true)]
async fn the_collectors_of_one_token_make_one_call_at_a_time() {
    let script = Arc::new(Script { delay: Duration::from_secs(20), ..Script::default() });
    // A row of both reports, because the script does not look at the query.
    script.always_respond(rows(&[r#"{"skill_id": "4173", "stat_inbound": "1", "dnis": "601", "inbound_calls": "1"}"#]));
    let both =
        config::CollectorSettings { skills: skills_every(MINUTE).skills, ..dnis_every(MINUTE, vec![Window::today()]) };
    let _floor = start(operation(both), &script);
    minutes(10.0).await;
    assert!(script.calls() > 15);
    assert_eq!(script.max_in_flight.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_poll_longer_than_its_interval_skips_ticks() {
    let script = Arc::new(Script { delay: MINUTE.mul_f64(2.5), ..Script::default() });
    script.always_respond(rows(&[SKILL]));
    let _floor = start(operation(skills_every(MINUTE)), &script);
    minutes(30.0).await;
    assert!((9..=11).contains(&script.calls()), "{}", script.calls());
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_hangs_does_not_delay_others() {
    let hanging = Arc::new(Script { delay: MINUTE * 600, ..Script::default() });
    hanging.always_respond(rows(&[SKILL]));
    let healthy = Script::new([rows(&[SKILL])]);
    let other = Operation { name: "soporte".into(), ..operation(skills_every(MINUTE)) };
    let operations = [
        (operation(skills_every(MINUTE)), Arc::clone(&hanging) as Arc<dyn Transport>),
        (other, Arc::clone(&healthy) as Arc<dyn Transport>),
    ];
    let (_store, pollers) = build_pollers(&operations, &clock_at("2026-11-20T10:30:00-05"), &Arc::default());
    let _pollers = PollerTasks::start(pollers);
    minutes(30.0).await;
    assert!(healthy.calls() >= 30);
}

#[tokio::test(start_paused = true)]
async fn calls_of_a_local_day_never_exceed_the_quota_even_across_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let script = Script::new([rows(&[SKILL])]);
    // 1000 calls a day and a poll every 30 s: 2880 wanted, from 00:00:01 on.
    let over_quota = || Operation { licenses: Some(1), ..operation(skills_every(MINUTE / 2)) };
    for hours in [4, 8, 11] {
        let state = Arc::new(StateFile::open(Some(&path)).unwrap());
        let clock = clock_at(&format!(
            "2026-11-20T{:02}:00:01-05",
            match hours {
                4 => 0,
                8 => 4,
                _ => 12,
            }
        ));
        let running = start_with(over_quota(), &script, clock, &state);
        minutes(f64::from(hours) * 60.0).await;
        assert_eq!(running.snapshot().quota.used, script.calls() as u64);
        stop(running).await;
    }
    assert_eq!(script.calls(), 1000);
}

#[tokio::test(start_paused = true)]
async fn a_used_up_quota_stops_polling_until_the_local_midnight() {
    let script = Script::new([rows(&[SKILL])]);
    let over_quota = Operation { licenses: Some(1), ..operation(skills_every(MINUTE / 2)) };
    let running = start_with(over_quota, &script, clock_at("2026-11-20T12:00:00-05"), &Arc::default());
    minutes(11.5 * 60.0).await;
    assert_eq!(script.calls(), 1000);
    let failure = running.snapshot().collectors[0].failure.clone().unwrap();
    assert_eq!(failure.reason, None);
    assert!(failure.message.contains("1000 of 1000"), "{}", failure.message);
    assert_eq!(running.failures(Reason::Quota), 0);
    minutes(32.0).await;
    assert!(script.calls() > 1000 && running.snapshot().is_up());
}

#[tokio::test(start_paused = true)]
async fn a_day_that_begins_while_the_machine_sleeps_is_detected() {
    let script = Script::new([rows(&[SKILL])]);
    let over_quota = Operation { licenses: Some(1), ..operation(skills_every(MINUTE / 2)) };
    let clock = Clock::manual("2026-11-20T01:00:00-05".parse().unwrap());
    let running = start_with(over_quota, &script, clock.clone(), &Arc::default());
    minutes(9.0 * 60.0).await;
    assert_eq!(script.calls(), 1000);
    clock.set("2026-11-21T07:00:00-05".parse().unwrap());
    minutes(10.0).await;
    assert!(script.calls() > 1000 && running.snapshot().is_up());
}

#[tokio::test(start_paused = true)]
async fn after_wolkvox_reports_a_used_up_quota_polling_resumes_at_midnight() {
    let used_up = response(403, r#"{"code": "403", "error": null, "msg": "TOKEN LIMIT EXCEEDED", "data": null}"#);
    let script = Script::new([used_up]);
    let hourly = operation(skills_every(MINUTE * 60));
    let _floor = start_with(hourly, &script, clock_at("2026-11-20T23:30:00-05"), &Arc::default());
    minutes(20.0).await;
    assert_eq!(script.calls(), 1);
    minutes(12.0).await;
    assert_eq!(script.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn calls_that_a_damaged_state_file_lost_are_assumed_as_planned() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    for (damage, assumed) in [
        (r#"{"operations": {"ventas": {"quota": {"date": "2026-11-20", "used": "many"}}}}"#, 720),
        (r#"{"operations": {"ventas": {"quota""#, 720),
        // The first start of another operation.
        (r#"{"operations": {"other": {"quota": 0}}}"#, 0),
    ] {
        std::fs::write(&path, damage).unwrap();
        let state = Arc::new(StateFile::open(Some(&path)).unwrap());
        // One call a minute since midnight.
        let script = Script::new([rows(&[SKILL])]);
        let clock = clock_at("2026-11-20T12:00:00-05");
        let running = start_with(operation(skills_every(MINUTE)), &script, clock, &state);
        minutes(0.5).await;
        assert_eq!(running.snapshot().quota.used, assumed + 1, "{damage}");
        stop(running).await;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_since_the_last_write_are_assumed_if_the_exporter_was_killed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    for is_closed in [false, true] {
        let text = format!(
            r#"{{"operations": {{"ventas": {{"quota": {{"date": "2026-11-20", "used": 100}}}}}}, "closed": {is_closed}}}"#
        );
        std::fs::write(&path, text).unwrap();
        let written: std::time::SystemTime = "2026-11-20T09:00:00-05".parse::<Timestamp>().unwrap().into();
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
        let state = Arc::new(StateFile::open(Some(&path)).unwrap());
        let script = Script::new([rows(&[SKILL])]);
        let clock = clock_at("2026-11-20T12:00:00-05");
        let running = start_with(operation(skills_every(MINUTE)), &script, clock, &state);
        minutes(0.5).await;
        // Three hours with one call a minute.
        assert_eq!(running.snapshot().quota.used, if is_closed { 101 } else { 281 });
        stop(running).await;
    }
}

#[tokio::test(start_paused = true)]
async fn counters_continue_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let state = || Arc::new(StateFile::open(Some(&path)).unwrap());
    let with = |calls: &str| rows(&[&SKILL.replace("\"100\"", calls)]);
    let first = Script::new([with("\"100\""), with("\"104\"")]);
    let running = start_with(operation(skills_every(MINUTE)), &first, clock_at("2026-11-20T10:30:00-05"), &state());
    minutes(1.5).await;
    stop(running).await;
    let second = Script::new([with("\"107\"")]);
    let running = start_with(operation(skills_every(MINUTE)), &second, clock_at("2026-11-20T10:40:00-05"), &state());
    minutes(0.5).await;
    let snapshot = running.snapshot();
    assert_eq!(snapshot.report::<SkillsReport>(running.clock.instant()).unwrap().skills[0].counters.inbound, Some(7));
}

#[tokio::test(start_paused = true)]
async fn the_inferred_denominator_survives_a_restart_and_changes_no_counter() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let state = || Arc::new(StateFile::open(Some(&path)).unwrap());
    // Four in five of the calls answered.
    let poll = |n: u64| {
        let (inbound, answered) = (300 + 7 * n, 203 + 5 * n);
        let percent = (answered * 4 / 5) as f64 * 100.0 / answered as f64;
        rows(&[&format!(
            r#"{{"skill_id": "1", "stat_inbound": "{inbound}", "stat_answer": "{answered}", "service_level_20seg": "{percent:.2} %"}}"#
        )])
    };
    let within = |running: &RunningOperation| {
        let snapshot = running.snapshot();
        let report = snapshot.report::<SkillsReport>(running.clock.instant()).unwrap();
        assert_eq!(report.denominator, crate::model::Denominator::Answered);
        report.skills[0].counters.answered_within[0].1
    };
    let clock = clock_at("2026-11-20T10:30:00-05");
    let running = start_with(operation(skills_every(MINUTE)), &Script::new((0..40).map(poll)), clock.clone(), &state());
    minutes(60.0).await;
    let before = within(&running);
    stop(running).await;
    let running = start_with(operation(skills_every(MINUTE)), &Script::new([poll(39)]), clock, &state());
    minutes(0.5).await;
    assert_eq!(within(&running), before);
}

#[tokio::test(start_paused = true)]
async fn every_field_that_can_be_counted_is_listed_from_the_start() {
    for collector in Collector::ALL {
        let stats = (definition(collector).endpoint_stats)();
        assert!(!stats.parse_errors.is_empty() && stats.parse_errors.iter().all(|(_, count)| *count == 0));
        assert!(stats.parse_errors.contains(&("row", 0)));
    }
}

#[test]
fn a_plan_above_the_quota_is_refused_with_its_numbers() {
    let both = config::CollectorSettings {
        skills: skills_every(MINUTE).skills,
        ..dnis_every(MINUTE * 5, vec![Window::today(), Window::rolling("30m", MINUTE * 30)])
    };
    let plan = Plan::of(&Operation { licenses: Some(1), ..operation(both.clone()) });
    assert_eq!((plan.calls_per_day(), plan.quota), (1440 + 576, Some(1000)));
    let refused = plan.check().unwrap_err().to_string();
    assert!(refused.contains("2016 calls a day, the quota is 1000"), "{refused}");
    assert!(Plan::of(&Operation { licenses: Some(3), ..operation(both.clone()) }).check().is_ok());
    assert!(Plan::of(&operation(both)).check().is_ok());
}

#[test]
fn every_collector_can_be_switched_on_by_its_name() {
    let all = Collector::ALL.map(|collector| format!("{collector}: true")).join(", ");
    let text = format!("operations: [{{name: a, server: \"1\", token_env: T, collectors: {{{all}}}}}]");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("all.yml");
    std::fs::write(&file, text).unwrap();
    let sources = config::Sources { file: Some(file), ..config::Sources::default() };
    let config = config::load(&sources, &|_| Some("sesame".to_owned())).unwrap();
    let polled: Vec<_> = active(&config.operations[0]).map(|active| active.name).collect();
    assert_eq!(polled, Collector::ALL);
}
