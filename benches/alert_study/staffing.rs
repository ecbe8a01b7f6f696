//! How soon `WolkvoxStaffingLow` pages when half the agents of an operation leave, and how often it pages on healthy
//! days. The collector `agents_kpi` is enabled only here, because its report is the largest one.

use std::fmt::Write as _;

use crate::evaluation::{fired_alerts, fired_alerts_every};
use crate::history::{SimulatedDays, add_days_with_agents, day_start, new_database, start_prometheus};
use crate::report::minutes;
use crate::rules::Rules;

const STAFFING: &str = "WolkvoxStaffingLow";

/// Time between two polls.
#[derive(Clone, Copy)]
struct Interval {
    /// As the flag `--poll.interval` takes it.
    name: &'static str,
    seconds: i64,
    /// Highest median delay of a page, in minutes.
    delay_target: f64,
}

const INTERVALS: [Interval; 2] = [
    Interval { name: "1m", seconds: 60, delay_target: 5.0 },
    Interval { name: "5m", seconds: 300, delay_target: 15.0 },
];

/// Time between two scrapes and between two evaluations on the incident day, as in deploy/prometheus.yml.
const SCRAPE: (&str, i64) = ("15s", 15);

const HOUR: i64 = 3600;
const WEEK: i64 = 7;

/// Number of the day on which the agents leave: a Tuesday. Only the same day of the week before is simulated besides.
const INCIDENT_DAY: i64 = 8;

/// When the first agents leave: the start of the hour with the most calls, in seconds from midnight.
const LEAVE: i64 = 10 * HOUR;

/// The part of the incident day that is evaluated, in seconds from midnight. The centre opens at 7:00.
const EVALUATED: [i64; 2] = [6 * HOUR, 13 * HOUR];

/// Size of this part of the study. The report of the agents has many rows, and a scrape every 15 seconds repeats them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Operations in which agents leave, for each poll interval.
    pub(crate) operations: u64,
    /// Healthy weeks of one operation, for each poll interval.
    pub(crate) healthy_weeks: i64,
}

/// Results for one poll interval.
pub(crate) struct Staffing {
    interval: Interval,
    /// `None` if a simulation or a query failed. The reason is on standard error.
    measured: Option<Measured>,
}

struct Measured {
    /// Minutes from the time at which half the agents left to the page; `None` if there was no page.
    delays: Vec<Option<f64>>,
    /// Healthy days that have a week before them.
    healthy_days: i64,
    /// Pages on these days, and before the agents left.
    false_pages: usize,
}

/// Simulates the operations, each of them with another seed. A query that fails costs only the results of its interval,
/// because the rest of the study takes minutes.
pub(crate) async fn measure(seed: u64, size: Size) -> Vec<Staffing> {
    let runs = INTERVALS.map(|interval| (interval, tokio::spawn(Measured::of(interval, seed, size))));
    let mut results = Vec::new();
    for (interval, run) in runs {
        results.push(Staffing { interval, measured: run.await.ok() });
    }
    results
}

/// Descriptions of all targets that are not met.
pub(crate) fn missed_targets(results: &[Staffing]) -> Vec<String> {
    results.iter().flat_map(Staffing::missed_targets).collect()
}

/// The section of the page.
pub(crate) fn section(results: &[Staffing]) -> String {
    let mut text = INTRODUCTION.to_owned();
    for Staffing { interval, measured } in results {
        let cells = measured.as_ref().map_or_else(|| "not measured | | | | |".to_owned(), Measured::cells);
        // Writing to a string never fails.
        let _ = writeln!(text, "| {} | {cells} |", interval.name);
    }
    text
}

const INTRODUCTION: &str = "
## Half the agents leave, with the agents report

Half the agents of an operation leave soon after 10:00, at another moment between two polls in each operation. The table
shows the minutes until `WolkvoxStaffingLow` pages. Agents who are on a call finish it first, so it takes minutes until
the count is below 60 % of a week ago. Therefore the limit of the alert is 65 %. The collector `agents_kpi` is polled as
often as the other reports. On these days Prometheus scrapes and evaluates every 15 seconds, as `deploy/prometheus.yml`
says; on healthy days every minute.

Targets: every operation gets a page, the median is at most 5 minutes with polls every minute and 15 minutes with polls
every 5 minutes, and there is no page on healthy days.

| Polls | Operations | Median | Longest | Without a page | Healthy days | False pages |
|---|---|---|---|---|---|---|
";

impl Staffing {
    fn missed_targets(&self) -> Vec<String> {
        let interval = self.interval.name;
        let Some(measured) = &self.measured else {
            return vec![format!("{interval}: {STAFFING} was not measured")];
        };
        let (middle, without_a_page) = (median(&measured.delays), measured.without_a_page());
        let mut missed = Vec::new();
        if middle > self.interval.delay_target {
            missed.push(format!("{interval}: the median delay of a page of {STAFFING} is {} minutes", minutes(middle)));
        }
        if without_a_page > 0 {
            missed.push(format!("{interval}: {without_a_page} operations get no page of {STAFFING}"));
        }
        if measured.false_pages > 0 {
            missed.push(format!("{interval}: {} false pages of {STAFFING}", measured.false_pages));
        }
        missed
    }
}

impl Measured {
    async fn of(interval: Interval, seed: u64, size: Size) -> Self {
        let (delays, early) = half_the_agents(interval, seed, size.operations).await;
        let false_pages = early + healthy_pages(interval, seed, size.healthy_weeks).await;
        eprintln!("{}: agents", interval.name);
        Self { delays, healthy_days: size.healthy_weeks * WEEK, false_pages }
    }

    /// The cells of its row.
    fn cells(&self) -> String {
        format!(
            "{} | {} | {} | {} | {} | {}",
            self.delays.len(),
            minutes(median(&self.delays)),
            minutes(self.longest()),
            self.without_a_page(),
            self.healthy_days,
            self.false_pages
        )
    }

    fn longest(&self) -> f64 {
        self.delays.iter().flatten().copied().fold(0.0, f64::max)
    }

    fn without_a_page(&self) -> usize {
        self.delays.iter().filter(|delay| delay.is_none()).count()
    }
}

/// Median delay. A page that never came counts as infinite.
fn median(delays: &[Option<f64>]) -> f64 {
    let mut all: Vec<f64> = delays.iter().map(|delay| delay.unwrap_or(f64::INFINITY)).collect();
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    if all.len() % 2 == 1 { all[middle] } else { f64::midpoint(all[middle - 1], all[middle]) }
}

fn staffing_rule() -> Rules {
    let mut rules = Rules::shipped();
    rules.alerts.retain(|rule| rule.alert == STAFFING);
    rules
}

/// The delay of the page in each operation, and the number of pages before the agents left.
async fn half_the_agents(interval: Interval, seed: u64, operations: u64) -> (Vec<Option<f64>>, usize) {
    let (rules, database) = (staffing_rule(), new_database(None));
    let count = i64::try_from(operations).expect("the study is short");
    // The agents leave at moments that are spread over the time between two polls.
    let left = |number: i64| LEAVE + interval.seconds * number / count;
    for (number, seed) in (0..count).zip(seed + 3000..) {
        let incident = SimulatedDays {
            operation: number.to_string(),
            seed,
            interval: interval.name,
            scenario: "understaffed",
            trouble: (&format!("{}s", left(number)), None),
            from: INCIDENT_DAY,
            days: 1,
            dnis: false,
        };
        let week_before = SimulatedDays { scenario: "healthy", from: INCIDENT_DAY - WEEK, ..incident.clone() };
        for days in [week_before, incident] {
            add_days_with_agents(database.path(), &days, &rules.families(), SCRAPE.0);
        }
    }
    let prometheus = start_prometheus(database).await;
    let midnight = day_start(INCIDENT_DAY).as_second();
    let [from, until] = EVALUATED.map(|seconds| midnight + seconds);
    let pages = fired_alerts_every(SCRAPE.1, &prometheus, &rules, from, until).await;
    // Seconds from the moment at which the agents left to each page of the operation.
    let seconds = |number: i64| {
        let of_it = pages.iter().filter(move |page| page.label("operation") == number.to_string());
        of_it.map(move |page| page.from - midnight - left(number))
    };
    let delay = |number| seconds(number).find(|seconds| *seconds >= 0).map(|seconds| seconds as f64 / 60.0);
    let early = (0..count).flat_map(seconds).filter(|seconds| *seconds < 0).count();
    ((0..count).map(delay).collect(), early)
}

/// The number of pages in healthy weeks that have a week before them.
async fn healthy_pages(interval: Interval, seed: u64, weeks: i64) -> usize {
    let (rules, database) = (staffing_rule(), new_database(None));
    let days = SimulatedDays {
        operation: "healthy".to_owned(),
        seed: seed + 4000,
        interval: interval.name,
        scenario: "healthy",
        trouble: ("5m", None),
        from: 0,
        days: (weeks + 1) * WEEK,
        dnis: false,
    };
    add_days_with_agents(database.path(), &days, &rules.families(), "1m");
    let prometheus = start_prometheus(database).await;
    let [from, until] = [WEEK, days.days].map(|day| day_start(day).as_second());
    fired_alerts(&prometheus, &rules, from, until).await.len()
}
