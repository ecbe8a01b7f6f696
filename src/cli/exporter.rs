//! The order in which the exporter starts and stops, for `serve` and `demo`.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::args::WebArgs;
use super::pollers::{self, Polling};
use super::reloader::{OverHttp, Read, Reloader};
use super::{CliError, listen, log_writer, reload_signal, service_manager, stop_signal, systemd_sockets};
use crate::clock::Clock;
use crate::collect::{PollerTasks, StateFile};
use crate::config::Config;
use crate::config::web::WebConfigReading;
use crate::http;
use crate::metrics::{ExporterInfo, LastReload, Page, RunningExporter};

/// The parts of the exporter that report about themselves.
#[derive(Debug)]
struct Parts {
    state: Arc<StateFile>,
    connections: Arc<http::Connections>,
    reloader: Arc<Reloader>,
    web_config: Option<Arc<http::LiveWebConfig>>,
}

impl RunningExporter for Parts {
    fn log_lines_dropped(&self) -> u64 {
        log_writer::DROPPED.load(Ordering::Relaxed)
    }

    fn last_reload(&self) -> LastReload {
        self.reloader.last_reload()
    }

    fn is_state_written(&self) -> Option<bool> {
        self.state.last_write_succeeded()
    }

    fn is_web_config_valid(&self) -> Option<bool> {
        self.web_config.as_ref().map(|web_config| web_config.last_reload_succeeded())
    }

    fn closed_connections(&self) -> Vec<(&'static str, u64)> {
        self.connections.closed().to_vec()
    }
}

/// Serves and polls with `config` until a signal stops it. A reload gets the next configuration from `read`. Calls
/// `on_listening` with the addresses when connections are accepted.
pub(super) async fn run(
    config: Config,
    read: Read,
    web: &WebArgs,
    web_config: Option<(PathBuf, WebConfigReading)>,
    clock: Clock,
    on_listening: &(dyn Fn(&[SocketAddr]) -> io::Result<()> + Sync),
) -> Result<String, CliError> {
    // First, so that a signal during the start is not missed.
    let stop = stop_signal::wait()?;
    let hang_up = reload_signal::catch()?;
    let web_config = match web_config {
        Some((path, reading)) => {
            let live = http::LiveWebConfig::start(path, reading, clock.clone()).map_err(CliError::Configuration)?;
            Some(Arc::new(live))
        }
        None => None,
    };
    let polling = pollers::build(&config, &clock)?;
    let operations = config.operations.len();
    let reloader = Arc::new(Reloader::new(read, config, clock.clone(), &polling));
    let Polling { store, pollers, state } = polling;
    let connections = Arc::new(http::Connections::new(clock.clone()));
    let parts = Parts {
        state: Arc::clone(&state),
        connections: Arc::clone(&connections),
        reloader: Arc::clone(&reloader),
        web_config: web_config.clone(),
    };
    let info = ExporterInfo::running(Arc::new(parts));
    let page = Arc::new(Page::new(store.current(), Arc::new(info), clock.clone()));
    let (listeners, addresses) =
        if web.systemd_socket { systemd_sockets::take()? } else { listen::listen(&web.listen_addresses).await? };
    let app = http::router(http::AppState {
        page: Arc::clone(&page),
        store: Arc::clone(&store),
        clock,
        prefix: web.prefix(),
        telemetry_path: web.telemetry_path.clone(),
        connections: Arc::clone(&connections),
        scrape_limit: http::ScrapeLimit::at_most(usize::from(web.max_requests)),
        configuration: Arc::new(OverHttp(Arc::clone(&reloader))),
        enable_lifecycle: web.enable_lifecycle,
    });
    let tls = web_config.as_ref().is_some_and(|web_config| web_config.has_tls());
    for address in &addresses {
        tracing::info!(%address, path = %web.metrics_path(), tls, operations, "listening");
    }
    if let Some(url) = &web.external_url {
        tracing::info!(%url, "users reach the exporter at its external URL");
    }
    on_listening(&addresses).map_err(|error| CliError::Run(format!("cannot write to standard output: {error}")))?;
    service_manager::listening(&store).await;

    reloader.start(PollerTasks::start(pollers));
    let reloads = tokio::spawn(reload_signal::reload_after_each(hang_up, Arc::clone(&reloader)));
    let follower = tokio::spawn(Arc::clone(&page).follow(Arc::clone(&store)));
    let serving = http::serve(listeners, app, connections, || page.number(), web_config, async move {
        let signal = stop.await;
        tracing::info!(signal, "stopping");
        // Polling stops at once; the server still completes the responses in flight.
        reloader.stop();
        service_manager::stopping().await;
    });
    tokio::select! {
        () = serving => {}
        never = service_manager::report(&page, &store, &follower) => match never {},
    }
    follower.abort();
    reloads.abort();
    state.close().await;
    tracing::info!("stopped");
    Ok(String::new())
}
