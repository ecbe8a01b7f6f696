//! How long the parts of the exporter take, measured by criterion.
//!
//! `make bench-times` prints a table; `ARGS='dnis gzip'` measures the parts whose name contains one of these words. Times
//! depend on the machine and on what else it does. `make bench-instructions` counts instructions of the same parts.

#[path = "../measure/mod.rs"]
mod measure;
#[path = "../parts/mod.rs"]
mod parts;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{BatchSize, Criterion};
use measure::table::{Table, significant};
use parts::Part;
use serde_json::Value;

/// The fewest samples that criterion accepts. The longest part takes about half a second.
const SAMPLES: usize = 10;

const WARM_UP: Duration = Duration::from_millis(300);
const MEASURED: Duration = Duration::from_secs(1);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion")
}

/// The median in nanoseconds. criterion writes it into a folder of the part's name.
#[expect(clippy::disallowed_methods, reason = "criterion's own text, not a response of wolkvox")]
fn median(part: &Part) -> f64 {
    let path = folder().join(&part.name).join("new/estimates.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let estimates: Value = serde_json::from_str(&text).expect("criterion writes JSON");
    estimates["median"]["point_estimate"].as_f64().expect("criterion estimates the median")
}

fn main() {
    // cargo adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let mut criterion = Criterion::default()
        .without_plots()
        .output_directory(&folder())
        .sample_size(SAMPLES)
        .warm_up_time(WARM_UP)
        .measurement_time(MEASURED);
    let mut table = Table::new(&["Part", "Median, ms", "For each", "µs"]);
    for part in parts::timed().filter(|part| part.has(&words)) {
        let setup = (part.load)();
        criterion.bench_function(&part.name, |bencher| {
            bencher.iter_batched(&setup, |run| run(), BatchSize::PerIteration);
        });
        let nanoseconds = median(&part);
        let each = nanoseconds / part.count as f64;
        let cells = [significant(nanoseconds / 1e6), part.things.to_owned(), significant(each / 1e3)];
        table.push([part.name].into_iter().chain(cells));
    }
    println!("\n{table}");
}
