//! The exporter in the test process: the parts of `serve` with a clock that a test can set. It polls faster than any
//! configuration allows.

use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wolkvox_exporter::api::{Client, Limits, install_crypto_provider};
use wolkvox_exporter::clock::Clock;
use wolkvox_exporter::collect::{self, PollerTasks, StateFile};
use wolkvox_exporter::config::{self, Cadence, SingleOperation, Sources};
use wolkvox_exporter::http;
use wolkvox_exporter::metrics::{Encoding, ExporterInfo, Format as PageFormat, Page};
use wolkvox_exporter::model::{Collector, SnapshotStore};

use crate::programs::{LIMIT, OPERATION, TOKEN, read};
use crate::series::{Values, values_of};
use crate::support::exposition::Format;
use crate::support::simulated;

/// The poll interval.
const INTERVAL: Duration = Duration::from_millis(50);

/// Longer than the clock of any test moves between two polls, also on a slow machine.
const MAX_AGE: Duration = Duration::from_secs(7 * 86_400);

/// A configuration that is not in a file.
#[derive(Debug)]
struct Fixed;

impl http::Configuration for Fixed {
    fn text(&self) -> String {
        String::new()
    }

    fn reload(&self) -> BoxFuture<'static, Result<String, String>> {
        Box::pin(ready(Err("the configuration of this test is fixed".to_owned())))
    }
}

/// A running exporter. It ends when it is dropped.
pub(crate) struct Inside {
    page: Arc<Page>,
    store: Arc<SnapshotStore>,
    clock: Clock,
    following: JoinHandle<()>,
    _pollers: PollerTasks,
}

impl Inside {
    /// Starts to poll the reports that are enabled by default from the wolkvox at `base_url`.
    pub(crate) fn start(base_url: &str, clock: &Clock) -> Self {
        Self::polling(SingleOperation::default(), base_url, clock)
    }

    /// Starts to poll all reports from the wolkvox at `base_url` in the time zone `zone`, with names of agents, and
    /// with two windows for the menus.
    pub(crate) fn start_all(base_url: &str, clock: &Clock, zone: &str) -> Self {
        let all = SingleOperation {
            timezone: Some(zone.to_owned()),
            collectors: simulated::collectors().into_iter().map(|collector| (collector, true)).collect(),
            ..SingleOperation::default()
        };
        Self::polling(all, base_url, clock)
    }

    fn polling(operation: SingleOperation, base_url: &str, clock: &Clock) -> Self {
        let operation =
            SingleOperation { base_url: Some(base_url.to_owned()), name: Some(OPERATION.to_owned()), ..operation };
        let sources = Sources { operation, ..Sources::default() };
        let config = config::load(&sources, &|name| (name == "WOLKVOX_TOKEN").then(|| TOKEN.to_owned()));
        let mut operation = config.expect("the configuration is valid").operations.remove(0);
        let cadence = Cadence { interval: INTERVAL, max_age: MAX_AGE };
        for collector in Collector::ALL {
            if let Some(of_collector) = operation.collectors.cadence_mut(collector) {
                *of_collector = cadence;
            }
        }
        let windows = operation.collectors.dnis.as_ref().expect("it is on").windows.clone();
        if let Some(agents) = &mut operation.collectors.agents_kpi {
            agents.agent_names = true;
        }
        if let Some(menus) = &mut operation.collectors.ivr {
            menus.windows = windows;
        }

        install_crypto_provider();
        let client =
            Client::new(&operation, Limits::default(), clock.clone()).expect("plain http needs no certificates");
        let state = Arc::new(StateFile::open(None).expect("without a file nothing can fail"));
        let (board, posts) = collect::build_pollers(&[(operation, Arc::new(client))], clock, &state);
        let own = Arc::new(ExporterInfo::started(clock.wall()));
        let page = Arc::new(Page::new(board.current(), own, clock.clone()));
        let following = tokio::spawn({
            let (page, store) = (Arc::clone(&page), Arc::clone(&board));
            async move {
                page.follow(store).await;
            }
        });
        Self { page, store: board, clock: clock.clone(), following, _pollers: PollerTasks::start(posts) }
    }

    /// Its page now, as text 0.0.4.
    fn page(&self) -> String {
        let bytes = self.page.body(PageFormat::Text004, Encoding::Identity).concat();
        String::from_utf8(bytes).expect("a page is UTF-8")
    }

    /// Serves its pages as the exporter does, until the test's runtime ends. Returns host and port.
    pub(crate) async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let connections = Arc::new(http::Connections::new(self.clock.clone()));
        let state = http::AppState {
            page: Arc::clone(&self.page),
            store: Arc::clone(&self.store),
            clock: self.clock.clone(),
            prefix: http::RoutePrefix::default(),
            telemetry_path: http::TelemetryPath::default(),
            connections: Arc::clone(&connections),
            scrape_limit: http::ScrapeLimit::at_most(0),
            configuration: Arc::new(Fixed),
            enable_lifecycle: false,
        };
        let page = Arc::clone(&self.page);
        tokio::spawn(async move {
            http::serve(vec![listener], http::router(state), connections, || page.number(), None, pending()).await;
        });
        address
    }

    /// Whether its page contains this text now.
    pub(crate) fn holds(&self, part: &str) -> bool {
        self.page().contains(part)
    }

    /// Waits until every collector has failed. The failed polls publish everything that was counted before.
    pub(crate) async fn failing(&self) {
        let succeeds = |line: &str| line.starts_with("wolkvox_collector_success{") && line.ends_with(" 1");
        self.page_when(|page| !page.lines().any(succeeds)).await;
    }

    /// Waits until its page has the results of polls that began after these numbers of calls to `skills` and `skill_6`.
    pub(crate) async fn polled_after(&self, [skills, numbers]: [u64; 2]) {
        // When the second call from now is made, the poll of the first one has finished. A poll of numbers has two
        // calls, and its first call may have been prepared earlier.
        self.has_called(&[("skills", skills + 2), ("skill_6", numbers + 6)]).await;
    }

    /// Waits until its page counts these numbers of calls to the reports.
    pub(crate) async fn has_called(&self, wanted: &[(&str, u64)]) {
        let calls = |line: &str, endpoint: &str| {
            let rest = line.strip_prefix("wolkvox_api_requests_total{")?;
            rest.split_once(&format!("\"{endpoint}\"}} "))?.1.parse::<u64>().ok()
        };
        let made = |page: &str, endpoint| page.lines().find_map(|line| calls(line, endpoint));
        self.page_when(|page| wanted.iter().all(|(endpoint, calls)| made(page, endpoint) >= Some(*calls))).await;
    }

    /// Waits until `enough` accepts its page.
    async fn page_when(&self, enough: impl Fn(&str) -> bool) {
        let found = tokio::time::timeout(LIMIT, async {
            while !enough(&self.page()) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        assert!(found.await.is_ok(), "the page did not become as expected:\n{}", self.page());
    }

    /// The values on its page now.
    pub(crate) fn values(&self) -> Values {
        values_of(&read(Format::Text, &self.page()))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.following.abort();
    }
}
