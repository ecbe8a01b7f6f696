//! Clients of the exporter beside the comparison: scrapers in both formats with and without gzip, slow readers, and
//! connections that do nothing.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use flate2::read::GzDecoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::findings::Findings;
use crate::support::http;

/// The pause between two scrapes of one scraper.
const PAUSE: Duration = Duration::from_secs(1);

/// Slow readers and idle connections at the same time.
const SLOW_READERS: usize = 3;
const IDLE_CONNECTIONS: usize = 10;

/// Running clients.
pub(crate) struct Clients {
    tasks: JoinSet<()>,
    scrapes: Arc<AtomicU64>,
}

impl Clients {
    /// Starts them.
    pub(crate) fn start(url: &str, findings: &Findings) -> Self {
        let mut tasks = JoinSet::new();
        let scrapes = Arc::new(AtomicU64::new(0));
        for accept in ["application/openmetrics-text; version=1.0.0", "text/plain; version=0.0.4"] {
            for encoding in ["identity", "gzip"] {
                tasks.spawn(scrape(format!("{url}/metrics"), accept, encoding, Arc::clone(&scrapes), findings.clone()));
            }
        }
        let address = url.trim_start_matches("http://").to_owned();
        for _ in 0..SLOW_READERS {
            tasks.spawn(read_slowly(address.clone()));
        }
        for _ in 0..IDLE_CONNECTIONS {
            tasks.spawn(do_nothing(address.clone()));
        }
        Self { tasks, scrapes }
    }

    /// Ends them. Returns the number of scrapes.
    pub(crate) async fn end(mut self) -> u64 {
        self.tasks.shutdown().await;
        self.scrapes.load(Ordering::Relaxed)
    }
}

async fn scrape(
    url: String,
    accept: &'static str,
    encoding: &'static str,
    scrapes: Arc<AtomicU64>,
    findings: Findings,
) {
    loop {
        let headers = [("accept", accept), ("accept-encoding", encoding)];
        let problem = match http::request(reqwest::Method::GET, &url, &headers).await {
            Ok(response) if response.status != 200 => Some(format!("the status is {}", response.status)),
            Ok(response) => problem_of(&response, accept, encoding),
            Err(error) => Some(format!("there is no response: {error:?}")),
        };
        if let Some(problem) = problem {
            findings.add(&format!("a scrape with {accept} and {encoding}: {problem}"));
        }
        scrapes.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(PAUSE).await;
    }
}

/// What is wrong with a page.
fn problem_of(response: &http::FullResponse, accept: &str, encoding: &str) -> Option<String> {
    let is_gzip = response.header("content-encoding") == Some("gzip");
    let mut text = String::new();
    let read = if is_gzip {
        GzDecoder::new(&response.body[..]).read_to_string(&mut text)
    } else {
        std::io::Read::read_to_string(&mut response.body.as_slice(), &mut text)
    };
    let is_openmetrics = accept.starts_with("application/openmetrics-text");
    if let Err(error) = read {
        Some(format!("the body cannot be read: {error}"))
    } else if is_gzip != (encoding == "gzip") {
        Some("the compression is not the one that was asked for".to_owned())
    } else if text.ends_with("# EOF\n") != is_openmetrics || !text.contains("wolkvox_exporter_build_info") {
        Some("the page is not complete".to_owned())
    } else {
        None
    }
}

/// Reads pages a few bytes at a time. The exporter may close the connection.
async fn read_slowly(address: String) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(&address).await {
            let request = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\n\r\n");
            let mut buffer = [0; 512];
            let mut is_open = stream.write_all(request.as_bytes()).await.is_ok();
            while is_open {
                tokio::time::sleep(PAUSE / 4).await;
                is_open = stream.read(&mut buffer).await.is_ok_and(|count| count > 0);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Opens a connection and sends nothing until the exporter closes it.
async fn do_nothing(address: String) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(&address).await {
            let mut buffer = [0; 512];
            while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}
