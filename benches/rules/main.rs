//! What one evaluation of the shipped rules costs a Prometheus with three days of data, for 1,000 to 10,000 skills.
//!
//! `make bench-rules` prints the CPU seconds that the rules take in each evaluation interval of 30 s, beside the limit for
//! as many skills: 3 s for 10,000. `make bench-rules ARGS='1000 3000'` measures other numbers of skills.

#[path = "../measure/mod.rs"]
mod measure;
#[path = "../../tests/support/mod.rs"]
mod support;

mod exporters;
mod history;
mod remote_write;
mod series;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use exporters::Exporters;
use measure::headlines;
use support::http;
use support::page;
use support::peers::PrometheusVersion;
use support::prometheus::Prometheus;
use support::rules::{self, FILES, list, shipped, text};

/// Skills of the measurements.
const SKILLS: [usize; 3] = [1_000, 3_000, 10_000];

/// CPU seconds that the rules of one skill may take in an interval: 3 s for 10,000.
const LIMIT: f64 = 3.0 / 10_000.0;

/// The interval of scrapes and evaluations.
const INTERVAL: Duration = Duration::from_secs(history::SCRAPE.unsigned_abs());

/// Intervals that are measured without and with rules. With rules it is the longest interval of a group, so that each group
/// is evaluated as often as it should be.
const SCRAPES: u32 = 2;
const EVALUATIONS: u32 = 20;

/// Rules that are printed, the most expensive ones first.
const RULES: usize = 12;

/// Series that only exist when something is wrong, that are rare, or that are off by default.
const ABSENT: [&str; 8] = [
    "up",
    // The collector of agents is off by default.
    "wolkvox_agent_login_time_seconds",
    "wolkvox_api_request_failures_total",
    "wolkvox_collector_failure_info",
    "wolkvox_collector_request_success",
    "wolkvox_parse_errors_total",
    "wolkvox_skill_service_level_denominator_info",
    "wolkvox_skill_service_level_target_measurable",
];

/// The scraped series that the rules read, and the recorded ones that they read with an offset, that the bench does not
/// have, so that they would cost nothing here.
fn missing() -> Vec<String> {
    let known: BTreeSet<&str> = series::names().chain(ABSENT).collect();
    let all = rules::rules();
    let selectors = rules::read(&all).0.into_iter().flat_map(|(_, query)| query.selectors);
    let mut needed: BTreeSet<String> =
        selectors.map(|selector| selector.name).filter(|name| !name.contains(':')).collect();
    for rule in &all {
        let words: Vec<&str> = text(&rule["expr"]).split_whitespace().collect();
        let earlier = words.windows(2).filter(|pair| pair[0].contains(':') && pair[1] == "offset");
        needed.extend(earlier.map(|pair| name_in(pair[0]).to_owned()).filter(|name| name.contains(':')));
    }
    needed.into_iter().filter(|name| !known.contains(name.as_str())).collect()
}

/// The name of a series in a word such as `sum(a:b:c[10m]`.
fn name_in(word: &str) -> &str {
    let selector = word.split_once('[').map_or(word, |(selector, _)| selector);
    selector.rsplit('(').next().unwrap_or_default()
}

/// A Prometheus with a history.
struct Subject {
    prometheus: Prometheus,
    exporters: Exporters,
}

impl Subject {
    async fn start(skills: usize) -> Self {
        let series = Arc::new(series::series(skills));
        let exporters = Exporters::start(&series, skills).await;
        let flags = ["--web.enable-remote-write-receiver", "--web.enable-lifecycle"];
        // Then the CPU time does not depend on how many cores the machine has.
        let one_core = [("GOMAXPROCS", "1")];
        let prometheus = Prometheus::start_with_flags(PrometheusVersion::V3, "{}\n", &[], &flags, &one_core).await;
        history::write(prometheus.url(), &series).await;
        Self { prometheus, exporters }
    }

    /// Evaluates every group in each interval for a while, so that all recorded series exist: a new series costs more than
    /// every later sample of it. Afterwards the groups have intervals of their own again.
    async fn make_series(&self) {
        for (shortened, intervals) in [(true, 3), (false, 1)] {
            for name in FILES {
                let text = std::fs::read_to_string(shipped(name)).expect("it is part of the project");
                let lines = text.lines().filter(|line| !shortened || !line.trim_start().starts_with("interval:"));
                let text = lines.collect::<Vec<_>>().join("\n");
                std::fs::write(self.prometheus.folder().join(name), text).expect("a file can be written");
            }
            self.reload(&FILES).await;
            tokio::time::sleep(INTERVAL * intervals).await;
        }
    }

    /// Uses these rule files from now on.
    async fn reload(&self, files: &[&str]) {
        let interval = INTERVAL.as_secs();
        let global = format!("global: {{scrape_interval: {interval}s, evaluation_interval: {interval}s}}");
        let config = format!("{global}\nrule_files: {files:?}\n{}", self.exporters.scrape_config());
        std::fs::write(self.prometheus.folder().join("prometheus.yml"), config).expect("a file can be written");
        let url = format!("{}/-/reload", self.prometheus.url());
        let response = http::request(reqwest::Method::POST, &url, &[]).await.expect("Prometheus answers");
        assert_eq!(response.status, 200, "{}", response.text());
    }

    /// A metric of Prometheus itself.
    async fn own(&self, name: &str) -> f64 {
        let page = http::get(&format!("{}/metrics", self.prometheus.url())).await;
        page::value(page.text(), name).expect("Prometheus has this metric")
    }

    /// CPU seconds of Prometheus in each of `intervals`, as a mean.
    async fn cpu(&self, intervals: u32) -> f64 {
        let before = self.own("process_cpu_seconds_total").await;
        tokio::time::sleep(INTERVAL * intervals).await;
        (self.own("process_cpu_seconds_total").await - before) / f64::from(intervals)
    }

    /// Waits until the blocks of the history are written.
    async fn settle(&self) {
        let quiet = Duration::from_secs(5);
        loop {
            let before = self.own("process_cpu_seconds_total").await;
            tokio::time::sleep(quiet).await;
            if self.own("process_cpu_seconds_total").await - before < 0.1 * quiet.as_secs_f64() {
                return;
            }
        }
    }

    /// Prints the duration of the last evaluation of each group and of the most expensive rules.
    async fn print_groups(&self) {
        let page = http::get(&format!("{}/metrics", self.prometheus.url())).await;
        let prefix = "prometheus_rule_group_last_duration_seconds{rule_group=\"";
        for (group, seconds) in page::series(page.text(), prefix) {
            let group = group.split(';').next_back().unwrap_or_default().trim_end_matches("\"}");
            println!("  {seconds:>8.3} s  group {group}");
        }
        let groups = self.prometheus.api("/api/v1/rules", &[]).await.expect("Prometheus has rules");
        let all = list(&groups["groups"]).iter().flat_map(|group| list(&group["rules"]));
        let mut all: Vec<_> =
            all.map(|rule| (rule["evaluationTime"].as_f64().unwrap_or_default(), text(&rule["name"]))).collect();
        all.sort_by(|one, other| other.0.total_cmp(&one.0));
        for (seconds, name) in all.into_iter().take(RULES) {
            println!("  {seconds:>8.3} s  {name}");
        }
    }
}

/// Measures and prints the figures for that many skills. Returns whether they are within the limit.
async fn measure(skills: usize) -> bool {
    let subject = Subject::start(skills).await;
    subject.settle().await;
    subject.reload(&[]).await;
    // Until every target was scraped once.
    tokio::time::sleep(INTERVAL).await;
    let scrapes = subject.cpu(SCRAPES).await;
    subject.make_series().await;
    let all = subject.cpu(EVALUATIONS).await;
    let (rules, limit) = (all - scrapes, LIMIT * skills as f64);
    let above = if rules > limit { "  above the limit" } else { "" };
    let seconds = INTERVAL.as_secs();
    headlines::target(
        &format!("CPU time of the rules of {skills} skills in {seconds} s"),
        &format!("at most {limit:.2} s"),
        &format!("{rules:.2} s"),
        rules <= limit,
    );
    println!(
        "{skills} skills, CPU seconds in {seconds} s: rules {rules:.2}, limit {limit:.2}; scrapes {scrapes:.2}{above}"
    );
    subject.print_groups().await;
    rules <= limit
}

#[tokio::main]
async fn main() -> ExitCode {
    let missing = missing();
    assert!(missing.is_empty(), "series.rs does not have these series, which the rules read: {missing:?}");
    // cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Ok(mut wanted) = arguments.iter().map(|text| text.parse()).collect::<Result<Vec<usize>, _>>() else {
        eprintln!("rules: invalid arguments {arguments:?}: expected numbers of skills");
        return ExitCode::from(2);
    };
    if wanted.is_empty() {
        wanted = SKILLS.to_vec();
    }
    let mut is_within = true;
    for skills in wanted {
        is_within &= measure(skills).await;
    }
    headlines::verdict(is_within)
}
