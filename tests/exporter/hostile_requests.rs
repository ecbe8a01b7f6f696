//! Requests that attack a web server: two requests in the place of one, heads without end, other protocols.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::http;
use crate::support::wolkvox::{Wolkvox, healthy};

/// A request that would be answered with 200. Where it follows another one, it is the smuggled request.
const HEALTHY: &str = "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// The text of the page [`HEALTHY`].
const ANSWER: &str = "wolkvox_exporter is healthy.";

/// What comes back for one message: the statuses of all responses until the server closes the connection, because the
/// message asks for it or cannot be read.
async fn statuses(address: &str, message: &[u8]) -> (Vec<u16>, String) {
    let mut stream = TcpStream::connect(address).await.expect("the exporter listens");
    // The server may close the connection before it has read everything.
    let _ = stream.write_all(message).await;
    let mut answer = Vec::new();
    // A reset because of unread bytes may come after the answer.
    let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut answer)).await.expect("the server ends the connection");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let lines = answer.split("HTTP/1.").skip(1);
    (lines.filter_map(|line| line.get(2..5)?.parse().ok()).collect(), answer)
}

async fn serve() -> (Exporter, Wolkvox, Configuration) {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
    (Exporter::serve(&mut configuration.command()).await, wolkvox, configuration)
}

#[tokio::test]
async fn no_request_is_hidden_in_another_one() {
    let (exporter, ..) = serve().await;
    let address = exporter.url.trim_start_matches("http://");
    // After these heads, servers disagree about where the next request starts. None may get a second answer.
    for (head, expected) in [
        ("Content-Length: 4\r\nTransfer-Encoding: chunked", 405),
        ("Content-Length: 4\r\nContent-Length: 5", 400),
        ("Content-Length: +4", 400),
        ("Content-Length: -4", 400),
        ("Content-Length: 4, 4", 400),
        ("Content-Length: 99999999999999999999999", 400),
        ("Transfer-Encoding: chunked, identity", 400),
        ("Transfer-Encoding: xchunked", 400),
        ("Transfer-Encoding : chunked", 400),
        ("Transfer-Encoding:\u{b}chunked", 400),
        ("X-Folded: a\r\n Transfer-Encoding: chunked", 400),
        ("X-Nul: a\0b", 400),
        ("X-Return: a\rTransfer-Encoding: chunked", 400),
    ] {
        let message = format!("POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\n{HEALTHY}");
        let (statuses, answer) = statuses(address, message.as_bytes()).await;
        assert_eq!(statuses, [expected], "{head:?}: {answer}");
        assert!(!answer.contains(ANSWER), "{head:?}: {answer}");
    }
    // A body with a length is not read as a request, and the request after it is.
    let message = format!("GET /-/healthy HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", HEALTHY.len());
    let (found, answer) = statuses(address, format!("{message}{HEALTHY}{HEALTHY}").as_bytes()).await;
    assert_eq!(found, [200, 200], "{answer}");
}

#[tokio::test]
async fn other_protocols_and_heads_without_end_get_an_error_and_scrapes_go_on() {
    let (exporter, ..) = serve().await;
    let address = exporter.url.trim_start_matches("http://");
    let long = "a".repeat(100_000);
    // Several times the size of the server's buffer, because it may fill that in one reading.
    let longer = "a".repeat(2_000_000);
    let many = "X-Many: a\r\n".repeat(1000);
    for (name, message, expected) in [
        ("HTTP/0.9", "GET /-/healthy\r\n\r\n".to_owned(), 400),
        ("HTTP/3", "GET /-/healthy HTTP/3.0\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(), 400),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\r\n\r\n".to_owned(), 400),
        ("a long URI", format!("GET /{long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 414),
        (
            "a long header",
            format!("GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: {longer}\r\n\r\n"),
            431,
        ),
        ("many headers", format!("GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{many}\r\n"), 431),
        ("CONNECT", "CONNECT other.example.com:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(), 404),
        ("OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(), 404),
        ("TRACE", "TRACE /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: planted\r\n\r\n".to_owned(), 405),
        ("another file", "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(), 404),
        (
            "a header in the path",
            "GET /%0d%0aX-Planted:%20y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
            404,
        ),
        (
            "a page of HTML",
            "GET /%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
            404,
        ),
    ] {
        let (statuses, answer) = statuses(address, message.as_bytes()).await;
        assert_eq!(statuses, [expected], "{name}: {answer}");
        assert!(
            !answer.contains("planted") && !answer.contains("<script>") && !answer.contains("\nX-Planted"),
            "{answer}"
        );
        assert_eq!(http::get(&format!("{}/-/healthy", exporter.url)).await.status, 200, "after {name}");
    }
    // The preface of HTTP/2 without TLS: the connection ends without an answer of HTTP/2.
    let (found, answer) = statuses(address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert_eq!((found, answer.as_str()), (vec![], ""));
}

#[tokio::test]
async fn a_body_that_nobody_reads_needs_no_memory() {
    let (exporter, ..) = serve().await;
    let before = exporter.peak_memory();
    let mut stream = TcpStream::connect(exporter.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n").await.unwrap();
    // 64 MB, or until the exporter closes the connection or reads no more.
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..64 {
        let sent = tokio::time::timeout(Duration::from_secs(1), stream.write_all(&piece)).await;
        if !matches!(sent, Ok(Ok(()))) {
            break;
        }
    }
    assert_eq!(http::get(&format!("{}/-/healthy", exporter.url)).await.status, 200);
    let grown = exporter.peak_memory().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more");
}
