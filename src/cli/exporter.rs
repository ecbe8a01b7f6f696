//! The order in which the exporter starts and stops, for `serve` and `demo`.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::args::WebArgs;
use super::pollers::{self, Polling};
use super::{CliError, listen, log_writer, stop_signal};
use crate::clock::Clock;
use crate::collect::{PollerTasks, StateFile};
use crate::config::Config;
use crate::http;
use crate::metrics::{ExporterInfo, Page, RunningExporter};

/// The parts of the exporter that report about themselves.
#[derive(Debug)]
struct Parts {
    state: Arc<StateFile>,
    connections: Arc<http::Connections>,
}

impl RunningExporter for Parts {
    fn log_lines_dropped(&self) -> u64 {
        log_writer::DROPPED.load(Ordering::Relaxed)
    }

    fn is_state_written(&self) -> Option<bool> {
        self.state.last_write_succeeded()
    }

    fn closed_connections(&self) -> Vec<(&'static str, u64)> {
        self.connections.closed().to_vec()
    }
}

/// Serves and polls until a signal stops it. Calls `on_listening` with the addresses when connections are accepted.
pub(super) async fn run(
    config: &Config,
    web: &WebArgs,
    clock: Clock,
    on_listening: &(dyn Fn(&[SocketAddr]) -> io::Result<()> + Sync),
) -> Result<String, CliError> {
    // First, so that a signal during the start is not missed.
    let stop = stop_signal::wait()?;
    let Polling { store, pollers, state } = pollers::build(config, &clock)?;
    let connections = Arc::new(http::Connections::new(clock.clone()));
    let parts = Parts { state: Arc::clone(&state), connections: Arc::clone(&connections) };
    let info = ExporterInfo::running(clock.wall(), Arc::new(parts));
    let page = Arc::new(Page::new(store.current(), Arc::new(info), clock.clone()));
    let (listeners, addresses) = listen::listen(&web.listen_addresses).await?;
    let app = http::router(http::AppState {
        page: Arc::clone(&page),
        store: Arc::clone(&store),
        clock,
        prefix: web.prefix(),
        telemetry_path: web.telemetry_path.clone(),
        connections: Arc::clone(&connections),
        scrape_limit: http::ScrapeLimit::at_most(usize::from(web.max_requests)),
    });
    for address in &addresses {
        tracing::info!(%address, path = %web.metrics_path(), operations = config.operations.len(), "listening");
    }
    if let Some(url) = &web.external_url {
        tracing::info!(%url, "users reach the exporter at its external URL");
    }
    on_listening(&addresses).map_err(|error| CliError::Run(format!("cannot write to standard output: {error}")))?;

    let pollers = PollerTasks::start(pollers);
    let follower = tokio::spawn(Arc::clone(&page).follow(store));
    http::serve(listeners, app, connections, || page.number(), async move {
        let signal = stop.await;
        tracing::info!(signal, "stopping");
        // Polling stops at once; the server still completes the responses in flight.
        drop(pollers);
    })
    .await;
    follower.abort();
    state.close().await;
    tracing::info!("stopped");
    Ok(String::new())
}
