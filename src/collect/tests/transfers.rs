//! The collector `transfers`: each event is counted once.

use super::*;
use crate::config::collectors::IntervalSettings;
use crate::model::{ReceiverType, TransferKind, TransfersReport};

pub(super) fn transfers_every(interval: Duration) -> Operation {
    let settings = IntervalSettings { cadence: Cadence::every(interval) };
    operation(config::CollectorSettings { transfers: Some(settings), ..config::CollectorSettings::default() })
}

/// A transfer by agent 7 to agent 8, or to a skill.
pub(super) fn event(conn_id: &str, channel: &str, date: &str, to_skill: bool) -> String {
    let name = if to_skill { "SKILL" } else { "Íñigo" };
    format!(
        r#"{{"conn_id": "{conn_id}", "transfer_agent_id": "7", "transfer_agent_name": "A", "receiver_agent_id": "8",
            "receiver_agent_name": "{name}", "channel": "{channel}", "date": "{date}"}}"#
    )
}

pub(super) fn events(events: &[String]) -> Result<Response, ApiError> {
    rows(&events.iter().map(String::as_str).collect::<Vec<_>>())
}

fn kind(channel: &str, receiver: ReceiverType) -> TransferKind {
    TransferKind { channel: channel.into(), receiver }
}

pub(super) fn report(running: &RunningOperation) -> TransfersReport {
    running.snapshot().report::<TransfersReport>(running.clock.instant()).unwrap().clone()
}

pub(super) fn all(of: &[(TransferKind, u64)]) -> u64 {
    of.iter().map(|(_, events)| events).sum()
}

#[tokio::test(start_paused = true)]
async fn the_vendors_blank_example_gives_no_events_and_no_error() {
    let running = start(transfers_every(MINUTE), &Script::new([response(200, &vendors_example("transfers"))]));
    minutes(0.5).await;
    assert_eq!(report(&running), TransfersReport::default());
    assert!(running.snapshot().endpoints[0].parse_errors.iter().all(|(_, count)| *count == 0));
}

#[tokio::test(start_paused = true)]
async fn the_day_is_counted_by_channel_receiver_and_agent() {
    let day = [
        event("a", "chat", "2026-11-20 09:00:00", false),
        event("b", "chat", "2026-11-20 09:01:00", true),
        event("c", "chat", "2026-11-20 09:02:00", false),
    ];
    let running = start(transfers_every(MINUTE), &Script::new([events(&day)]));
    minutes(0.5).await;
    let (to_skill, to_agent) = (kind("chat", ReceiverType::Skill), kind("chat", ReceiverType::Agent));
    assert_eq!(report(&running).today, [(to_skill.clone(), 1), (to_agent.clone(), 2)]);
    assert_eq!(report(&running).by_agent, [("7".into(), to_skill, 1), ("7".into(), to_agent, 2)]);
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_is_the_baseline_and_each_later_event_is_counted_once() {
    let one = event("a", "chat", "2026-11-20 09:00:00", false);
    let two = event("b", "chat", "2026-11-20 10:29:00", false);
    let script =
        Script::new([events(std::slice::from_ref(&one)), events(&[one.clone(), two.clone()]), events(&[two, one])]);
    let running = start(transfers_every(MINUTE), &script);
    minutes(0.5).await;
    assert_eq!(all(&report(&running).counted), 0);
    minutes(4.0).await;
    assert_eq!((all(&report(&running).counted), all(&report(&running).today)), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_disappears_and_returns_is_counted_once() {
    let one = event("a", "chat", "2026-11-20 10:29:00", false);
    let script = Script::new([events(&[]), events(std::slice::from_ref(&one)), events(&[]), events(&[one])]);
    let running = start(transfers_every(MINUTE), &script);
    minutes(5.0).await;
    assert_eq!(all(&report(&running).counted), 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_from_before_the_window_is_never_counted() {
    let old = event("a", "chat", "2026-11-19 12:00:00", false);
    let script = Script::new([events(&[]), events(std::slice::from_ref(&old)), events(&[old])]);
    let running = start(transfers_every(MINUTE), &script);
    minutes(6.0).await;
    assert_eq!((all(&report(&running).counted), all(&report(&running).today)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_late_event_of_yesterday_is_counted_after_midnight_but_not_for_today() {
    let old = event("a", "chat", "2026-11-20 23:50:00", false);
    let late = event("b", "chat", "2026-11-20 23:58:00", false);
    let new = event("c", "chat", "2026-11-21 00:01:00", false);
    let script = Script::new([events(std::slice::from_ref(&old)), events(&[old, late, new])]);
    let running = start_with(transfers_every(MINUTE * 5), &script, clock_at("2026-11-20T23:59:00-05"), &Arc::default());
    minutes(5.5).await;
    let asked = script.parameters(1);
    assert!(asked[0].1.starts_with("20261120") && asked[1].1.starts_with("20261121"), "{asked:?}");
    assert_eq!((all(&report(&running).counted), all(&report(&running).today)), (2, 1));
    assert_eq!(report(&running).by_agent.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_day_starts_at_zero_and_the_counter_continues() {
    let one = event("a", "chat", "2026-11-20 20:00:00", false);
    let script = Script::new([events(&[]), events(&[one])]);
    let running =
        start_with(transfers_every(MINUTE * 60), &script, clock_at("2026-11-20T20:30:00-05"), &Arc::default());
    // The third poll comes between 108 and 120 minutes after the first.
    minutes(125.0).await;
    assert_eq!((all(&report(&running).counted), all(&report(&running).today)), (1, 1));
    script.always_respond(rows(&[]));
    minutes(180.0).await;
    assert_eq!(report(&running).today, [(kind("chat", ReceiverType::Agent), 0)]);
    assert_eq!(all(&report(&running).counted), 1);
}

#[tokio::test(start_paused = true)]
async fn events_counted_before_a_restart_are_not_counted_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let state = || Arc::new(StateFile::open(Some(&path)).unwrap());
    let (one, two) =
        (event("a", "chat", "2026-11-20 10:00:00", false), event("b", "chat", "2026-11-20 10:31:00", false));
    let first = Script::new([events(&[]), events(std::slice::from_ref(&one))]);
    let running = start_with(transfers_every(MINUTE), &first, clock_at("2026-11-20T10:30:00-05"), &state());
    minutes(2.5).await;
    assert_eq!(all(&report(&running).counted), 1);
    stop(running).await;
    let second = Script::new([events(&[one, two])]);
    let running = start_with(transfers_every(MINUTE), &second, clock_at("2026-11-20T10:40:00-05"), &state());
    minutes(0.5).await;
    assert_eq!(all(&report(&running).counted), 2);
}

#[tokio::test(start_paused = true)]
async fn an_event_outside_the_window_is_an_error_and_is_not_counted() {
    let lines = ["2026-11-19 23:00:00", "2026-11-21 09:00:00"].map(|date| event(date, "chat", date, false));
    let script = Script::new([events(&[]), events(&lines), events(&lines)]);
    let running = start(transfers_every(MINUTE), &script);
    minutes(2.5).await;
    assert_eq!((all(&report(&running).counted), all(&report(&running).today)), (0, 0));
    let dates = running.snapshot().endpoints[0].parse_errors.iter().find(|(field, _)| *field == "date").unwrap().1;
    assert_eq!(dates, 4);
}

#[tokio::test(start_paused = true)]
async fn after_a_clock_is_set_back_over_midnight_nothing_is_counted_again() {
    let clock = Clock::manual("2026-11-20T22:00:00-05".parse().unwrap());
    let one = event("a", "chat", "2026-11-20 21:00:00", false);
    let script = Script::new([events(&[]), events(std::slice::from_ref(&one)), events(&[]), events(&[one])]);
    let running = start_with(transfers_every(MINUTE), &script, clock.clone(), &Arc::default());
    for time in ["2026-11-20T22:01:00-05", "2026-11-21T00:05:00-05", "2026-11-20T23:58:00-05"] {
        minutes(0.5).await;
        clock.set(time.parse().unwrap());
        minutes(0.5).await;
    }
    minutes(0.5).await;
    assert_eq!((script.calls(), all(&report(&running).counted)), (4, 1));
}

#[tokio::test(start_paused = true)]
async fn after_a_clock_was_far_ahead_counting_continues() {
    let clock = Clock::manual("2026-12-20T10:00:00-05".parse().unwrap());
    let (one, two) =
        (event("a", "chat", "2026-11-20 09:00:00", false), event("b", "chat", "2026-11-20 09:30:00", false));
    let script = Script::new([events(&[]), events(std::slice::from_ref(&one)), events(&[one, two])]);
    let running = start_with(transfers_every(MINUTE), &script, clock.clone(), &Arc::default());
    minutes(0.5).await;
    clock.set("2026-11-20T10:00:00-05".parse().unwrap());
    minutes(2.0).await;
    assert_eq!(all(&report(&running).counted), 1);
}

// Santiago falls back at midnight: the last hour of 2026-04-04 occurs twice, and "two hours ago" moves back too.
#[tokio::test(start_paused = true)]
async fn in_the_night_when_clocks_go_back_nothing_is_counted_again() {
    let santiago = Operation { timezone: TimeZone::get("America/Santiago").unwrap(), ..transfers_every(MINUTE * 10) };
    let one = event("a", "chat", "2026-04-04 23:05:00", false);
    let script = Script::new([events(&[]), events(std::slice::from_ref(&one))]);
    let running = start_with(santiago, &script, clock_at("2026-04-04T23:20:00-04"), &Arc::default());
    minutes(130.0).await;
    assert_eq!(all(&report(&running).counted), 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_without_a_date_is_one_error_and_one_without_a_channel_is_unknown() {
    let good = event("a", "chat", "2026-11-20 09:00:00", false);
    let bad_date = event("b", "chat", "yesterday", false);
    let no_channel = event("c", "----", "2026-11-20 09:00:00", false);
    let running = start(transfers_every(MINUTE), &Script::new([events(&[good, bad_date, no_channel])]));
    minutes(0.5).await;
    let agent = ReceiverType::Agent;
    assert_eq!(report(&running).today, [(kind("chat", agent), 1), (kind("unknown", agent), 1)]);
    let errors: Vec<_> =
        running.snapshot().endpoints[0].parse_errors.iter().copied().filter(|(_, count)| *count > 0).collect();
    assert_eq!(errors, [("date", 1)]);
}

#[tokio::test(start_paused = true)]
async fn the_counter_of_a_new_kind_is_zero_before_it_has_its_events() {
    let (chat, mail) =
        (event("a", "chat", "2026-11-20 09:00:00", false), event("b", "email", "2026-11-20 09:00:30", true));
    let script = Script::new([events(&[]), events(std::slice::from_ref(&chat)), events(&[chat, mail])]);
    let running = start(transfers_every(MINUTE), &script);
    let (chat, mail) = (kind("chat", ReceiverType::Agent), kind("email", ReceiverType::Skill));
    let mut counted = Vec::new();
    for _ in 0..4 {
        minutes(if counted.is_empty() { 0.5 } else { 1.0 }).await;
        counted.push(report(&running).counted.clone());
    }
    let expected =
        [vec![], vec![(chat.clone(), 0)], vec![(chat.clone(), 1), (mail.clone(), 0)], vec![(chat, 1), (mail, 1)]];
    assert_eq!(counted, expected);
}

#[tokio::test(start_paused = true)]
async fn the_same_event_twice_in_an_answer_is_a_duplicate() {
    let one = event("a", "chat", "2026-11-20 09:00:00", false);
    let running = start(transfers_every(MINUTE), &Script::new([events(&[one.clone(), one])]));
    minutes(0.5).await;
    assert_eq!((all(&report(&running).today), running.snapshot().endpoints[0].duplicate_rows), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_number_of_channels_with_series_is_limited() {
    let many: Vec<String> =
        (0..200).map(|n| event(&n.to_string(), &format!("c{n}"), "2026-11-20 09:00:00", false)).collect();
    let running = start(transfers_every(MINUTE), &Script::new([events(&many)]));
    minutes(1.5).await;
    assert!(report(&running).today.len() <= 33, "{}", report(&running).today.len());
    assert_eq!(all(&report(&running).today), 200);
}

#[tokio::test(start_paused = true)]
async fn names_of_people_are_never_kept() {
    let body =
        event("a", "chat", "2026-11-20 09:00:00", false).replace("Íñigo", "PLANTED").replace("\"A\"", "\"PLANTED\"");
    let running = start(transfers_every(MINUTE), &Script::new([events(&[body])]));
    minutes(0.5).await;
    assert_eq!(all(&report(&running).today), 1);
    assert!(!format!("{:?}", running.snapshot()).contains("PLANTED"));
}
