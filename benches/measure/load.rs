//! Scrapers that request a page again and again, and read it as fast as they can.
//!
//! Each has a thread of its own and a socket without layers above it, so that the client costs little beside the server.

use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::clients::now;
use super::requests::Requests;

/// The size of the buffer that a body is read into, bytes.
const BUFFER: usize = 256 * 1024;

/// The longest wait for a part of a response.
const TIMEOUT: Duration = Duration::from_secs(120);

/// What the scrapers do.
#[derive(Clone)]
pub(crate) struct Load {
    /// The address, `127.0.0.1:9909`.
    pub(crate) address: String,
    /// The path, `/metrics`.
    pub(crate) path: String,
    /// The header `Accept-Encoding`.
    pub(crate) encoding: &'static str,
    /// Scrapers at the same time.
    pub(crate) scrapers: usize,
    /// Whether a scraper keeps its connection for the next scrape.
    pub(crate) keeps_connection: bool,
    /// How long new scrapes begin.
    pub(crate) length: Duration,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Outcome {
    /// The scrapes.
    pub(crate) requests: Requests,
    /// Bytes of the bodies.
    pub(crate) bytes: u64,
    /// From the first request to the last response.
    pub(crate) took: Duration,
}

impl Outcome {
    /// Scrapes in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.requests.answered() as f64 / self.took.as_secs_f64()
    }

    /// The size of one body, bytes.
    pub(crate) fn body(&self) -> u64 {
        self.bytes / (self.requests.answered() as u64).max(1)
    }
}

impl Load {
    /// Lets the scrapers run until the end.
    pub(crate) async fn run(&self) -> Outcome {
        let load = self.clone();
        tokio::task::spawn_blocking(move || load.run_blocking()).await.expect("scrapers do not panic")
    }

    fn run_blocking(&self) -> Outcome {
        let start = now();
        let scrapers: Vec<_> = (0..self.scrapers)
            .map(|_| {
                let load = self.clone();
                thread::spawn(move || load.scrape_until(start + load.length))
            })
            .collect();
        let mut all = Outcome::default();
        for scraper in scrapers {
            let (requests, bytes) = scraper.join().expect("a scraper does not panic");
            all.requests.extend(requests);
            all.bytes += bytes;
        }
        all.took = now().saturating_duration_since(start);
        all
    }

    /// One scraper.
    fn scrape_until(&self, end: Instant) -> (Requests, u64) {
        let (mut requests, mut bytes) = (Requests::default(), 0);
        let mut buffer = vec![0; BUFFER];
        let mut connection = None;
        while now() < end {
            let start = now();
            let scraped = self.scrape(&mut connection, &mut buffer);
            requests.add(scraped.as_ref().ok().map(|_| now().saturating_duration_since(start)));
            bytes += scraped.unwrap_or_default();
        }
        (requests, bytes)
    }

    /// One scrape. Returns the bytes of the body.
    fn scrape(&self, kept: &mut Option<TcpStream>, buffer: &mut [u8]) -> Result<u64> {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => TcpStream::connect(&self.address)?,
        };
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let connection = if self.keeps_connection { "keep-alive" } else { "close" };
        let Self { path, encoding, .. } = self;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {encoding}\r\nConnection: {connection}\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let (length, mut received) = head(&mut stream, buffer)?;
        while length.is_none_or(|length| received < length) {
            match stream.read(buffer)? {
                0 if length.is_none() => break,
                0 => return Err(Error::from(ErrorKind::UnexpectedEof)),
                read => received += read as u64,
            }
        }
        if self.keeps_connection && length.is_some() {
            *kept = Some(stream);
        }
        Ok(received)
    }
}

/// Reads the head of a response, which must have the status 200. Returns the length of the body, if it is given, and how
/// much of the body was read already.
fn head(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<(Option<u64>, u64)> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        filled += read;
        let end = buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n");
        let Some(end) = end else {
            if read == 0 {
                return Err(Error::from(ErrorKind::UnexpectedEof));
            }
            continue;
        };
        let text = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        if text.split(' ').nth(1) != Some("200") {
            return Err(Error::other(text));
        }
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        return Ok((length, (filled - end - 4) as u64));
    }
}
