//! Readers of a large page that are slower than the polls, and the memory that is left when they are gone.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::figures::{Figure, megabytes};
use crate::measure::clients::{Held, hold, scrapes};
use crate::measure::usage::OF_THE_IMAGE;
use crate::support::exporter::until;
use crate::support::long_answer::REPORTS;
use crate::support::wolkvox::{Reply, number};

/// One run.
struct Run {
    readers: usize,
    environment: &'static [(&'static str, &'static str)],
    /// Earlier figures: scrapes answered, peak memory, memory after the readers are gone.
    before: [&'static str; 3],
    /// The most memory, in pages: at the peak, after the readers are gone, and when the report has one row. Without the
    /// variables it depends on the threads that happened to use the heap.
    most: [u64; 3],
}

/// One reader less than the places for scrapes, and more than them.
const RUNS: [Run; 3] = [
    Run {
        readers: 39,
        environment: OF_THE_IMAGE,
        before: ["all", "88 MB → 2,084 MB", "2,084 MB"],
        most: [PAGES, 3, 1],
    },
    Run {
        readers: 45,
        environment: OF_THE_IMAGE,
        before: ["0 of 15, for 75 s", "not measured", "not measured"],
        most: [PAGES, 3, 1],
    },
    Run { readers: 39, environment: &[], before: ["all", "88 MB → 2,084 MB", "2,084 MB"], most: [PAGES, 4, 2] },
];

/// The scrapes that are answered at the same time.
const PLACES: usize = 40;

/// The report with the largest page.
const REPORT: &str = "dnis";

const SCRAPES: usize = 40;

/// The budget of a page that is served while the next one is made.
const PAGES: u64 = 4;

/// Some polls.
const SETTLING: Duration = Duration::from_secs(10);

const LIMIT: Duration = Duration::from_secs(240);

pub(crate) async fn measure() -> Vec<Figure> {
    let mut figures = Vec::new();
    for run in RUNS {
        figures.extend(of_run(&run).await);
    }
    figures
}

async fn of_run(run: &Run) -> Vec<Figure> {
    let report = REPORTS.iter().find(|report| report.collector == REPORT).expect("it is one of the reports");
    let polled = report.polled("5s", run.environment).await;
    let page = report.page_after(&polled, 2, LIMIT).await.unwrap_or_else(|error| panic!("{error}")).len() as u64;
    let exporter = &polled.exporter;
    let mut clients = JoinSet::new();
    hold(&mut clients, run.readers, exporter.url.trim_start_matches("http://"), Held::SlowReader);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let requests = scrapes(&format!("{}/metrics", exporter.url), SCRAPES, Duration::from_secs(1)).await;
    let peak = exporter.peak_memory();
    drop(clients);
    tokio::time::sleep(SETTLING).await;
    let after = exporter.memory();
    polled.wolkvox.answers(|_| Reply::rows(&[number("6015550101")]));
    let polls = polled.wolkvox.count();
    until("polls of one row", || polled.wolkvox.count() > polls + 2).await;
    tokio::time::sleep(SETTLING).await;
    let small = exporter.memory();

    let variables = if run.environment.is_empty() { ", without the variables of the image" } else { "" };
    let fault =
        format!("{} readers at 64 KB/s of a page of {}, polled every 5 s{variables}", run.readers, megabytes(page));
    let [peak_limit, after_limit, small_limit] = run.most;
    let [answered, peak_before, after_before] = run.before;
    let answered = Figure::new(&fault, "scrapes answered", answered, requests.share());
    let memory = |what, before, bytes: u64, most: u64| {
        let text = format!("{} = {:.1} × the page", megabytes(bytes), bytes as f64 / page as f64);
        Figure::new(&fault, what, before, text).limited(format!("{most} × the page"), bytes <= most * page)
    };
    vec![
        if run.readers < PLACES {
            answered.limited("all", requests.are_answered())
        } else {
            // Readers of less than five seconds keep their places, and the scrape is told to come again.
            answered.limited("9 of 10", requests.answered_share() >= 0.9)
        },
        Figure::new(&fault, "50 %, 99 % of the scrapes took", "not measured", requests.latency()),
        memory("peak memory", peak_before, peak, peak_limit),
        memory("memory 10 s after they are gone", after_before, after, after_limit),
        memory("memory when the report has one row", "not measured", small, small_limit),
    ]
}
