//! Runs the exporter for half an hour against the simulated contact centre with the scenario `bad-data`, 60 times as
//! fast as real time and with steps of the exporter's clock, and scrapes it all the time.
//!
//! `make soak` runs it beside `benches/endurance`; `make soak MINUTES=2` runs 2 minutes. The command fails when a counter
//! falls, a sample differs from the simulated world at the moment of the call, a call is forgotten in the quota, a poll
//! fails, the exporter logs an error, panics or stops to poll, or a scrape is not answered with 200.
//!
//! The exporter is made of the parts of `serve` in this process, because the clock of another process cannot be set
//! while it runs fast. The pages are read over HTTP by the reference parser, in both formats in turn.
#![expect(clippy::unwrap_used, reason = "the modules of the tests use it")]
#![allow(dead_code, reason = "the soak uses a part of the modules of the tests")]

#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../../tests/end_to_end/inside.rs"]
mod inside;
#[path = "../../tests/end_to_end/planted.rs"]
mod planted;
#[path = "../../tests/end_to_end/programs.rs"]
mod programs;
#[path = "../../tests/end_to_end/series.rs"]
mod series;
#[path = "../../tests/end_to_end/tap.rs"]
mod tap;
#[path = "../../tests/end_to_end/truth.rs"]
mod truth;

mod account;
mod counters;
mod steps;

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Zoned;
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::{Scenario, Settings, TimeSource};

use account::Account;
use counters::Highest;
use inside::Inside;
use planted::{counted_errors, planted_errors};
use programs::{Simulated, accept, read};
use series::{Values, values_of};
use steps::Steps;
use support::exposition::Format;
use support::http;
use tap::Tap;

const USAGE: &str = "usage: cargo bench --bench soak -- [MINUTES]";

/// How long a run takes, real minutes.
const MINUTES: f64 = 30.0;

/// How much faster than real time the clocks run.
const SPEED: f64 = 60.0;

/// wolkvox's time at the start. The simulated contact centre is busy at this hour, because its week is aligned to the
/// start. The first midnight comes after a minute and a half.
const START: &str = "2026-11-24T22:30:00-05[America/Bogota]";

/// The pause between two scrapes.
const PAUSE: Duration = Duration::from_millis(100);

/// Without a call for this time, the exporter has stopped to poll. It polls many times a second.
const NO_CALLS: Duration = Duration::from_secs(60);

/// Findings of each kind that are printed; all are counted.
const PRINTED: u64 = 20;

/// Panics in any task or thread.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// Lines at the level error in the log.
static ERRORS: AtomicU64 = AtomicU64::new(0);

/// The log, which is counted and written to standard error.
struct CountedLog;

impl Write for CountedLog {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        ERRORS.fetch_add(1, Ordering::Relaxed);
        std::io::stderr().write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

/// The findings of one kind.
#[derive(Debug)]
struct Findings(u64);

impl Findings {
    /// Counts findings, and prints the first ones of the kind.
    fn add(&mut self, findings: impl IntoIterator<Item = String>, now: &Zoned) {
        for finding in findings {
            self.0 += 1;
            if self.0 <= PRINTED {
                println!("{}: {finding}", now.strftime("%F %T"));
            }
        }
    }
}

/// The length of the run from the arguments.
fn length() -> Duration {
    let minutes = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let minutes: Vec<f64> = minutes.map(|text| text.parse().unwrap_or_else(|_| panic!("{text:?}: {USAGE}"))).collect();
    let [minutes] = if minutes.is_empty() { [MINUTES] } else { minutes.try_into().expect(USAGE) };
    Duration::from_secs_f64(minutes * 60.0)
}

/// The samples of failed calls.
fn failures(page: &Values) -> Vec<String> {
    let failed =
        page.iter().filter(|((metric, _), calls)| metric == "wolkvox_api_request_failures_total" && **calls > 0.0);
    failed.map(|((_, labels), calls)| format!("{calls} failed calls {labels:?}")).collect()
}

#[tokio::main]
async fn main() -> ExitCode {
    let length = length();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        hook(panic);
    }));
    tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_writer(|| CountedLog).init();

    let start: Zoned = START.parse().expect("it is a time");
    // The exporter's clock is started first, so its day begins before wolkvox's totals are reset.
    let clock = Clock::scaled(start.timestamp(), SPEED);
    let wolkvox_clock = Clock::scaled(start.timestamp(), SPEED);
    // The simulator asks for the time once in each call, so this is the moment of the last response.
    let answered_at = Clock::manual(start.timestamp());
    let time = {
        let (clock, answered_at) = (wolkvox_clock.clone(), answered_at.clone());
        TimeSource::new(move || {
            let now = clock.now();
            answered_at.set(now);
            now
        })
    };
    let settings = Settings {
        scenario: Scenario::BadData,
        zone: start.time_zone().clone(),
        latency: Duration::ZERO,
        daily_quota: Some(u64::MAX),
        time,
        ..Settings::default()
    };
    let wolkvox = Simulated::start(settings).await;
    let world = wolkvox.simulation.world();
    let tap = Tap::on(answered_at, &wolkvox.url).await;
    let exporter = Inside::start_all(&tap.url, &clock, "America/Bogota");
    let url = format!("http://{}/metrics", exporter.listen().await);

    let began = wolkvox_clock.instant();
    let run = || wolkvox_clock.instant().duration_since(began);
    let mut account = Account::new(start.time_zone());
    let (mut steps, mut highest) = (Steps::default(), Highest::default());
    let [mut falls, mut differences, mut others] = [const { Findings(0) }; 3];
    let (mut scrapes, mut last_calls) = (0_u64, (0, Duration::ZERO));
    let (mut panics, mut errors) = (0, 0);
    while run() < length {
        let now = wolkvox_clock.local(start.time_zone());
        steps.make_due(&clock, run(), &now);
        let format = if scrapes.is_multiple_of(2) { Format::OpenMetrics } else { Format::Text };
        let response = http::request(reqwest::Method::GET, &url, &[("accept", accept(format))]).await;
        scrapes += 1;
        account.record(tap.take());
        match response {
            Ok(response) if response.status == 200 => {
                let families = read(format, response.text());
                let page = values_of(&families);
                falls.add(highest.falls(&families), &now);
                differences.add(account.compare(world, &page, steps.made), &now);
                others.add(failures(&page), &now);
            }
            Ok(response) => others.add([format!("a scrape got the status {}", response.status)], &now),
            Err(error) => others.add([format!("a scrape got no response: {error}")], &now),
        }
        if account.calls > last_calls.0 {
            last_calls = (account.calls, run());
        } else if run() > last_calls.1 + NO_CALLS {
            others.add(["the exporter makes no calls".to_owned()], &now);
            break;
        }
        let so_far = (PANICS.load(Ordering::Relaxed), ERRORS.load(Ordering::Relaxed));
        if so_far != (panics, errors) {
            others.add([format!("{} panics and {} errors in the log", so_far.0, so_far.1)], &now);
            (panics, errors) = so_far;
        }
        tokio::time::sleep(PAUSE).await;
    }

    // Failed polls publish what was counted before, so both counts are complete now.
    tap.refuse("");
    exporter.failing().await;
    account.record(tap.take());
    let now = wolkvox_clock.local(start.time_zone());
    let planted = planted_errors(&wolkvox.simulation.request_stats());
    let counted = counted_errors(&exporter.values());
    if planted != counted {
        let differ = |of: &(String, String)| planted.get(of) != counted.get(of);
        let fields = planted.keys().chain(counted.keys()).filter(|of| differ(of));
        let errors: Vec<String> = fields
            .map(|of| format!("{of:?}: {:?} parse errors instead of {:?}", counted.get(of), planted.get(of)))
            .collect();
        differences.add(errors, &now);
    }

    println!("simulated until      {}", now.strftime("%F %T"));
    println!("calls to wolkvox     {}", account.calls);
    println!("scrapes              {scrapes}");
    println!("samples compared     {}", account.compared);
    println!("parse errors counted {} of {} planted", counted.values().sum::<u64>(), planted.values().sum::<u64>());
    println!("clock steps          {}", steps.made);
    println!("falls of counters    {}", falls.0);
    println!("differences          {}", differences.0);
    println!("other problems       {}", others.0);
    if falls.0 + differences.0 + others.0 == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
