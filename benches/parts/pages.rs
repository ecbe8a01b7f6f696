//! From a snapshot to the page that is served: text in both formats, gzip, and both together.

use std::sync::Arc;

use wolkvox_exporter::clock::Clock;
use wolkvox_exporter::metrics::measuring::Families;
use wolkvox_exporter::metrics::{Encoding, ExporterInfo, Format, Page};
use wolkvox_exporter::model::{Collector, Snapshots};

use super::Part;
use super::polls::{Poll, clock};
use crate::measure::rows::VARIED_NUMBERS;

/// Rows of the report, by the number of series that they have together: nine for each row.
const SIZES: [(usize, &str); 3] = [(111, "1,000"), (5_555, "50,000"), (60_000, "540,000")];

/// Series of one row.
const SERIES: usize = 9;

/// Scrapes in one run, because one alone is short.
const SCRAPES: usize = 100;

/// A step from snapshots to a page.
type Step = (&'static str, fn(&Arc<Snapshots>) -> Box<dyn FnOnce() -> usize>);

const STEPS: [Step; 3] = [
    ("text of both formats", |snapshots| {
        let snapshots = Arc::clone(snapshots);
        Box::new(move || Families::render(snapshots, &clock()).length())
    }),
    ("gzip of both formats", |snapshots| {
        let families = Families::render(Arc::clone(snapshots), &clock());
        Box::new(move || families.compressed_length())
    }),
    ("whole page", |snapshots| {
        let snapshots = Arc::clone(snapshots);
        Box::new(move || page(snapshots).number() as usize)
    }),
];

pub(super) fn parts() -> impl Iterator<Item = Part> {
    STEPS.into_iter().flat_map(|(name, step)| {
        SIZES.map(|(rows, series)| {
            Part::new(format!("{name}, {series} series"), "series", rows * SERIES, move || {
                let snapshots = snapshots(rows);
                Box::new(move || step(&snapshots))
            })
        })
    })
}

/// What a scrape costs without the network. valgrind cannot run it: it hides the vDSO, which the crate rustix reads.
pub(super) fn scrapes() -> impl Iterator<Item = Part> {
    [(Encoding::Gzip, "gzip"), (Encoding::Identity, "identity")].into_iter().flat_map(|(encoding, name)| {
        SIZES.map(|(rows, series)| {
            Part::new(format!("scrape, {name}, {series} series"), "scrape", SCRAPES, move || {
                let page = Arc::new(page(snapshots(rows)));
                Box::new(move || {
                    let page = Arc::clone(&page);
                    let scrape = move |_| page.body(Format::OpenMetrics, encoding).length as usize;
                    Box::new(move || (0..SCRAPES).map(scrape).sum())
                })
            })
        })
    })
}

fn page(snapshots: Arc<Snapshots>) -> Page {
    Page::new(snapshots, Arc::new(ExporterInfo::started(Clock::system().wall())), clock())
}

fn snapshots(rows: usize) -> Arc<Snapshots> {
    Poll::new(Collector::Dnis, VARIED_NUMBERS.body(rows, "20261120")).run().current()
}
