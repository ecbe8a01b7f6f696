//! valgrind's tool callgrind, which counts the instructions of a program while it runs.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The function of this program at which counting starts, on all threads.
const START: &str = "*counted_by_callgrind*";

/// Instructions that this program executes with these arguments, from the call of [`START`] to the end of the program.
///
/// # Panics
/// When valgrind is missing or fails.
pub(crate) fn count(arguments: &[&str]) -> u64 {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("counts");
    let program = std::env::current_exe().expect("the system knows the path of a running program");
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(format!("--zero-before={START}"))
        .arg(program)
        .args(arguments)
        .output()
        .expect("valgrind starts; install it, for example with apt-get install valgrind");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "valgrind failed for {arguments:?}: {log}");
    total(&file)
}

/// The sum in a file of callgrind.
fn total(path: &Path) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let sum = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    sum.expect("callgrind writes a sum").trim().parse().expect("the sum is a number")
}
