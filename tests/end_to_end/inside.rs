//! The exporter in this process: the parts that `serve` puts together, on a clock that a test can set, polling faster
//! than any configuration allows.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use wolkvox_exporter::api::{Client, Limits};
use wolkvox_exporter::clock::Clock;
use wolkvox_exporter::collect::{self, Pollers, StateFile};
use wolkvox_exporter::config::{self, Cadence, SingleOperation, Sources};
use wolkvox_exporter::metrics::{Coding, Format as PageFormat, Own, Page};

use crate::programs::{LIMIT, OPERATION, TOKEN, read};
use crate::series::{Values, said};
use crate::support::exposition::Format;

/// Between two polls.
const INTERVAL: Duration = Duration::from_millis(50);

/// A running exporter. It ends when it is dropped.
pub(crate) struct Inside {
    page: Arc<Page>,
    following: JoinHandle<()>,
    _pollers: Pollers,
}

impl Inside {
    /// Starts to poll the wolkvox at `base_url`.
    pub(crate) fn start(base_url: &str, clock: &Clock) -> Self {
        let operation = SingleOperation {
            base_url: Some(base_url.to_owned()),
            name: Some(OPERATION.to_owned()),
            ..SingleOperation::default()
        };
        let sources = Sources { operation, ..Sources::default() };
        let config = config::load(&sources, &|name| (name == "WOLKVOX_TOKEN").then(|| TOKEN.to_owned()));
        let mut operation = config.expect("the configuration is sound").operations.remove(0);
        let cadence = Cadence { interval: INTERVAL, max_age: Duration::from_secs(3600) };
        operation.collectors.skills.as_mut().expect("it is on").cadence = cadence;
        operation.collectors.dnis.as_mut().expect("it is on").cadence = cadence;

        let (url, token) = (operation.base_url.clone(), operation.token.clone());
        let client = Client::new(url, token, Limits::default(), clock.clone()).expect("plain http needs nothing");
        let state = Arc::new(StateFile::open(None).expect("without a file nothing can fail"));
        let (board, posts) = collect::desks(&[(operation, Arc::new(client))], clock, &state);
        let own = Arc::new(Own::started(clock.wall()));
        let page = Arc::new(Page::new(board.current(), own, clock.clone()));
        let following = tokio::spawn({
            let page = Arc::clone(&page);
            async move {
                page.follow(board).await;
            }
        });
        Self { page, following, _pollers: Pollers::start(posts) }
    }

    /// Its page now, as text 0.0.4.
    fn page(&self) -> String {
        let bytes = self.page.answer(PageFormat::Text004, Coding::Identity).concat();
        String::from_utf8(bytes).expect("a page is UTF-8")
    }

    /// Whether its page has this now.
    pub(crate) fn holds(&self, part: &str) -> bool {
        self.page().contains(part)
    }

    /// Waits until every collector has failed. A failed poll publishes all that was counted before it.
    pub(crate) async fn failing(&self) {
        let succeeds = |line: &str| line.starts_with("wolkvox_collector_success{") && line.ends_with(" 1");
        self.page_when(|page| !page.lines().any(succeeds)).await;
    }

    /// Waits until its page is of polls that began after the moment at which that many calls had been made: calls to
    /// `skills`, calls to `skill_6`.
    pub(crate) async fn polled_after(&self, [skills, numbers]: [u64; 2]) {
        // The call after the next is made when the poll of the next one is finished. A poll of numbers is two calls, and
        // the next one may have been prepared before.
        let wanted = [("\"skills\"} ", skills + 2), ("\"skill_6\"} ", numbers + 6)];
        let calls = |line: &str, endpoint| {
            let rest = line.strip_prefix("wolkvox_api_requests_total{")?;
            rest.split_once(endpoint)?.1.parse::<u64>().ok()
        };
        let made = |page: &str, endpoint| page.lines().find_map(|line| calls(line, endpoint));
        self.page_when(|page| wanted.iter().all(|(endpoint, calls)| made(page, endpoint) >= Some(*calls))).await;
    }

    /// Waits until `enough` likes its page.
    async fn page_when(&self, enough: impl Fn(&str) -> bool) {
        let found = tokio::time::timeout(LIMIT, async {
            while !enough(&self.page()) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        assert!(found.await.is_ok(), "the page never became as it should be:\n{}", self.page());
    }

    /// What its page says now.
    pub(crate) fn values(&self) -> Values {
        said(&read(Format::Text, &self.page()))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.following.abort();
    }
}
