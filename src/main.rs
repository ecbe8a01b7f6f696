//! The order of start-up, and the exit codes: 0 fine, 1 failed, 2 usage or configuration.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use wolkvox_exporter::cli::{self, Args};

#[tokio::main]
async fn main() -> ExitCode {
    // Exits with 2 by itself when the command line is wrong.
    let args = Args::parse();
    match cli::run(&args).await {
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
