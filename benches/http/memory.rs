//! The memory of an exporter with a large page: at rest, while it polls, and while clients read slowly.

use std::time::Duration;

use tokio::task::JoinSet;

use super::subject::{AT_REST, POLLING, Subject};
use crate::measure::clients::{Held, hold};
use crate::measure::headlines;
use crate::measure::table::{Table, mebibytes};
use crate::measure::usage::{forget_peak, memory, peak};

/// Some polls.
const LENGTH: Duration = Duration::from_secs(25);

/// After the first poll, the memory of the response goes back to the system.
const SETTLING: Duration = Duration::from_secs(5);

/// Scrapers that are served at the same time.
const SCRAPERS: usize = 8;

/// One reader less than the places for scrapes.
const SLOW_READERS: usize = 39;

pub(crate) async fn measure() {
    let subject = Subject::start(AT_REST, 1).await;
    let page = subject.page.len() as u64;
    tokio::time::sleep(SETTLING).await;
    let mut table = Table::new(&["Memory", "MiB", "× the page"]);
    let mut push = |what: &str, bytes: u64| {
        let times = bytes as f64 / page as f64;
        table.push([what.to_owned(), mebibytes(bytes), format!("{times:.1}")]);
        times
    };
    push("the page as text", page);
    push("at rest", memory(subject.process()));
    drop(subject);

    let subject = Subject::start(POLLING, 2).await;
    let process = subject.process();
    forget_peak(process);
    tokio::time::sleep(LENGTH).await;
    push("polling every 5 s, peak", peak(process));
    forget_peak(process);
    subject.load("gzip", SCRAPERS, LENGTH).run().await;
    push("the same with 8 scrapers in gzip, peak", peak(process));
    forget_peak(process);
    let mut readers = JoinSet::new();
    hold(&mut readers, SLOW_READERS, &subject.address(), Held::SlowReader);
    tokio::time::sleep(LENGTH).await;
    let times = push("the same with 39 readers at 64 KB/s, peak", peak(process));
    headlines::target("Memory under slow readers", "at most 4 × the page", &format!("{times:.1} ×"), times <= 4.0);
    headlines::note(
        "Most memory with 540,000 series, polls and 39 slow readers, as a multiple of the page",
        &format!("{times:.1}"),
        "make bench-http ARGS=memory",
    );
    drop(readers);
    tokio::time::sleep(SETTLING * 2).await;
    push("10 s after they are gone", memory(process));
    println!("{table}");
}
