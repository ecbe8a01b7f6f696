//! A server that renders and compresses a registry of Rust's `prometheus-client` for each scrape, as its examples do.
//!
//! It is a process of its own, which this bench starts from its own program, so that its costs can be told from those of
//! the scrapers.

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderName};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

use super::peers::samples;

/// The argument that starts the server; the next one is the file with the page.
pub(crate) const ARGUMENT: &str = "--serve-registry";

type Labels = Vec<(String, String)>;
type RealGauge = Gauge<f64, AtomicU64>;

/// Serves the series of the page for ever.
pub(crate) async fn serve(page: &str) -> Infallible {
    let text = std::fs::read_to_string(page).expect("the bench has written the page");
    let mut registry = Registry::default();
    let mut families: Vec<(&str, Family<Labels, RealGauge>)> = Vec::new();
    for sample in samples(&text) {
        let position = families.iter().position(|(name, _)| *name == sample.name).unwrap_or_else(|| {
            let family = Family::default();
            registry.register(sample.name, "Figures of a number", family.clone());
            families.push((sample.name, family));
            families.len() - 1
        });
        let labels = sample.labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        families[position].1.get_or_create_owned(&labels).set(sample.value);
    }
    let app = Router::new().route("/metrics", get(metrics)).with_state(Arc::new(registry));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    println!("port {}", listener.local_addr().expect("it is bound").port());
    axum::serve(listener, app).await.expect("the server does not end");
    unreachable!("the server does not end")
}

async fn metrics(
    State(registry): State<Arc<Registry>>,
    headers: HeaderMap,
) -> ([(HeaderName, &'static str); 1], Vec<u8>) {
    let mut text = String::new();
    encode(&mut text, &registry).expect("a text can be written to");
    let is_gzip = headers.get(ACCEPT_ENCODING).is_some_and(|value| value == "gzip");
    if !is_gzip {
        return ([(CONTENT_ENCODING, "identity")], text.into_bytes());
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).expect("memory can be written to");
    ([(CONTENT_ENCODING, "gzip")], gzip.finish().expect("memory can be written to"))
}
