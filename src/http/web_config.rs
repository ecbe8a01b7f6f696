//! The web configuration in use. It is read again when one of its files changes.
//!
//! A changed configuration with an error changes nothing: the old one stays, the log has one message, and a metric is 0.
//! The files are read in the background every second, and also before a handshake and before a password is refused, so
//! that a new certificate or password works at once. They may be on a file system that hangs. Therefore they are read
//! outside the async threads, by one thread at a time, and nothing waits long for it.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::http::{HeaderName, HeaderValue};
use parking_lot::Mutex;
use rustls::ServerConfig;

use super::passwords::Passwords;
use super::rate_limit::Bucket;
use super::tls;
use crate::clock::Clock;
use crate::config::ConfigError;
use crate::config::web::{self, Fingerprint, WebConfig, WebConfigReading};

/// The time between two readings in the background.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long a handshake or a request waits for a reading. Files on this machine take less than a millisecond. A scraper
/// usually waits 10 s.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The web configuration in use.
#[derive(Debug)]
pub struct LiveWebConfig {
    path: PathBuf,
    clock: Clock,
    current: ArcSwap<ActiveWebConfig>,
    pub(super) passwords: Passwords,
    state: Mutex<State>,
    is_current_valid: AtomicBool,
    /// Held while the files are read.
    reading: Arc<tokio::sync::Mutex<()>>,
    /// Readings that have begun.
    begun: AtomicU64,
    /// A reading took too long. Nothing waits for it again.
    hangs: AtomicBool,
}

#[derive(Debug)]
struct State {
    fingerprint: Fingerprint,
    /// The errors of the last reading. They are kept so that each is logged once.
    problem: Option<String>,
}

/// One version of the web configuration, ready for use.
#[derive(Debug)]
pub(super) struct ActiveWebConfig {
    pub(super) config: WebConfig,
    /// `None` without TLS.
    pub(super) tls: Option<Arc<ServerConfig>>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// `None` without a limit.
    pub(super) bucket: Option<Arc<Bucket>>,
}

impl ActiveWebConfig {
    fn new(config: WebConfig, before: Option<&Self>, clock: &Clock) -> Result<Self, String> {
        let tls = match &config.tls {
            Some(settings) => Some(Arc::new(tls::server_config(settings, config.http.http2)?)),
            None => None,
        };
        let mut headers = Vec::new();
        for (name, value) in &config.http.headers {
            let invalid = || format!("invalid header {name}");
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
            headers.push((name, HeaderValue::from_str(value).map_err(|_| invalid())?));
        }
        let old = before.and_then(|before| before.bucket.clone());
        let bucket = config.rate_limit.map(|limit| {
            // The same limit goes on where it was.
            old.filter(|bucket| bucket.limit() == limit).unwrap_or_else(|| Arc::new(Bucket::new(limit, clock.clone())))
        });
        Ok(Self { config, tls, headers, bucket })
    }
}

impl LiveWebConfig {
    /// Starts with a reading, which must be valid. Logs its warnings.
    pub fn start(path: PathBuf, reading: WebConfigReading, clock: Clock) -> Result<Self, String> {
        let config = reading.config.map_err(|errors| errors.to_string())?;
        log_warnings(&reading.warnings);
        Ok(Self {
            path,
            current: ArcSwap::from_pointee(ActiveWebConfig::new(config, None, &clock)?),
            clock,
            passwords: Passwords::new()?,
            state: Mutex::new(State { fingerprint: reading.fingerprint, problem: None }),
            is_current_valid: AtomicBool::new(true),
            reading: Arc::default(),
            begun: AtomicU64::new(0),
            hangs: AtomicBool::new(false),
        })
    }

    /// Whether the files are valid as they are now.
    pub fn last_reload_succeeded(&self) -> bool {
        self.is_current_valid.load(Ordering::Relaxed)
    }

    /// Whether the web server uses TLS.
    pub fn has_tls(&self) -> bool {
        self.current().tls.is_some()
    }

    /// The configuration in use.
    pub(super) fn current(&self) -> Arc<ActiveWebConfig> {
        self.current.load_full()
    }

    /// Reads the files again every second.
    pub(super) async fn follow(self: &Arc<Self>) -> Infallible {
        loop {
            tokio::time::sleep(INTERVAL).await;
            self.refresh().await;
        }
    }

    /// Reads the files again if they have changed. What was in them when this is called is in use afterwards, unless the
    /// file system hangs.
    pub(super) async fn refresh(self: &Arc<Self>) {
        if self.hangs.load(Ordering::Relaxed) {
            // It hangs as long as the thread that reads holds this lock.
            if self.reading.try_lock().is_err() {
                return;
            }
            self.hangs.store(false, Ordering::Relaxed);
        }
        if tokio::time::timeout(LONGEST_WAIT, self.read_once()).await.is_err() {
            self.hangs.store(true, Ordering::Relaxed);
            tracing::warn!(
                file = %self.path.display(),
                "reading the web configuration takes longer than {} s; the one in use stays", LONGEST_WAIT.as_secs()
            );
        }
    }

    /// Reads once, or waits for a reading that began after this call.
    async fn read_once(self: &Arc<Self>) {
        let begun_before = self.begun.load(Ordering::SeqCst);
        let permit = Arc::clone(&self.reading).lock_owned().await;
        if self.begun.load(Ordering::SeqCst) > begun_before {
            return;
        }
        self.begun.fetch_add(1, Ordering::SeqCst);
        let this = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            this.read_files();
            drop(permit);
        });
        // An error means that it panicked, and then the configuration is the same as before.
        let _ = reading.await;
    }

    fn read_files(&self) {
        let seen = self.state.lock().fingerprint.clone();
        if seen.is_current() {
            return;
        }
        let WebConfigReading { config, warnings, fingerprint } = web::read(&self.path);
        let current = self.current();
        let active = config.map_err(|errors| errors.to_string().replace('\n', "; ")).and_then(|config| {
            match current.config.protection_missing_in(&config) {
                Some(key) => Err(format!("{key} is missing; restart the exporter to remove it")),
                None => ActiveWebConfig::new(config, Some(&current), &self.clock),
            }
        });
        let path = self.path.display();
        let mut state = self.state.lock();
        state.fingerprint = fingerprint;
        match active {
            Ok(active) => {
                state.problem = None;
                self.current.store(Arc::new(active));
                self.is_current_valid.store(true, Ordering::Relaxed);
                tracing::info!(file = %path, "the web configuration was read again, because it or one of its files has changed");
                log_warnings(&warnings);
            }
            Err(problem) => {
                self.is_current_valid.store(false, Ordering::Relaxed);
                if state.problem.as_ref() != Some(&problem) {
                    tracing::warn!(
                        file = %path,
                        "the web configuration in use stays, because it or one of its files has changed and cannot be \
                         used: {problem}"
                    );
                    state.problem = Some(problem);
                }
            }
        }
    }
}

fn log_warnings(warnings: &[ConfigError]) {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn start(path: &Path) -> Arc<LiveWebConfig> {
        Arc::new(LiveWebConfig::start(path.to_owned(), web::read(path), Clock::system()).unwrap())
    }

    fn header(web: &LiveWebConfig) -> String {
        web.current().config.http.headers[0].1.clone()
    }

    fn write(path: &Path, value: &str) {
        fs::write(path, format!("http_server_config: {{headers: {{X-XSS-Protection: '{value}'}}}}")).unwrap();
    }

    #[tokio::test]
    async fn what_is_in_the_file_at_the_call_is_in_use_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.yml");
        write(&path, "0");
        let web = start(&path);
        for number in 1..50 {
            write(&path, &number.to_string());
            // The other calls share one reading, but none of them uses one that began before it.
            let calls = (0..4).map(|_| web.refresh());
            futures_util::future::join_all(calls).await;
            assert_eq!(header(&web), number.to_string());
        }
        fs::write(&path, "x: 1").unwrap();
        web.refresh().await;
        assert!(header(&web) == "49" && !web.last_reload_succeeded());
        write(&path, "49");
        web.refresh().await;
        assert!(header(&web) == "49" && web.last_reload_succeeded());
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_waits_long_for_a_file_system_that_hangs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.yml");
        write(&path, "0");
        let web = start(&path);
        write(&path, "1");
        let hanging = Arc::clone(&web.reading).lock_owned().await;
        let clock = Clock::system();
        let start = clock.instant();
        let seconds = || clock.instant().duration_since(start).as_secs();
        web.refresh().await;
        assert_eq!(seconds(), LONGEST_WAIT.as_secs());
        // The second one does not wait at all.
        web.refresh().await;
        assert_eq!(seconds(), LONGEST_WAIT.as_secs());
        assert_eq!(header(&web), "0");
        drop(hanging);
        web.refresh().await;
        assert_eq!(header(&web), "1");
    }
}
