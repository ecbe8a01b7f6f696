//! Requests of one poll that fail or are empty alone, and the extra requests that a threshold needs.

use std::collections::HashMap;

use super::*;
use crate::model::{ServiceLevelTarget, Target, Targets};

/// A transport that answers each value of `skill_id` or `date_ini` in its own way.
#[derive(Default)]
struct Answers {
    /// By `skill_id`, and `services_time` after a `+`.
    by_skill: Mutex<HashMap<String, Result<Response, ApiError>>>,
    queries: Mutex<Vec<String>>,
}

impl Answers {
    fn set(&self, skill_id: &str, response: Result<Response, ApiError>) {
        self.by_skill.lock().unwrap().insert(skill_id.to_owned(), response);
    }

    fn calls(&self, skill_id: &str) -> usize {
        self.queries.lock().unwrap().iter().filter(|query| *query == skill_id).count()
    }
}

impl Transport for Answers {
    fn call<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        let parameter = |name| query.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value);
        let services_time = parameter("services_time").map(|seconds| format!("+{seconds}")).unwrap_or_default();
        let key = format!("{}{services_time}", parameter("skill_id").unwrap_or_default());
        self.queries.lock().unwrap().push(key.clone());
        let response = self.by_skill.lock().unwrap()[&key].clone();
        Box::pin(async move { response })
    }
}

/// One row of a skill: calls received and answered, and its service levels as (field, value).
fn skill(id: &str, calls: u64, levels: &[(&str, &str)]) -> String {
    let levels: Vec<_> = levels.iter().map(|(field, value)| format!(r#", "{field}": "{value}""#)).collect();
    let levels = levels.concat();
    format!(r#"{{"skill_id": "{id}", "stat_inbound": "{calls}", "stat_answer": "{calls}"{levels}}}"#)
}

fn skills_of(ids: &[&str]) -> config::CollectorSettings {
    let skill_ids = ids.iter().map(|id| SkillSelection((*id).into())).collect();
    let settings = SkillsSettings { cadence: Cadence::every(MINUTE), skill_ids };
    config::CollectorSettings { skills: Some(settings), ..config::CollectorSettings::default() }
}

fn start_answers(operation: Operation, answers: &Arc<Answers>) -> RunningOperation {
    let clock = clock_at("2026-11-20T10:30:00-05");
    let transport: Arc<dyn Transport> = Arc::clone(answers) as _;
    let (store, pollers) = build_pollers(&[(operation, transport)], &clock, &Arc::default());
    RunningOperation { store, clock, _pollers: PollerTasks::start(pollers) }
}

/// Every skill on the page with its calls.
fn shown(running: &RunningOperation) -> Vec<(String, u64)> {
    let snapshot = running.snapshot();
    let reports = snapshot.reports_of::<SkillsReport>(running.clock.instant());
    let skills = reports.flat_map(|report| &report.skills);
    skills.map(|skill| (skill.id.to_string(), skill.inbound.unwrap())).collect()
}

fn pairs(skills: &[(&str, u64)]) -> Vec<(String, u64)> {
    skills.iter().map(|(id, calls)| ((*id).to_owned(), *calls)).collect()
}

fn no_such_api() -> Result<Response, ApiError> {
    response(400, r#"{"code": "400", "msg": "SOME PARAMETERS ARE REQUIRED", "data": null}"#)
}

fn no_records() -> Result<Response, ApiError> {
    response(404, r#"{"code": "404", "msg": "Validate dates entered", "data": []}"#)
}

#[tokio::test(start_paused = true)]
async fn a_skill_that_fails_keeps_its_values_and_age_while_the_others_are_fresh() {
    for failure in [no_such_api(), response(500, "<html>"), response(200, "{")] {
        let answers = Arc::new(Answers::default());
        answers.set("1", rows(&[&skill("1", 10, &[])]));
        answers.set("2", rows(&[&skill("2", 20, &[])]));
        let running = start_answers(operation(skills_of(&["1", "2"])), &answers);
        minutes(0.5).await;
        let before = running.snapshot().collectors[0].clone();
        answers.set("1", failure);
        answers.set("2", rows(&[&skill("2", 21, &[])]));
        minutes(2.0).await;
        assert_eq!(shown(&running), pairs(&[("1", 10), ("2", 21)]));
        let status = running.snapshot().collectors[0].clone();
        assert!(status.success && status.failure.is_none());
        let [one, two] = &status.requests[..] else { panic!("{status:?}") };
        assert!(one.failure.is_some() && !one.success() && two.success());
        assert_eq!(one.last_success, before.requests[0].last_success);
        assert!(two.last_success > before.requests[1].last_success);
        // Polls continue at their usual times, also of the skill that fails.
        assert_eq!((answers.calls("1"), answers.calls("2")), (3, 3));
        // Only the values of the failing skill become too old.
        minutes(1.0).await;
        assert_eq!(shown(&running), pairs(&[("2", 21)]));
        answers.set("1", rows(&[&skill("1", 12, &[])]));
        minutes(1.0).await;
        assert_eq!(shown(&running), pairs(&[("1", 12), ("2", 21)]));
        assert!(running.snapshot().collectors[0].requests.iter().all(crate::model::RequestStatus::success));
    }
}

#[tokio::test(start_paused = true)]
async fn a_skill_without_rows_keeps_its_values_of_the_day_while_the_others_are_fresh() {
    let answers = Arc::new(Answers::default());
    answers.set("1", rows(&[&skill("1", 10, &[])]));
    answers.set("2", rows(&[&skill("2", 20, &[])]));
    let running = start_answers(operation(skills_of(&["1", "2"])), &answers);
    minutes(0.5).await;
    answers.set("1", no_records());
    answers.set("2", rows(&[&skill("2", 21, &[])]));
    minutes(1.0).await;
    assert_eq!(shown(&running), pairs(&[("1", 10), ("2", 21)]));
    let status = running.snapshot().collectors[0].clone();
    assert!(status.success && status.requests[0].empty_since.is_some() && status.requests[0].success());
    assert_eq!(status.rows(), Some(2));
}

#[tokio::test(start_paused = true)]
async fn when_every_request_fails_the_poll_fails_and_backs_off() {
    let answers = Arc::new(Answers::default());
    answers.set("1", no_such_api());
    answers.set("2", response(500, "<html>"));
    let running = start_answers(operation(skills_of(&["1", "2"])), &answers);
    minutes(20.0).await;
    let status = running.snapshot().collectors[0].clone();
    assert!(!status.success && status.failure.is_some());
    assert!(answers.calls("1") == answers.calls("2") && answers.calls("1") < 10, "{}", answers.calls("1"));
}

#[tokio::test(start_paused = true)]
async fn after_a_refused_connection_or_token_no_more_requests_are_made() {
    let refused_token = response(403, r#"{"code": "403", "msg": "PLEASE VALIDATE TOKEN", "data": null}"#);
    for failure in [connection_refused(), refused_token] {
        let answers = Arc::new(Answers::default());
        answers.set("1", rows(&[&skill("1", 10, &[])]));
        answers.set("2", failure);
        answers.set("3", rows(&[&skill("3", 30, &[])]));
        let running = start_answers(operation(skills_of(&["1", "2", "3"])), &answers);
        minutes(0.5).await;
        assert_eq!(answers.calls("3"), 0);
        assert_eq!(shown(&running), pairs(&[("1", 10)]));
        let status = running.snapshot().collectors[0].clone();
        assert!(!status.success && status.requests[0].success() && status.requests[2].failure.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn one_request_may_be_too_slow_but_after_the_second_the_poll_ends() {
    let too_slow = || Err(ApiError::new(Reason::Timeout, "too slow"));
    let answers = Arc::new(Answers::default());
    for (id, response) in
        [("1", too_slow()), ("2", rows(&[&skill("2", 20, &[])])), ("3", too_slow()), ("4", too_slow())]
    {
        answers.set(id, response);
    }
    let running = start_answers(operation(skills_of(&["1", "2", "3", "4"])), &answers);
    minutes(0.5).await;
    assert_eq!((answers.calls("3"), answers.calls("4")), (1, 0));
    assert_eq!(shown(&running), pairs(&[("2", 20)]));
}

#[tokio::test(start_paused = true)]
async fn a_window_that_fails_does_not_take_the_other_windows_with_it() {
    let script = Script::new([rows(&[NUMBER]), response(500, "<html>"), rows(&[NUMBER]), no_such_api()]);
    let windows = vec![Window::today(), Window::rolling("30m", MINUTE * 30)];
    let running = start(operation(dnis_every(MINUTE * 5, windows)), &script);
    minutes(1.0).await;
    let snapshot = running.snapshot();
    let windows: Vec<_> = snapshot
        .reports_of::<DnisReport>(running.clock.instant())
        .flat_map(|report| report.rows.iter().map(|row| &*row.window))
        .collect();
    assert_eq!(windows, ["today"]);
    let [today, rolling] = &snapshot.collectors[0].requests[..] else { panic!() };
    assert!(today.success() && !rolling.success());
    assert_eq!(rolling.key.to_string(), "skill_id all, window 30m");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ignores_skill_id_gives_no_skill_twice() {
    let answers = Arc::new(Answers::default());
    let everything = || rows(&[&skill("1", 10, &[]), &skill("2", 20, &[]), &skill("9", 90, &[])]);
    answers.set("1", everything());
    answers.set("2", everything());
    let running = start_answers(operation(skills_of(&["1", "2"])), &answers);
    minutes(0.5).await;
    assert_eq!(shown(&running), pairs(&[("1", 10), ("9", 90), ("2", 20)]));
    assert_eq!(running.snapshot().endpoints[0].duplicate_rows, 3);
}

/// Targets by skills and threshold in seconds.
fn with_targets(entries: &[(&[&str], u32)], collectors: config::CollectorSettings) -> Operation {
    let entry = |(skill_ids, threshold_seconds): &(&[&str], u32)| Target {
        skill_ids: skill_ids.iter().copied().map(Box::from).collect(),
        service_level: Some(ServiceLevelTarget { threshold_seconds: *threshold_seconds, ratio: 0.8 }),
        ..Target::default()
    };
    Operation { targets: Arc::new(Targets::new(entries.iter().map(entry).collect())), ..operation(collectors) }
}

/// (skill, threshold, percent, calls answered within it) of every service level on the page.
fn levels(running: &RunningOperation) -> Vec<(String, u32, f64)> {
    let snapshot = running.snapshot();
    let reports = snapshot.reports_of::<SkillsReport>(running.clock.instant());
    let skills = reports.flat_map(|report| &report.skills);
    let level = |skill: &crate::model::Skill| {
        let levels = skill.service_levels.iter();
        let levels = levels.map(|level| (skill.id.to_string(), level.threshold_seconds, level.ratio * 100.0));
        levels.collect::<Vec<_>>()
    };
    skills.flat_map(level).collect()
}

const WITHIN_20: (&str, &str) = ("service_level_20seg", "50 %");

#[tokio::test(start_paused = true)]
async fn a_threshold_that_wolkvox_does_not_send_by_itself_is_asked_for() {
    let answers = Arc::new(Answers::default());
    let row = skill("1", 10, &[WITHIN_20, ("service_level_300seg", "90 %")]);
    answers.set("all+300", rows(&[&row]));
    let operation = with_targets(&[(&[], 300)], skills_of(&["all"]));
    assert_eq!(Plan::of(&operation).lines[0].calls_per_poll, 1);
    let running = start_answers(operation, &answers);
    minutes(0.5).await;
    assert_eq!(levels(&running), [("1".to_owned(), 20, 50.0), ("1".to_owned(), 300, 90.0)]);
    assert_eq!(running.snapshot().quota.used, 1);
}

#[tokio::test(start_paused = true)]
async fn thresholds_that_differ_between_skills_need_a_call_each() {
    let answers = Arc::new(Answers::default());
    let row = |id, calls, further| skill(id, calls, &[WITHIN_20, further]);
    let (of_60, of_300) = (("service_level_60seg", "70 %"), ("service_level_300seg", "90 %"));
    answers.set("all+60", rows(&[&row("1", 10, of_60), &row("2", 10, of_60)]));
    answers.set("all+300", rows(&[&row("1", 10, of_300), &row("2", 20, of_300)]));
    let operation = with_targets(&[(&["1"], 60), (&["2"], 300), (&[], 20)], skills_of(&["all"]));
    assert_eq!(Plan::of(&operation).lines[0].calls_per_poll, 2);
    let running = start_answers(operation, &answers);
    minutes(0.5).await;
    let expected = [("1", 20, 50.0), ("1", 60, 70.0), ("2", 20, 50.0), ("2", 300, 90.0)];
    assert_eq!(levels(&running), expected.map(|(id, seconds, percent)| (id.to_owned(), seconds, percent)));
    assert_eq!((running.snapshot().quota.used, running.snapshot().collectors[0].rows()), (2, Some(2)));
    // Calls within 300 s are 90 % of the 20 calls of the response that has the percentage: 18. Then 90 % of 30: 27.
    answers.set("all+300", rows(&[&row("1", 10, of_300), &row("2", 30, of_300)]));
    minutes(1.0).await;
    let snapshot = running.snapshot();
    let skills = &snapshot.report::<SkillsReport>(running.clock.instant()).unwrap().skills;
    assert_eq!(skills[1].counters.answered_within, [(20, 0), (300, 9)]);
}

#[tokio::test(start_paused = true)]
async fn if_one_call_of_a_request_fails_its_values_stay_together() {
    let answers = Arc::new(Answers::default());
    let further = ("service_level_300seg", "90 %");
    answers.set("all+60", rows(&[&skill("2", 10, &[WITHIN_20])]));
    answers.set("all+300", rows(&[&skill("2", 10, &[WITHIN_20, further])]));
    let operation = with_targets(&[(&["1"], 60), (&["2"], 300)], skills_of(&["all"]));
    let running = start_answers(operation, &answers);
    minutes(0.5).await;
    answers.set("all+60", rows(&[&skill("2", 15, &[WITHIN_20])]));
    answers.set("all+300", response(500, "<html>"));
    minutes(1.0).await;
    assert_eq!(shown(&running), pairs(&[("2", 10)]));
}

#[tokio::test(start_paused = true)]
async fn a_threshold_that_wolkvox_does_not_know_is_reported() {
    let answers = Arc::new(Answers::default());
    answers.set("1+300", rows(&[&skill("1", 10, &[WITHIN_20])]));
    answers.set("2", rows(&[&skill("2", 10, &[("service_level_20seg", "")])]));
    answers.set("3", no_records());
    let operation = with_targets(&[(&["1"], 300), (&["2", "3"], 20)], skills_of(&["1", "2", "3"]));
    let running = start_answers(operation, &answers);
    minutes(0.5).await;
    let snapshot = running.snapshot();
    let reports = snapshot.reports_of::<SkillsReport>(running.clock.instant());
    let thresholds = reports.flat_map(|report| &report.target_thresholds);
    let thresholds: Vec<_> = thresholds.map(|it| (it.skill_id.to_string(), it.threshold_seconds, it.is_sent)).collect();
    // A blank value is sent. Without skills nothing is known.
    assert_eq!(thresholds, [("1".to_owned(), 300, false), ("2".to_owned(), 20, true)]);
}
