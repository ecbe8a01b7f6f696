//! Reads the configuration again and applies it while the exporter runs.
//!
//! A configuration that is not valid in every respect is refused as a whole: its text, its tokens, its plan of calls and
//! its TLS are checked before anything changes.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use parking_lot::Mutex;

use super::pollers::{self, Polling};
use super::{CliError, load, service_manager};
use crate::clock::Clock;
use crate::collect::{OperationWithAccess, PollerTasks, StateFile};
use crate::config::{Config, Difference};
use crate::http::Configuration;
use crate::metrics::LastReload;
use crate::model::SnapshotStore;

/// The longest wait for the files of the configuration. A named pipe, or a file of a network that does not respond, could
/// be waited for without end, and further reloads would wait too.
const READ_LIMIT: Duration = Duration::from_secs(10);

/// Reads the configuration. It may block.
pub(super) type Read = Arc<dyn Fn() -> Result<Config, CliError> + Send + Sync>;

/// Reloads the configuration, one reload after the other.
pub(super) struct Reloader {
    read: Read,
    clock: Clock,
    store: Arc<SnapshotStore>,
    state: Arc<StateFile>,
    /// Held during a reload.
    turn: tokio::sync::Mutex<()>,
    /// Whether files are being read. After [`READ_LIMIT`] the thread that reads still waits.
    is_reading: AtomicBool,
    /// `None` before polling starts and after it has stopped.
    tasks: Mutex<Option<PollerTasks>>,
    current: Mutex<Current>,
}

/// The configuration in use.
struct Current {
    config: Arc<Config>,
    /// When it was read.
    read_at: Timestamp,
    /// Whether the last reload succeeded; true before the first.
    successful: bool,
}

impl Reloader {
    /// For an exporter that uses `config` now. `read` reads the next one.
    pub(super) fn new(read: Read, config: Config, clock: Clock, polling: &Polling) -> Self {
        let read_at = clock.wall();
        Self {
            read,
            clock,
            store: Arc::clone(&polling.store),
            state: Arc::clone(&polling.state),
            turn: tokio::sync::Mutex::new(()),
            is_reading: AtomicBool::new(false),
            tasks: Mutex::new(None),
            current: Mutex::new(Current { config: Arc::new(config), read_at, successful: true }),
        }
    }

    /// From now on a reload changes these tasks.
    pub(super) fn start(&self, tasks: PollerTasks) {
        *self.tasks.lock() = Some(tasks);
    }

    /// Stops polling. A reload that is running does not start it again.
    pub(super) fn stop(&self) {
        *self.tasks.lock() = None;
    }

    /// The last reload, or the start.
    pub(super) fn last_reload(&self) -> LastReload {
        let current = self.current.lock();
        LastReload { successful: current.successful, config_read_at: current.read_at }
    }

    /// Reloads when the reloads before have ended. Returns what has changed, or why the previous configuration stays in
    /// use. It also logs that. `trigger` names what asked for the reload.
    pub(super) async fn reload(self: &Arc<Self>, trigger: &str) -> Result<String, String> {
        let _turn = self.turn.lock().await;
        // Every reload begins and ends in this function.
        tracing::info!(trigger, "reloading the configuration");
        service_manager::reloading().await;
        let result = self.read_and_apply().await;
        self.current.lock().successful = result.is_ok();
        service_manager::reloaded(&self.store).await;
        match result {
            Ok(difference) => {
                let text = format!("the configuration was reloaded; operations: {difference}");
                tracing::info!(trigger, "{text}");
                Ok(text)
            }
            Err(error) => {
                let text = format!("the configuration was not reloaded, and the previous one stays in use: {error}");
                tracing::error!(trigger, "{text}");
                Err(text)
            }
        }
    }

    async fn read_and_apply(self: &Arc<Self>) -> Result<Difference, CliError> {
        let read_at = self.clock.wall();
        // Otherwise each reload could leave a thread that waits for ever, and in the end there would be none for others.
        if self.is_reading.swap(true, Ordering::SeqCst) {
            let text = "an earlier reload still waits for a file; check that none is a named pipe".to_owned();
            return Err(CliError::Run(text));
        }
        let this = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            let prepared = this.prepare();
            this.is_reading.store(false, Ordering::SeqCst);
            prepared
        });
        let (config, operations) = match tokio::time::timeout(READ_LIMIT, reading).await {
            Ok(Ok(prepared)) => prepared?,
            Ok(Err(_)) => {
                self.is_reading.store(false, Ordering::SeqCst);
                return Err(CliError::Run("reading it panicked; please report this as a bug".to_owned()));
            }
            Err(_) => {
                let seconds = READ_LIMIT.as_secs();
                let text = format!("its files could not be read within {seconds} s; check that none is a named pipe");
                return Err(CliError::Run(text));
            }
        };
        let mut tasks = self.tasks.lock();
        let Some(tasks) = tasks.as_mut() else { return Err(CliError::Run("the exporter is stopping".to_owned())) };
        let before = Arc::clone(&self.current.lock().config);
        let difference = Difference::between(&before.operations, &config.operations);
        tasks.replace(operations, &self.clock, &self.state, &self.store);
        let mut current = self.current.lock();
        (current.config, current.read_at) = (Arc::new(config), read_at);
        Ok(difference)
    }

    /// Reads and checks the configuration, and prepares the access of each operation to wolkvox. Operations whose access
    /// is the same keep it, with its open connections.
    fn prepare(&self) -> Result<(Config, Vec<OperationWithAccess>), CliError> {
        let mut config = (self.read)()?;
        load::plans(&config)?;
        let mut known = Vec::new();
        for operation in &mut config.operations {
            let earlier = self.tasks.lock().as_ref().and_then(|tasks| tasks.operation(&operation.name));
            known.push(earlier.and_then(|(earlier, transport)| {
                operation.keep_token_of(&earlier);
                operation.has_access_of(&earlier).then_some(transport)
            }));
        }
        let operations = pollers::with_transports(&config.operations, known, &self.clock)?;
        Ok((config, operations))
    }
}

impl fmt::Debug for Reloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloader").finish_non_exhaustive()
    }
}

/// The reloader as the web server needs it.
#[derive(Clone, Debug)]
pub(super) struct OverHttp(pub(super) Arc<Reloader>);

/// The absolute path in one line.
fn quoted(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("{:?}", path.display().to_string())
}

impl Configuration for OverHttp {
    fn text(&self) -> String {
        let (config, read_at) = {
            let current = self.0.current.lock();
            (Arc::clone(&current.config), current.read_at)
        };
        let source = match &config.file {
            Some(path) => quoted(path),
            None => "flags and environment variables".to_owned(),
        };
        let state = match &config.state_file {
            Some(path) => format!("The state file is {}.", quoted(path)),
            None => "There is no state file.".to_owned(),
        };
        format!("# Read from {source} at {read_at:.0}. {state}\n{}", config.to_yaml())
    }

    fn reload(&self) -> BoxFuture<'static, Result<String, String>> {
        let reloader = Arc::clone(&self.0);
        // In a task of its own, so that it does not end in the middle when the client closes the connection.
        let reload = tokio::spawn(async move { reloader.reload("/-/reload").await });
        reload.map(|result| result.unwrap_or_else(|error| Err(format!("the reload failed: {error}")))).boxed()
    }
}
