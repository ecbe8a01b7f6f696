//! Accepts connections, and finishes the open responses at shutdown.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::{BoxFuture, FutureExt, select_all};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::connections::Connections;
use super::transport::Transport;
use super::web_config::LiveWebConfig;

/// The longest wait for open responses at shutdown. It is below 5 s, the time in which the exporter must exit.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(4);

/// The time between two checks for connections whose time is over.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The pause after a failure to accept, because a shortage of descriptors, for example, takes a while to end.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(500);

/// Serves `router` on every listener until `shutdown`. Then finishes the open responses, for at most 4 seconds.
/// `page_number` returns the number of the present page of metrics. `web_config` adds TLS and passwords.
pub async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    connections: Arc<Connections>,
    page_number: impl Fn() -> u64,
    web_config: Option<Arc<LiveWebConfig>>,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    // Its end is the signal for connections that have no request yet, which `graceful` does not know.
    let (running, stopped) = watch::channel(());
    let transport = Transport { router, web_config: web_config.clone(), stopped };
    {
        let mut shutdown = pin!(shutdown);
        let mut accepting: Vec<BoxFuture<'_, Infallible>> =
            listeners.iter().map(|listener| accept(listener, &transport, &connections, &graceful).boxed()).collect();
        // select_all panics if the list is empty. Without a listener, only the shutdown is awaited.
        accepting.push(std::future::pending().boxed());
        tokio::select! {
            () = &mut shutdown => {}
            (never, ..) = select_all(accepting) => match never {},
            never = close_overdue(&connections, page_number) => match never {},
            never = follow(web_config) => match never {},
        }
    }
    drop((listeners, running));
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            "some responses were not finished after {} s: closing their connections",
            SHUTDOWN_TIMEOUT.as_secs()
        );
    }
}

async fn follow(web_config: Option<Arc<LiveWebConfig>>) -> Infallible {
    match web_config {
        Some(web_config) => web_config.follow().await,
        None => std::future::pending().await,
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
    transport: &Transport,
    connections: &Arc<Connections>,
    graceful: &GracefulShutdown,
) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let Some(place) = connections.open() else { continue };
                let (transport, watcher) = (transport.clone(), graceful.watcher());
                tokio::spawn(async move {
                    tokio::select! {
                        () = transport.serve(stream, watcher, Arc::clone(&place.connection)) => {}
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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
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
        let serving = tokio::spawn(serve(vec![listener], router, connections, || 0, None, async {
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
            None,
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
}
