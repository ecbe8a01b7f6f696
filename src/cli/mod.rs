//! Flags, environment variables, subcommands.
//!
//! `args` defines the command line. Each subcommand has its own file and uses no other subcommand; they share `load`,
//! `pollers`, `reloader`, `listen`, `output` and `exporter`, which is the order in which everything starts and stops.

pub mod args;

mod check_config;
mod collector_flags;
#[cfg(feature = "simulator")]
mod demo;
mod error;
mod exporter;
mod foreign_flags;
mod hash_password;
mod healthcheck;
mod healthcheck_args;
mod healthcheck_tls;
#[cfg(feature = "simulator")]
mod history;
mod listen;
mod listen_address;
mod liveness;
mod load;
mod log_writer;
mod logfmt;
mod logging;
mod output;
mod pollers;
mod probe;
mod reload_signal;
mod reloader;
mod serve;
mod service_manager;
#[cfg(feature = "simulator")]
mod simulate;
#[cfg(feature = "simulator")]
mod simulated_operation;
#[cfg(feature = "simulator")]
pub mod simulator_args;
mod stop_signal;
mod systemd_sockets;
mod table;
mod tls_roots;
mod token_argument;

use clap::Parser as _;
use futures_util::future::BoxFuture;

pub use args::{Args, Command};
pub use error::CliError;
pub use healthcheck_args::HealthcheckArgs;
pub use listen_address::{InvalidListenAddress, ListenAddress};

use args::{CatalogueOutput, LogLevel};

use crate::api;
use crate::metrics::catalogue;

/// The arguments of this process. If they are wrong, or ask for the help or the version, it prints the message and ends
/// the process.
pub fn arguments() -> Args {
    Args::try_parse().unwrap_or_else(|error| foreign_flags::with_tip(error).exit())
}

/// Runs the subcommand; returns the text to print at the end.
///
/// The future is boxed, because all subcommands would otherwise be compiled again in the crate that awaits it.
pub fn run(args: &Args) -> BoxFuture<'_, Result<String, CliError>> {
    Box::pin(run_subcommand(args))
}

async fn run_subcommand(args: &Args) -> Result<String, CliError> {
    api::install_crypto_provider();
    let command = args.subcommand();
    // A probe prints its failures itself, so the log would repeat them.
    let prints_failures = matches!(command, Command::Probe { .. }) && args.log.level <= LogLevel::Info;
    let _log = logging::start(&args.log, if prints_failures { LogLevel::Error } else { args.log.level });
    match command {
        Command::Serve => serve::run(args).await,
        #[cfg(feature = "simulator")]
        Command::Demo(simulated) => demo::run(args, &simulated).await,
        #[cfg(feature = "simulator")]
        Command::Simulate(simulated) => simulate::run(args, &simulated).await,
        #[cfg(feature = "simulator")]
        Command::History(wanted) => history::run(args, &wanted).await,
        Command::CheckConfig => check_config::run(args),
        Command::Probe { output } => probe::run(args, output).await,
        Command::Metrics { output: CatalogueOutput::Markdown } => Ok(catalogue::markdown()),
        Command::Metrics { output: CatalogueOutput::Json } => Ok(catalogue::json()),
        Command::Healthcheck(options) => healthcheck::run(args, &options).await,
        Command::HashPassword { cost } => hash_password::run(cost),
    }
}
