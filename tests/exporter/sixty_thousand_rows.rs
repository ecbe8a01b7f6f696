//! The longest answer that wolkvox gives, 60,000 rows: every report is read whole, each answer is counted as one that may be cut
//! off, and the log says so once. The memory that it takes is a figure of `benches/long_answers`, of the release build.

use std::time::Duration;

use futures_util::future::join_all;

use crate::support::exporter::LIMIT;
use crate::support::long_answer::{LongAnswer, REPORTS};

/// Of the second poll there is no second warning.
const POLLS: u32 = 2;

/// A build without optimization needs seconds for each poll, a slow machine minutes.
const SLOW: Duration = Duration::from_secs(1800);

async fn read_twice(report: &LongAnswer) -> Result<(), String> {
    let mut polled = report.polled("5s", &[]).await;
    report.page_after(&polled, POLLS, SLOW).await?;
    assert_eq!(polled.exporter.process.terminate(LIMIT).await?.code(), Some(0), "{}", report.collector);
    let log = polled.exporter.process.stderr();
    let warnings = log.lines().filter(|line| line.contains("rows may be missing")).count();
    if warnings == 1 { Ok(()) } else { Err(format!("{}: {warnings} warnings: {log}", report.collector)) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute: make test"]
async fn sixty_thousand_rows_of_every_report_are_read_and_known_as_cut_off() {
    let wrong: Vec<String> =
        join_all(REPORTS.iter().map(read_twice)).await.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
