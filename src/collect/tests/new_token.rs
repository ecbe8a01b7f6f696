//! A new token ends the long wait after a refused one.

use std::sync::atomic::AtomicBool;

use super::*;

/// Refuses every call until there is a new token.
#[derive(Default)]
struct Renewable {
    has_new_token: AtomicBool,
    retry_after: Option<Duration>,
    calls: AtomicUsize,
}

impl Renewable {
    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

impl Transport for Renewable {
    fn call<'a>(&'a self, _query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let refusal = response(403, r#"{"code": 403, "msg": "PLEASE VALIDATE TOKEN", "data": null}"#);
        let refusal = refusal.map(|refusal| Response { retry_after: self.retry_after, ..refusal });
        let is_new = self.has_new_token.load(Ordering::SeqCst);
        Box::pin(async move { if is_new { rows(&[SKILL]) } else { refusal } })
    }

    fn has_new_token(&self) -> BoxFuture<'_, bool> {
        Box::pin(async { self.has_new_token.load(Ordering::SeqCst) })
    }
}

fn start_renewable(transport: &Arc<Renewable>) -> (Arc<SnapshotStore>, PollerTasks) {
    let (transport, clock) = (Arc::clone(transport) as Arc<dyn Transport>, clock_at("2026-11-20T10:30:00-05"));
    let (store, pollers) =
        build_pollers(&[(operation(skills_every(MINUTE)), transport)], &clock, &Arc::new(StateFile::default()));
    (store, PollerTasks::start(pollers))
}

#[tokio::test(start_paused = true)]
async fn a_collector_waits_ten_intervals_for_the_same_token_but_not_for_a_new_one() {
    let transport = Arc::new(Renewable::default());
    let (store, _pollers) = start_renewable(&transport);
    minutes(7.9).await;
    assert_eq!(transport.calls(), 1);
    minutes(2.2).await;
    assert_eq!(transport.calls(), 2);

    transport.has_new_token.store(true, Ordering::SeqCst);
    minutes(0.5).await;
    assert_eq!(transport.calls(), 3);
    assert!(store.current()[0].is_up());
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_server_asked_for_does_not_end_with_a_new_token() {
    let transport = Arc::new(Renewable { retry_after: Some(MINUTE * 30), ..Renewable::default() });
    let (_store, _pollers) = start_renewable(&transport);
    minutes(1.0).await;
    transport.has_new_token.store(true, Ordering::SeqCst);
    minutes(28.0).await;
    assert_eq!(transport.calls(), 1);
    minutes(2.0).await;
    assert!(transport.calls() > 1);
}
