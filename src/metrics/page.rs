//! The page that Prometheus scrapes: rendered and compressed when something changes, handed out as it is.
//!
//! A scrape renders only the few families that are about the time of the scrape (`process_*` and the like), appends
//! them, and neither waits nor takes a lock. In memory the sample lines are there once for both formats.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bytes::Bytes;
use jiff::Timestamp;

use super::definitions::{POLLED, RenderInput, SCRAPED, SelfMetrics};
use super::exporter_info::ExporterInfo;
use super::exposition::{self, Block, Encoding, Format};
use super::gzip::{Deflater, Member};
use super::process::Process;
use crate::clock::Clock;
use crate::model::{Snapshot, SnapshotStore};

/// All operations, as [`SnapshotStore`] shows them.
type Snapshots = Arc<Vec<Arc<Snapshot>>>;

/// Between two renderings at least: a burst of publications costs a few of them, not one each.
const PAUSE: Duration = Duration::from_millis(50);

/// After a rendering, rest at least so many times as long as it took, so that rendering never takes more than a third
/// of one core, however much there is to show and however many operations there are.
const REST: u32 = 2;

/// Look at the clock at least so often while waiting for it: it may be set, or the machine may have slept.
const RECHECK: Duration = Duration::from_secs(60);

/// Up to this many bytes of samples, compressing twice costs a few milliseconds and saves up to two thirds of the result.
const WHOLE: usize = 1 << 20;

/// The page as one scrape gets it.
#[derive(Debug)]
pub struct PageBody {
    /// The bytes, in order; the large ones are shared with all other scrapes.
    pub chunks: Vec<Bytes>,
    /// How many bytes that is.
    pub length: u64,
}

/// The page and what it is made of.
#[derive(Debug)]
pub struct Page {
    clock: Clock,
    own: Arc<ExporterInfo>,
    current: ArcSwap<Rendered>,
}

/// Everything but the part that is about the time of the scrape.
#[derive(Debug)]
struct Rendered {
    openmetrics: RenderedFormat,
    text004: RenderedFormat,
    due: Due,
    /// Whether it has the first attempt of every collector.
    is_complete: bool,
}

/// One format, both codings.
#[derive(Debug)]
struct RenderedFormat {
    identity: Vec<Bytes>,
    /// The member up to its last part.
    gzip: Member,
}

/// When the page changes without a publication.
#[derive(Clone, Copy, Debug, Default)]
struct Due {
    /// A report becomes too old.
    expiry: Option<Instant>,
    /// A skill opens or closes, or an operation's day begins and with it the count of its calls.
    turn: Option<Timestamp>,
}

impl Page {
    /// The page of these snapshots, complete when this returns. For as long as nobody [follows](Page::follow), it stays.
    pub fn new(snapshots: Snapshots, own: Arc<ExporterInfo>, clock: Clock) -> Self {
        let current = ArcSwap::from_pointee(render(&input(snapshots, &clock)));
        Self { clock, own, current }
    }

    /// Keeps the page as `store` is, for ever. To follow another store, drop this future and start again.
    pub async fn follow(self: Arc<Self>, store: Arc<SnapshotStore>) -> Infallible {
        let mut changes = store.subscribe();
        loop {
            let input = input(Arc::clone(&changes.borrow_and_update()), &self.clock);
            let started = self.clock.instant();
            // Off the async workers: a large page takes a good part of a second.
            match tokio::task::spawn_blocking(move || render(&input)).await {
                Ok(rendered) => self.current.store(Arc::new(rendered)),
                Err(error) => tracing::error!(%error, "the page could not be rendered and stays as it was"),
            }
            let took = self.clock.instant().saturating_duration_since(started);
            tokio::time::sleep(PAUSE.max(took * REST)).await;
            let due = self.current.load().due;
            tokio::select! {
                // An error would mean that the store is gone, but it is held here.
                _ = changes.changed() => {}
                () = due.wait(&self.clock) => {}
            }
        }
    }

    /// Whether the page shows the first attempt of every enabled collector of every operation.
    pub fn is_complete(&self) -> bool {
        self.current.load().is_complete
    }

    /// The page now.
    pub fn answer(&self, format: Format, coding: Encoding) -> PageBody {
        let rendered = self.current.load();
        let body = match format {
            Format::OpenMetrics => &rendered.openmetrics,
            Format::Text004 => &rendered.text004,
        };
        let tail = self.tail(format);
        let chunks = match coding {
            Encoding::Identity => body.identity.iter().cloned().chain([Bytes::from(tail)]).collect(),
            Encoding::Gzip => {
                let end = body.gzip.end(&Deflater::quick().last(&tail));
                body.gzip.pieces.iter().cloned().chain([Bytes::from(end)]).collect()
            }
        };
        PageBody::new(chunks)
    }

    /// What is about the time of the scrape.
    fn tail(&self, format: Format) -> Vec<u8> {
        let itself = Arc::new(SelfMetrics { own: self.own.state(), process: Process::now() });
        let mut tail = Vec::new();
        for block in exposition::blocks(SCRAPED, &itself) {
            for bytes in block.of(format) {
                tail.extend_from_slice(bytes);
            }
        }
        if format == Format::OpenMetrics {
            tail.extend_from_slice(exposition::END.as_bytes());
        }
        tail
    }
}

impl PageBody {
    fn new(chunks: Vec<Bytes>) -> Self {
        let length = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        Self { chunks, length }
    }

    /// All bytes in one piece, copied: for people and tests, not for scrapes.
    pub fn concat(&self) -> Vec<u8> {
        self.chunks.concat()
    }
}

fn input(snapshots: Snapshots, clock: &Clock) -> Arc<RenderInput> {
    Arc::new(RenderInput { snapshots, instant: clock.instant(), now: clock.now() })
}

fn render(input: &Arc<RenderInput>) -> Rendered {
    let blocks: Vec<Block> = exposition::blocks(POLLED, input).collect();
    let size: usize = blocks.iter().flat_map(|block| &block.samples).map(Bytes::len).sum();
    let members = if size <= WHOLE { whole(&blocks) } else { shared(&blocks) };
    let body = |format, gzip| {
        let identity = blocks.iter().flat_map(|block| block.of(format)).cloned().collect();
        RenderedFormat { identity, gzip }
    };
    let [openmetrics, text004] = members;
    Rendered {
        openmetrics: body(Format::OpenMetrics, openmetrics),
        text004: body(Format::Text004, text004),
        due: Due::of(input),
        is_complete: input.snapshots.iter().all(|snapshot| snapshot.is_complete()),
    }
}

/// Each format compressed as a whole: the smallest result.
fn whole(blocks: &[Block]) -> [Member; 2] {
    let mut deflater = Deflater::thorough();
    Format::ALL.map(|format| {
        let mut member = Member::new();
        member.push(&deflater.part(blocks.iter().flat_map(|block| block.of(format))));
        member
    })
}

/// Samples compressed once for both formats: half the work, half the memory, and a slightly larger result.
fn shared(blocks: &[Block]) -> [Member; 2] {
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

impl Due {
    fn of(input: &RenderInput) -> Self {
        let operations = input.snapshots.iter();
        let expiries = operations.clone().flat_map(|operation| operation.reports.iter().map(|report| report.expires));
        let turns = operations.filter_map(|operation| {
            let local = input.now.to_zoned(operation.timezone.clone());
            let hours = operation.targets.iter().filter_map(|target| target.open.as_ref());
            let openings = hours.filter_map(|hours| Some(hours.next_change(&local)?.timestamp()));
            let midnight = local.tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
            openings.chain(midnight.map(|midnight| midnight.timestamp())).min()
        });
        Self { expiry: expiries.filter(|expires| *expires > input.instant).min(), turn: turns.min() }
    }

    /// How long until then; `None` is never.
    fn after(self, clock: &Clock) -> Option<Duration> {
        let expiry = self.expiry.map(|at| at.saturating_duration_since(clock.instant()));
        let turn = self.turn.map(|at| clock.until(at));
        expiry.into_iter().chain(turn).min()
    }

    async fn wait(self, clock: &Clock) {
        loop {
            let left = self.after(clock).unwrap_or(Duration::MAX);
            if left.is_zero() {
                return;
            }
            // Timers count whole milliseconds; waiting for less would be waiting for nothing.
            tokio::time::sleep(left.clamp(Duration::from_millis(1), RECHECK)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use jiff::{SignedDuration, ToSpan};

    use super::*;
    use crate::metrics::fixture;
    use crate::model::{CollectorName, ExpiringReport};

    fn page(snapshots: Vec<Snapshot>, clock: &Clock) -> (Arc<Page>, Arc<SnapshotStore>) {
        let store = Arc::new(SnapshotStore::new(snapshots));
        let own = Arc::new(ExporterInfo::of_version("1.2.3", fixture::now()));
        (Arc::new(Page::new(store.current(), own, clock.clone())), store)
    }

    fn text(page: &Page, format: Format) -> String {
        String::from_utf8(page.answer(format, Encoding::Identity).concat()).unwrap()
    }

    /// Everything but the process: no test knows its memory.
    fn without_process(text: &str) -> String {
        text.split_inclusive('\n').filter(|line| !line.contains("process_")).collect()
    }

    /// Compares with a file; `UPDATE_GOLDEN=1` writes it anew.
    fn assert_golden(name: &str, text: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/golden").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        for (index, (is, should)) in text.lines().zip(golden.lines()).enumerate() {
            assert_eq!(is, should, "line {} of {name}; UPDATE_GOLDEN=1 writes it anew", index + 1);
        }
        assert_eq!(text.len(), golden.len(), "{name} has another length; UPDATE_GOLDEN=1 writes it anew");
    }

    #[tokio::test(start_paused = true)]
    async fn openmetrics_is_as_the_golden_file() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        assert_golden("openmetrics.txt", &without_process(&text(&page, Format::OpenMetrics)));
    }

    #[tokio::test(start_paused = true)]
    async fn text_004_is_as_the_golden_file() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        assert_golden("text004.txt", &without_process(&text(&page, Format::Text004)));
    }

    #[tokio::test(start_paused = true)]
    async fn before_the_first_poll_the_exporter_speaks_of_itself_only() {
        let (page, _) = page(vec![fixture::unpolled("norte")], &fixture::clock());
        assert_golden("text004_before_the_first_poll.txt", &without_process(&text(&page, Format::Text004)));
    }

    #[tokio::test(start_paused = true)]
    async fn every_family_of_the_table_is_produced_by_the_fixture() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        let text = text(&page, Format::Text004);
        for family in crate::metrics::catalogue::families() {
            assert!(text.contains(&format!("# TYPE {} {}\n", family.name, family.kind)), "{}", family.name);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn both_formats_hold_the_same_samples() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        let samples = |format| -> Vec<String> {
            let text = without_process(&text(&page, format));
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
        };
        assert_eq!(samples(Format::OpenMetrics), samples(Format::Text004));
    }

    #[tokio::test(start_paused = true)]
    async fn gzip_is_one_member_that_holds_the_page() {
        let (page, _) = page(fixture::operations(&fixture::clock()), &fixture::clock());
        for format in [Format::OpenMetrics, Format::Text004] {
            let answer = page.answer(format, Encoding::Gzip);
            let gzip = answer.concat();
            assert_eq!(answer.length, gzip.len() as u64);
            let mut decoder = GzDecoder::new(&gzip[..]);
            let mut read = String::new();
            decoder.read_to_string(&mut read).unwrap();
            assert!(decoder.into_inner().is_empty());
            assert_eq!(without_process(&read), without_process(&text(&page, format)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_page_and_a_small_one_read_the_same() {
        let clock = fixture::clock();
        let input = input(SnapshotStore::new(fixture::operations(&clock)).current(), &clock);
        let blocks: Vec<Block> = exposition::blocks(POLLED, &input).collect();
        let read = |member: Member| {
            let gzip = [member.pieces.concat(), member.end(&Deflater::quick().last(b""))].concat();
            let mut text = String::new();
            GzDecoder::new(&gzip[..]).read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(whole(&blocks).map(read), shared(&blocks).map(read));
    }

    #[tokio::test(start_paused = true)]
    async fn only_openmetrics_ends_with_the_end_mark() {
        let (page, _) = page(vec![], &fixture::clock());
        assert!(text(&page, Format::OpenMetrics).ends_with("\n# EOF\n"));
        assert!(!text(&page, Format::Text004).contains("EOF"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_reload_is_seen_by_the_next_scrape() {
        let (page, _) = page(vec![], &fixture::clock());
        page.own.reload_failed();
        assert!(text(&page, Format::Text004).contains("wolkvox_exporter_config_last_reload_successful 0\n"));
    }

    async fn settle() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_publication_is_shown() {
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
    async fn a_report_leaves_when_it_is_too_old_and_nothing_else_does() {
        let clock = fixture::clock();
        let mut operation = fixture::unpolled("norte");
        operation.reports = vec![
            ExpiringReport {
                collector: CollectorName("skills"),
                expires: clock.instant() + Duration::from_secs(180),
                report: fixture::skills(),
            },
            ExpiringReport {
                collector: CollectorName("dnis"),
                expires: clock.instant() + Duration::from_secs(900),
                report: fixture::dnis(),
            },
        ];
        let (page, store) = page(vec![operation], &clock);
        let following = tokio::spawn(Arc::clone(&page).follow(store));

        tokio::time::sleep(Duration::from_secs(179)).await;
        assert!(text(&page, Format::Text004).contains("wolkvox_skill_calls_in_queue{"));

        tokio::time::sleep(Duration::from_secs(2)).await;
        let after = text(&page, Format::Text004);
        assert!(!after.contains("wolkvox_skill_"), "skills are too old");
        assert!(after.contains("wolkvox_dnis_inbound_calls{"), "DNIS figures are not");
        assert!(after.contains("wolkvox_collector_interval_seconds{"), "the collector still exists");
        following.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_skill_opens_without_a_poll() {
        // The fixture's skill 4173 opens at 07:00; it is a minute before.
        let clock = Clock::manual("2026-11-03T06:59:00-05:00".parse().unwrap());
        let (page, store) = page(fixture::operations(&clock), &clock);
        let following = tokio::spawn(Arc::clone(&page).follow(store));
        settle().await;
        assert!(
            text(&page, Format::Text004).contains("wolkvox_skill_open{operation=\"ventas-co\",skill_id=\"4173\"} 0\n")
        );
        clock.set(clock.now() + SignedDuration::from_secs(60));
        tokio::time::sleep(RECHECK + PAUSE).await;
        assert!(
            text(&page, Format::Text004).contains("wolkvox_skill_open{operation=\"ventas-co\",skill_id=\"4173\"} 1\n")
        );
        following.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_due_is_waited_for_without_end() {
        let clock = fixture::clock();
        let waited = tokio::time::timeout(Duration::from_secs(86_400), Due::default().wait(&clock)).await;
        assert!(waited.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_earliest_change_is_due() {
        let clock = fixture::clock();
        let due =
            Due { expiry: Some(clock.instant() + Duration::from_secs(30)), turn: Some(clock.now() + 20.seconds()) };
        assert_eq!(due.after(&clock), Some(Duration::from_secs(20)));
    }
}
