//! `serve`: the exporter with the configuration of the arguments.

use std::sync::Arc;

use super::{Args, CliError, exporter, load};
use crate::clock::Clock;

/// Runs the exporter until a signal stops it.
pub(super) async fn run(args: &Args) -> Result<String, CliError> {
    let (config, web_config) = load::all(args)?;
    load::plans(&config)?;
    // The flags and the environment are the same at each reload, but the files may have changed.
    let read = {
        let args = args.clone();
        Arc::new(move || load::load(&args))
    };
    exporter::run(config, read, &args.web, web_config, Clock::system(), &|_| Ok(())).await
}
