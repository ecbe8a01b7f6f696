//! A whole poll without the network: the response is parsed, cleaned, sorted and limited, and the snapshot is published.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tokio::runtime::{Builder, Runtime};
use wolkvox_exporter::api::{ApiError, Query, Response, Transport};
use wolkvox_exporter::clock::Clock;
use wolkvox_exporter::collect::{OperationPoller, StateFile, build_pollers, poll_once};
use wolkvox_exporter::config::collectors::{
    AgentsKpiSettings, DnisMask, DnisSettings, IntervalSettings, IvrSettings, SkillsSettings, TimeUnit,
};
use wolkvox_exporter::config::{Cadence, CollectorSettings, Operation, SkillSelection, Token, Window};
use wolkvox_exporter::model::{Collector, SnapshotStore};

use super::Part;
use crate::support::long_answer::{LongAnswer, REPORTS};

/// The most rows of a response, a usual number, and a small one.
const ROWS: [usize; 3] = [10, 1_000, 60_000];

/// The time of the polls. The rows have the same day.
const NOW: &str = "2026-11-20T15:00:00Z";
const DAY: &str = "20261120";

pub(super) fn parts() -> impl Iterator<Item = Part> {
    REPORTS.into_iter().flat_map(|report| ROWS.map(|rows| part(report, rows)))
}

fn part(report: LongAnswer, rows: usize) -> Part {
    Part::new(format!("poll of {}, {rows} rows", report.collector), "row", rows, move || {
        let body = report.body(rows, DAY);
        let collector = Collector::from_name(report.collector).expect("it is the name of a collector");
        Box::new(move || {
            let poll = Poll::new(collector, body.clone());
            Box::new(move || {
                let store = poll.run();
                let read = store.current()[0].collectors[0].rows();
                assert_eq!(read, Some(rows as u64), "{collector}");
                rows
            })
        })
    })
}

/// A poll that is ready to be made, with the response that it will get.
pub(super) struct Poll {
    runtime: Runtime,
    pollers: Vec<OperationPoller>,
    store: Arc<SnapshotStore>,
}

impl Poll {
    /// A poll of one collector that gets this response.
    pub(super) fn new(collector: Collector, body: String) -> Self {
        let transport: Arc<dyn Transport> = Arc::new(InMemory(Mutex::new(Some(body.into_bytes()))));
        let state = Arc::new(StateFile::open(None).expect("without a file there is nothing to open"));
        let (store, pollers) = build_pollers(&[(operation(collector), transport)], &clock(), &state);
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime can be made");
        Self { runtime, pollers, store }
    }

    /// Makes it, and returns the store with the new snapshot.
    pub(super) fn run(self) -> Arc<SnapshotStore> {
        self.runtime.block_on(poll_once(self.pollers));
        self.store
    }
}

/// The time of the polls.
pub(super) fn now() -> Zoned {
    NOW.parse::<Timestamp>().expect("it is a time").to_zoned(zone())
}

/// A clock that stays at the time of the polls.
pub(super) fn clock() -> Clock {
    Clock::manual(now().timestamp())
}

fn zone() -> TimeZone {
    TimeZone::get("America/Bogota").expect("the zones are part of the program")
}

/// An operation that polls one report, without a limit of the rows.
fn operation(collector: Collector) -> Operation {
    let cadence = Cadence::every(Duration::from_secs(60));
    let (windows, most) = (vec![Window::today()], ROWS[ROWS.len() - 1]);
    let all = || vec![SkillSelection::all()];
    let mut collectors = CollectorSettings::default();
    match collector {
        Collector::Skills => collectors.skills = Some(SkillsSettings { cadence, skill_ids: all() }),
        Collector::Dnis => {
            let mask = DnisMask::None;
            collectors.dnis = Some(DnisSettings { cadence, skill_ids: all(), windows, max_dnis: most, mask });
        }
        Collector::AgentsKpi => collectors.agents_kpi = Some(AgentsKpiSettings { cadence, agent_names: false }),
        Collector::Transfers => collectors.transfers = Some(IntervalSettings { cadence }),
        Collector::Ivr => {
            let time_unit = TimeUnit::Minutes;
            collectors.ivr = Some(IvrSettings { cadence, windows, max_options: most, time_unit });
        }
    }
    Operation {
        name: "ventas".into(),
        base_url: "http://127.0.0.1:1".parse().expect("it is a URL"),
        token: Token::new("sesame-0815".to_owned()),
        token_file: None,
        token_variable: None,
        proxy: None,
        timezone: zone(),
        licenses: None,
        collectors,
        targets: Arc::default(),
    }
}

/// Answers the only call.
struct InMemory(Mutex<Option<Vec<u8>>>);

impl Transport for InMemory {
    fn call<'a>(&'a self, _query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        let body = self.0.lock().expect("no thread panics while it has the lock").take();
        let body = body.expect("a poll of one window makes one call");
        Box::pin(async move { Ok(Response { status: 200, retry_after: None, body }) })
    }
}
