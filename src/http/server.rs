//! Accepts connections, and finishes the open responses at shutdown.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt, select_all};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWrite;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutWriter;

use super::connections::{Connection, Connections, Responding};

/// The longest wait for open responses at shutdown. It is below 5 s, the time in which the exporter must exit.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(4);

/// The longest wait for the head of a request after the first, counted from the end of the previous request. It is longer
/// than the usual scrape interval, so that scrapers keep their connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(90);

/// The time between two checks for connections whose time is over.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The longest wait for a client that does not read its response; any progress starts the time again. Without it, a few
/// such clients would use up the limit of scrapes permanently. Scrapers usually stop waiting after 10 s.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// The pause after a failure to accept, because a shortage of descriptors, for example, takes a while to end.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(500);

/// Serves `router` on every listener until `shutdown`. Then finishes the open responses, for at most 4 seconds.
/// `page_number` returns the number of the present page of metrics.
pub async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    connections: Arc<Connections>,
    page_number: impl Fn() -> u64,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    {
        let mut shutdown = pin!(shutdown);
        let mut accepting: Vec<BoxFuture<'_, Infallible>> =
            listeners.iter().map(|listener| accept(listener, &router, &connections, &graceful).boxed()).collect();
        // select_all panics if the list is empty. Without a listener, only the shutdown is awaited.
        accepting.push(std::future::pending().boxed());
        tokio::select! {
            () = &mut shutdown => {}
            (never, ..) = select_all(accepting) => match never {},
            never = close_overdue(&connections, page_number) => match never {},
        }
    }
    drop(listeners);
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            "some responses were not finished after {} s: closing their connections",
            SHUTDOWN_TIMEOUT.as_secs()
        );
    }
}

async fn close_overdue(connections: &Connections, page_number: impl Fn() -> u64) -> Infallible {
    loop {
        tokio::time::sleep(CHECK_INTERVAL).await;
        connections.close_overdue(page_number());
    }
}

/// Accepts at once, also if all places are taken: otherwise connections that do nothing would keep others out.
async fn accept(
    listener: &TcpListener,
    router: &Router,
    connections: &Arc<Connections>,
    graceful: &GracefulShutdown,
) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let Some(place) = connections.open() else { continue };
                let (router, watcher) = (router.clone(), graceful.watcher());
                tokio::spawn(async move {
                    tokio::select! {
                        () = serve_connection(stream, router, watcher, Arc::clone(&place.connection)) => {}
                        // Dropping the future closes the connection.
                        () = place.connection.ended() => {}
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}

async fn serve_connection(stream: TcpStream, router: Router, watcher: Watcher, connection: Arc<Connection>) {
    // Responses are written in large pieces, so waiting to fill a packet only delays the last one. A failure is
    // harmless.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let responding = connection.respond();
        request.extensions_mut().insert(Arc::clone(&connection));
        let response = router.call(request);
        async move { Ok::<_, Infallible>(response.await?.map(|body| Watched { body, _responding: responding })) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(with_write_timeout(stream)), service);
    if let Err(error) = watcher.watch(serving).await {
        // The client closed the connection, was too slow, or did not send valid HTTP.
        tracing::debug!(%error, "a connection ended early");
    }
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
    use std::io;
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::clock::Clock;
    use crate::http::connections::FIRST_REQUEST_TIMEOUT;
    use crate::http::{ScrapeLimit, fixture};

    async fn start(router: Router) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let connections = Arc::new(Connections::new(Clock::system()));
        let serving = tokio::spawn(serve(vec![listener], router, connections, || 0, async {
            let _ = stopped.await;
        }));
        (address, stop, serving)
    }

    async fn send(address: SocketAddr, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn read(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn every_listener_is_served() {
        let listeners =
            [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
        let addresses = listeners.each_ref().map(|listener| listener.local_addr().unwrap());
        let router = Router::new().route("/", get(|| async { "here" }));
        let serving = tokio::spawn(serve(
            listeners.into(),
            router,
            Arc::new(Connections::new(Clock::system())),
            || 0,
            std::future::pending(),
        ));
        for address in addresses {
            let stream = send(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
            assert!(read(stream).await.ends_with("here"));
        }
        serving.abort();
    }

    #[tokio::test]
    async fn metrics_are_sent_with_their_length_not_in_chunks() {
        let router = crate::http::router(fixture::state(vec![fixture::waiting()], ScrapeLimit::at_most(1)));
        let (address, _stop, serving) = start(router).await;
        let request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let response = read(send(address, request).await).await;
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        assert!(!head.contains("transfer-encoding"), "{head}");
        serving.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_shutdown_waits_for_an_open_response() {
        let slow = get(|| async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            "done"
        });
        let (address, stop, serving) = start(Router::new().route("/", slow)).await;
        let stream = send(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.send(()).unwrap();
        assert!(read(stream).await.ends_with("done"));
        serving.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_does_not_delay_the_shutdown() {
        let (address, stop, serving) = start(Router::new()).await;
        let _idle = TcpStream::connect(address).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.send(()).unwrap();
        tokio::time::timeout(SHUTDOWN_TIMEOUT / 2, serving).await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_shutdown_closes_a_response_that_does_not_end() {
        let endless = get(|| async { std::future::pending::<()>().await });
        let (address, stop, serving) = start(Router::new().route("/", endless)).await;
        let _stream = send(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.send(()).unwrap();
        tokio::time::timeout(SHUTDOWN_TIMEOUT * 2, serving).await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_without_end_is_closed() {
        let (address, _stop, serving) = start(Router::new()).await;
        let stream = send(address, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
        tokio::time::timeout(FIRST_REQUEST_TIMEOUT * 2, read(stream)).await.unwrap();
        serving.abort();
    }

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
