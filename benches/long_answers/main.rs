//! How much memory the release build needs for the longest response that wolkvox gives, 60,000 rows, of each report.
//!
//! `make long-answers` prints the figures: the most memory that the exporter had over three polls, beside the budget.
//! The budget is four times the page in text format, and at most that of the largest page, 540,000 series. The exporter
//! that is above it makes the command fail.

#[path = "../../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::time::Duration;

use support::exporter::{Configuration, Exporter, Operation, until};
use support::long_answer::{LongAnswer, REPORTS, endless};
use support::wolkvox::{Reply, Wolkvox};

/// The first poll holds one report, the next ones the old report and the new one.
const POLLS: u32 = 3;

/// Pages that fit into the memory of the budget.
const PAGES: u64 = 4;

/// The collector with the largest page: 60,000 rows of nine samples each. It is the measure for reports with smaller
/// pages.
const LARGEST: &str = "dnis";

/// The pools of memory that threads may have: as many as the allocator makes, or one, which gives large blocks back to the
/// system, as the image and the systemd unit set it.
const POOLS: [(&str, &[(&str, &str)]); 2] =
    [("any", &[]), ("1", &[("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "131072")])];

/// Less than an endless body would take, more than the 256 MiB that are read of it and the size that their buffer grows
/// to.
const ENDLESS: u64 = 700 << 20;

const LIMIT: Duration = Duration::from_secs(1800);

/// Figures of one report, in bytes.
struct Figures {
    collector: &'static str,
    pools: &'static str,
    peak: u64,
    page: u64,
}

async fn measured(report: &LongAnswer, pools: &'static str, environment: &[(&str, &str)]) -> Figures {
    let polled = report.polled("5s", environment).await;
    // The page is large, so it is requested only after the polls, which have ended when the next one begins.
    until("the polls", || polled.wolkvox.count() > POLLS as usize).await;
    let page = report.page_after(&polled, POLLS, LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
    Figures { collector: report.collector, pools, peak: polled.exporter.peak_memory(), page: page.len() as u64 }
}

/// Prints the memory that a response without end takes, and says whether it is within [`ENDLESS`].
async fn endless_is_cut_off(name: &str, reply: Reply) -> bool {
    let wolkvox = Wolkvox::start(move |_| reply.clone());
    let collectors = "{skills: {interval: 1h}, dnis: false}".to_owned();
    let operation = Operation { collectors, ..Operation::of_skills("endless", &wolkvox.url()) };
    let exporter = Exporter::serve(&mut Configuration::of(&[operation]).command()).await;
    let too_large = r#"wolkvox_api_request_failures_total{operation="endless",endpoint="skills",reason="too_large"} 1"#;
    exporter.metrics_when("the failure", |page| page.contains(too_large)).await;
    let peak = exporter.peak_memory();
    println!("{name}: peak {} MiB, budget {} MiB", peak >> 20, ENDLESS >> 20);
    peak <= ENDLESS
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut all = Vec::new();
    for report in &REPORTS {
        for (pools, environment) in POOLS {
            all.push(measured(report, pools, environment).await);
        }
    }
    let largest = all.iter().find(|one| one.collector == LARGEST).expect("it is one of the reports").page;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let mut is_within = true;
    println!("{:<11} {:>5} {:>10} {:>10} {:>12}", "report", "pools", "peak MiB", "page MiB", "budget MiB");
    for Figures { collector, pools, peak, page } in all {
        let budget = PAGES * page.max(largest);
        let above = if peak > budget { "  above the budget" } else { "" };
        is_within &= peak <= budget;
        println!("{collector:<11} {pools:>5} {:>10.1} {:>10.1} {:>12.1}{above}", mib(peak), mib(page), mib(budget));
    }
    for (name, reply) in endless() {
        is_within &= endless_is_cut_off(name, reply).await;
    }
    if is_within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
