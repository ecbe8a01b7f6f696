//! The order in which the exporter starts and stops, for `serve` and `demo`.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::args::WebArgs;
use super::pollers::{self, Polling};
use super::{CliError, listen, log_writer, stop_signal};
use crate::clock::Clock;
use crate::collect::PollerTasks;
use crate::config::Config;
use crate::http;
use crate::metrics::{ExporterInfo, Page};

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
    let closed = {
        let connections = Arc::clone(&connections);
        move || connections.closed().to_vec()
    };
    let state_is_written = {
        let state = Arc::clone(&state);
        move || state.last_write_succeeded()
    };
    let info = Arc::new(
        ExporterInfo::started(clock.wall())
            .with_log(&log_writer::DROPPED)
            .with_state(state_is_written)
            .with_connections(closed),
    );
    let page = Arc::new(Page::new(store.current(), info, clock.clone()));
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
