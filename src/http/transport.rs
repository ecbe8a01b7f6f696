//! One connection from its first byte: with or without TLS, as HTTP/1 or HTTP/2.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::{http1, http2};
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutWriter;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::connections::{Connection, Responding};
use super::web_config::LiveWebConfig;
use super::{access, tls};

/// The longest wait for the head of a request after the first, counted from the end of the previous request. It is longer
/// than the usual scrape interval, so that scrapers keep their connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(90);

/// The longest wait for a client that does not read its response; any progress starts the time again. Without it, a few
/// such clients would use up the limit of scrapes permanently. Scrapers usually stop waiting after 10 s.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Requests of one HTTP/2 connection at the same time. A scraper sends one, a browser a few.
const MAX_STREAMS: u32 = 16;

/// The longest head of a request over HTTP/2, in bytes.
const MAX_HEADER_LIST: u32 = 16 * 1024;

/// Bodies of requests that are accepted before somebody reads them, in bytes. No page needs a body.
const RECEIVE_WINDOW: u32 = 64 * 1024;

/// Bytes of a response that wait for one HTTP/2 client.
const SEND_BUFFER: usize = 128 * 1024;

/// Streams that a client may open and cancel before the server has seen them, and streams that the server may have to
/// cancel because of wrong frames. A connection with more is closed, because opening and cancelling costs the client
/// nothing.
const MAX_CANCELLED_STREAMS: usize = 20;

/// The time between two pings of an HTTP/2 connection, and the longest wait for an answer. A client that has gone
/// without a word loses its place.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// The answer to plain HTTP where TLS is expected, as other servers give it.
const PLAIN_HTTP: &[u8] =
    b"HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n\
    The client sent an HTTP request to an HTTPS server: use https:// in place of http://.\n";

/// How long a client of plain HTTP may go on sending. Closing the connection before it has ended would remove the answer.
const PLAIN_HTTP_TIMEOUT: Duration = Duration::from_secs(1);

/// What every connection of the server needs.
#[derive(Clone)]
pub(super) struct Transport {
    pub(super) router: Router,
    /// `None` serves plain HTTP without passwords.
    pub(super) web_config: Option<Arc<LiveWebConfig>>,
    /// Ends when the server stops.
    pub(super) stopped: watch::Receiver<()>,
}

impl Transport {
    /// Serves a connection until it ends. `watcher` ends it at shutdown, after the open responses.
    pub(super) async fn serve(self, stream: TcpStream, watcher: Watcher, connection: Arc<Connection>) {
        // Responses are written in large pieces, so waiting to fill a packet only delays the last one. A failure is
        // harmless.
        let _ = stream.set_nodelay(true);
        let Some(web_config) = self.web_config.clone().filter(|web| web.has_tls()) else {
            return self.serve_http1(with_write_timeout(stream), watcher, connection).await;
        };
        let mut stopped = self.stopped.clone();
        let handshake = tokio::select! {
            result = handshake(stream, &web_config) => result,
            _ = stopped.changed() => return,
        };
        match handshake {
            Ok(Some(stream)) if stream.get_ref().1.alpn_protocol() == Some(tls::HTTP2) => {
                self.serve_http2(stream, watcher, connection).await;
            }
            Ok(Some(stream)) => self.serve_http1(stream, watcher, connection).await,
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
        }
    }

    async fn serve_http1(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        watcher: Watcher,
        connection: Arc<Connection>,
    ) {
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), self.service(connection));
        ended(watcher.watch(serving).await);
    }

    async fn serve_http2(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        watcher: Watcher,
        connection: Arc<Connection>,
    ) {
        let serving = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEADER_LIST)
            .initial_stream_window_size(RECEIVE_WINDOW)
            .initial_connection_window_size(RECEIVE_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .max_pending_accept_reset_streams(MAX_CANCELLED_STREAMS)
            .max_local_error_reset_streams(MAX_CANCELLED_STREAMS)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT)
            .serve_connection(TokioIo::new(stream), self.service(connection));
        ended(watcher.watch(serving).await);
    }

    fn service(
        self,
        connection: Arc<Connection>,
    ) -> impl hyper::service::Service<
        Request<Incoming>,
        Response = hyper::Response<Watched>,
        Error = Infallible,
        Future: Send + 'static,
    > + Send
    + 'static {
        let Self { router, web_config, .. } = self;
        let router = TowerToHyperService::new(router);
        service_fn(move |mut request: Request<Incoming>| {
            let responding = connection.respond();
            request.extensions_mut().insert(responding.handle());
            let (router, web_config) = (router.clone(), web_config.clone());
            async move {
                let response = match &web_config {
                    Some(web_config) => {
                        let mut response = match access::refusal(web_config, request.headers()).await {
                            Some(refusal) => refusal,
                            None => router.call(request).await?,
                        };
                        access::set_headers(web_config, response.headers_mut());
                        response
                    }
                    None => router.call(request).await?,
                };
                Ok::<_, Infallible>(response.map(|body| Watched { body, _responding: responding }))
            }
        })
    }
}

fn ended(result: Result<(), hyper::Error>) {
    if let Err(error) = result {
        // The client closed the connection, was too slow, or did not send valid HTTP.
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Accepts TLS with the newest web configuration. `None` if the client sent plain HTTP, which is answered here.
async fn handshake(
    mut stream: TcpStream,
    web_config: &Arc<LiveWebConfig>,
) -> io::Result<Option<TlsStream<Pin<Box<TimeoutWriter<TcpStream>>>>>> {
    let mut first = [0];
    // A request of HTTP begins with a letter. TLS begins with another byte.
    if stream.peek(&mut first).await? == 1 && first[0].is_ascii_alphabetic() {
        stream.write_all(PLAIN_HTTP).await?;
        stream.shutdown().await?;
        let rest = async { while stream.read(&mut [0; 4096]).await.is_ok_and(|length| length > 0) {} };
        let _ = tokio::time::timeout(PLAIN_HTTP_TIMEOUT, rest).await;
        return Ok(None);
    }
    // Now, because a client may connect long before its handshake.
    web_config.refresh().await;
    // TLS is never switched off, so there is one.
    let config: Option<Arc<ServerConfig>> = web_config.current().tls.clone();
    let Some(config) = config else { return Ok(None) };
    TlsAcceptor::from(config).accept(with_write_timeout(stream)).await.map(Some)
}

/// A body that keeps its connection busy until it is sent.
struct Watched {
    body: Body,
    _responding: Responding,
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Reads and writes as `stream` does, but a write without progress fails after [`WRITE_TIMEOUT`].
fn with_write_timeout<S: AsyncWrite>(stream: S) -> Pin<Box<TimeoutWriter<S>>> {
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(WRITE_TIMEOUT));
    // hyper moves the stream, and a writer with a timer must not be moved.
    Box::pin(stream)
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_write_fails_if_the_client_reads_nothing() {
        let (server, _client) = duplex(16);
        let error = with_write_timeout(server).write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_client_that_reads_something_is_served() {
        let (server, mut client) = duplex(16);
        let reading = tokio::spawn(async move {
            let mut read = 0;
            while read < 160 {
                tokio::time::sleep(WRITE_TIMEOUT.mul_f64(0.9)).await;
                read += client.read(&mut [0; 16]).await.unwrap();
            }
        });
        with_write_timeout(server).write_all(&[0; 160]).await.unwrap();
        reading.await.unwrap();
    }
}
