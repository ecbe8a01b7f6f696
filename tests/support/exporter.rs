//! The running exporter and its configuration file.

use std::fmt::Write as _;
use std::future::ready;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::process::{self, POLL, Process};
use super::{http, page};

/// The time limit of a wait. A slow machine that runs many tests at once needs a small part of it.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// An exporter that listens on loopback. It is killed when the value is dropped.
pub(crate) struct Exporter {
    /// Its process.
    pub(crate) process: Process,
    /// Its address, without a slash at the end.
    pub(crate) url: String,
}

/// One operation of a configuration file.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// Its name. The file of its token has the same name.
    pub(crate) name: String,
    /// Its token.
    pub(crate) token: String,
    /// Its `base_url`.
    pub(crate) base_url: String,
    /// The value of `collectors`, in one line of YAML.
    pub(crate) collectors: String,
    /// More keys of the operation, one for each line.
    pub(crate) more: Vec<String>,
}

impl Operation {
    /// Polls only skills, every second. Its token contains its name.
    pub(crate) fn of_skills(name: &str, base_url: &str) -> Self {
        Self {
            name: name.to_owned(),
            token: format!("token-of-{name}"),
            base_url: base_url.to_owned(),
            collectors: "{skills: {interval: 1s}, dnis: false}".to_owned(),
            more: Vec::new(),
        }
    }
}

/// A configuration file, `wolkvox.yml`, and the tokens' files in a folder that is removed with the value.
pub(crate) struct Configuration(TempDir);

impl Configuration {
    /// Writes it.
    pub(crate) fn of(operations: &[Operation]) -> Self {
        let configuration = Self(tempfile::tempdir().expect("a temporary folder can be made"));
        configuration.write(operations);
        configuration
    }

    /// Replaces the file. It also writes the files of the tokens.
    pub(crate) fn write(&self, operations: &[Operation]) {
        let mut text = "operations:\n".to_owned();
        for Operation { name, token, base_url, collectors, more } in operations {
            let file = format!("{name}.token");
            std::fs::write(self.path(&file), token).expect("the folder can be written to");
            let _ = writeln!(text, "  - name: {name}\n    base_url: {base_url}\n    token_file: {file}");
            let _ = writeln!(text, "    collectors: {collectors}");
            for line in more {
                let _ = writeln!(text, "    {line}");
            }
        }
        self.write_text(&text);
    }

    /// Replaces the file with this text.
    pub(crate) fn write_text(&self, text: &str) {
        std::fs::write(self.path("wolkvox.yml"), text).expect("the folder can be written to");
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, file: &str) -> String {
        self.0.path().join(file).display().to_string()
    }

    /// The exporter with this configuration, without a subcommand.
    pub(crate) fn command(&self) -> Command {
        let mut command = process::exporter();
        command.args(["--config.file", &self.path("wolkvox.yml")]);
        command
    }
}

impl Exporter {
    /// Adds the subcommand and the listen address to `command`, starts it and waits until it listens.
    ///
    /// # Panics
    /// When it does not listen. The message has its output.
    pub(crate) async fn serve(command: &mut Command) -> Self {
        Self::listening(command.args(["serve", "--web.listen-address", "127.0.0.1:0"])).await
    }

    /// Starts a complete `command` and waits until it listens.
    ///
    /// # Panics
    /// As [`Exporter::serve`].
    pub(crate) async fn listening(command: &mut Command) -> Self {
        let mut process = Process::spawn("the exporter", command);
        let address = process.wait_for_line(LIMIT, |line| {
            let rest = line.contains("listening").then_some(line)?.split_once("127.0.0.1:")?.1;
            Some(format!("127.0.0.1:{}", rest.split(|c: char| !c.is_ascii_digit()).next()?))
        });
        let url = format!("http://{}", address.await.unwrap_or_else(|error| panic!("{error}")));
        Self { process, url }
    }

    /// The text of a page, which must have the status 200.
    pub(crate) async fn page(&self, path: &str) -> String {
        let response = http::get(&format!("{}{path}", self.url)).await;
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        response.text().to_owned()
    }

    /// The metrics as text 0.0.4.
    pub(crate) async fn metrics(&self) -> String {
        self.page("/metrics").await
    }

    /// The value of one series now.
    pub(crate) async fn value(&self, series: &str) -> Option<f64> {
        page::value(&self.metrics().await, series)
    }

    /// The first metrics for which `is_there` holds.
    ///
    /// # Panics
    /// When the time limit is reached. The message has `what` and the last page.
    pub(crate) async fn metrics_when(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let mut last = String::new();
        let found = tokio::time::timeout(LIMIT, async {
            loop {
                last = self.metrics().await;
                if is_there(&last) {
                    return;
                }
                tokio::time::sleep(POLL).await;
            }
        })
        .await;
        assert!(found.is_ok(), "{what} was not there within {LIMIT:?}:\n{last}");
        last
    }

    /// Its highest use of RAM so far, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        process::memory_of(self.process.id(), "VmHWM:")
    }

    /// Its present use of RAM, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        process::memory_of(self.process.id(), "VmRSS:")
    }
}

/// Runs the command until it ends. Returns its exit code.
///
/// # Panics
/// When the time limit is reached.
pub(crate) async fn run_to_end(command: &mut Command) -> (Option<i32>, Process) {
    let mut process = Process::spawn("the program", command);
    let status = process.wait(LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
    (status.code(), process)
}

/// Repeats a health check until it gets a response or its connection is refused. On a busy machine it can reach its
/// time limit of a few seconds.
///
/// # Panics
/// When it gets neither within [`LIMIT`].
pub(crate) async fn health_check(arguments: &[&str]) -> (Option<i32>, Process) {
    let answered = async {
        loop {
            let (code, check) = run_to_end(process::exporter().arg("healthcheck").args(arguments)).await;
            if !check.stderr().contains("no response within") {
                return (code, check);
            }
        }
    };
    tokio::time::timeout(LIMIT, answered).await.expect("a health check gets a response")
}

/// Waits until `is_there` holds.
///
/// # Panics
/// As [`eventually`].
pub(crate) async fn until(what: &str, is_there: impl Fn() -> bool) {
    eventually(what, || ready(is_there())).await;
}

/// Repeats `attempt` until it is true.
///
/// # Panics
/// When the time limit is reached. The message has `what`.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, attempt: impl Fn() -> F) {
    let found = tokio::time::timeout(LIMIT, async {
        while !attempt().await {
            tokio::time::sleep(POLL).await;
        }
    });
    assert!(found.await.is_ok(), "{what}: not within {LIMIT:?}");
}
