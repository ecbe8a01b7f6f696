//! One exporter with its servers, its configuration, its state file and its clock.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::{Settings, TimeSource};

use crate::clock_file::ClockFile;
use crate::fault::{FAULTS, Fault, Kind};
use crate::findings::Findings;
use crate::ledger::Ledger;
use crate::page::{Highest, Page};
use crate::sequence::one_of;
use crate::server::FaultyWolkvox;
use crate::support::exporter::{Exporter, LIMIT};
use crate::support::process::{POLL, Signal, exporter};
use crate::support::{daytime, http};

/// How much faster than real time the simulated contact centre runs, so that its totals change from call to call.
const SPEED: f64 = 5.0;

/// The time in which the exporter must end after SIGTERM.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Of so many calls, one meets a fault of this kind.
const RATES: [(Kind, usize); 5] =
    [(Kind::Common, 4), (Kind::Lasting, 100), (Kind::Refusal, 150), (Kind::Silent, 1000), (Kind::Large, 1500)];

/// The collectors of an operation: skills, and one of these.
const OTHER_COLLECTORS: [&str; 5] = [
    "dnis: {interval: 2s}",
    "dnis: false, agents_kpi: {interval: 2s}",
    "dnis: false, transfers: {interval: 2s}",
    "dnis: false, ivr: {interval: 2s, windows: [today, 30m]}",
    "dnis: false",
];

/// The configuration file of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// As at the start.
    First,
    /// The last operation has another interval.
    Changed,
    /// The last operation is missing.
    Fewer,
    /// It cannot be read.
    Broken,
}

/// An exporter, and what is around it.
pub(crate) struct Subject {
    name: &'static str,
    servers: Vec<FaultyWolkvox>,
    folder: TempDir,
    exporter: Exporter,
    /// Its clock.
    pub(crate) clock_file: ClockFile,
    clock: Clock,
    zone: TimeZone,
    highest: Highest,
    /// For each server the calls before the running day of the exporter's clock.
    before_today: Vec<u64>,
    /// Pages that were compared.
    pub(crate) pages: u64,
    /// The configuration file as it is.
    edition: Edition,
}

impl Subject {
    /// Starts servers and the exporter.
    pub(crate) async fn start(name: &'static str, seed: u64, servers: u64, elsewhere: &str) -> Self {
        let clock = Clock::system();
        let zone = TimeZone::get(&daytime::zone()).expect("the zone exists");
        let servers: Vec<FaultyWolkvox> =
            (0..servers).map(|number| server(name, seed, number, &zone, elsewhere)).collect();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for server in &servers {
            let file = folder.path().join(format!("{}.token", server.operation));
            std::fs::write(file, &server.token).expect("the folder can be written to");
        }
        let clock_file = ClockFile::new(folder.path().join("clock"));
        write_configuration(&folder, &servers, Edition::First);
        let exporter = serve(&folder, &clock_file).await;
        let before_today = vec![0; servers.len()];
        let subject = Self {
            name,
            servers,
            folder,
            exporter,
            clock_file,
            clock,
            zone,
            highest: Highest::default(),
            before_today,
            pages: 0,
            edition: Edition::First,
        };
        for server in &subject.servers {
            server.play([], Box::new(|_, random| next_fault(random)));
        }
        subject
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        self.exporter.url.clone()
    }

    /// The process.
    pub(crate) fn process_id(&self) -> u32 {
        self.exporter.process.id()
    }

    /// Its highest use of memory, bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.exporter.peak_memory()
    }

    /// Calls so far.
    pub(crate) fn calls(&self) -> u64 {
        self.servers.iter().map(calls_of).sum()
    }

    /// The calls so far of each server.
    pub(crate) fn calls_by_server(&self) -> Vec<u64> {
        self.servers.iter().map(calls_of).collect()
    }

    /// The faults that were played.
    pub(crate) fn faults(&self) -> BTreeMap<&'static str, u64> {
        let mut all = BTreeMap::new();
        for (name, count) in self.servers.iter().flat_map(FaultyWolkvox::played) {
            *all.entry(name).or_default() += count;
        }
        all
    }

    /// The servers that refuse connections.
    pub(crate) fn refusing(&self) -> impl Iterator<Item = &FaultyWolkvox> {
        self.servers.iter().filter(|server| server.is_refusing())
    }

    /// Local time of the exporter's clock.
    pub(crate) fn local_time(&self) -> Zoned {
        (self.clock.now() + self.clock_file.off).to_zoned(self.zone.clone())
    }

    /// Compares a page and the state file with what the servers have sent.
    pub(crate) async fn look(&mut self, findings: &Findings) {
        let calls = self.calls_by_server();
        self.compare_quota(&calls, findings);
        let url = self.exporter.url.clone();
        let text = match http::request(Method::GET, &format!("{url}/metrics"), &[]).await {
            Ok(response) if response.status == 200 => response.text().to_owned(),
            Ok(response) => {
                return findings.add(&format!("{}: /metrics has the status {}", self.name, response.status));
            }
            Err(error) => return findings.add(&format!("{}: /metrics has no response: {error:?}", self.name)),
        };
        match http::request(Method::GET, &format!("{url}/-/healthy"), &[]).await {
            Ok(response) if response.status == 200 => {}
            other => findings.add(&format!("{}: /-/healthy: {other:?}", self.name)),
        }
        let page = Page::read(&text);
        for fall in self.highest.falls(&page) {
            findings.add(&format!("{}: {fall}", self.name));
        }
        for server in &self.servers {
            for wrong in server.ledger(|ledger| ledger.wrong_samples(page.of(&server.operation))) {
                findings.add(&format!("{}: {wrong}", server.operation));
            }
        }
        self.pages += 1;
    }

    /// The state file must have at least the calls that were made before it was read.
    fn compare_quota(&self, calls: &[u64], findings: &Findings) {
        let text = std::fs::read_to_string(self.folder.path().join("state.json")).expect("the exporter writes it");
        let state: Value = text.parse().expect("the exporter writes JSON");
        for ((server, calls), before) in self.servers.iter().zip(calls).zip(&self.before_today) {
            let used = state["operations"][&server.operation]["quota"]["used"].as_u64().unwrap_or_default();
            let made = calls.saturating_sub(*before);
            if used < made {
                findings.add(&format!("{}: {used} calls are counted, but {made} were made today", server.operation));
            }
        }
    }

    /// The day of the exporter's clock has changed or may have changed, so calls so far may be those of another day.
    pub(crate) fn start_day(&mut self) {
        self.before_today = self.calls_by_server();
    }

    /// Sends SIGTERM, and starts it again. Returns how long it took to end.
    pub(crate) async fn restart(&mut self, findings: &Findings) -> Duration {
        let began = self.clock.instant();
        let status = self.exporter.process.terminate(LIMIT).await;
        let took = self.clock.instant().duration_since(began);
        match status {
            Ok(status) if status.code() == Some(0) && took <= STOP_LIMIT => {}
            other => findings.add(&format!("{}: it ended after {took:?} with {other:?}", self.name)),
        }
        self.start_again(findings).await;
        took
    }

    /// Kills it, and starts it again.
    pub(crate) async fn kill(&mut self, findings: &Findings) {
        self.exporter.process.signal(Signal::KILL);
        self.exporter.process.wait(LIMIT).await.expect("a killed process ends");
        self.start_again(findings).await;
    }

    async fn start_again(&mut self, findings: &Findings) {
        self.read_log(findings);
        let calls = self.calls_by_server();
        self.compare_quota(&calls, findings);
        // Counters of reports continue from the state file; the others start again, as in every program.
        self.highest.restart(|series| series.starts_with("wolkvox_skill_") || series.starts_with("wolkvox_transfers_"));
        self.exporter = serve(&self.folder, &self.clock_file).await;
    }

    /// Looks for what must never be in the log.
    fn read_log(&self, findings: &Findings) {
        let log = self.exporter.process.output();
        for line in log.lines().filter(|line| line.contains("panicked") || line.contains("level=error")) {
            // A reload with a broken configuration is an error of the user.
            if !line.contains("configuration") {
                findings.add(&format!("{}: the log has the line {line}", self.name));
            }
        }
        let lowercase = log.to_lowercase();
        for server in self.servers.iter().filter(|server| lowercase.contains(&server.token.to_lowercase())) {
            findings.add(&format!("{}: the token is in the log", server.operation));
        }
    }

    /// Writes another configuration file.
    pub(crate) fn write(&mut self, edition: Edition) {
        self.edition = edition;
        write_configuration(&self.folder, &self.servers, edition);
    }

    /// The configuration file as it is.
    pub(crate) fn edition(&self) -> Edition {
        self.edition
    }

    /// Makes the exporter read the file again, with a signal or over HTTP. Waits until it has, and returns whether it
    /// accepted the file.
    ///
    /// # Errors
    /// When the exporter says nothing about it.
    pub(crate) async fn reload(&self, by_signal: bool) -> Result<bool, String> {
        const IS_SUCCESSFUL: &str = "wolkvox_exporter_config_last_reload_successful";
        const SUCCESS: &str = "wolkvox_exporter_config_last_reload_success_timestamp_seconds";
        let is_expected = self.edition != Edition::Broken;
        let before = self.exporter.value(SUCCESS).await;
        if by_signal {
            self.exporter.process.signal(Signal::HUP);
        } else {
            let url = format!("{}/-/reload", self.exporter.url);
            let response = http::request(Method::POST, &url, &[]).await.map_err(|error| error.to_string())?;
            if (response.status == 200) != is_expected {
                return Err(format!("POST /-/reload has the status {}", response.status));
            }
        }
        let began = self.clock.instant();
        loop {
            let is_successful = self.exporter.value(IS_SUCCESSFUL).await == Some(1.0);
            let is_new = self.exporter.value(SUCCESS).await != before;
            if is_successful == is_expected && is_new == is_expected {
                return Ok(is_successful);
            }
            if self.clock.instant().duration_since(began) > LIMIT {
                return Err(format!("the reload of {:?} never ended", self.edition));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Ends it, and looks at everything once more.
    pub(crate) async fn end(&mut self, findings: &Findings) {
        let status = self.exporter.process.terminate(LIMIT).await;
        if !status.as_ref().is_ok_and(|status| status.code() == Some(0)) {
            findings.add(&format!("{}: it ended with {status:?}", self.name));
        }
        self.read_log(findings);
        for server in &self.servers {
            if server.most_in_flight() != 1 {
                findings.add(&format!("{}: {} calls at the same time", server.operation, server.most_in_flight()));
            }
        }
    }
}

fn calls_of(server: &FaultyWolkvox) -> u64 {
    server.ledger(|ledger| ledger.calls())
}

fn server(name: &str, seed: u64, number: u64, zone: &TimeZone, elsewhere: &str) -> FaultyWolkvox {
    let clock = Clock::scaled(Clock::system().now(), SPEED);
    let settings = Settings {
        seed: seed + number,
        zone: zone.clone(),
        latency: Duration::from_millis(5),
        daily_quota: Some(u64::MAX),
        time: TimeSource::new(move || clock.now()),
        ..Settings::default()
    };
    let operation = format!("{name}-{number}");
    FaultyWolkvox::start(seed + number, Ledger::new(&operation, false), &operation, settings, elsewhere)
}

fn next_fault(random: &mut fastrand::Rng) -> &'static Fault {
    let kind = RATES.iter().rev().find(|(_, calls)| random.usize(..*calls) == 0);
    kind.map_or(&FAULTS[0], |(kind, _)| one_of(*kind, random))
}

fn write_configuration(folder: &TempDir, servers: &[FaultyWolkvox], edition: Edition) {
    let mut text = "operations:\n".to_owned();
    for (number, server) in servers.iter().enumerate() {
        if edition == Edition::Fewer && number + 1 == servers.len() {
            continue;
        }
        let is_changed = edition == Edition::Changed && number + 1 == servers.len();
        let interval = if is_changed { "2s" } else { "1s" };
        let other = OTHER_COLLECTORS[number % OTHER_COLLECTORS.len()];
        text.push_str(
            &[
                format!("  - name: {}\n", server.operation),
                format!("    base_url: {}\n", server.url()),
                format!("    token_file: {}.token\n", server.operation),
                format!("    timezone: {}\n", daytime::zone()),
                "    licenses: 1000\n".to_owned(),
                format!("    collectors: {{skills: {{interval: {interval}}}, {other}}}\n"),
            ]
            .concat(),
        );
    }
    if edition == Edition::Broken {
        text.push_str("    licences: many\n");
    }
    std::fs::write(folder.path().join("wolkvox.yml"), text).expect("the folder can be written to");
}

async fn serve(folder: &TempDir, clock: &ClockFile) -> Exporter {
    let path = |file: &str| folder.path().join(file);
    let mut command = exporter();
    command.arg("--config.file").arg(path("wolkvox.yml")).arg("--state.file").arg(path("state.json"));
    command.arg("--web.enable-lifecycle");
    clock.apply(&mut command);
    Exporter::serve(&mut command).await
}

/// The longest step of the clock, which is a day.
pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);
