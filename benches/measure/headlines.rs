//! Figures for the top of docs/performance.md and for README.md: the few that a user cares about, and those that have a
//! target.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::ExitCode;

/// The variable with the path of the file to which the figures are added. `make bench` sets it.
const FILE: &str = "BENCH_HEADLINES";

/// Notes a figure that a user cares about, with the command that measures it.
pub(crate) fn note(figure: &str, value: &str, command: &str) {
    add(&["figure", figure, value, command]);
}

/// Notes a figure that has a target.
pub(crate) fn target(figure: &str, target: &str, value: &str, is_met: bool) {
    add(&["target", figure, target, value, if is_met { "yes" } else { "no" }]);
}

/// The result of a bench with limits. `make bench` goes on with the other benches: its page says which target is missed.
pub(crate) fn verdict(is_within: bool) -> ExitCode {
    if is_within || std::env::var_os(FILE).is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Adds a line, if anybody wants to know.
fn add(cells: &[&str]) {
    let Some(path) = std::env::var_os(FILE) else { return };
    let file = OpenOptions::new().append(true).create(true).open(&path);
    let written = file.and_then(|mut file| writeln!(file, "{}", cells.join("\t")));
    written.unwrap_or_else(|error| panic!("{FILE}={}: {error}", path.display()));
}
