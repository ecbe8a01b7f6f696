//! The same series, served in the ways in which others serve them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::subject::{AT_REST, Subject};
use super::{pushgateway, registry_server};
use crate::measure::headlines;
use crate::measure::load::Load;
use crate::measure::table::{Table, mebibytes, significant};
use crate::measure::usage::{cpu, memory};
use crate::support::exporter::LIMIT;
use crate::support::peers::python;
use crate::support::process::Process;

/// How long new scrapes begin. A slow server gets one scrape, however long it takes.
const LENGTH: Duration = Duration::from_secs(3);

const COMMAND: &str = "make bench-peers";

/// A sample of a page.
pub(crate) struct Sample<'a> {
    /// The name of its family.
    pub(crate) name: &'a str,
    /// Its labels. The values have no escapes.
    pub(crate) labels: Vec<(&'a str, &'a str)>,
    /// Its value.
    pub(crate) value: f64,
}

/// The samples of the report in a page.
pub(crate) fn samples(page: &str) -> impl Iterator<Item = Sample<'_>> {
    page.lines().filter(|line| line.starts_with("wolkvox_dnis_")).map(|line| {
        let (name, rest) = line.split_once('{').expect("the samples of a report have labels");
        let (labels, value) = rest.rsplit_once("} ").expect("a sample has a value");
        let labels = labels.split(',').map(|label| {
            let (name, value) = label.split_once('=').expect("a label has a value");
            (name, value.trim_matches('"'))
        });
        Sample { name, labels: labels.collect(), value: value.parse().expect("a value is a number") }
    })
}

/// A server of the series.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) process: Process,
    pub(crate) address: String,
}

impl Peer {
    /// Starts a server that writes `port 1234` when it is ready.
    async fn start(name: &'static str, command: &mut Command) -> Self {
        let mut process = Process::spawn(name, command);
        let port = process.wait_for_line(LIMIT, |line| line.strip_prefix("port ")?.parse::<u16>().ok());
        let port = port.await.unwrap_or_else(|error| panic!("{error}"));
        Self { name, process, address: format!("127.0.0.1:{port}") }
    }

    /// Measures it, and adds it to the table.
    async fn measure(self, ours: &Costs, table: &mut Table) -> Costs {
        let costs = costs(self.process.id(), &self.address).await;
        push(table, self.name, &costs, ours);
        costs
    }
}

pub(crate) async fn measure() {
    let subject = Subject::start(AT_REST, 1).await;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let page = folder.path().join("page.txt");
    let text = subject.page.clone();
    std::fs::write(&page, &text).expect("the folder can be written to");
    let mut table =
        Table::new(&["Server", "gzip, CPU ms", "× ours", "identity, CPU ms", "× ours", "memory at rest, MiB"]);
    let ours = costs(subject.process(), &subject.address()).await;
    push(&mut table, "this exporter", &ours, &ours);
    drop(subject);
    let own = std::env::current_exe().expect("the system knows the path of a running program");
    let mut in_handler = Command::new(own);
    in_handler.args([registry_server::ARGUMENT.as_ref(), page.as_os_str()]);
    let in_handler = Peer::start("Rust's prometheus-client, rendered in the handler", &mut in_handler).await;
    in_handler.measure(&ours, &mut table).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/http/prometheus_client_server.py");
    let mut of_python = python();
    of_python.args([script.as_os_str(), page.as_os_str()]);
    let of_python = Peer::start("Python's prometheus_client, as its documentation shows it", &mut of_python).await;
    let of_python = of_python.measure(&ours, &mut table).await;
    match pushgateway::start(&text).await {
        Some(of_go) => {
            of_go.measure(&ours, &mut table).await;
        }
        None => println!("Go is not measured: `{}` is not installed.\n", pushgateway::PROGRAM),
    }
    println!("540,000 series of the same labels and values, one scraper that keeps its connection:\n\n{table}");
    let value =
        format!("{} ms; Python's prometheus_client: {} ms", significant(ours.gzip), significant(of_python.gzip));
    headlines::note("Processor time of a scrape of 540,000 series in gzip", &value, COMMAND);
}

/// What a server costs.
struct Costs {
    /// Processor time of a scrape, ms.
    gzip: f64,
    identity: f64,
    /// Before the first scrape, bytes.
    memory: u64,
}

async fn costs(process: u32, address: &str) -> Costs {
    let memory = memory(process);
    let mut of_encodings = [0.0; 2];
    for (encoding, cost) in ["gzip", "identity"].into_iter().zip(&mut of_encodings) {
        let (address, path) = (address.to_owned(), "/metrics".to_owned());
        let load = Load { address, path, encoding, scrapers: 1, keeps_connection: true, length: LENGTH };
        let before = cpu(process);
        let outcome = load.run().await;
        assert_eq!(outcome.requests.failed(), 0, "{address} answers every scrape", address = load.address);
        *cost = cpu(process).saturating_sub(before).as_secs_f64() * 1e3 / outcome.requests.answered() as f64;
    }
    let [gzip, identity] = of_encodings;
    Costs { gzip, identity, memory }
}

fn push(table: &mut Table, name: &str, costs: &Costs, ours: &Costs) {
    let Costs { gzip, identity, memory } = costs;
    let figures = [
        significant(*gzip),
        significant(gzip / ours.gzip),
        significant(*identity),
        significant(identity / ours.identity),
        mebibytes(*memory),
    ];
    table.push([name.to_owned()].into_iter().chain(figures));
}
