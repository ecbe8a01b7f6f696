//! The exporter and the simulated wolkvox, as users start them.

use std::fmt::Write as _;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::{Settings, Simulation, TimeSource};

use crate::support::daytime;
use crate::support::exposition::{Family, Format, parse};
use crate::support::http;
use crate::support::process::{Process, exporter};

/// The label `operation` of all series.
pub(crate) const OPERATION: &str = "Ventas \"Ñ\"";

/// The token that the simulator accepts. It is not a secret.
pub(crate) const TOKEN: &str = "demo-token";

/// The time limit of waits that usually take a second or two. A slow machine that runs several tests at once needs
/// more.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// The exporter's configuration with one operation at `base_url` and every setting that has a metric. `collectors` is
/// the section of that name, in braces.
pub(crate) fn config(base_url: &str, collectors: &str) -> String {
    format!(
        "operations:\n  - name: '{OPERATION}'\n    base_url: {base_url}\n    token_env: TOKEN_OF_THE_TEST\n    licenses: 1000\n    \
         collectors: {collectors}\n    targets:\n      - skill_ids: [\"4173\"]\n        team: ventas\n        \
         service_level: {{threshold_seconds: 20, ratio: 0.80}}\n        abandon_ratio: 0.05\n        \
         open: {{hours: [\"mon-sun 00:00-24:00\"]}}\n"
    )
}

/// A running exporter.
pub(crate) struct Exporter {
    process: Process,
    address: String,
    /// The address of the simulated wolkvox of a demo.
    pub(crate) wolkvox: Option<String>,
    _folder: Option<TempDir>,
}

impl Exporter {
    /// `serve` with a file of this text.
    pub(crate) async fn serve(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("wolkvox.yml");
        std::fs::write(&file, config).expect("a file can be written");
        let mut command = exporter();
        command.arg("serve").arg("--config.file").arg(file).env("TOKEN_OF_THE_TEST", TOKEN);
        Self {
            _folder: Some(folder),
            ..Self::started("serve", Process::spawn("the exporter", listening(&mut command))).await
        }
    }

    /// `demo` with these further arguments.
    pub(crate) async fn demo(arguments: &str) -> Self {
        let mut command = exporter();
        command.args(["demo", "--simulate.listen-address=127.0.0.1:0"]).args(arguments.split_whitespace());
        command.env(daytime::VARIABLE, daytime::zone());
        let process = Process::spawn(&format!("demo {arguments}"), listening(&mut command));
        let mut demo = Self::started("demo", process).await;
        let at = demo.process.wait_for_line(LIMIT, |line| address_after(line, "wolkvox itself answers at ")).await;
        demo.wolkvox = Some(at.unwrap_or_else(|error| panic!("{error}")));
        demo
    }

    async fn started(what: &str, mut process: Process) -> Self {
        let address = process.wait_for_line(LIMIT, |line| {
            let (_, rest) = line.split_once("message=listening address=")?;
            rest.split_whitespace().next().map(str::to_owned)
        });
        let address = address.await.unwrap_or_else(|error| panic!("{what}: {error}"));
        Self { process, address, wolkvox: None, _folder: None }
    }

    /// Host and port, as Prometheus wants a target.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where its metrics are.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/metrics", self.address)
    }

    /// Its page now.
    pub(crate) async fn page(&self, format: Format) -> String {
        let response = http::get_with(&self.url(), &[("accept", accept(format))]).await;
        assert_eq!((response.status, response.header("content-type")), (200, Some(content_type(format))));
        response.text().to_owned()
    }

    /// Its page in text 0.0.4 as soon as `enough` accepts it.
    pub(crate) async fn page_when(&self, what: &str, enough: impl Fn(&str) -> bool) -> String {
        let mut page = String::new();
        let found = tokio::time::timeout(LIMIT, async {
            loop {
                page = self.page(Format::Text).await;
                if enough(&page) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let found = found.await;
        assert!(found.is_ok(), "the page never showed {what}:\n{page}\n{}", self.process.output());
        page
    }

    /// Ends it. Its exit code must be 0.
    pub(crate) async fn stop(mut self) {
        let status = self.process.terminate(LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
        assert!(status.success(), "{status}: {}", self.process.output());
    }
}

/// Starts `simulate` with these arguments. Returns the process, and `http://` with its address.
pub(crate) async fn simulate(arguments: &str) -> (Process, String) {
    let mut command = exporter();
    command.args(["simulate", "--simulate.listen-address=127.0.0.1:0"]).args(arguments.split_whitespace());
    let mut process = Process::spawn(&format!("simulate {arguments}"), &mut command);
    let url = process.wait_for_line(LIMIT, |line| address_after(line, "A simulated wolkvox answers at ")).await;
    (process, url.unwrap_or_else(|error| panic!("{error}")))
}

/// The simulator in the test process, which can read its request statistics and its world. It ends with the test's
/// runtime.
pub(crate) struct Simulated {
    pub(crate) simulation: Arc<Simulation>,
    /// `http://` with its address.
    pub(crate) url: String,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Simulated {
    pub(crate) async fn start(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let simulation = Simulation::new(settings);
        let serving = tokio::spawn(wolkvox_simulator::serve(listener, Arc::clone(&simulation), pending()));
        Self { simulation, url, serving }
    }
}

/// The time of `clock` for a simulation, so that the simulation and the exporter have the same time.
pub(crate) fn time_of(clock: &Clock) -> TimeSource {
    let clock = clock.clone();
    TimeSource::new(move || clock.now())
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The exact content types, because scrapers choose their parser by them.
fn content_type(format: Format) -> &'static str {
    match format {
        Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        Format::Text => "text/plain; version=0.0.4; charset=utf-8",
    }
}

/// The header `accept` for one format only.
pub(crate) fn accept(format: Format) -> &'static str {
    match format {
        Format::OpenMetrics => "application/openmetrics-text; version=1.0.0",
        Format::Text => "text/plain; version=0.0.4",
    }
}

/// The page as the reference parser reads it.
pub(crate) fn read(format: Format, page: &str) -> Vec<Family> {
    parse(format, page).unwrap_or_else(|error| panic!("{format:?}: {error}\n{}", numbered(page)))
}

fn numbered(page: &str) -> String {
    let mut text = String::new();
    for (number, line) in (1..).zip(page.lines()) {
        let _ = writeln!(text, "{number:4} {line}");
    }
    text
}

fn listening(command: &mut std::process::Command) -> &mut std::process::Command {
    command.arg("--web.listen-address=127.0.0.1:0")
}

fn address_after(line: &str, words: &str) -> Option<String> {
    let (_, rest) = line.split_once(words)?;
    let address = rest.split_whitespace().next()?;
    Some(address.trim_end_matches('.').to_owned())
}
