//! The order of start-up, and the exit codes: 0 fine, 1 failed, 2 usage or configuration.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use tokio::runtime::Runtime;
use wolkvox_exporter::api;
use wolkvox_exporter::cli::{self, Args};

fn main() -> ExitCode {
    // Exits with 2 by itself when the command line is wrong.
    let args = Args::parse();
    api::install_crypto_provider();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("wolkvox_exporter: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(&args));
    // Not dropped: that would wait for threads that cannot be interrupted, such as one that waits for DNS.
    runtime.shutdown_background();
    code
}

async fn run(args: &Args) -> ExitCode {
    match cli::run(args).await {
        Ok(text) => match std::io::stdout().lock().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            // Whoever reads has gone, as with `| head`.
            Err(_) => ExitCode::FAILURE,
        },
        Err(failed) => {
            eprintln!("wolkvox_exporter: {failed}");
            failed.exit_code()
        }
    }
}
