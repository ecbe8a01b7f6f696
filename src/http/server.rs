//! Accepting connections, and leaving without cutting anybody off.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::{BoxFuture, FutureExt, select_all};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::write_timeout::WriteTimeout;

/// For answers in flight when it is time to leave; a supervisor's patience ends at 5 s.
const DRAIN: Duration = Duration::from_secs(4);

/// For the head of a request, counted from the end of the one before: ends those who send a byte now and then, and is
/// longer than the usual time between two scrapes, so that their connection is kept.
const HEAD_TIMEOUT: Duration = Duration::from_secs(90);

/// Connections at a time: more wait in the system's queue. Far above what scrapers open, far below 1,024 descriptors.
const CONNECTIONS: usize = 512;

/// After a failure to accept that is not the client's (out of descriptors, say), before the next try.
const BREATH: Duration = Duration::from_millis(500);

/// Serves `app` on every listener until `shutdown`, then finishes the answers in flight, for at most 4 seconds.
pub async fn serve(listeners: Vec<TcpListener>, app: Router, shutdown: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    {
        let mut shutdown = pin!(shutdown);
        let mut accepting: Vec<BoxFuture<'_, Infallible>> =
            listeners.iter().map(|listener| accept(listener, &app, &places, &graceful).boxed()).collect();
        // select_all refuses an empty list; whoever listens nowhere waits for the end.
        accepting.push(std::future::pending().boxed());
        tokio::select! {
            () = &mut shutdown => {}
            (never, ..) = select_all(accepting) => match never {},
        }
    }
    drop(listeners);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some answers were still in flight after {} s and are cut off", DRAIN.as_secs());
    }
}

async fn accept(
    listener: &TcpListener,
    app: &Router,
    places: &Arc<Semaphore>,
    graceful: &GracefulShutdown,
) -> Infallible {
    loop {
        let place = Arc::clone(places).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let (app, watcher) = (app.clone(), graceful.watcher());
                tokio::spawn(async move {
                    connection(stream, app, watcher).await;
                    // Held until here. (It is an error only if somebody closed the semaphore, which nobody does.)
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, app: Router, watcher: Watcher) {
    // Answers are written in large pieces; waiting to fill a packet only delays the last one. Failing is harmless.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(WriteTimeout::new(stream)), TowerToHyperService::new(app));
    if let Err(error) = watcher.watch(connection).await {
        // The client's doing: it left, was too slow, or spoke something else.
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::http::ScrapeLimit;
    use crate::http::landing::fixture;

    async fn start(app: Router) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(serve(vec![listener], app, async {
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
        let app = Router::new().route("/", get(|| async { "here" }));
        let serving = tokio::spawn(serve(listeners.into(), app, std::future::pending()));
        for address in addresses {
            let stream = send(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
            assert!(read(stream).await.ends_with("here"));
        }
        serving.abort();
    }

    #[tokio::test]
    async fn metrics_are_sent_with_their_length_not_in_chunks() {
        let app = crate::http::router(fixture::app(vec![fixture::waiting()], ScrapeLimit::at_most(1)));
        let (address, _stop, serving) = start(app).await;
        let request = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let answer = read(send(address, request).await).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        assert!(!head.contains("transfer-encoding"), "{head}");
        serving.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_in_flight_is_finished_before_leaving() {
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
    async fn a_connection_that_idles_does_not_delay_leaving() {
        let (address, stop, serving) = start(Router::new()).await;
        let _idle = TcpStream::connect(address).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.send(()).unwrap();
        tokio::time::timeout(DRAIN / 2, serving).await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_without_end_is_cut_off() {
        let endless = get(|| async { std::future::pending::<()>().await });
        let (address, stop, serving) = start(Router::new().route("/", endless)).await;
        let _stream = send(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.send(()).unwrap();
        tokio::time::timeout(DRAIN * 2, serving).await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_ends_is_not_waited_for() {
        let (address, _stop, serving) = start(Router::new()).await;
        let stream = send(address, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
        tokio::time::timeout(HEAD_TIMEOUT * 2, read(stream)).await.unwrap();
        serving.abort();
    }
}
