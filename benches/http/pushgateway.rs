//! Prometheus's Pushgateway, which serves series with Go's client library. It is measured where it is installed.

use std::process::Command;

use reqwest::Client;

use super::peers::Peer;
use crate::support::exporter::LIMIT;
use crate::support::process::Process;

/// The name of the program, and of the package of Debian.
pub(crate) const PROGRAM: &str = "prometheus-pushgateway";

/// Starts it with the series of the page; `None` if it is not installed.
pub(crate) async fn start(page: &str) -> Option<Peer> {
    Command::new(PROGRAM).arg("--version").output().ok()?;
    let mut process = Process::spawn("Pushgateway", Command::new(PROGRAM).arg("--web.listen-address=127.0.0.1:0"));
    let address = process.wait_for_line(LIMIT, |line| {
        let (_, address) = line.split_once("127.0.0.1:").filter(|(before, _)| before.contains("isten"))?;
        let port: String = address.chars().take_while(char::is_ascii_digit).collect();
        (port != "0").then(|| format!("127.0.0.1:{port}"))
    });
    let address = address.await.unwrap_or_else(|error| panic!("{error}"));
    let client = Client::builder().no_proxy().tls_certs_only([]).build().expect("a client can be built");
    let pushed = client.put(format!("http://{address}/metrics/job/bench")).body(of_the_report(page)).send().await;
    let status = pushed.expect("Pushgateway answers").status();
    assert!(status.is_success(), "Pushgateway answered {status}:\n{}", process.output());
    Some(Peer { name: "Go's client_golang, in Pushgateway", process, address })
}

/// The families of the report in the page, with their types.
fn of_the_report(page: &str) -> String {
    let is_of_report = |line: &&str| line.trim_start_matches("# TYPE ").starts_with("wolkvox_dnis_");
    page.split_inclusive('\n').filter(is_of_report).collect()
}
