//! What scrapes of the program itself cost, before a wolkvox that sends 60,000 rows of dialled numbers.
//!
//! `make bench-http` measures latency, processor time and throughput of scrapes beside a file that nginx serves, the
//! memory, and how soon a poll is visible. `make bench-peers` measures other ways to serve the same series in the same
//! run. `make bench-http ARGS='memory'` measures some parts. The output is Markdown.

#[path = "../measure/mod.rs"]
mod measure;
#[path = "../../tests/support/mod.rs"]
mod support;

mod memory;
mod nginx;
mod peers;
mod pushgateway;
mod registry_server;
mod scrapes;
mod subject;
mod visible;

use std::pin::Pin;
use std::process::ExitCode;

type Part = (&'static str, &'static str, fn() -> Pin<Box<dyn Future<Output = ()>>>);

/// The parts by name, with their headings, in the order of the page.
const PARTS: [Part; 4] = [
    ("scrapes", "Scrapes: `make bench-http ARGS=scrapes`", || Box::pin(scrapes::measure())),
    ("memory", "Memory: `make bench-http ARGS=memory`", || Box::pin(memory::measure())),
    ("visible", "From a poll to the page: `make bench-http ARGS=visible`", || Box::pin(visible::measure())),
    ("peers", "Other ways to serve the same series: `make bench-peers`", || Box::pin(peers::measure())),
];

#[tokio::main]
async fn main() -> ExitCode {
    // cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [registry_server::ARGUMENT, page] = *arguments.iter().map(String::as_str).collect::<Vec<_>>() {
        registry_server::serve(page).await;
    }
    if let Some(unknown) = arguments.iter().find(|name| PARTS.iter().all(|(part, ..)| part != name)) {
        let names = PARTS.map(|(part, ..)| part).join(", ");
        eprintln!("http: invalid part {unknown:?}: expected {names}, or nothing for all of them");
        return ExitCode::from(2);
    }
    support::process::allow_many_connections();
    for (name, heading, measure) in PARTS {
        if arguments.is_empty() || arguments.iter().any(|part| part == name) {
            println!("### {heading}\n");
            measure().await;
        }
    }
    ExitCode::SUCCESS
}
