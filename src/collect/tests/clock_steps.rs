//! The system's time is set while the exporter runs. wolkvox's day goes on as before.

use jiff::{SignedDuration, Zoned};

use super::transfers::{all, event, events, report, transfers_every};
use super::*;

/// A day total of calls received by the skill.
fn calls(inbound: u64) -> Result<Response, ApiError> {
    rows(&[&SKILL.replace("\"100\"", &format!("\"{inbound}\""))])
}

/// Polls once a minute, with these steps of the clock before the polls. wolkvox counts one call a minute. Returns the
/// calls counted and the calls of the quota.
async fn after(start: &str, steps: &[Option<SignedDuration>]) -> (Option<u64>, u64) {
    let script = Script::new((0..=steps.len() as u64).map(|minute| calls(100 + minute)));
    let running = start_with(operation(skills_every(MINUTE)), &script, clock_at(start), &Arc::default());
    minutes(0.5).await;
    for step in steps {
        if let Some(step) = step {
            running.clock.step(*step);
        }
        minutes(1.0).await;
    }
    let snapshot = running.snapshot();
    let report = snapshot.report::<SkillsReport>(running.clock.instant()).unwrap();
    (report.skills[0].counters.inbound, snapshot.quota.used)
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_counts_only_real_calls_and_forgets_none_of_the_quota() {
    for hours in [24, -24, 72, -72, 3, -3] {
        let there = SignedDuration::from_hours(hours);
        let steps = [None, Some(there), None, None, Some(-there), None];
        assert_eq!(after("2026-11-20T10:30:00-05", &steps).await, (Some(6), 7), "{hours} hours and back");
        assert_eq!(after("2026-11-20T10:30:00-05", &steps[..4]).await, (Some(4), 5), "{hours} hours");
    }
}

#[tokio::test(start_paused = true)]
async fn the_calls_of_today_are_the_same_before_the_first_call_after_a_step() {
    let script = Script::new([rows(&[SKILL])]);
    let clock = clock_at("2026-11-20T10:30:00-05");
    let running = start_with(operation(skills_every(MINUTE * 10)), &script, clock, &Arc::default());
    let calls_today = || running.snapshot().calls_today(running.clock.now(), running.clock.instant());
    minutes(25.0).await;
    assert_eq!(calls_today(), 3);
    running.clock.step(SignedDuration::from_hours(24));
    assert_eq!((calls_today(), script.calls()), (3, 3));
    running.clock.step(SignedDuration::from_hours(-48));
    assert_eq!(calls_today(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_new_day_begins_with_no_calls_before_its_first_call() {
    let script = Script::new([rows(&[SKILL])]);
    let clock = clock_at("2026-11-20T23:50:00-05");
    let running = start_with(operation(skills_every(MINUTE * 60)), &script, clock, &Arc::default());
    let calls_today = || running.snapshot().calls_today(running.clock.now(), running.clock.instant());
    minutes(9.0).await;
    assert_eq!(calls_today(), 1);
    minutes(2.0).await;
    assert_eq!((calls_today(), script.calls()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_years_behind_at_the_start_counts_only_real_calls_when_it_is_corrected() {
    // A machine without a battery starts in the past and learns the time from the network.
    let learned = SignedDuration::from_hours(24 * 3650);
    assert_eq!(after("2016-11-22T23:58:30-05", &[None, Some(learned), None]).await, (Some(3), 4));
}

/// A wolkvox with one transfer a minute, for ever. It answers with those of the window that have happened by now.
struct Transferring {
    clock: Clock,
}

impl Transport for Transferring {
    fn call<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        let bound = |name| {
            let (_, value) = query.parameters.iter().find(|(key, _)| *key == name).unwrap();
            jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", &**value).unwrap()
        };
        let now: Zoned = self.clock.local(&TimeZone::get("America/Bogota").unwrap());
        let until = bound("date_end").min(now.datetime());
        let minutes = bound("date_ini").with().second(0).build().unwrap().series(jiff::Span::new().minutes(1));
        let happened = minutes.take_while(|at| *at <= until).map(|at| {
            let at = at.strftime("%F %T").to_string();
            event(&at, "chat", &at, false)
        });
        let happened: Vec<String> = happened.collect();
        Box::pin(async move { events(&happened) })
    }
}

#[tokio::test(start_paused = true)]
async fn transfers_are_counted_once_while_the_clock_is_set_ahead_and_back() {
    for hours in [24, -24, 72, -72] {
        let start = "2026-11-20T20:00:30-05";
        let wolkvox: Arc<dyn Transport> = Arc::new(Transferring { clock: clock_at(start) });
        let clock = clock_at(start);
        let (store, pollers) =
            build_pollers(&[(transfers_every(MINUTE), wolkvox)], &clock, &Arc::new(StateFile::default()));
        let running = RunningOperation { store, clock, _pollers: PollerTasks::start(pollers) };
        minutes(10.2).await;
        assert_eq!(all(&report(&running).counted), 10, "before {hours} hours");
        running.clock.step(SignedDuration::from_hours(hours));
        minutes(10.0).await;
        running.clock.step(SignedDuration::from_hours(-hours));
        minutes(10.0).await;
        assert_eq!(all(&report(&running).counted), 30, "after {hours} hours and back");
    }
}
