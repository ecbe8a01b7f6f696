//! The files in deploy/ for systemd and Kubernetes are valid and fit the exporter. Those of Docker Compose have their own
//! tests, in `tests/compose.rs`.

#[path = "../support/mod.rs"]
mod support;

mod kubernetes;
mod systemd;

use std::fs;
use std::path::{Path, PathBuf};

/// The path of a file or folder of the project.
fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(project(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
