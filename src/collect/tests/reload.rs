//! A new configuration while collectors poll: what it does not change goes on, and no call is lost or made twice.

use std::time::Instant;

use super::*;
use crate::model::{ServiceLevelTarget, Target, Targets};

/// wolkvox behind several operations. It records when each call started and how many were in flight together.
#[derive(Default)]
struct Server {
    calls: Mutex<Vec<(&'static str, Instant)>>,
    in_flight: AtomicUsize,
    max_in_flight: AtomicUsize,
}

/// The access of one operation to the server, with its own name and token.
struct Access {
    name: &'static str,
    token: &'static str,
    clock: Clock,
    server: Arc<Server>,
    /// How long a call takes.
    takes: Duration,
    /// The answers, the last one for ever.
    answers: Mutex<VecDeque<Result<Response, ApiError>>>,
}

impl Server {
    fn access(
        self: &Arc<Self>,
        name: &'static str,
        token: &'static str,
        takes: Duration,
        answers: impl IntoIterator<Item = Result<Response, ApiError>>,
    ) -> Arc<dyn Transport> {
        let (server, answers) = (Arc::clone(self), Mutex::new(answers.into_iter().collect()));
        Arc::new(Access { name, token, clock: Clock::system(), server, takes, answers })
    }

    /// How many calls an access made.
    fn calls(&self, name: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|(caller, _)| *caller == name).count()
    }

    /// The times between the starts of all calls, in seconds.
    fn gaps(&self) -> Vec<u64> {
        let calls = self.calls.lock().unwrap();
        calls.windows(2).map(|pair| (pair[1].1 - pair[0].1).as_secs_f64().round() as u64).collect()
    }
}

impl Transport for Access {
    fn call<'a>(&'a self, _query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        Box::pin(async move {
            let server = &self.server;
            server.calls.lock().unwrap().push((self.name, self.clock.instant()));
            let now = server.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            server.max_in_flight.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(self.takes).await;
            server.in_flight.fetch_sub(1, Ordering::SeqCst);
            let mut answers = self.answers.lock().unwrap();
            if answers.len() > 1 { answers.pop_front().unwrap() } else { answers.front().unwrap().clone() }
        })
    }

    fn tokens(&self) -> Vec<Token> {
        vec![Token::new(self.token.to_owned())]
    }
}

/// Polling with the parts that a reload needs.
struct Polled {
    store: Arc<SnapshotStore>,
    clock: Clock,
    state: Arc<StateFile>,
    tasks: PollerTasks,
}

fn polled(operations: &[(Operation, Arc<dyn Transport>)]) -> Polled {
    let (clock, state) = (clock_at("2026-11-20T10:30:00-05"), Arc::new(StateFile::default()));
    let (store, pollers) = build_pollers(operations, &clock, &state);
    Polled { store, clock, state, tasks: PollerTasks::start(pollers) }
}

impl Polled {
    fn reload(&mut self, operations: &[(Operation, Arc<dyn Transport>)]) {
        self.tasks.replace(operations.to_vec(), &self.clock, &self.state, &self.store);
    }

    fn names(&self) -> Vec<String> {
        self.store.current().iter().map(|snapshot| snapshot.operation.to_string()).collect()
    }

    fn snapshot(&self, name: &str) -> Arc<Snapshot> {
        let snapshots = self.store.current();
        Arc::clone(snapshots.iter().find(|snapshot| &*snapshot.operation == name).expect("it is configured"))
    }

    /// Calls received by the only skill, as the counter has them.
    fn inbound(&self, name: &str) -> Option<u64> {
        let snapshot = self.snapshot(name);
        snapshot.report::<SkillsReport>(self.clock.instant())?.skills[0].counters.inbound
    }

    fn requests(&self, name: &str) -> u64 {
        self.snapshot(name).endpoints[0].requests
    }
}

fn named(name: &str, operation: Operation) -> Operation {
    Operation { name: name.into(), ..operation }
}

/// An answer in which a skill has received so many calls today.
fn received(calls: u64) -> Result<Response, ApiError> {
    rows(&[&format!(r#"{{"skill_id": "4173", "stat_inbound": "{calls}"}}"#)])
}

fn with_team(operation: Operation) -> Operation {
    let target = Target { team: Some("sur".into()), ..Target::default() };
    Operation { targets: Arc::new(Targets::new(vec![target])), ..operation }
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn an_operation_with_the_same_configuration_is_not_touched() {
    let server = Arc::new(Server::default());
    let access = server.access("a", "t", SECOND * 30, [received(100), received(107)]);
    let a = (operation(skills_every(MINUTE)), access);
    let mut polled = polled(std::slice::from_ref(&a));
    for _ in 0..5 {
        // In the middle of a call.
        minutes(0.2).await;
        polled.reload(std::slice::from_ref(&a));
    }
    minutes(3.75).await;
    assert_eq!((server.max_in_flight.load(Ordering::SeqCst), server.calls("a") as u64), (1, polled.requests("ventas")));
    assert!(server.gaps().iter().skip(1).all(|gap| *gap == 60), "{:?}", server.gaps());
    assert_eq!(polled.inbound("ventas"), Some(7));
}

#[tokio::test(start_paused = true)]
async fn a_changed_operation_keeps_counters_calls_of_the_day_and_the_times_of_its_polls() {
    let server = Arc::new(Server::default());
    let access = server.access("a", "t", SECOND, [received(100), received(107), received(109), received(115)]);
    let mut changing = operation(skills_every(MINUTE));
    let mut polled = polled(&[(changing.clone(), Arc::clone(&access))]);
    minutes(1.5).await;
    assert_eq!(polled.inbound("ventas"), Some(7));
    for licenses in [5, 6] {
        changing = with_team(Operation { licenses: Some(licenses), ..changing });
        polled.reload(&[(changing.clone(), Arc::clone(&access))]);
        let snapshot = polled.snapshot("ventas");
        assert_eq!(snapshot.quota.limit, Some(u64::from(licenses) * 1000));
        assert_eq!(snapshot.targets.of("4173").unwrap().team.as_deref(), Some("sur"));
        assert!(snapshot.is_complete() && snapshot.is_up() && polled.inbound("ventas").is_some());
        minutes(1.0).await;
    }
    assert_eq!(polled.inbound("ventas"), Some(15));
    assert_eq!((polled.requests("ventas"), polled.snapshot("ventas").quota.used), (4, 4));
    assert!(server.gaps().iter().skip(1).all(|gap| *gap == 60), "{:?}", server.gaps());
}

#[tokio::test(start_paused = true)]
async fn a_poll_in_flight_ends_with_the_configuration_that_it_started_with() {
    let server = Arc::new(Server::default());
    let access = server.access("a", "t", SECOND * 40, [received(100)]);
    let mut polled = polled(&[(operation(skills_every(MINUTE)), Arc::clone(&access))]);
    minutes(0.2).await;
    polled.reload(&[(with_team(operation(skills_every(MINUTE))), Arc::clone(&access))]);
    minutes(0.2).await;
    assert!(!polled.snapshot("ventas").is_complete());
    minutes(0.4).await;
    assert_eq!((polled.inbound("ventas"), server.calls("a")), (Some(0), 1));
}

#[tokio::test(start_paused = true)]
async fn a_new_access_is_used_after_the_call_in_flight_and_no_request_is_made_twice() {
    let server = Arc::new(Server::default());
    let old = server.access("old", "t", SECOND * 20, [received(100)]);
    let new = server.access("new", "u", SECOND * 20, [received(104)]);
    let many = |ids: &[&str]| {
        let skill_ids = ids.iter().map(|id| SkillSelection((*id).into())).collect();
        let settings = SkillsSettings { cadence: Cadence::every(MINUTE * 5), skill_ids };
        operation(config::CollectorSettings { skills: Some(settings), ..config::CollectorSettings::default() })
    };
    let operation = many(&["4173", "4180", "4190"]);
    let mut polled = polled(&[(operation.clone(), old)]);
    minutes(0.1).await;
    polled.reload(&[(operation, new)]);
    minutes(3.0).await;
    // The first poll ended after its first call, and because there was no value yet, the next one began at once.
    assert_eq!((server.calls("old"), server.calls("new")), (1, 3));
    assert_eq!(server.max_in_flight.load(Ordering::SeqCst), 1);
    assert_eq!((polled.requests("ventas"), polled.snapshot("ventas").is_up()), (4, true));
    // The second poll starts between 4.5 and 5 minutes after the first and takes a minute.
    minutes(3.0).await;
    assert_eq!(server.calls("new"), 6, "on the grid of the first poll");
}

#[tokio::test(start_paused = true)]
async fn a_changed_interval_counts_from_the_last_poll() {
    let server = Arc::new(Server::default());
    let access = server.access("a", "t", SECOND, [received(100)]);
    let mut polled = polled(&[(operation(skills_every(MINUTE * 60)), Arc::clone(&access))]);
    minutes(1.0).await;
    polled.reload(&[(operation(skills_every(MINUTE * 10)), Arc::clone(&access))]);
    assert_eq!(polled.snapshot("ventas").collectors[0].interval, MINUTE * 10);
    minutes(7.0).await;
    assert_eq!(server.calls("a"), 1, "not before the new interval is nearly over");
    minutes(2.5).await;
    assert_eq!(server.calls("a"), 2);
    polled.reload(&[(operation(skills_every(MINUTE * 60)), Arc::clone(&access))]);
    minutes(50.0).await;
    assert_eq!(server.calls("a"), 2);
    minutes(11.0).await;
    assert_eq!(server.calls("a"), 3);
}

#[tokio::test(start_paused = true)]
async fn many_changes_cause_no_more_polls() {
    let server = Arc::new(Server::default());
    let access = server.access("a", "t", SECOND, [received(100)]);
    let plain = operation(skills_every(MINUTE));
    let mut off = plain.clone();
    off.collectors = dnis_every(MINUTE, vec![Window::today()]);
    let other = operation(skills_every(MINUTE * 2));
    let mut polled = polled(&[(plain.clone(), Arc::clone(&access))]);
    for round in 0..200 {
        minutes(0.05).await;
        let next = [&plain, &off, &other][round % 3].clone();
        polled.reload(&[(next, Arc::clone(&access))]);
    }
    // Ten minutes have passed. Both collectors poll at most every minute, and the second begins with its first use. The
    // first one polls at least every two minutes, which is its longest interval.
    let calls = server.calls("a");
    assert!((5..=23).contains(&calls), "{calls}");
    assert_eq!(server.max_in_flight.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_removed_operation_makes_no_further_call_and_continues_when_it_returns() {
    let server = Arc::new(Server::default());
    let of_a = server.access("a", "t", SECOND * 20, [received(100), received(103), received(109)]);
    let of_b = server.access("b", "u", SECOND, [received(1)]);
    let (a, b) = (named("a", operation(skills_every(MINUTE))), named("b", operation(skills_every(MINUTE))));
    let b = Operation { token: Token::new("u".to_owned()), ..b };
    let both = [(a.clone(), of_a), (b, of_b)];
    let mut polled = polled(&both);
    minutes(1.5).await;
    assert_eq!((polled.inbound("a"), server.calls("a")), (Some(3), 2));
    // In the middle of the third call.
    let in_call = loop {
        minutes(0.01).await;
        if server.calls("a") == 3 {
            break polled.requests("a");
        }
    };
    assert_eq!(in_call, 2, "the third call is not published before its answer");
    let durations = |polled: &Polled| {
        let snapshots = polled.store.current();
        let existing = snapshots.iter().flat_map(|it| it.endpoints.iter().map(|stats| stats.duration.count()));
        existing.chain(snapshots.removed_durations.iter().map(|(_, it)| it.count())).sum::<u64>()
    };
    let before = durations(&polled);
    polled.reload(&both[1..]);
    assert_eq!((polled.names(), durations(&polled)), (vec!["b".to_owned()], before));
    minutes(5.0).await;
    assert_eq!((server.calls("a"), polled.names()), (3, vec!["b".to_owned()]));
    polled.reload(&both);
    assert_eq!((polled.names(), polled.requests("a")), (vec!["a".to_owned(), "b".to_owned()], 3));
    assert_eq!((polled.snapshot("a").quota.used, polled.snapshot("a").is_complete()), (3, false));
    minutes(1.5).await;
    // The counter continues from the reading before the operation was removed.
    assert_eq!(polled.inbound("a"), Some(9));
    assert_eq!(polled.requests("a"), server.calls("a") as u64);
    assert!(durations(&polled) > before);
}

#[tokio::test(start_paused = true)]
async fn operations_have_the_order_of_the_new_configuration() {
    let server = Arc::new(Server::default());
    let of = |name: &'static str| {
        let token = Token::new(name.to_owned());
        let operation = Operation { token, ..named(name, operation(skills_every(MINUTE))) };
        (operation, server.access(name, name, SECOND, [received(1)]))
    };
    let (a, b, c) = (of("a"), of("b"), of("c"));
    let mut polled = polled(&[a.clone(), b.clone()]);
    minutes(0.5).await;
    polled.reload(&[c, b, a]);
    assert_eq!(polled.names(), ["c", "b", "a"]);
    assert!(polled.snapshot("a").is_complete() && !polled.snapshot("c").is_complete());
    minutes(0.5).await;
    assert!(polled.snapshot("c").is_up());
}

#[tokio::test(start_paused = true)]
async fn a_renamed_operation_waits_for_the_call_of_the_old_name() {
    let server = Arc::new(Server::default());
    let old = server.access("old", "sesame-0815", SECOND * 30, [received(100)]);
    let new = server.access("new", "sesame-0815", SECOND, [received(100)]);
    let mut polled = polled(&[(named("old", operation(skills_every(MINUTE))), old)]);
    minutes(0.1).await;
    polled.reload(&[(named("new", operation(skills_every(MINUTE))), new)]);
    minutes(0.3).await;
    assert_eq!((server.calls("old"), server.calls("new")), (1, 0));
    minutes(0.3).await;
    assert_eq!((server.calls("old"), server.calls("new"), polled.names()), (1, 1, vec!["new".to_owned()]));
    assert_eq!(server.max_in_flight.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn operations_that_exchange_their_tokens_wait_for_each_other() {
    let server = Arc::new(Server::default());
    let of = |name: &str, token: &'static str| {
        let operation = named(name, operation(skills_every(MINUTE * 5)));
        let access = server.access(token, token, SECOND * 30, [received(1)]);
        (Operation { token: Token::new(token.to_owned()), ..operation }, access)
    };
    let mut polled = polled(&[of("a", "t"), of("b", "u")]);
    minutes(0.1).await;
    polled.reload(&[of("a", "u"), of("b", "t")]);
    minutes(0.2).await;
    assert_eq!((server.calls("t"), server.calls("u")), (1, 1));
    minutes(6.0).await;
    assert_eq!((server.calls("t"), server.calls("u")), (2, 2));
    // Two tokens, one call of each.
    assert_eq!(server.max_in_flight.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_is_switched_off_and_on_keeps_its_counters() {
    let server = Arc::new(Server::default());
    let access = server.access("a", "t", SECOND, [received(100), received(103), received(110)]);
    let on = operation(skills_every(MINUTE));
    let mut off = on.clone();
    off.collectors = dnis_every(MINUTE * 60, vec![Window::today()]);
    let mut polled = polled(&[(on.clone(), Arc::clone(&access))]);
    minutes(1.5).await;
    assert_eq!(polled.inbound("ventas"), Some(3));
    polled.reload(&[(off, Arc::clone(&access))]);
    let snapshot = polled.snapshot("ventas");
    assert_eq!((snapshot.collectors.len(), snapshot.collectors[0].name), (1, Collector::Dnis));
    assert_eq!((snapshot.endpoints[0].endpoint, polled.inbound("ventas")), ("skill_6", None));
    // The collector that was switched on polls at once; its answer is the third, but it has no number.
    minutes(0.1).await;
    assert_eq!(server.calls("a"), 3);
    polled.reload(&[(on, Arc::clone(&access))]);
    minutes(1.0).await;
    assert_eq!((polled.inbound("ventas"), polled.requests("ventas")), (Some(10), 3));
}

#[tokio::test(start_paused = true)]
async fn requests_that_stay_keep_their_values_and_others_go() {
    let server = Arc::new(Server::default());
    let number = rows(&[NUMBER]);
    let access = server.access("a", "t", SECOND, [number]);
    let hour = Window::rolling("1h", MINUTE * 60);
    let with = |windows: Vec<Window>| operation(dnis_every(MINUTE * 5, windows));
    let mut polled = polled(&[(with(vec![Window::today(), hour.clone()]), Arc::clone(&access))]);
    minutes(1.0).await;
    let windows = |polled: &Polled| -> Vec<String> {
        let snapshot = polled.snapshot("ventas");
        let reports = snapshot.reports_of::<DnisReport>(polled.clock.instant());
        reports.flat_map(|report| report.rows.iter().map(|row| row.window.to_string())).collect()
    };
    assert_eq!(windows(&polled), ["today", "1h"]);
    let half = Window::rolling("30m", MINUTE * 30);
    polled.reload(&[(with(vec![half, hour]), Arc::clone(&access))]);
    assert_eq!(windows(&polled), ["1h"]);
    let requests = &polled.snapshot("ventas").collectors[0].requests;
    assert_eq!(requests.iter().map(|it| it.last_success.is_some()).collect::<Vec<_>>(), [false, true]);
    minutes(5.0).await;
    assert_eq!(windows(&polled), ["30m", "1h"]);
}

#[tokio::test(start_paused = true)]
async fn values_that_the_new_configuration_hides_are_removed_at_once_and_do_not_return() {
    let server = Arc::new(Server::default());
    let access = server.access("a", "t", SECOND * 30, [rows(&[NUMBER])]);
    let plain = operation(dnis_every(MINUTE * 5, vec![Window::today()]));
    let mut masked = plain.clone();
    masked.collectors.dnis.as_mut().unwrap().mask = DnisMask::Last4;
    let shown = |polled: &Polled| -> Option<String> {
        let snapshot = polled.snapshot("ventas");
        Some(snapshot.report::<DnisReport>(polled.clock.instant())?.rows[0].dnis.to_string())
    };
    let mut polled = polled(&[(plain.clone(), Arc::clone(&access))]);
    minutes(1.0).await;
    assert_eq!(shown(&polled).as_deref(), Some("6015550101"));
    polled.reload(&[(masked.clone(), Arc::clone(&access))]);
    assert_eq!(shown(&polled), None);
    minutes(5.0).await;
    assert_eq!(shown(&polled).as_deref(), Some("***0101"));
    // In the middle of a call whose numbers would not be masked.
    polled.reload(&[(plain, Arc::clone(&access))]);
    while server.calls("a") < 3 {
        minutes(0.01).await;
    }
    polled.reload(&[(masked, Arc::clone(&access))]);
    minutes(1.0).await;
    assert_eq!(shown(&polled), None);
    minutes(5.0).await;
    assert_eq!(shown(&polled).as_deref(), Some("***0101"));
}

#[tokio::test(start_paused = true)]
async fn a_new_access_after_a_failure_is_tried_at_once_unless_the_server_asked_to_wait() {
    let server = Arc::new(Server::default());
    let refused = || response(200, r#"{"code": "401", "error": "token", "msg": "", "data": []}"#);
    let busy = || Ok(Response { status: 503, retry_after: Some(MINUTE * 30), body: Vec::new() });
    for (answer, calls) in [(refused(), 1), (busy(), 0)] {
        let (old, new) =
            (server.access("old", "t", SECOND, [answer]), server.access("new", "u", SECOND, [received(1)]));
        let before = server.calls("new");
        let operation = operation(skills_every(MINUTE));
        let mut polled = polled(&[(operation.clone(), old)]);
        minutes(0.5).await;
        polled.reload(&[(operation, new)]);
        minutes(0.1).await;
        assert_eq!(server.calls("new") - before, calls);
    }
}

#[tokio::test(start_paused = true)]
async fn more_licenses_end_the_wait_for_the_next_day() {
    let server = Arc::new(Server::default());
    let access = server.access("a", "t", Duration::ZERO, [received(1)]);
    let with = |licenses| Operation { licenses: Some(licenses), ..operation(skills_every(SECOND * 10)) };
    let mut polled = polled(&[(with(1), Arc::clone(&access))]);
    minutes(10.0 / 60.0 * 1100.0).await;
    assert_eq!(server.calls("a"), 1000);
    polled.reload(&[(with(2), Arc::clone(&access))]);
    minutes(1.0).await;
    assert!((1005..=1008).contains(&server.calls("a")), "{}", server.calls("a"));
    assert_eq!(polled.requests("ventas"), server.calls("a") as u64);
}

#[tokio::test(start_paused = true)]
async fn a_threshold_of_a_new_target_is_asked_for() {
    let server = Arc::new(Server::default());
    let access = server.access("a", "t", SECOND, [received(100)]);
    let plain = operation(skills_every(MINUTE));
    let target = |threshold_seconds| Target {
        service_level: Some(ServiceLevelTarget { threshold_seconds, ratio: 0.8 }),
        ..Target::default()
    };
    let mut polled = polled(&[(plain.clone(), Arc::clone(&access))]);
    minutes(0.5).await;
    let targets = vec![Target { skill_ids: vec!["4173".into()], ..target(60) }, target(120)];
    polled.reload(&[(Operation { targets: Arc::new(Targets::new(targets)), ..plain }, access)]);
    minutes(1.0).await;
    assert_eq!(server.calls("a"), 3);
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_added_continues_from_the_state_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let server = Arc::new(Server::default());
    let a = |answers: Vec<u64>| {
        let access = server.access("a", "a", SECOND, answers.into_iter().map(received));
        (Operation { token: Token::new("a".to_owned()), ..named("a", operation(skills_every(MINUTE))) }, access)
    };
    let b = (named("b", operation(skills_every(MINUTE))), server.access("b", "b", SECOND, [received(1)]));
    let start = |operations: &[(Operation, Arc<dyn Transport>)]| {
        let (clock, state) = (clock_at("2026-11-20T10:30:00-05"), Arc::new(StateFile::open(Some(&path)).unwrap()));
        let (store, pollers) = build_pollers(operations, &clock, &state);
        Polled { store, clock, state, tasks: PollerTasks::start(pollers) }
    };
    let first = start(&[a(vec![100, 105]), b.clone()]);
    // Writing the file takes real time, in which the paused time advances.
    while first.inbound("a") != Some(5) {
        minutes(0.1).await;
    }
    let used = first.snapshot("a").quota.used;
    first.state.close().await;
    drop(first);
    minutes(0.001).await;
    let mut second = start(std::slice::from_ref(&b));
    minutes(0.5).await;
    second.reload(&[a(vec![109]), b]);
    assert_eq!(second.snapshot("a").quota.used, used);
    while second.inbound("a").is_none() {
        minutes(0.1).await;
    }
    assert_eq!(second.inbound("a"), Some(9));
}
