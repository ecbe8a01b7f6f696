//! How a test starts Prometheus and Alertmanager, which both choose a free port and log it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::http;
use super::process::Process;

/// A server starts and ends within a few seconds, also on a slow machine that runs several tests at once.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(300);

/// Writes `files`, each a relative path and a text, into `folder`.
///
/// # Panics
/// When one cannot be written.
pub(crate) fn write_files<'a>(folder: &Path, files: impl IntoIterator<Item = (&'a str, &'a str)>) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
}

/// Starts a server that listens on port 0, and waits until it is ready. Also returns its URL,
/// `http://127.0.0.1:PORT`.
///
/// The port comes from the log, because a port that the test chose could be taken before the server listens on it.
///
/// # Panics
/// When it does not become ready; with its log.
pub(crate) async fn start(name: &str, command: &mut Command) -> (Process, String) {
    let mut process = Process::spawn(name, command);
    let address = process.wait_for_line(START_LIMIT, logged_address).await.unwrap_or_else(|error| panic!("{error}"));
    let url = format!("http://{address}");
    if let Err(error) = http::wait_until_ok(&format!("{url}/-/ready"), START_LIMIT).await {
        panic!("{error}\n{}", process.output());
    }
    (process, url)
}

/// The address in a line `… msg="Listening on" address=127.0.0.1:PORT …`.
fn logged_address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("msg=\"Listening on\"")?;
    let (_, address) = rest.split_once("address=")?;
    address.split_whitespace().next().map(str::to_owned)
}
