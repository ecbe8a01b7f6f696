//! What must hold for every state file. See `crate::fuzzing`.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::{OperationPoller, StateFile, build, build_pollers, parse_state, poll_once};
use crate::api::{ApiError, Query, Response, Transport};
use crate::clock::Clock;
use crate::config::collectors::{CollectorSettings, IntervalSettings, SkillsSettings};
use crate::config::{Cadence, Operation, SkillSelection, Token};
use crate::model::{Collector, SkillsReport, Snapshot, TransfersReport};

/// The time of the first poll, ten minutes before the state files of the seeds were written.
const NOW: &str = "2026-11-20T15:00:00Z";

/// Calls of one poll of both collectors.
const CALLS: u64 = 2;

/// Starts the exporter with the input as state file and polls. A state that is read, written and read again must be the
/// same; the calls of the day and the counters of skills and transfers must not fall, neither in the next poll nor after
/// the exporter was killed and started again.
///
/// # Panics
/// When this does not hold.
pub fn state_file(input: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("state.json");
    fs::write(&path, input).expect("it can be written");
    restored_states_are_stable(&path);
    fs::write(&path, input).expect("it can be written");

    let clock = Clock::manual(NOW.parse().expect("it is a time"));
    // The response of the second poll has a few more calls, that of the third one a few less.
    let mut last = Counted { quota: 0, calls: 0, transfers: 0 };
    for inbound in [12, 15, 11] {
        let (before, after) = RUNTIME.with(|runtime| runtime.block_on(poll(&path, &clock, inbound)));
        assert!(before >= last.quota, "{before} calls after a restart, {last:?} before it");
        assert!(after.quota == before.saturating_add(CALLS), "{after:?} after {before} calls and a poll");
        assert!(after.calls >= last.calls && after.transfers >= last.transfers, "{after:?} after {last:?}");
        last = after;
    }
}

thread_local! {
    /// One for all inputs, because it keeps the threads that write files.
    static RUNTIME: Runtime =
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made");
}

/// What must not fall: calls of the quota, calls received, transfers.
#[derive(Debug)]
struct Counted {
    quota: u64,
    calls: u64,
    transfers: u64,
}

/// Starts the exporter with this state file, polls once, and ends without an orderly end. Returns the calls of the quota
/// at the start, and what was counted at the end.
async fn poll(path: &Path, clock: &Clock, inbound: u64) -> (u64, Counted) {
    let state = Arc::new(StateFile::open(Some(path)).expect("the folder can be written to"));
    let transport: Arc<dyn Transport> = Arc::new(Wolkvox { inbound });
    let (store, pollers) = build_pollers(&[(operation(), transport)], clock, &state);
    let snapshot = || -> Snapshot { (*store.current()[0]).clone() };
    let before = snapshot().quota.used;
    assert!(pollers.iter().all(|OperationPoller { collectors, .. }| collectors.len() == 2));
    poll_once(pollers).await;
    let snapshot = snapshot();
    let now = clock.instant();
    assert!(snapshot.is_up(), "{:?}", snapshot.collectors);
    let skills = snapshot.reports_of::<SkillsReport>(now).flat_map(|report| &report.skills);
    let calls = skills.filter(|skill| &*skill.id == "4173").filter_map(|skill| skill.counters.inbound).sum();
    let transfers = snapshot.reports_of::<TransfersReport>(now).flat_map(|report| &report.counted);
    let transfers = transfers.fold(0_u64, |sum, (_, events)| sum.saturating_add(*events));
    (before, Counted { quota: snapshot.quota.used, calls, transfers })
}

/// Restores each collector of the operation, and compares its state with the one after it was restored again.
fn restored_states_are_stable(path: &Path) {
    let state = StateFile::open(Some(path)).expect("the folder can be written to");
    let saved = state.operation("ventas");
    for name in Collector::ALL {
        let Some(saved) = saved.collectors.get(name.name()) else { continue };
        let restored = |saved| {
            let mut active = build(name, &operation())?;
            active.collector.restore_state(saved);
            active.collector.state()
        };
        let Some(first) = restored(saved) else { continue };
        let second = restored(&first).expect("a state that was written can be read");
        let [first, second] = [first, second].map(|state| parse_state::<Value>(&state).expect("a state is JSON"));
        assert_eq!(first, second, "{name}");
    }
}

fn operation() -> Operation {
    let cadence = Cadence::every(Duration::from_secs(60));
    Operation {
        name: "ventas".into(),
        base_url: "http://127.0.0.1:1".parse().expect("it is a URL"),
        token: Token::new("sesame-0815".to_owned()),
        token_file: None,
        token_variable: None,
        proxy: None,
        timezone: TimeZone::fixed(jiff::tz::offset(-5)),
        licenses: None,
        collectors: CollectorSettings {
            skills: Some(SkillsSettings { cadence, skill_ids: vec![SkillSelection::all()] }),
            transfers: Some(IntervalSettings { cadence }),
            ..CollectorSettings::default()
        },
        targets: Arc::default(),
    }
}

/// Sends a skill and a transfer.
struct Wolkvox {
    inbound: u64,
}

impl Transport for Wolkvox {
    fn call<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        let inbound = self.inbound;
        let row = match query.endpoint.api {
            "skills" => format!(
                r#"{{"skill_id": "4173", "stat_inbound": "{inbound}", "stat_answer": "{inbound}", "stat_abandon": "0",
                "service_level_10seg": "100.00 %", "by_abandon": "0 %"}}"#
            ),
            _ => format!(
                r#"{{"conn_id": "c-{inbound}", "transfer_agent_id": "7", "receiver_agent_id": "8",
                "receiver_agent_name": "SKILL", "channel": "chat", "date": "2026-11-20 09:30:00"}}"#
            ),
        };
        let body = format!(r#"{{"code": "200", "error": null, "msg": "", "data": [{row}]}}"#).into_bytes();
        Box::pin(async move { Ok(Response { status: 200, retry_after: None, body }) })
    }
}
