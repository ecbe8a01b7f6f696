//! Runs one exporter against faulty servers, and sees that it counts every fault, shows nothing wrong, and recovers.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::tz::TimeZone;
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::{Settings, TimeSource};

use crate::fault::{FAULTS, Fault};
use crate::ledger::{FAILURES, Ledger};
use crate::page::{Highest, Page, value};
use crate::rows::series;
use crate::server::FaultyWolkvox;
use crate::support::exporter::{Configuration, Exporter, Operation};
use crate::support::wolkvox::{Wolkvox, healthy};
use crate::support::{daytime, http};

/// How much faster than real time the simulated contact centre runs, so that its totals change from call to call.
const SPEED: f64 = 20.0;

/// The pause between two scrapes.
const PAUSE: Duration = Duration::from_millis(50);

/// Scrapes after which the calls stop succeeding, so that they become rare and a page can show all of them.
const SCRAPES_UNTIL_CALM: u32 = 20;

/// All sequences take half a minute on an idle machine, and ten times as long on a machine with ten other loads.
const ALL_SEQUENCES: Duration = Duration::from_secs(1_500);

/// Findings of an operation that are reported.
const REPORTED: usize = 5;

/// The collectors of an operation: skills, and one of these.
const OTHER_COLLECTORS: [&str; 5] = [
    "dnis: false",
    "dnis: {interval: 1s}",
    "dnis: false, agents_kpi: {interval: 1s}",
    "dnis: false, transfers: {interval: 1s}",
    "dnis: false, ivr: {interval: 1s, windows: [today, 30m]}",
];

/// An operation, and the sequences of faults that it meets one after the other.
pub(crate) struct Plan {
    /// Its name.
    pub(crate) name: String,
    /// Chooses its collectors, its world and the variants of faults.
    pub(crate) seed: u64,
    /// The sequences.
    pub(crate) sequences: Vec<Vec<&'static Fault>>,
}

/// Where an operation is in its plan.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Faults are being played.
    Playing,
    /// The page does not show all calls yet, after this number of scrapes.
    Counting(u32),
    /// The page does not show an answer since this version of the ledger yet.
    Recovering(u64),
    /// All sequences were played.
    Done,
}

struct Running {
    wolkvox: FaultyWolkvox,
    seed: u64,
    sequences: VecDeque<Vec<&'static Fault>>,
    current: Vec<&'static str>,
    phase: Phase,
    /// Refused connections before this time without connections.
    refused_before: u64,
    /// Why the phase has not ended.
    waiting_for: String,
    findings: Vec<String>,
}

/// Runs all plans with one exporter. Returns the number of scrapes.
///
/// # Panics
/// When there is a finding, or an operation does not recover.
pub(crate) async fn run(plans: Vec<Plan>) -> usize {
    let elsewhere = Wolkvox::start(healthy);
    let mut running: Vec<Running> = plans.into_iter().map(|plan| Running::start(plan, &elsewhere.url())).collect();
    let operations: Vec<Operation> = running.iter().map(Running::operation).collect();
    let configuration = Configuration::of(&operations);
    let exporter = Exporter::serve(&mut configuration.command()).await;
    let mut highest = Highest::default();
    let mut falls = Vec::new();
    let mut scrapes = 0;
    let all = tokio::time::timeout(ALL_SEQUENCES, async {
        while running.iter().any(|operation| !matches!(operation.phase, Phase::Done)) {
            let versions: Vec<u64> =
                running.iter().map(|operation| operation.wolkvox.ledger(|ledger| ledger.version)).collect();
            let text = exporter.metrics().await;
            let page = Page::read(&text);
            falls.extend(highest.falls(&page));
            for (operation, version) in running.iter_mut().zip(versions) {
                operation.observe(page.of(&operation.wolkvox.operation), version);
            }
            assert_eq!(exporter.page("/-/healthy").await, "wolkvox_exporter is healthy.\n");
            scrapes += 1;
            tokio::time::sleep(PAUSE).await;
        }
    });
    let has_ended = all.await.is_ok();

    let mut findings: Vec<String> = falls.into_iter().take(REPORTED).collect();
    let seen = exporter.process.output() + &exporter.page("/").await + &exporter.metrics().await;
    for operation in &mut running {
        operation.end(&seen, has_ended);
        findings.append(&mut operation.findings);
    }
    if !elsewhere.connections().is_empty() {
        findings.push("a redirect was followed, and the token with it".to_owned());
    }
    if seen.contains("panicked") || http::get(&format!("{}/-/ready", exporter.url)).await.status != 200 {
        findings.push("the exporter panicked or is not ready".to_owned());
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    scrapes
}

impl Running {
    fn start(plan: Plan, elsewhere: &str) -> Self {
        let zone = TimeZone::get(&daytime::zone()).expect("the zone exists");
        let clock = Clock::scaled(Clock::system().now(), SPEED);
        let settings = Settings {
            seed: plan.seed,
            zone,
            latency: Duration::ZERO,
            daily_quota: Some(u64::MAX),
            time: TimeSource::new(move || clock.now()),
            ..Settings::default()
        };
        let ledger = Ledger::new(&plan.name, true);
        let wolkvox = FaultyWolkvox::start(plan.seed, ledger, &plan.name, settings, elsewhere);
        let mut running = Self {
            wolkvox,
            seed: plan.seed,
            sequences: plan.sequences.into(),
            current: Vec::new(),
            phase: Phase::Done,
            refused_before: 0,
            waiting_for: String::new(),
            findings: Vec::new(),
        };
        running.play_next();
        running
    }

    fn operation(&self) -> Operation {
        let other = OTHER_COLLECTORS[self.seed as usize % OTHER_COLLECTORS.len()];
        Operation {
            name: self.wolkvox.operation.clone(),
            token: self.wolkvox.token.clone(),
            base_url: self.wolkvox.url(),
            collectors: format!("{{skills: {{interval: 1s}}, {other}}}"),
            more: vec![format!("timezone: {}", daytime::zone()), "licenses: 1000".to_owned()],
        }
    }

    fn play_next(&mut self) {
        let Some(faults) = self.sequences.pop_front() else {
            self.phase = Phase::Done;
            return;
        };
        self.current = faults.iter().map(|fault| fault.name).collect();
        self.wolkvox.play(faults, Box::new(|_, _| &FAULTS[0]));
        self.phase = Phase::Playing;
    }

    /// Looks at the samples of a page. `version` is that of the ledger before the page was requested.
    fn observe(&mut self, page: &[(&str, f64)], version: u64) {
        for wrong in self.wolkvox.ledger(|ledger| ledger.wrong_samples(page)) {
            self.find(&wrong);
        }
        match self.phase {
            Phase::Playing => self.observe_playing(page),
            Phase::Counting(scrapes) => self.observe_counting(page, version, scrapes),
            Phase::Recovering(since) => self.observe_recovering(page, since),
            Phase::Done => {}
        }
    }

    fn observe_playing(&mut self, page: &[(&str, f64)]) {
        if self.wolkvox.is_refusing() {
            let refused: u64 = self.wolkvox.ledger(|ledger| ledger.refused(page)).values().sum();
            self.waiting_for = format!("a refused connection, {refused} so far");
            if refused > self.refused_before {
                self.refused_before = refused;
                self.wolkvox.listen_again();
            }
        } else if self.wolkvox.is_playing() {
            "the calls of the sequence".clone_into(&mut self.waiting_for);
        } else {
            self.phase = Phase::Counting(0);
        }
    }

    fn observe_counting(&mut self, page: &[(&str, f64)], version: u64, scrapes: u32) {
        // Without a call since before the page was requested, the page can show all calls.
        let miscounts =
            self.wolkvox.ledger(|ledger| (ledger.version == version).then(|| ledger.miscounts(page)).flatten());
        match miscounts {
            Some(miscounts) if miscounts.is_empty() => {
                self.wolkvox.play([], Box::new(|_, _| &FAULTS[0]));
                self.phase = Phase::Recovering(version);
                return;
            }
            Some(miscounts) => self.waiting_for = miscounts.join("; "),
            None => {}
        }
        if scrapes == SCRAPES_UNTIL_CALM {
            self.wolkvox.play([], Box::new(|_, _| Fault::named("500")));
        }
        self.phase = Phase::Counting(scrapes + 1);
    }

    fn observe_recovering(&mut self, page: &[(&str, f64)], since: u64) {
        let up = value(page, &series("wolkvox_up", &self.wolkvox.operation, &[]));
        if up == Some(1.0) && self.wolkvox.ledger(|ledger| ledger.shows_answers_since(since, page)) {
            self.play_next();
        } else {
            self.waiting_for = format!("up {up:?} and the samples of new answers");
        }
    }

    fn find(&mut self, finding: &str) {
        if self.findings.len() < REPORTED {
            let Self { wolkvox, seed, current, .. } = self;
            self.findings.push(format!("{} (FAULTS_SEED={seed}) in {current:?}: {finding}", wolkvox.operation));
        }
    }

    /// Looks at what the exporter wrote, after all sequences or at the time limit.
    fn end(&mut self, seen: &str, has_ended: bool) {
        if !has_ended && !matches!(self.phase, Phase::Done) {
            let failures = self.wolkvox.ledger(|ledger| ledger.counted(FAILURES));
            self.find(&format!(
                "{:?} did not end, waiting for {}; failures {failures:?}",
                self.phase, self.waiting_for
            ));
        }
        if self.wolkvox.most_in_flight() != 1 {
            self.find(&format!("{} calls at the same time", self.wolkvox.most_in_flight()));
        }
        if seen.to_lowercase().contains(&self.wolkvox.token.to_lowercase()) {
            self.find("the token is in the log or on a page");
        }
    }
}
