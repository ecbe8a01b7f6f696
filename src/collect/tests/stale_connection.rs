//! A call whose connection was closed by the server before an answer is made once more.

use super::*;

fn stale() -> Result<Response, ApiError> {
    Err(ApiError { is_stale_connection: true, ..ApiError::new(Reason::Connect, "closed") })
}

/// The calls and the failures that are counted.
fn counted(running: &RunningOperation) -> (u64, u64, u64) {
    let snapshot = running.snapshot();
    (snapshot.endpoints[0].requests, snapshot.quota.used, running.failures(Reason::Connect))
}

#[tokio::test(start_paused = true)]
async fn a_closed_connection_costs_one_more_call_and_is_no_failure() {
    let script = Script::new([stale(), rows(&[SKILL])]);
    let running = start(operation(skills_every(MINUTE)), &script);
    minutes(0.5).await;
    assert!(running.snapshot().is_up());
    assert_eq!((script.calls(), counted(&running)), (2, (2, 2, 0)));
    assert_eq!(running.snapshot().endpoints[0].duration.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn two_closed_connections_in_a_row_are_one_failure() {
    let script = Script::new([stale(), stale(), rows(&[SKILL])]);
    let running = start(operation(skills_every(MINUTE)), &script);
    minutes(0.5).await;
    assert!(!running.snapshot().is_up());
    assert_eq!((script.calls(), counted(&running)), (2, (2, 2, 1)));
    minutes(1.0).await;
    assert!(running.snapshot().is_up());
}

#[tokio::test(start_paused = true)]
async fn any_other_failure_is_not_repeated_at_once() {
    let script = Script::new([stale(), connection_refused(), rows(&[SKILL])]);
    let running = start(operation(skills_every(MINUTE)), &script);
    minutes(0.5).await;
    assert_eq!((script.calls(), counted(&running)), (2, (2, 2, 1)));
}

#[tokio::test(start_paused = true)]
async fn without_quota_for_one_more_call_a_closed_connection_is_a_failure() {
    let answers = std::iter::repeat_n(rows(&[SKILL]), 999).chain([stale()]);
    let running = start(Operation { licenses: Some(1), ..operation(skills_every(MINUTE / 2)) }, &Script::new(answers));
    minutes(520.0).await;
    assert_eq!(counted(&running), (1000, 1000, 1));
}
