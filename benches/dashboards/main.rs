//! What the queries of the dashboards cost Prometheus with 200 skills.
//!
//! `make bench-dashboards` sends every query of every dashboard as Grafana does when the dashboard is opened with a range of
//! 6 hours and of 7 days, and prints the CPU time that Prometheus takes for it, beside the limits. The data is that of the
//! tests of the dashboards: a simulated morning, repeated for a week, and for a month where samples are half-hours.

#[path = "../../tests/dashboard_queries/asking.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod asking;
#[path = "../../tests/dashboard_queries/history.rs"]
mod history;
#[path = "../measure/mod.rs"]
mod measure;
#[path = "../rules/remote_write.rs"]
mod remote_write;
#[path = "../../tests/support/mod.rs"]
mod support;

mod repeated;

use std::process::ExitCode;
use std::time::Duration;

use asking::{ALL, Chosen, RANGE, ask_with_cost};
use history::BUSY;
use measure::headlines;
use measure::table::Table;
use measure::usage::cpu;
use support::dashboard::{MOST_QUERIES, Target, files, files_as_opened, folder, queries_on_opening, targets, text};
use support::prometheus::Prometheus;

/// Seconds of a range, its name, and the CPU time that a query may take over it.
const RANGES: [(u64, &str, Duration); 2] =
    [(RANGE, "6 h", Duration::from_millis(100)), (7 * 24 * 3_600, "7 d", Duration::from_millis(500))];

/// The kernel counts CPU time in hundredths of a second. A query is repeated until it has taken so much, or so often, which
/// is exact to 2 ms.
const ENOUGH: Duration = Duration::from_millis(200);
const MOST_REPETITIONS: u32 = 5;

/// The dashboard of skills opens with one skill, the others with all.
const OF_ONE_SKILL: (&str, Chosen) = ("wolkvox-skill", &[("skill_id", BUSY[0])]);

/// Queries that are printed, the most expensive ones first.
const PRINTED: usize = 10;

/// A query and the CPU time that it takes over each of [`RANGES`].
struct Measured {
    panel: String,
    took: [Duration; RANGES.len()],
}

/// The CPU time that Prometheus takes for a query, as a mean.
async fn time_of(prometheus: &Prometheus, target: &Target, chosen: Chosen<'_>, range: u64) -> Duration {
    let ask = || async {
        let answer = ask_with_cost(prometheus, target, chosen, range, repeated::end()).await;
        answer.unwrap_or_else(|error| panic!("{}: {error}", target.panel));
    };
    // The first time, blocks are read from the disk.
    ask().await;
    let before = cpu(prometheus.id());
    let mut repetitions = 0;
    loop {
        ask().await;
        repetitions += 1;
        let taken = cpu(prometheus.id()).saturating_sub(before);
        if taken >= ENOUGH || repetitions == MOST_REPETITIONS {
            return taken / repetitions;
        }
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0}", time.as_secs_f64() * 1_000.0)
}

/// The largest of some times.
fn largest(all: &[Measured], range: usize) -> Duration {
    all.iter().map(|measured| measured.took[range]).max().unwrap_or_default()
}

#[tokio::main]
async fn main() -> ExitCode {
    let prometheus = repeated::prometheus().await;
    let mut boards =
        Table::new(&["Dashboard", "Queries on opening", "6 h: all, ms", "costliest", "7 d: all, ms", "costliest"]);
    let (mut all, mut most_queries) = (Vec::new(), 0);
    let opened = files_as_opened(&folder());
    for (name, dashboard) in files(&folder()) {
        let queries = queries_on_opening(&opened[&name]);
        most_queries = most_queries.max(queries);
        let title = text(&dashboard, "title");
        let chosen = if name == OF_ONE_SKILL.0 { OF_ONE_SKILL.1 } else { ALL };
        let mut of_board = Vec::new();
        for target in targets(&dashboard) {
            let mut took = [Duration::ZERO; RANGES.len()];
            for (time, (range, ..)) in took.iter_mut().zip(RANGES) {
                *time = time_of(&prometheus, &target, chosen, range).await;
            }
            of_board.push(Measured { panel: format!("{title}: {} ({})", target.panel, target.letter), took });
        }
        let mut row = vec![title.to_owned(), queries.to_string()];
        for range in 0..RANGES.len() {
            let sum: Duration = of_board.iter().map(|measured: &Measured| measured.took[range]).sum();
            row.extend([sum, largest(&of_board, range)].map(milliseconds));
        }
        boards.push(row);
        all.append(&mut of_board);
    }
    println!("{boards}");
    all.sort_by_key(|measured| std::cmp::Reverse(measured.took[1].max(measured.took[0])));
    let mut costliest = Table::new(&["The costliest queries", "6 h, ms", "7 d, ms"]);
    for Measured { panel, took } in all.iter().take(PRINTED) {
        costliest.push([panel.clone(), milliseconds(took[0]), milliseconds(took[1])]);
    }
    println!("{costliest}");

    let mut is_within = most_queries <= MOST_QUERIES;
    headlines::target(
        "Queries of a dashboard when it is opened",
        &format!("at most {MOST_QUERIES}"),
        &most_queries.to_string(),
        is_within,
    );
    for (place, (_, name, limit)) in RANGES.into_iter().enumerate() {
        let most = largest(&all, place);
        let figure = format!("CPU of the costliest query of a dashboard, 200 skills, {name}");
        let (target, value) = (format!("at most {} ms", milliseconds(limit)), format!("{} ms", milliseconds(most)));
        headlines::target(&figure, &target, &value, most <= limit);
        is_within &= most <= limit;
    }
    headlines::verdict(is_within)
}
