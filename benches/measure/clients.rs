//! Clients of the exporter that behave badly, and scrapers that must be served nevertheless.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use wolkvox_exporter::clock::Clock;

use super::requests::Requests;
use crate::support::http;

/// The longest time for which a scraper waits, as Prometheus does by default.
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(10);

/// The time after which a client that lost its connection opens another one.
const REOPEN: Duration = Duration::from_secs(1);

/// The bytes that a slow reader takes each second.
const SLOW_BYTES: usize = 64 * 1024;

/// The time now; monotonic.
pub(crate) fn now() -> Instant {
    Clock::system().instant()
}

/// Sends a GET on a new connection, with gzip as scrapers do; `None` if the answer is not 200 or comes too late.
pub(crate) async fn timed_get(url: &str) -> Option<Duration> {
    let start = now();
    let request = http::request(reqwest::Method::GET, url, &[("accept-encoding", "gzip")]);
    let response = tokio::time::timeout(SCRAPE_TIMEOUT, request).await.ok()?.ok()?;
    (response.status == 200).then(|| now().saturating_duration_since(start))
}

/// Sends this number of GETs one after the other, with a pause between.
pub(crate) async fn scrapes(url: &str, number: usize, pause: Duration) -> Requests {
    let mut requests = Requests::default();
    for _ in 0..number {
        requests.add(timed_get(url).await);
        tokio::time::sleep(pause).await;
    }
    requests
}

/// What a client that holds a connection does with it.
#[derive(Clone, Copy)]
pub(crate) enum Held {
    /// It gets a page and keeps the connection.
    Idle,
    /// It sends half of the head of a request.
    HalfSent,
    /// It reads the metrics slowly.
    SlowReader,
}

/// Starts clients that hold connections, and open another one when theirs is closed. They end when the set is dropped.
pub(crate) fn hold(clients: &mut JoinSet<()>, number: usize, address: &str, held: Held) {
    for _ in 0..number {
        let address = address.to_owned();
        clients.spawn(async move {
            loop {
                // An error is a connection that was closed.
                let _ = client(&address, held).await;
                tokio::time::sleep(REOPEN).await;
            }
        });
    }
}

async fn client(address: &str, held: Held) -> std::io::Result<()> {
    let mut stream = connect(address).await?;
    let mut buffer = vec![0; SLOW_BYTES];
    let request: &[u8] = match held {
        Held::Idle => b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n",
        Held::HalfSent => b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        Held::SlowReader => b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
    };
    stream.write_all(request).await?;
    loop {
        if stream.read(&mut buffer).await? == 0 {
            return Ok(());
        }
        if matches!(held, Held::SlowReader) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// A connection whose kernel keeps little of a response, so that a slow reader really is slow.
async fn connect(address: &str) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(SLOW_BYTES as u32)?;
    socket.connect(address.parse().map_err(std::io::Error::other)?).await
}
