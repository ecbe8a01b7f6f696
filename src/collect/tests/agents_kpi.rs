//! The collector `agents_kpi`.

use super::*;
use crate::config::collectors::AgentsKpiSettings;
use crate::model::AgentsReport;

fn agents(agent_names: bool) -> Operation {
    let settings = AgentsKpiSettings { cadence: Cadence::every(MINUTE), agent_names };
    operation(config::CollectorSettings { agents_kpi: Some(settings), ..config::CollectorSettings::default() })
}

/// Polls once at 10:30 of `day`.
async fn read_on(day: &str, operation: Operation, body: &str) -> (Arc<Snapshot>, AgentsReport) {
    let clock = clock_at(&format!("{day}T10:30:00-05"));
    let running = start_with(operation, &Script::new([response(200, body)]), clock, &Arc::default());
    minutes(0.5).await;
    let snapshot = running.snapshot();
    let report = snapshot.report::<AgentsReport>(running.clock.instant()).unwrap().clone();
    (snapshot, report)
}

fn errors(snapshot: &Snapshot) -> Vec<(&'static str, u64)> {
    snapshot.endpoints[0].parse_errors.iter().copied().filter(|(_, count)| *count > 0).collect()
}

#[tokio::test(start_paused = true)]
async fn the_vendors_example_is_read_with_one_repair() {
    let (snapshot, report) = read_on("2023-01-23", agents(true), &vendors_example("agents_kpi")).await;
    let [agent] = &report.agents[..] else { panic!("{report:?}") };
    assert_eq!((&*agent.id, agent.name.as_deref()), ("12999", Some("Menphy Halland")));
    assert_eq!((agent.points, agent.hits, agent.calls), (Some(428), Some(0), Some(2)));
    assert_eq!((agent.average_handling_time, agent.after_call_work), (Some(361.0), Some(13.0)));
    assert_eq!((agent.occupancy, agent.login_time), (Some(0.35), Some(2040.0)));
    assert_eq!((snapshot.endpoints[0].json_repairs, errors(&snapshot)), (1, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_day_that_is_missing_gives_no_figures() {
    let (snapshot, report) = read_on("2023-01-04", agents(false), &vendors_example("agents_kpi")).await;
    assert_eq!(report.agents, [crate::model::Agent { id: "12999".into(), ..Default::default() }]);
    assert_eq!(errors(&snapshot), []);
}

#[tokio::test(start_paused = true)]
async fn names_are_kept_only_if_the_configuration_asks_for_them() {
    let (_, report) = read_on("2023-01-23", agents(false), &vendors_example("agents_kpi")).await;
    assert_eq!(report.agents[0].name, None);
}

#[tokio::test(start_paused = true)]
async fn only_the_running_day_is_queried() {
    let script = Script::new([rows(&[])]);
    let _floor = start(agents(false), &script);
    minutes(0.5).await;
    let asked = script.parameters(0);
    let asked: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(asked, [("date_ini", "20261120000000"), ("date_end", "20261120103000")]);
}

#[tokio::test(start_paused = true)]
async fn a_bad_field_of_today_is_counted_and_one_of_another_day_is_not() {
    let body = r#"{"code": "200", "data": [{"agent_id": "1", "stats": [
        {"date": "20261119", "points": "many", "calls": "2"},
        {"date": "20261120", "points": "few", "calls": "3", "occupancy": "35,5 %"}]}]}"#;
    let (snapshot, report) = read_on("2026-11-20", agents(false), body).await;
    assert_eq!((report.agents[0].points, report.agents[0].calls), (None, Some(3)));
    assert_eq!(errors(&snapshot), [("points", 1), ("occupancy", 1)]);
}

#[tokio::test(start_paused = true)]
async fn stats_may_be_one_object_null_or_another_value() {
    let body = r#"{"code": "200", "data": [
        {"agent_id": "1", "stats": {"date": "20261120", "calls": "3"}},
        {"agent_id": "2", "stats": null},
        {"agent_id": "3", "stats": "none"},
        {"agent_id": "4", "stats": [7, {"date": "20261120", "calls": "4"}]}]}"#;
    let (snapshot, report) = read_on("2026-11-20", agents(false), body).await;
    assert_eq!(report.agents.iter().map(|agent| agent.calls).collect::<Vec<_>>(), [Some(3), None, None, Some(4)]);
    assert_eq!(errors(&snapshot), [("stats", 2)]);
}

#[tokio::test(start_paused = true)]
async fn the_identity_number_is_never_kept() {
    let body = vendors_example("agents_kpi").replace("9274658220", "PLANTED-4711").replace("\"428\"", "\"bad\"");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let state = Arc::new(StateFile::open(Some(&path)).unwrap());
    let running =
        start_with(agents(true), &Script::new([response(200, &body)]), clock_at("2023-01-23T10:30:00-05"), &state);
    minutes(0.5).await;
    assert!(running.snapshot().report::<AgentsReport>(running.clock.instant()).is_some());
    assert!(!format!("{:?}", running.snapshot()).contains("PLANTED"));
    assert!(!std::fs::read_to_string(&path).unwrap().contains("PLANTED"));
}

#[tokio::test(start_paused = true)]
async fn without_the_gamification_service_only_this_collector_fails() {
    let refused =
        response(400, r#"{"code": "400", "error": "error", "msg": "GAMIFICATION IS NOT ACTIVE", "data": []}"#);
    let agents = AgentsKpiSettings { cadence: Cadence::every(MINUTE), agent_names: false };
    let both = config::CollectorSettings { agents_kpi: Some(agents), ..skills_every(MINUTE) };
    let running = start(operation(both), &Script::new([rows(&[SKILL]), refused]));
    minutes(0.5).await;
    let succeeded: Vec<_> = running.snapshot().collectors.iter().map(|status| (status.name, status.success)).collect();
    assert_eq!(succeeded, [(Collector::Skills, true), (Collector::AgentsKpi, false)]);
    assert!(running.shows_skills());
    assert_eq!(running.snapshot().endpoints[1].failures[Reason::HttpStatus as usize], 1);
}
