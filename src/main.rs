//! The order of start-up, and the exit codes: 0 success, 1 failure, 2 wrong usage or configuration.

use std::io::{ErrorKind, Write as _};
use std::pin::Pin;
use std::process::ExitCode;

use tokio::runtime::Runtime;
use wolkvox_exporter::cli::{self, Args};

fn main() -> ExitCode {
    // Exits with code 2 if the command line is wrong.
    let args = cli::arguments();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!(
                "wolkvox_exporter: cannot start the threads of the runtime: {error}; check the limits of this process"
            );
            return ExitCode::FAILURE;
        }
    };
    // Behind a pointer, because the runtime would otherwise hold several compiled copies of the whole program.
    let program: Pin<Box<dyn Future<Output = ExitCode>>> = Box::pin(run(&args));
    let code = runtime.block_on(program);
    // Dropping it would wait for threads that cannot be interrupted, for example one that waits for DNS.
    runtime.shutdown_background();
    code
}

async fn run(args: &Args) -> ExitCode {
    match cli::run(args).await {
        Ok(text) => match std::io::stdout().lock().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            // The reader of the pipe has ended, as with `| head`.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("wolkvox_exporter: cannot write to standard output: {error}");
                ExitCode::FAILURE
            }
        },
        Err(failed) => {
            eprintln!("wolkvox_exporter: {failed}");
            failed.exit_code()
        }
    }
}
