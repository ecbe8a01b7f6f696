//! Level and format of the log.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::args::{LogArgs, LogFormat, LogLevel};
use super::log_writer::{self, LogGuard};
use super::logfmt::Logfmt;

/// Sends the log of the whole process to standard error, which must not stop the process. The log ends when the guard is
/// dropped.
///
/// The level applies to the exporter only. Libraries log at `warn` and above, because at `trace` the HTTP client would
/// log headers, which contain the token. The log of the certificate verifier is off, because the exporter already logs
/// each of these failures.
pub(super) fn start(args: &LogArgs, level: LogLevel) -> LogGuard {
    let filter = format!("warn,rustls_platform_verifier=off,wolkvox_exporter={}", level.as_str());
    let filter: Targets = filter.parse().expect("every level has the name that tracing gives it");
    let registry = tracing_subscriber::registry().with(filter);
    let (writer, guard) = log_writer::start(std::io::stderr(), &log_writer::DROPPED);
    // An error only means that a log is already set up, for example by another test.
    let _ = match args.format {
        LogFormat::Logfmt => {
            let layer = tracing_subscriber::fmt::layer().event_format(Logfmt);
            registry.with(layer.with_writer(writer)).try_init()
        }
        LogFormat::Json => {
            let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false);
            registry.with(layer.with_writer(writer)).try_init()
        }
    };
    log_panics();
    guard
}

/// Sends the messages of panics to the log as well. The usual hook writes to standard error by itself, which would stop
/// the thread that panicked if nobody reads.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let message = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "internal error, a panic: {message}");
    }));
}
