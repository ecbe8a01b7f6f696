//! Flags, environment, subcommands.
//!
//! `args` says what can be written on the command line and knows nothing of what it does; each subcommand has a file of
//! its own; `serve` is the order in which everything starts and stops.

pub mod args;

mod check_config;
mod collector_flags;
mod demo;
mod error;
mod healthcheck;
mod history;
mod listen_address;
mod logging;
mod probe;
mod serve;
mod sheet;
mod simulate;
mod simulated_operation;
mod stop_signal;
mod table;
mod token_argument;

pub use args::{Args, Command};
pub use error::CliError;
pub use listen_address::ListenAddress;

use args::{CatalogueOutput, LogLevel};

use crate::api;
use crate::metrics::catalogue;

/// Does what the command line asks for; returns what is to be printed at the end.
pub async fn run(args: &Args) -> Result<String, CliError> {
    api::install_crypto_provider();
    let command = args.subcommand();
    // A probe prints what failed by itself; the log would say it twice.
    let says_it_itself = matches!(command, Command::Probe { .. }) && args.log.level <= LogLevel::Info;
    logging::start(&args.log, if says_it_itself { LogLevel::Error } else { args.log.level });
    match command {
        Command::Serve => serve::run(args).await,
        Command::Demo(simulated) => demo::run(args, &simulated).await,
        Command::Simulate(simulated) => simulate::run(args, &simulated).await,
        Command::History(wanted) => history::run(args, &wanted).await,
        Command::CheckConfig => check_config::run(args),
        Command::Probe { output } => probe::run(args, output).await,
        Command::Metrics { output: CatalogueOutput::Markdown } => Ok(catalogue::markdown()),
        Command::Metrics { output: CatalogueOutput::Json } => Ok(catalogue::json()),
        Command::Healthcheck { url } => healthcheck::run(&url.unwrap_or_else(|| args.ready_url())).await,
    }
}
