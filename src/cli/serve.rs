//! `serve`: the exporter with the configuration of the arguments.

use super::{Args, CliError, exporter, load};
use crate::clock::Clock;

/// Runs the exporter until a signal stops it.
pub(super) async fn run(args: &Args) -> Result<String, CliError> {
    let config = load::load(args)?;
    load::plans(&config)?;
    exporter::run(&config, &args.web, Clock::system(), &|_| Ok(())).await
}
