//! The longest response of wolkvox has 60,000 rows. Every report is read completely, each response is counted as
//! possibly truncated, and the log has one warning. `benches/long_answers` measures the memory of the release build.

use std::time::Duration;

use futures_util::future::join_all;

use crate::support::exporter::LIMIT;
use crate::support::long_answer::{LongAnswer, REPORTS};

/// The second poll must not cause a second warning.
const POLLS: u32 = 2;

/// A build without optimization needs seconds for each poll, and minutes on a slow machine.
const POLL_LIMIT: Duration = Duration::from_secs(1800);

async fn read_twice(report: &LongAnswer) -> Result<(), String> {
    let mut polled = report.polled("5s", &[]).await;
    report.page_after(&polled, POLLS, POLL_LIMIT).await?;
    assert_eq!(polled.exporter.process.terminate(LIMIT).await?.code(), Some(0), "{}", report.collector);
    let log = polled.exporter.process.stderr();
    let warnings = log.lines().filter(|line| line.contains("rows may be missing")).count();
    if warnings == 1 { Ok(()) } else { Err(format!("{}: {warnings} warnings: {log}", report.collector)) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute: make test"]
async fn sixty_thousand_rows_of_every_report_are_read_and_counted_as_truncated() {
    let wrong: Vec<String> =
        join_all(REPORTS.iter().map(read_twice)).await.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
