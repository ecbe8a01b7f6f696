//! The transfer of the page: compression, content length, and complete bodies.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, serve};
use flate2::read::GzDecoder;
use futures_util::future::join_all;
use tokio::net::TcpListener;

use crate::programs::{Exporter, LIMIT, accept, read};
use crate::series::values_of;
use crate::support::exposition::Format;
use crate::support::http::{self, FullResponse};
use crate::support::peers::{PrometheusVersion, python};
use crate::support::process::run;
use crate::support::prometheus::{Prometheus, scrape_config};

const FORMATS: [Format; 2] = [Format::OpenMetrics, Format::Text];
const CODINGS: [&str; 2] = ["gzip", "identity"];
const DEMO: &str = "--speed 60 --poll.interval 1s --wolkvox.licenses 1000";

/// A scraper with Python's libraries. Its arguments are the address and the header `accept`.
const SCRAPER: &str = r#"
import gzip, sys, urllib.request, zlib
wanted = {"Accept": sys.argv[2], "Accept-Encoding": "gzip"}
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(urllib.request.Request(sys.argv[1], headers=wanted)) as response:
    headers, body = response.headers, response.read()
assert headers["Content-Encoding"] == "gzip", headers
assert headers["Content-Length"] == str(len(body)), headers
member = zlib.decompressobj(wbits=31)
page = member.decompress(body)
assert member.eof and not member.unused_data, "more than one gzip member"
assert gzip.decompress(body) == page
sys.stdout.buffer.write(page)
"#;

async fn demo_with_values() -> Exporter {
    let demo = Exporter::demo(DEMO).await;
    demo.page_when("a whole poll", |page| page.contains("\nwolkvox_up{operation=\"demo\"} 1\n")).await;
    demo
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn python_reads_the_compressed_page_as_one_gzip_member() {
    let demo = demo_with_values().await;
    for format in FORMATS {
        let url = demo.url();
        let fetch = move || run(python().args(["-c", SCRAPER, &url, accept(format)]), "");
        let python_output = tokio::task::spawn_blocking(fetch).await.unwrap();
        assert!(python_output.status.success(), "{format:?}: {}", python_output.stderr);
        let values = values_of(&read(format, &python_output.stdout));
        assert!(values.keys().any(|(metric, _)| metric == "wolkvox_dnis_inbound_calls"), "{format:?}");
    }
    demo.stop().await;
}

/// A proxy between Prometheus and an exporter that records the headers of requests and responses.
#[derive(Clone, Default)]
struct RecordingProxy {
    exporter: String,
    seen: Arc<Mutex<Vec<(HeaderMap, HeaderMap)>>>,
}

async fn pass(State(proxy): State<RecordingProxy>, request: HeaderMap) -> Response {
    let wish = |name: header::HeaderName| request.get(name).and_then(|wish| wish.to_str().ok()).unwrap_or_default();
    let wishes = [("accept", wish(header::ACCEPT)), ("accept-encoding", wish(header::ACCEPT_ENCODING))];
    let received = http::get_with(&proxy.exporter, &wishes).await;
    let mut response = received.body.into_response();
    for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING] {
        if let Some(value) = received.headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    proxy.seen.lock().unwrap().push((request, received.headers));
    response
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn every_prometheus_gets_openmetrics_in_gzip_and_can_read_it() {
    let demo = demo_with_values().await;
    join_all(PrometheusVersion::ALL.map(async |version| {
        let proxy = RecordingProxy { exporter: demo.url(), ..RecordingProxy::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = Router::new().route("/metrics", get(pass)).with_state(proxy.clone());
        tokio::spawn(async move { serve(listener, router).await });

        let prometheus = Prometheus::start(version, &scrape_config(&[("demo", &address)])).await;
        prometheus.wait_for("wolkvox_dnis_inbound_calls", LIMIT).await.unwrap();
        let seen = proxy.seen.lock().unwrap();
        for (request, response) in &*seen {
            assert_eq!(response[header::CONTENT_ENCODING], "gzip", "{version:?} requested {request:?}");
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            assert_eq!(response[header::CONTENT_TYPE], content_type, "{version:?} requested {request:?}");
        }
    }))
    .await;
    demo.stop().await;
}

async fn ask(method: Method, demo: &Exporter, format: Format, coding: &str) -> FullResponse {
    let wishes = [("accept", accept(format)), ("accept-encoding", coding)];
    http::request(method, &demo.url(), &wishes).await.unwrap()
}

/// All headers except `date`.
fn headers(response: &FullResponse) -> HeaderMap {
    let mut headers = response.headers.clone();
    headers.remove(header::DATE);
    headers
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let demo = Exporter::demo("--poll.interval 1h").await;
    demo.page_when("a whole poll", |page| page.contains("\nwolkvox_up{operation=\"demo\"} 1\n")).await;
    for (format, coding) in FORMATS.iter().flat_map(|format| CODINGS.map(|coding| (*format, coding))) {
        let same = tokio::time::timeout(LIMIT, async {
            loop {
                let get = ask(Method::GET, &demo, format, coding).await;
                let head = ask(Method::HEAD, &demo, format, coding).await;
                assert_eq!(get.header("content-length"), Some(get.body.len().to_string().as_str()));
                assert_eq!((get.status, head.status, head.body.len()), (200, 200, 0));
                // Between the two requests, the values of processor time or memory may have got more digits.
                if headers(&get) == headers(&head) {
                    return;
                }
            }
        });
        assert!(same.await.is_ok(), "{format:?} {coding}: never the same");
    }
    demo.stop().await;
}

/// The times of the last polls on a page.
type Times = Vec<String>;

/// The times of the polls of a page, and the page without values about the time of the scrape.
fn of_polls(page: &str) -> (Times, String) {
    let (polled, _) = page.split_once("# HELP wolkvox_exporter_").expect("the metrics of the exporter are last");
    let times = polled.lines().filter(|line| line.starts_with("wolkvox_collector_last_attempt_timestamp_seconds{"));
    (times.map(str::to_owned).collect(), polled.to_owned())
}

fn page(response: &FullResponse) -> String {
    if response.header("content-encoding") != Some("gzip") {
        return response.text().to_owned();
    }
    let mut page = String::new();
    GzDecoder::new(&response.body[..]).read_to_string(&mut page).expect("it is gzip");
    page
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_scrapers_get_identical_pages_while_polls_continue() {
    const SCRAPERS: usize = 8;
    const POLLS: usize = 6;
    let demo = demo_with_values().await;
    // By the times of the polls: the page, and the scrapers that got it.
    let pages: Mutex<BTreeMap<Times, (String, BTreeSet<usize>)>> = Mutex::default();
    let for_all = || pages.lock().unwrap().values().filter(|(_, scrapers)| scrapers.len() == SCRAPERS).count();
    let scrapers = (0..SCRAPERS).map(async |scraper| {
        while for_all() < POLLS {
            let response = ask(Method::GET, &demo, Format::Text, CODINGS[scraper % CODINGS.len()]).await;
            let (polls, polled) = of_polls(&page(&response));
            let mut pages = pages.lock().unwrap();
            let (first, scrapers) = pages.entry(polls).or_insert_with(|| (polled.clone(), BTreeSet::new()));
            assert!(*first == polled, "two pages of the same polls:\n{first}\n---\n{polled}");
            scrapers.insert(scraper);
        }
    });
    let all = tokio::time::timeout(LIMIT, join_all(scrapers)).await;
    assert!(all.is_ok(), "{} pages reached all {SCRAPERS} scrapers", for_all());
    demo.stop().await;
}
