//! What holds for connections without TLS holds with it too: those that do nothing give way, slow readers lose their
//! places, a shutdown ends, and many wrong passwords keep nobody out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::exporter::{LIMIT, eventually};
use crate::support::page::value;
use crate::support::process::allow_many_connections;
use crate::support::tls_client::{Http, basic};
use crate::support::web::{WebExporter, WebFiles};

/// More than the exporter has places for.
const HELD: usize = 600;

const TLS: &str = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n";

/// The time between two requests of an attacker. The attackers are in the same process as the client.
const PAUSE: Duration = Duration::from_millis(50);

/// The start of a TLS handshake: the header of a record whose content does not follow.
const HALF_HANDSHAKE: &[u8] = &[22, 3, 1, 2, 0, 1, 0, 1];

/// Every answer that a client of HTTP/2 sends at the beginning: the preface, and settings without values.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

fn closed(page: &str, reason: &str) -> usize {
    let series = format!(r#"wolkvox_exporter_http_connections_closed_total{{reason="{reason}"}}"#);
    value(page, &series).unwrap_or_else(|| panic!("{series} is missing: {page}")) as usize
}

#[tokio::test]
async fn unfinished_handshakes_give_way_to_scrapes() {
    allow_many_connections();
    let files = WebFiles::new();
    let web = WebExporter::start(&files, TLS, &[]).await;
    let mut held = Vec::new();
    for number in 0..HELD {
        let mut stream = TcpStream::connect(&web.address).await.unwrap();
        // Every second one sends nothing at all.
        stream.write_all(if number % 2 == 0 { HALF_HANDSHAKE } else { b"" }).await.unwrap();
        held.push(stream);
    }
    let client = web.client(&files, None);
    for http in [Http::One, Http::Two].repeat(10) {
        assert_eq!(client.get(http, "/-/healthy", &[]).await.unwrap().status, 200, "{http:?}");
    }
    let page = client.get(Http::Two, "/metrics", &[]).await.unwrap();
    let closed = closed(page.text(), "place_needed") + closed(page.text(), "no_request");
    assert!(closed >= HELD - 512, "{}", page.text());
    drop(held);
}

#[tokio::test]
async fn handshakes_without_end_are_closed() {
    let files = WebFiles::new();
    let web = WebExporter::start(&files, TLS, &[]).await;
    let client = web.client(&files, None);
    let mut half = TcpStream::connect(&web.address).await.unwrap();
    half.write_all(HALF_HANDSHAKE).await.unwrap();
    // This one has ended its handshake, but sends no request.
    let mut silent = client.stream(Http::Two).await.unwrap();
    silent.write_all(PREFACE).await.unwrap();
    for stream in [&mut half as &mut (dyn tokio::io::AsyncRead + Unpin), &mut silent] {
        // The server may send settings before. A broken connection is an end too.
        let end = async { while stream.read(&mut [0; 1024]).await.is_ok_and(|length| length > 0) {} };
        tokio::time::timeout(LIMIT, end).await.expect("the connection is closed");
    }
    let page = client.get(Http::Two, "/metrics", &[]).await.unwrap();
    assert_eq!(closed(page.text(), "no_request"), 2, "{}", page.text());
}

#[tokio::test]
async fn a_slow_reader_over_http2_loses_its_place() {
    let files = WebFiles::new();
    let web = WebExporter::start(&files, TLS, &["--web.max-requests=1"]).await;
    let client = web.client(&files, None);
    let mut slow = client.connect_with_small_window().await.unwrap();
    let response = slow.head_of("/metrics", &[("x-prometheus-scrape-timeout-seconds", "1")]).await.unwrap();
    assert_eq!(response.status(), 200);
    // The server closes the connection, although the response was not read.
    let _ = tokio::time::timeout(LIMIT, &mut slow.driver).await.expect("the connection is closed");
    let is_served = async || client.get(Http::Two, "/metrics", &[]).await.is_ok_and(|page| page.status == 200);
    eventually("the place is free", is_served).await;
    let page = client.get(Http::Two, "/metrics", &[]).await.unwrap();
    assert_eq!(closed(page.text(), "slow_reader"), 1, "{}", page.text());
    drop(response);
}

#[tokio::test]
async fn a_connection_of_http2_serves_several_requests_at_the_same_time() {
    let files = WebFiles::new();
    let web = WebExporter::start(&files, TLS, &["--web.max-requests=2"]).await;
    let client = web.client(&files, None);
    let mut connection = client.connect_with_small_window().await.unwrap();
    // The first two hold both places, because nobody reads them.
    let first = connection.head_of("/metrics", &[]).await.unwrap();
    let second = connection.head_of("/metrics", &[]).await.unwrap();
    let third = connection.head_of("/metrics", &[]).await.unwrap();
    assert_eq!([first.status(), second.status(), third.status()].map(|status| status.as_u16()), [200, 200, 503]);
    drop(first);
    let is_served = async || client.get(Http::Two, "/metrics", &[]).await.is_ok_and(|page| page.status == 200);
    eventually("the place of the cancelled request is free", is_served).await;
    drop((second, third));
}

#[tokio::test]
async fn a_shutdown_ends_with_handshakes_idle_connections_and_unread_responses() {
    for with_unread_response in [false, true] {
        let files = WebFiles::new();
        let mut web = WebExporter::start(&files, TLS, &[]).await;
        let client = web.client(&files, None);
        let mut half = TcpStream::connect(&web.address).await.unwrap();
        half.write_all(HALF_HANDSHAKE).await.unwrap();
        let mut idle = Vec::new();
        for http in Http::ALL {
            let mut connection = client.connect(http).await.unwrap();
            assert_eq!(connection.get("/-/healthy", &[]).await.unwrap().status, 200);
            idle.push(connection);
        }
        let mut slow = client.connect_with_small_window().await.unwrap();
        let response = if with_unread_response { Some(slow.head_of("/metrics", &[]).await.unwrap()) } else { None };
        let status = web.exporter.process.terminate(LIMIT).await.unwrap();
        assert_eq!(status.code(), Some(0), "{}", web.exporter.process.output());
        let not_finished = web.lines_with("some responses were not finished");
        assert_eq!(not_finished, usize::from(with_unread_response), "{}", web.exporter.process.output());
        drop((half, idle, response));
    }
}

#[tokio::test]
async fn a_client_that_opens_and_cancels_requests_without_end_is_closed() {
    let files = WebFiles::new();
    let web = WebExporter::start(&files, TLS, &[]).await;
    let client = web.client(&files, None);
    let mut stream = client.stream(Http::Two).await.unwrap();
    let mut frames = PREFACE.to_vec();
    for number in 0..2000_u32 {
        let stream_id = (2 * number + 1).to_be_bytes();
        // GET https://x/metrics, in the table of HPACK; then the cancellation.
        let head = b"\x82\x87\x41\x01x\x44\x08/metrics";
        frames.extend_from_slice(&[0, 0, head.len() as u8, 1, 5]);
        frames.extend_from_slice(&stream_id);
        frames.extend_from_slice(head);
        frames.extend_from_slice(&[0, 0, 4, 3, 0]);
        frames.extend_from_slice(&stream_id);
        frames.extend_from_slice(&8_u32.to_be_bytes());
    }
    // Both fail if the server has closed the connection already.
    let _ = stream.write_all(&frames).await;
    let _ = stream.flush().await;
    let mut received = Vec::new();
    let end = async {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            received.extend_from_slice(&buffer[..length]);
        }
    };
    tokio::time::timeout(LIMIT, end).await.expect("the connection is closed");
    // The reason in the last frame is ENHANCE_YOUR_CALM.
    assert!(received.windows(4).any(|window| window == 11_u32.to_be_bytes()), "{received:?}");
    assert_eq!(client.get(Http::Two, "/metrics", &[]).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_long_head_of_a_request_is_refused() {
    let files = WebFiles::new();
    let web = WebExporter::start(&files, TLS, &[]).await;
    let client = web.client(&files, None);
    let long = "x".repeat(20_000);
    let response = client.get(Http::Two, "/metrics", &[("x-long", &long)]).await;
    assert!(response.as_ref().is_err() || response.as_ref().unwrap().status == 431, "{response:?}");
    assert_eq!(client.get(Http::Two, "/metrics", &[("x-long", &long[..5000])]).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_wrong_passwords_do_not_keep_a_known_user_out() {
    let files = WebFiles::new();
    // A cost that makes each comparison slow.
    let hash = bcrypt::hash("clave", 11).unwrap();
    let web = WebExporter::start(&files, &format!("{TLS}basic_auth_users: {{ana: '{hash}'}}\n"), &[]).await;
    let client = web.client(&files, None);
    let good = basic("ana", "clave");
    let known = async |http| client.get(http, "/metrics", &[("authorization", &good)]).await.map(|page| page.status);
    assert_eq!(known(Http::One).await, Ok(200));

    let stop = Arc::new(AtomicBool::new(false));
    let refused = Arc::new(AtomicUsize::new(0));
    let attackers: Vec<_> = (0..60)
        .map(|number| {
            let (client, stop, refused) = (client.clone(), Arc::clone(&stop), Arc::clone(&refused));
            tokio::spawn(async move {
                let user = if number % 2 == 0 { "ana" } else { "luis" };
                while !stop.load(Ordering::Relaxed) {
                    let Ok(mut connection) = client.connect(Http::One).await else { continue };
                    for attempt in 0..10 {
                        let wrong = basic(user, &format!("{number}-{attempt}"));
                        let Ok(response) = connection.get("/metrics", &[("authorization", &wrong)]).await else {
                            break;
                        };
                        assert!([401, 503].contains(&response.status), "{}", response.status);
                        refused.fetch_add(1, Ordering::Relaxed);
                        if stop.load(Ordering::Relaxed) {
                            return;
                        }
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            })
        })
        .collect();
    for round in 0..5 {
        let before = refused.load(Ordering::Relaxed);
        eventually("wrong passwords are refused", async || refused.load(Ordering::Relaxed) > before + 20).await;
        for http in Http::ALL {
            assert_eq!(known(http).await, Ok(200), "round {round}, {http:?}");
        }
    }
    stop.store(true, Ordering::Relaxed);
    for attacker in attackers {
        attacker.await.unwrap();
    }
    // A user who is not remembered is compared again when it is quiet.
    assert_eq!(web.client(&files, None).get(Http::One, "/", &[("authorization", &good)]).await.unwrap().status, 200);
}
