//! The page that Prometheus scrapes. It is rendered and compressed when a value changes, not for each scrape.
//!
//! A scrape renders only the few families that describe the exporter at the time of the scrape, for example
//! `process_*`, and appends them. It does not wait and takes no lock. Both formats share the memory of the sample
//! lines.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bytes::Bytes;
use jiff::Timestamp;
use parking_lot::Mutex;

use super::definitions::{POLLED, RenderInput, SCRAPED, SelfMetrics};
use super::exporter_info::ExporterInfo;
use super::exposition::{self, Block, Encoding, Format};
use super::gzip::{Deflater, Member};
use super::process::Process;
use crate::clock::Clock;
use crate::model::{SnapshotStore, Snapshots};

/// The shortest pause between two renderings, so that many publications in a short time cost only a few renderings.
const MIN_PAUSE: Duration = Duration::from_millis(50);

/// The pause after a rendering is at least this many times as long as the rendering took. Rendering then takes at most
/// a third of one core, for any number of series and operations.
const PAUSE_FACTOR: u32 = 2;

/// The longest wait between two looks at the clock, because the clock may be set and the machine may be suspended.
const CLOCK_CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// Up to this many bytes of samples, each format is compressed separately. That costs a few milliseconds, and the
/// result is up to two thirds smaller.
const MAX_SEPARATE_BYTES: usize = 1 << 20;

/// The body of the response to one scrape.
#[derive(Debug)]
pub struct PageBody {
    /// The bytes in order. All scrapes share the memory of the large chunks.
    pub chunks: Vec<Bytes>,
    /// The number of bytes in all chunks.
    pub length: u64,
    /// The number of the page: each one that is rendered has the next.
    pub number: u64,
}

/// The page of metrics.
#[derive(Debug)]
pub struct Page {
    clock: Clock,
    info: Arc<ExporterInfo>,
    current: ArcSwap<Rendered>,
    /// Pages rendered so far.
    number: AtomicU64,
    /// Whether a page has contained the first attempt of every collector.
    was_complete: AtomicBool,
    /// Renderings that have ended, and the snapshots of the last one.
    last_rendering: Mutex<LastRendering>,
}

/// The last rendering that has ended, whether or not it failed.
#[derive(Debug)]
struct LastRendering {
    /// How many have ended.
    count: u64,
    /// Weak, because the snapshots would otherwise stay in memory until the next rendering has ended.
    snapshots: Weak<Snapshots>,
}

/// The page without the families that are rendered for each scrape.
#[derive(Debug)]
struct Rendered {
    openmetrics: RenderedFormat,
    text004: RenderedFormat,
    next_change: NextChange,
    /// Whether it contains the first attempt of every collector.
    is_complete: bool,
}

/// One format in both encodings.
#[derive(Debug)]
struct RenderedFormat {
    identity: Vec<Bytes>,
    /// The gzip member without its last part.
    gzip: Member,
}

/// When the page changes next without a publication; `None` is never.
#[derive(Clone, Copy, Debug, Default)]
struct NextChange {
    /// A report expires.
    expiry: Option<Instant>,
    /// A skill opens or closes, or a day begins and the count of calls starts at 0.
    local_time: Option<Timestamp>,
}

impl Page {
    /// Renders the page of these snapshots. It stays the same until [`Page::follow`] runs.
    pub fn new(snapshots: Arc<Snapshots>, info: Arc<ExporterInfo>, clock: Clock) -> Self {
        let last_rendering = Mutex::new(LastRendering { count: 0, snapshots: Arc::downgrade(&snapshots) });
        let current = render(&input(snapshots, &clock));
        let was_complete = AtomicBool::new(current.is_complete);
        let current = ArcSwap::from_pointee(current);
        Self { clock, info, current, number: AtomicU64::new(1), was_complete, last_rendering }
    }

    /// Renders the page again after every change of `store`. The future never ends; drop it to follow another store.
    pub async fn follow(self: Arc<Self>, store: Arc<SnapshotStore>) -> Infallible {
        let mut changes = store.subscribe();
        loop {
            let snapshots = Arc::clone(&changes.borrow_and_update());
            let rendered = Arc::downgrade(&snapshots);
            let input = input(snapshots, &self.clock);
            let started = self.clock.instant();
            // Not on an async worker, because a large page takes a considerable part of a second.
            match tokio::task::spawn_blocking(move || render(&input)).await {
                Ok(rendered) => {
                    // First the number: a scrape in between has the old page with the new number, so it may keep it a
                    // little longer than others.
                    self.number.fetch_add(1, Ordering::Relaxed);
                    let is_complete = rendered.is_complete;
                    self.current.store(Arc::new(rendered));
                    self.was_complete.fetch_or(is_complete, Ordering::Relaxed);
                }
                Err(error) => {
                    tracing::error!(%error, "the page of metrics could not be rendered: /metrics keeps the previous values");
                }
            }
            {
                let mut last = self.last_rendering.lock();
                *last = LastRendering { count: last.count + 1, snapshots: rendered };
            }
            let took = self.clock.instant().saturating_duration_since(started);
            tokio::time::sleep(MIN_PAUSE.max(took * PAUSE_FACTOR)).await;
            let next_change = self.current.load().next_change;
            tokio::select! {
                // This fails only if the store is dropped, but `store` lives as long as this future.
                _ = changes.changed() => {}
                () = next_change.wait(&self.clock) => {}
            }
        }
    }

    /// Whether a page has contained the first attempt of every enabled collector of every operation since the start. It
    /// stays true when a reload adds an operation, because the others have not become less ready.
    pub fn was_complete(&self) -> bool {
        self.was_complete.load(Ordering::Relaxed)
    }

    /// The number of the current page.
    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Relaxed)
    }

    /// How many renderings of [`Page::follow`] have ended, also those that failed.
    pub fn renderings(&self) -> u64 {
        self.last_rendering.lock().count
    }

    /// Whether the last rendering was of these snapshots, and not of older ones.
    pub fn is_of(&self, snapshots: &Arc<Snapshots>) -> bool {
        // The weak pointer keeps the address from being used for other snapshots.
        std::ptr::eq(self.last_rendering.lock().snapshots.as_ptr(), Arc::as_ptr(snapshots))
    }

    /// The current page.
    pub fn body(&self, format: Format, encoding: Encoding) -> PageBody {
        let rendered = self.current.load();
        let prepared = match format {
            Format::OpenMetrics => &rendered.openmetrics,
            Format::Text004 => &rendered.text004,
        };
        let rest = self.render_per_scrape(format);
        let chunks = match encoding {
            Encoding::Identity => prepared.identity.iter().cloned().chain([Bytes::from(rest)]).collect(),
            Encoding::Gzip => {
                let end = prepared.gzip.end(&Deflater::quick().last(&rest));
                prepared.gzip.pieces.iter().cloned().chain([Bytes::from(end)]).collect()
            }
        };
        PageBody::new(chunks, self.number())
    }

    /// The families that are rendered for each scrape, and the end of the page.
    fn render_per_scrape(&self, format: Format) -> Vec<u8> {
        let metrics = Arc::new(SelfMetrics { info: (*self.info).clone(), process: Process::now() });
        let mut text = Vec::new();
        for block in exposition::blocks(SCRAPED, &metrics) {
            for bytes in block.lines(format) {
                text.extend_from_slice(bytes);
            }
        }
        if format == Format::OpenMetrics {
            text.extend_from_slice(exposition::END.as_bytes());
        }
        text
    }
}

impl PageBody {
    fn new(chunks: Vec<Bytes>, number: u64) -> Self {
        let length = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        Self { chunks, length, number }
    }

    /// A copy of all bytes, for `probe` and tests. Scrapes do not copy.
    pub fn concat(&self) -> Vec<u8> {
        self.chunks.concat()
    }
}

pub(super) fn input(snapshots: Arc<Snapshots>, clock: &Clock) -> Arc<RenderInput> {
    Arc::new(RenderInput { snapshots, instant: clock.instant(), now: clock.now() })
}

fn render(input: &Arc<RenderInput>) -> Rendered {
    let blocks: Vec<Block> = exposition::blocks(POLLED, input).collect();
    let members = compress(&blocks);
    let rendered = |format, gzip| {
        let identity = blocks.iter().flat_map(|block| block.lines(format)).cloned().collect();
        RenderedFormat { identity, gzip }
    };
    let [openmetrics, text004] = members;
    Rendered {
        openmetrics: rendered(Format::OpenMetrics, openmetrics),
        text004: rendered(Format::Text004, text004),
        next_change: NextChange::of(input),
        is_complete: input.snapshots.iter().all(|snapshot| snapshot.is_complete()),
    }
}

/// Compresses both formats, without their last part.
pub(super) fn compress(blocks: &[Block]) -> [Member; 2] {
    let size: usize = blocks.iter().flat_map(|block| &block.samples).map(Bytes::len).sum();
    if size <= MAX_SEPARATE_BYTES { compress_separately(blocks) } else { compress_shared(blocks) }
}

/// Compresses each format as one part, which gives the smallest result.
fn compress_separately(blocks: &[Block]) -> [Member; 2] {
    let mut deflater = Deflater::thorough();
    Format::ALL.map(|format| {
        let mut member = Member::new();
        member.push(&deflater.part(blocks.iter().flat_map(|block| block.lines(format))));
        member
    })
}

/// Compresses the samples once for both formats: half the time, half the memory, and a slightly larger result.
fn compress_shared(blocks: &[Block]) -> [Member; 2] {
    let mut deflater = Deflater::thorough();
    let mut members = [Member::new(), Member::new()];
    for block in blocks {
        let samples = deflater.part(&block.samples);
        for (member, format) in members.iter_mut().zip(Format::ALL) {
            member.push(&deflater.part([block.metadata(format)]));
            member.push(&samples);
        }
    }
    members
}

impl NextChange {
    fn of(input: &RenderInput) -> Self {
        let operations = input.snapshots.iter();
        let expiries = operations.clone().flat_map(|operation| operation.reports.iter().map(|report| report.expires));
        let local_times = operations.filter_map(|operation| {
            let local = input.now.to_zoned(operation.timezone.clone());
            let hours = operation.targets.iter().filter_map(|target| target.open.as_ref());
            let openings = hours.filter_map(|hours| Some(hours.next_change(&local)?.timestamp()));
            openings.chain(operation.next_day(input.now)).min()
        });
        Self { expiry: expiries.filter(|expires| *expires > input.instant).min(), local_time: local_times.min() }
    }

    /// The time left until then; `None` is never.
    fn time_left(self, clock: &Clock) -> Option<Duration> {
        let expiry = self.expiry.map(|at| at.saturating_duration_since(clock.instant()));
        let local_time = self.local_time.map(|at| clock.until(at));
        expiry.into_iter().chain(local_time).min()
    }

    async fn wait(self, clock: &Clock) {
        loop {
            let left = self.time_left(clock).unwrap_or(Duration::MAX);
            if left.is_zero() {
                return;
            }
            // Timers count whole milliseconds, so a shorter wait would return at once.
            tokio::time::sleep(left.clamp(Duration::from_millis(1), CLOCK_CHECK_INTERVAL)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use jiff::{SignedDuration, ToSpan};

    use super::*;
    use crate::metrics::definitions::example;
    use crate::metrics::fixture;
    use crate::model::{Collector, ExpiringReport, Snapshot};

    fn page(snapshots: Vec<Snapshot>, clock: &Clock) -> (Arc<Page>, Arc<SnapshotStore>) {
        let store = Arc::new(SnapshotStore::new(snapshots));
        let running = Arc::new(fixture::Running);
        let info = ExporterInfo { version: "1.2.3", revision: "", ..ExporterInfo::running(running) };
        (Arc::new(Page::new(store.current(), Arc::new(info), clock.clone())), store)
    }

    fn text(page: &Page, format: Format) -> String {
        String::from_utf8(page.body(format, Encoding::Identity).concat()).unwrap()
    }

    /// Without the process, because its values differ in every run.
    fn without_process(text: &str) -> String {
        text.split_inclusive('\n').filter(|line| !line.contains("process_")).collect()
    }

    /// Compares with a file. With `UPDATE_GOLDEN=1`, writes the file.
    fn assert_golden(name: &str, text: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/golden").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        for (index, (is, should)) in text.lines().zip(golden.lines()).enumerate() {
            assert_eq!(is, should, "line {} of {name}; UPDATE_GOLDEN=1 writes the file", index + 1);
        }
        assert_eq!(text.len(), golden.len(), "{name} has another length; UPDATE_GOLDEN=1 writes the file");
    }

    #[tokio::test(start_paused = true)]
    async fn openmetrics_equals_the_golden_file() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        assert_golden("openmetrics.txt", &without_process(&text(&page, Format::OpenMetrics)));
    }

    #[tokio::test(start_paused = true)]
    async fn text_004_equals_the_golden_file() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        assert_golden("text004.txt", &without_process(&text(&page, Format::Text004)));
    }

    #[tokio::test(start_paused = true)]
    async fn before_the_first_poll_there_are_only_metrics_of_the_exporter() {
        let (page, _) = page(vec![fixture::unpolled("norte")], &fixture::clock());
        assert_golden("text004_before_the_first_poll.txt", &without_process(&text(&page, Format::Text004)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_fixture_has_every_family_of_the_table() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        let text = text(&page, Format::Text004);
        for family in crate::metrics::catalogue::families() {
            assert!(text.contains(&format!("# TYPE {} {}\n", family.name, family.kind)), "{}", family.name);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn both_formats_have_the_same_samples() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        let samples = |format| -> Vec<String> {
            let text = without_process(&text(&page, format));
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
        };
        assert_eq!(samples(Format::OpenMetrics), samples(Format::Text004));
    }

    #[tokio::test(start_paused = true)]
    async fn gzip_is_one_member_that_contains_the_page() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        for format in [Format::OpenMetrics, Format::Text004] {
            let body = page.body(format, Encoding::Gzip);
            let gzip = body.concat();
            assert_eq!(body.length, gzip.len() as u64);
            let mut decoder = GzDecoder::new(&gzip[..]);
            let mut read = String::new();
            decoder.read_to_string(&mut read).unwrap();
            assert!(decoder.into_inner().is_empty());
            assert_eq!(without_process(&read), without_process(&text(&page, format)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn both_ways_of_compression_contain_the_same_page() {
        let clock = fixture::clock();
        let input = input(SnapshotStore::new(fixture::operations(&clock)).current(), &clock);
        let blocks: Vec<Block> = exposition::blocks(POLLED, &input).collect();
        let read = |member: Member| {
            let gzip = [member.pieces.concat(), member.end(&Deflater::quick().last(b""))].concat();
            let mut text = String::new();
            GzDecoder::new(&gzip[..]).read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(compress_separately(&blocks).map(read), compress_shared(&blocks).map(read));
    }

    #[tokio::test(start_paused = true)]
    async fn only_openmetrics_ends_with_the_end_mark() {
        let (page, _) = page(vec![], &fixture::clock());
        assert!(text(&page, Format::OpenMetrics).ends_with("\n# EOF\n"));
        assert!(!text(&page, Format::Text004).contains("EOF"));
    }

    async fn settle() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_page_follows_a_publication() {
        let clock = fixture::clock();
        let (page, store) = page(vec![fixture::unpolled("norte")], &clock);
        let following = tokio::spawn(Arc::clone(&page).follow(Arc::clone(&store)));
        settle().await;
        assert!(text(&page, Format::Text004).contains("wolkvox_up{operation=\"norte\"} 0\n"));
        let mut polled = fixture::unpolled("norte");
        polled.collectors.iter_mut().for_each(|collector| collector.success = true);
        store.publish(polled);
        settle().await;
        assert!(text(&page, Format::Text004).contains("wolkvox_up{operation=\"norte\"} 1\n"));
        following.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_metrics_of_an_expired_report_disappear() {
        let clock = fixture::clock();
        let mut operation = fixture::unpolled("norte");
        operation.reports = vec![
            ExpiringReport {
                collector: Collector::Skills,
                request: 0,
                expires: clock.instant() + Duration::from_secs(180),
                started: clock.local(&operation.timezone).datetime(),
                report: Arc::new(example(Collector::Skills)),
            },
            ExpiringReport {
                collector: Collector::Dnis,
                request: 0,
                expires: clock.instant() + Duration::from_secs(900),
                started: clock.local(&operation.timezone).datetime(),
                report: Arc::new(example(Collector::Dnis)),
            },
        ];
        let (page, store) = page(vec![operation], &clock);
        let following = tokio::spawn(Arc::clone(&page).follow(store));

        tokio::time::sleep(Duration::from_secs(179)).await;
        assert!(text(&page, Format::Text004).contains("wolkvox_skill_calls_in_queue{"));

        tokio::time::sleep(Duration::from_secs(2)).await;
        let after = text(&page, Format::Text004);
        assert!(!after.contains("wolkvox_skill_"), "the report of skills expired");
        assert!(after.contains("wolkvox_dnis_inbound_calls{"), "the report of dnis did not");
        assert!(after.contains("wolkvox_collector_interval_seconds{"), "metrics of the exporter stay");
        following.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn the_page_changes_when_a_skill_opens() {
        // The fixture's skill 4173 opens at 07:00, one minute later.
        let clock = Clock::manual("2026-11-03T06:59:00-05:00".parse().unwrap());
        let (page, store) = page(fixture::operations(&clock), &clock);
        let following = tokio::spawn(Arc::clone(&page).follow(store));
        settle().await;
        assert!(
            text(&page, Format::Text004).contains("wolkvox_skill_open{operation=\"ventas-co\",skill_id=\"4173\"} 0\n")
        );
        clock.set(clock.now() + SignedDuration::from_secs(60));
        tokio::time::sleep(CLOCK_CHECK_INTERVAL + MIN_PAUSE).await;
        assert!(
            text(&page, Format::Text004).contains("wolkvox_skill_open{operation=\"ventas-co\",skill_id=\"4173\"} 1\n")
        );
        following.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_next_change_the_wait_does_not_end() {
        let clock = fixture::clock();
        let waited = tokio::time::timeout(Duration::from_secs(86_400), NextChange::default().wait(&clock)).await;
        assert!(waited.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_earliest_change_counts() {
        let clock = fixture::clock();
        let next_change = NextChange {
            expiry: Some(clock.instant() + Duration::from_secs(30)),
            local_time: Some(clock.now() + 20.seconds()),
        };
        assert_eq!(next_change.time_left(&clock), Some(Duration::from_secs(20)));
    }
}
