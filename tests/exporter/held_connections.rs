//! Clients that hold connections without using them do not keep others out.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::exporter::{Configuration, Exporter, Operation};
use crate::support::http;
use crate::support::page::value;
use crate::support::process::allow_many_connections;
use crate::support::wolkvox::{Wolkvox, healthy};

/// More than the exporter has places for.
const HELD: usize = 600;

#[tokio::test]
async fn half_sent_requests_on_all_connections_do_not_keep_a_scrape_out() {
    allow_many_connections();
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
    let exporter = Exporter::serve(&mut configuration.command()).await;
    let address = exporter.url.trim_start_matches("http://");
    let mut held = Vec::new();
    for number in 0..HELD {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // Every second one sends nothing at all.
        let start: &[u8] = if number % 2 == 0 { b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: " } else { b"" };
        stream.write_all(start).await.unwrap();
        held.push(stream);
    }
    for _ in 0..20 {
        assert_eq!(http::get(&format!("{}/-/healthy", exporter.url)).await.status, 200);
    }
    let page = exporter.metrics().await;
    let closed = |reason: &str| {
        let series = format!(r#"wolkvox_exporter_http_connections_closed_total{{reason="{reason}"}}"#);
        value(&page, &series).unwrap()
    };
    assert!(closed("place_needed") + closed("no_request") >= (HELD - 512) as f64, "{page}");
    assert!(exporter.process.stderr().contains("all connections are taken"), "{}", exporter.process.stderr());
    drop(held);
}
