//! The open connections, and which of them are closed when places, time or memory are short.
//!
//! A place is never refused to a newcomer because others do nothing with theirs: the connection that has been idle for
//! the longest time gives way, and first those that had time for a request and sent none. A response has a limit as a
//! whole, and a reader that is slower than others who wait loses its place. Readers of old pages are closed, so that few
//! generations of a large page are in memory.
//!
//! A connection of HTTP/1 has at most one response at a time, one of HTTP/2 has several. It is idle when it has none. If
//! one of its responses must end, all of them do.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::clock::Clock;

/// The most connections at the same time. Scrapers need far fewer, and a process may usually have 1,024 open
/// descriptors.
const MAX_CONNECTIONS: usize = 512;

/// The time that a new connection has for its request before it gives way like those that never send one. Without it, a
/// scrape would lose its place to any connection that is opened a moment later.
const NEW: Duration = Duration::from_secs(1);

/// The longest wait for the first request of a connection.
pub(super) const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest time between two requests of a connection. It is longer than the usual scrape interval. The limit of
/// HTTP/1 is a little shorter, so this one is for HTTP/2.
const IDLE_TIMEOUT: Duration = Duration::from_secs(100);

/// The limit of a response whose reader names no other one. A page of 60 MB takes that long at 1 MB a second.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);

/// The limits that a reader can name.
const MIN_RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);
const MAX_RESPONSE_TIMEOUT: Duration = Duration::from_secs(120);

/// After this time a scrape gives way to another one that waits for a place.
const SLOW_SCRAPE: Duration = Duration::from_secs(5);

/// Newer pages that a reader of a large page may miss before it is closed. So three generations are in memory at most: two
/// that are read and the one that is being made.
const MAX_MISSED_PAGES: u64 = 1;

/// Old pages up to so many bytes together do no harm. A reader of a small page may miss as many newer ones as fit in here.
const HARMLESS_BYTES: u64 = 16 << 20;

/// A reader is not closed for an old page before this time, because small pages can be rendered several times a second.
const MIN_READING_TIME: Duration = Duration::from_secs(2);

/// The time between two warnings.
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// Why a connection was closed. The names are values of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// It sent no complete request in time, the first or the next one.
    NoRequest,
    /// Another connection needed its place.
    PlaceNeeded,
    /// Its response took too long, or another scrape needed its place.
    SlowReader,
    /// It still read a page that was replaced several times.
    OldPage,
}

impl Reason {
    const ALL: [Self; 4] = [Self::NoRequest, Self::PlaceNeeded, Self::SlowReader, Self::OldPage];

    fn as_str(self) -> &'static str {
        match self {
            Self::NoRequest => "no_request",
            Self::PlaceNeeded => "place_needed",
            Self::SlowReader => "slow_reader",
            Self::OldPage => "old_page",
        }
    }
}

/// All open connections of the web server.
#[derive(Debug)]
pub struct Connections {
    clock: Clock,
    max: usize,
    open: Mutex<Open>,
    /// Connections closed, in the order of [`Reason::ALL`].
    closed: [AtomicU64; Reason::ALL.len()],
    last_warning: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: BTreeMap<u64, Arc<Connection>>,
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Connection {
    clock: Clock,
    /// Notified when it must end.
    end: Notify,
    state: Mutex<State>,
}

#[derive(Clone, Debug)]
struct State {
    /// The responses that are being made or sent. The connection is idle if there is none.
    responses: Vec<ResponseState>,
    /// The number of the next response.
    next: u64,
    /// When the connection became idle.
    idle_since: Instant,
    has_completed: bool,
    /// It was told to end.
    is_closed: bool,
}

#[derive(Clone, Copy, Debug)]
struct ResponseState {
    number: u64,
    since: Instant,
    deadline: Instant,
    /// What a scrape reads.
    page: Option<ReadPage>,
}

#[derive(Clone, Copy, Debug)]
struct ReadPage {
    number: u64,
    /// Newer pages after which the reader is closed.
    may_miss: u64,
}

/// The kinds of connections that wait for a request, in the order in which they give way to others. Within a kind, the
/// one that has waited for the longest time is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Idleness {
    /// It had time for a request and sent none.
    Silent,
    /// It had a response before.
    KeptAlive,
    /// It was opened a moment ago.
    New,
}

impl State {
    fn is_idle(&self) -> bool {
        self.responses.is_empty() && !self.is_closed
    }

    fn idleness(&self, now: Instant) -> Idleness {
        match (self.has_completed, now.saturating_duration_since(self.idle_since) < NEW) {
            (true, _) => Idleness::KeptAlive,
            (false, true) => Idleness::New,
            (false, false) => Idleness::Silent,
        }
    }

    /// Why the connection must be closed, if it must. `page` is the number of the present page.
    fn overdue(&self, now: Instant, page: u64) -> Option<Reason> {
        if self.is_closed {
            return None;
        }
        if self.responses.is_empty() {
            let limit = if self.has_completed { IDLE_TIMEOUT } else { FIRST_REQUEST_TIMEOUT };
            return (now.saturating_duration_since(self.idle_since) >= limit).then_some(Reason::NoRequest);
        }
        self.responses.iter().find_map(|response| {
            let time = now.saturating_duration_since(response.since);
            let is_old = response.page.is_some_and(|read| page.saturating_sub(read.number) > read.may_miss);
            if now >= response.deadline {
                Some(Reason::SlowReader)
            } else if is_old && time >= MIN_READING_TIME {
                Some(Reason::OldPage)
            } else {
                None
            }
        })
    }
}

/// The time in which a response is sent. The response has ended when this is dropped.
#[derive(Debug)]
pub(super) struct Responding(ResponseHandle);

/// Names a response of a connection.
#[derive(Clone, Debug)]
pub(super) struct ResponseHandle {
    connection: Arc<Connection>,
    number: u64,
}

/// A place among the open connections. It is free when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    pub(super) connection: Arc<Connection>,
}

impl Connections {
    /// No connections yet.
    pub fn new(clock: Clock) -> Self {
        Self::at_most(MAX_CONNECTIONS, clock)
    }

    fn at_most(max: usize, clock: Clock) -> Self {
        let (open, closed) = (Mutex::default(), Reason::ALL.map(|_| AtomicU64::new(0)));
        Self { clock, max, open, closed, last_warning: Mutex::default() }
    }

    /// How many connections were closed, by reason.
    pub fn closed(&self) -> [(&'static str, u64); 4] {
        Reason::ALL.map(|reason| (reason.as_str(), self.closed[reason as usize].load(Ordering::Relaxed)))
    }

    /// A place for a new connection. If all are taken, another one is closed; `None` if all of them are busy.
    pub(super) fn open(self: &Arc<Self>) -> Option<Place> {
        let now = self.clock.instant();
        let mut open = self.open.lock();
        if open.connections.len() >= self.max {
            let idle = open.connections.iter().filter_map(|(number, connection)| {
                let state = connection.state.lock();
                state.is_idle().then(|| (state.idleness(now), state.idle_since, *number))
            });
            let Some((.., number)) = idle.min() else {
                self.warn("all connections are busy, so a new one was refused");
                return None;
            };
            if let Some(connection) = open.connections.remove(&number) {
                self.close(&connection, Reason::PlaceNeeded);
            }
        }
        let state = State { responses: Vec::new(), next: 0, idle_since: now, has_completed: false, is_closed: false };
        let connection =
            Arc::new(Connection { clock: self.clock.clone(), end: Notify::new(), state: Mutex::new(state) });
        let number = open.next;
        open.next += 1;
        open.connections.insert(number, Arc::clone(&connection));
        Some(Place { connections: Arc::clone(self), number, connection })
    }

    /// Closes the slowest scrape, so that another one gets its place. Returns whether there was one that is slow.
    pub(super) fn close_slowest_scrape(&self) -> bool {
        let now = self.clock.instant();
        let open = self.open.lock();
        let scrapes = open.connections.values().filter_map(|connection| {
            let state = connection.state.lock();
            let scrapes = state.responses.iter().filter(|response| response.page.is_some());
            let since = scrapes.map(|response| response.since).min().filter(|_| !state.is_closed)?;
            (now.saturating_duration_since(since) >= SLOW_SCRAPE).then_some((since, connection))
        });
        let slowest = scrapes.min_by_key(|(since, _)| *since);
        slowest.inspect(|(_, connection)| self.close(connection, Reason::SlowReader)).is_some()
    }

    /// Closes every connection whose time is over. `page` is the number of the present page.
    pub(super) fn close_overdue(&self, page: u64) {
        let now = self.clock.instant();
        for connection in self.open.lock().connections.values() {
            let reason = connection.state.lock().overdue(now, page);
            if let Some(reason) = reason {
                self.close(connection, reason);
            }
        }
    }

    fn close(&self, connection: &Connection, reason: Reason) {
        // One that is closed already but whose task has not ended is not counted again.
        connection.state.lock().is_closed = true;
        connection.end.notify_one();
        self.closed[reason as usize].fetch_add(1, Ordering::Relaxed);
        match reason {
            Reason::NoRequest => {}
            Reason::PlaceNeeded => self.warn("all connections are taken, so the one that was idle longest was closed"),
            Reason::SlowReader | Reason::OldPage => self.warn("a client reads its response too slowly and was closed"),
        }
    }

    fn warn(&self, message: &str) {
        let now = self.clock.instant();
        let mut last = self.last_warning.lock();
        if last.is_none_or(|last| now.saturating_duration_since(last) >= WARNING_INTERVAL) {
            *last = Some(now);
            tracing::warn!(
                "{message}; wolkvox_exporter_http_connections_closed_total counts such cases \
                 (logged again after a minute at the earliest)"
            );
        }
    }
}

impl Connection {
    /// A response begins. Drop the result at its end.
    pub(super) fn respond(self: &Arc<Self>) -> Responding {
        let now = self.clock.instant();
        let mut state = self.state.lock();
        let number = state.next;
        state.next += 1;
        state.responses.push(ResponseState { number, since: now, deadline: now + RESPONSE_TIMEOUT, page: None });
        Responding(ResponseHandle { connection: Arc::clone(self), number })
    }

    /// Resolves when the connection must end.
    pub(super) async fn ended(&self) {
        self.end.notified().await;
    }
}

impl Responding {
    /// Names the response.
    pub(super) fn handle(&self) -> ResponseHandle {
        self.0.clone()
    }
}

impl ResponseHandle {
    /// The response is the page with this number and so many bytes, and its reader waits for so long.
    pub(super) fn reads_page(&self, number: u64, length: u64, timeout: Option<Duration>) {
        let timeout = timeout.unwrap_or(RESPONSE_TIMEOUT).clamp(MIN_RESPONSE_TIMEOUT, MAX_RESPONSE_TIMEOUT);
        let mut state = self.connection.state.lock();
        if let Some(response) = state.responses.iter_mut().find(|response| response.number == self.number) {
            let may_miss = (HARMLESS_BYTES / length.max(1)).max(MAX_MISSED_PAGES);
            response.deadline = response.since + timeout;
            response.page = Some(ReadPage { number, may_miss });
        }
    }
}

impl Drop for Responding {
    fn drop(&mut self) {
        let now = self.0.connection.clock.instant();
        let mut state = self.0.connection.state.lock();
        state.responses.retain(|response| response.number != self.0.number);
        state.has_completed = true;
        if state.responses.is_empty() {
            state.idle_since = now;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open.lock().connections.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use jiff::Timestamp;

    use super::*;

    /// The bytes of a large page.
    const LARGE: u64 = 60 << 20;

    fn connections(max: usize) -> Arc<Connections> {
        Arc::new(Connections::at_most(max, Clock::scaled(Timestamp::UNIX_EPOCH, 1.0)))
    }

    async fn seconds(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    fn has_ended(place: &Place) -> bool {
        place.connection.ended().now_or_never().is_some()
    }

    fn closed(connections: &Connections) -> Vec<(&'static str, u64)> {
        connections.closed().into_iter().filter(|(_, count)| *count > 0).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_newcomer_gets_the_place_of_the_one_that_never_sent_a_request() {
        let connections = connections(3);
        let scraper = connections.open().unwrap();
        drop(scraper.connection.respond());
        seconds(1).await;
        let (old, new) = (connections.open().unwrap(), connections.open().unwrap());
        seconds(1).await;
        let newcomer = connections.open().unwrap();
        assert!(has_ended(&old) && !has_ended(&new) && !has_ended(&scraper) && !has_ended(&newcomer));
        assert_eq!(closed(&connections), [("place_needed", 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_was_just_opened_does_not_give_way_to_the_next_one() {
        let connections = connections(3);
        let scrapers = [connections.open().unwrap(), connections.open().unwrap()];
        for scraper in &scrapers {
            drop(scraper.connection.respond());
        }
        seconds(60).await;
        let new = connections.open().unwrap();
        let newcomers = [connections.open().unwrap(), connections.open().unwrap()];
        assert!(scrapers.iter().all(has_ended) && !has_ended(&new) && !newcomers.iter().any(has_ended));
        let last = connections.open().unwrap();
        assert!(has_ended(&new) && !has_ended(&last));
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_connection_keeps_its_place() {
        let connections = connections(2);
        let (busy, idle) = (connections.open().unwrap(), connections.open().unwrap());
        let responding = busy.connection.respond();
        seconds(1).await;
        let newcomer = connections.open().unwrap();
        assert!(has_ended(&idle) && !has_ended(&busy));
        let also_busy = newcomer.connection.respond();
        assert!(connections.open().is_none());
        drop((responding, also_busy));
        assert!(connections.open().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_request_must_come_soon_and_a_later_one_may_take_longer() {
        let connections = connections(2);
        let (silent, scraper) = (connections.open().unwrap(), connections.open().unwrap());
        drop(scraper.connection.respond());
        seconds(9).await;
        connections.close_overdue(1);
        assert!(!has_ended(&silent));
        seconds(2).await;
        connections.close_overdue(1);
        connections.close_overdue(1);
        assert!(has_ended(&silent) && !has_ended(&scraper));
        assert_eq!(closed(&connections), [("no_request", 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_has_the_limit_that_its_reader_names() {
        let connections = connections(2);
        let (quick, patient) = (connections.open().unwrap(), connections.open().unwrap());
        let (first, second) = (quick.connection.respond(), patient.connection.respond());
        first.handle().reads_page(1, LARGE, Some(Duration::from_secs(10)));
        second.handle().reads_page(1, LARGE, None);
        seconds(11).await;
        connections.close_overdue(1);
        assert!(has_ended(&quick) && !has_ended(&patient));
        seconds(50).await;
        connections.close_overdue(1);
        assert!(has_ended(&patient));
        assert_eq!(closed(&connections), [("slow_reader", 2)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_of_an_old_page_is_closed() {
        let connections = connections(2);
        let (old, present) = (connections.open().unwrap(), connections.open().unwrap());
        let (first, second) = (old.connection.respond(), present.connection.respond());
        first.handle().reads_page(1, LARGE, None);
        second.handle().reads_page(2, LARGE, None);
        // Small pages change several times a second.
        connections.close_overdue(9);
        assert!(!has_ended(&old));
        seconds(2).await;
        connections.close_overdue(3);
        assert!(has_ended(&old) && !has_ended(&present));
        assert_eq!(closed(&connections), [("old_page", 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_page_may_be_older_than_a_large_one() {
        let connections = connections(1);
        let slow = connections.open().unwrap();
        let response = slow.connection.respond();
        response.handle().reads_page(1, 2 << 20, None);
        seconds(20).await;
        connections.close_overdue(9);
        assert!(!has_ended(&slow));
        connections.close_overdue(10);
        assert!(has_ended(&slow));
        assert_eq!(closed(&connections), [("old_page", 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_slow_scrape_gives_way_to_another() {
        let connections = connections(3);
        let (slow, quick) = (connections.open().unwrap(), connections.open().unwrap());
        let first = slow.connection.respond();
        first.handle().reads_page(1, LARGE, None);
        assert!(!connections.close_slowest_scrape());
        seconds(5).await;
        let second = quick.connection.respond();
        second.handle().reads_page(1, LARGE, None);
        assert!(connections.close_slowest_scrape());
        assert!(has_ended(&slow) && !has_ended(&quick) && !connections.close_slowest_scrape());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_with_several_responses_is_busy_until_the_last_one_ends() {
        let connections = connections(1);
        let scraper = connections.open().unwrap();
        let (first, second) = (scraper.connection.respond(), scraper.connection.respond());
        first.handle().reads_page(1, LARGE, None);
        drop(first);
        assert!(connections.open().is_none());
        // The limit of the first response is not that of the second.
        second.handle().reads_page(1, LARGE, Some(Duration::from_secs(110)));
        seconds(105).await;
        connections.close_overdue(1);
        assert!(!has_ended(&scraper));
        drop(second);
        assert!(connections.open().is_some());
        assert!(has_ended(&scraper));
    }

    #[tokio::test(start_paused = true)]
    async fn one_slow_response_of_several_closes_the_connection() {
        let connections = connections(1);
        let scraper = connections.open().unwrap();
        let (slow, quick) = (scraper.connection.respond(), scraper.connection.respond());
        slow.handle().reads_page(1, LARGE, Some(Duration::from_secs(10)));
        quick.handle().reads_page(1, LARGE, None);
        seconds(11).await;
        connections.close_overdue(1);
        connections.close_overdue(1);
        assert!(has_ended(&scraper));
        assert_eq!(closed(&connections), [("slow_reader", 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_new_request_is_closed() {
        let connections = connections(1);
        let scraper = connections.open().unwrap();
        drop(scraper.connection.respond());
        seconds(95).await;
        connections.close_overdue(1);
        assert!(!has_ended(&scraper));
        seconds(6).await;
        connections.close_overdue(1);
        assert!(has_ended(&scraper));
        assert_eq!(closed(&connections), [("no_request", 1)]);
    }
}
