//! `serve`: the order in which the exporter starts and stops.

use std::io::{self, Write as _};
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, lookup_host};

use super::args::WebArgs;
use super::{Args, CliError, ListenAddress, check_config, stop_signal};
use crate::api::{Client, Limits, Transport};
use crate::clock::Clock;
use crate::collect::{self, OperationPoller, PollerTasks, StateFile};
use crate::config::{Config, Operation};
use crate::http;
use crate::metrics::{ExporterInfo, Page};
use crate::model::SnapshotStore;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// The exporter, configured by the arguments.
pub(super) async fn run(args: &Args) -> Result<String, CliError> {
    let config = check_config::load(args)?;
    check_config::plans(&config)?;
    export(&config, &args.web, Clock::system(), |_| Ok(())).await
}

/// Serves and polls until a signal ends it. `listening` is told where, once connections are accepted.
pub(super) async fn export(
    config: &Config,
    web: &WebArgs,
    clock: Clock,
    listening: impl FnOnce(&[SocketAddr]) -> io::Result<()>,
) -> Result<String, CliError> {
    // Asked for first: a signal during the start must not be missed.
    let stop = stop_signal::wait()?;
    let (store, pollers) = pollers(config, &clock)?;
    let info = Arc::new(ExporterInfo::started(clock.wall()));
    let page = Arc::new(Page::new(store.current(), info, clock.clone()));
    let (listeners, addresses) = listen(&web.listen_addresses).await?;
    let app = http::router(http::AppState {
        page: Arc::clone(&page),
        store: Arc::clone(&store),
        clock,
        telemetry_path: web.telemetry_path.clone(),
        scrape_limit: http::ScrapeLimit::at_most(usize::from(web.max_requests)),
    });
    for address in &addresses {
        tracing::info!(%address, path = %web.telemetry_path, operations = config.operations.len(), "listening");
    }
    listening(&addresses).map_err(|error| CliError::Run(format!("cannot write to standard output: {error}")))?;

    let pollers = PollerTasks::start(pollers);
    let follower = tokio::spawn(page.follow(store));
    http::serve(listeners, app, async move {
        let signal = stop.await;
        tracing::info!(signal, "stopping");
        // Stop polling first; what is in flight over there is answered below.
        drop(pollers);
    })
    .await;
    follower.abort();
    tracing::info!("stopped");
    Ok(String::new())
}

/// Everything that polls, not yet polling.
pub(super) fn pollers(config: &Config, clock: &Clock) -> Result<(Arc<SnapshotStore>, Vec<OperationPoller>), CliError> {
    let state = StateFile::open(config.state_file.as_deref()).map_err(|error| CliError::Run(error.to_string()))?;
    let operations = config
        .operations
        .iter()
        .map(|operation| Ok((operation.clone(), client(operation, clock)?)))
        .collect::<Result<Vec<_>, CliError>>()?;
    Ok(collect::build_pollers(&operations, clock, &Arc::new(state)))
}

fn client(operation: &Operation, clock: &Clock) -> Result<Arc<dyn Transport>, CliError> {
    let (url, token) = (operation.base_url.clone(), operation.token.clone());
    let client = Client::new(url, token, Limits::default(), clock.clone())
        .map_err(|error| CliError::Run(format!("cannot prepare TLS: {error}; are CA certificates installed?")))?;
    Ok(Arc::new(client))
}

async fn listen(wanted: &[ListenAddress]) -> Result<(Vec<TcpListener>, Vec<SocketAddr>), CliError> {
    let mut listeners = Vec::new();
    for address in wanted {
        let failed = |error: io::Error| {
            CliError::Run(format!("cannot listen on {address}: {error}; choose another with --web.listen-address"))
        };
        listeners.push(bind(address).await.map_err(failed)?);
    }
    let addresses = listeners.iter().map(TcpListener::local_addr).collect::<io::Result<Vec<_>>>();
    Ok((listeners, addresses.map_err(|error| CliError::Run(error.to_string()))?))
}

/// Without a host on every address; where the machine knows no IPv6, on every IPv4 address.
pub(super) async fn bind(address: &ListenAddress) -> io::Result<TcpListener> {
    let Some(host) = address.host() else {
        let everywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, address.port()));
        return match bind_to(everywhere) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                bind_to(SocketAddr::from(([0, 0, 0, 0], address.port())))
            }
            bound => bound,
        };
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for candidate in lookup_host((host, address.port())).await? {
        match bind_to(candidate) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn bind_to(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    // A restart must not wait for connections of the previous process to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Writes a line that somebody waits for.
pub(super) fn print_flushed(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
