//! The log: what is written, and in which form.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::args::{LogArgs, LogFormat, LogLevel};
use super::logfmt::Logfmt;

/// Sends the log of the whole process to standard error.
///
/// The level is the exporter's own. Libraries below it speak from `warn` on: at `trace` the HTTP client would show
/// headers, and with them the token. The verifier of certificates is silent: it would write a second line about each
/// failure that the exporter writes one about.
pub(super) fn start(args: &LogArgs, level: LogLevel) {
    let filter = format!("warn,rustls_platform_verifier=off,wolkvox_exporter={}", level.as_str());
    let filter: Targets = filter.parse().expect("every level has the name that tracing gives it");
    let registry = tracing_subscriber::registry().with(filter);
    // Fails only when a log is running already, which is what is wanted.
    let _ = match args.format {
        LogFormat::Logfmt => {
            let form = tracing_subscriber::fmt::layer().event_format(Logfmt);
            registry.with(form.with_writer(std::io::stderr)).try_init()
        }
        LogFormat::Json => {
            let form = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false);
            registry.with(form.with_writer(std::io::stderr)).try_init()
        }
    };
}
