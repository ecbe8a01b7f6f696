//! How many instructions the parts of the exporter take, counted by callgrind.
//!
//! A count is nearly the same in every run and on every machine of one kind, so a small rise shows. `make
//! bench-instructions` prints a table; `ARGS='dnis gzip'` counts the parts whose name contains one of these words.
//! `scripts/compare-instructions.sh` compares the counts with those of the last commit.

#[path = "../measure/mod.rs"]
mod measure;
#[path = "../parts/mod.rs"]
mod parts;
#[path = "../../tests/support/mod.rs"]
mod support;

mod callgrind;
mod comparison;

use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;

use measure::table::{Table, grouped, significant};
use parts::Run;

const USAGE: &str =
    "usage: cargo bench --features measuring --bench instructions -- [--write FILE | --compare OLD NEW | WORD …]";

/// The argument with which callgrind starts this program again: the next one is the name of the part to run.
const RUN: &str = "--run-part";

fn main() -> ExitCode {
    // cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [RUN, name] => run_alone(name),
        ["--compare", old, new] => {
            print!("{}", comparison::of_files(old, new));
            ExitCode::SUCCESS
        }
        ["--write", path] => {
            count(&[], Some(path));
            ExitCode::SUCCESS
        }
        _ if words.iter().any(|word| word.starts_with("--")) => {
            eprintln!("instructions: invalid arguments {words:?}: expected {USAGE}");
            ExitCode::from(2)
        }
        _ => {
            count(&arguments, None);
            ExitCode::SUCCESS
        }
    }
}

/// Counts the parts whose name contains one of `words`, and prints them. Also writes the counts to a file, if it is
/// named.
fn count(words: &[String], path: Option<&str>) {
    let mut table = Table::new(&["Part", "Instructions", "For each", "Instructions"]);
    let mut lines = String::new();
    for part in parts::counted().filter(|part| part.has(words)) {
        let counted = callgrind::count(&[RUN, &part.name]);
        let each = counted as f64 / part.count as f64;
        let _ = writeln!(lines, "{}\t{counted}", part.name);
        table.push([part.name, grouped(counted), part.things.to_owned(), significant(each)]);
    }
    println!("{table}");
    if let Some(path) = path {
        fs::write(path, lines).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

/// Runs one part once, and ends the program at once.
fn run_alone(name: &str) -> ! {
    let part = parts::counted().find(|part| part.name == name).expect("it is the name of a part");
    let run = (part.load)()();
    std::hint::black_box(counted_by_callgrind(run));
    std::process::exit(0);
}

/// The function at which callgrind starts to count. It knows it by its name.
#[inline(never)]
fn counted_by_callgrind(run: Run) -> usize {
    run()
}
