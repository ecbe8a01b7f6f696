//! Gives the program the revision of its source, which `wolkvox_exporter_build_info` shows.
//!
//! The environment variable `WOLKVOX_EXPORTER_REVISION` goes first, because a container build has no `.git`. Without
//! it, git is asked. The revision is empty if neither has one, for example in an unpacked source archive.

use std::path::Path;
use std::process::Command;

const VARIABLE: &str = "WOLKVOX_EXPORTER_REVISION";

fn main() {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let given = std::env::var(VARIABLE).ok().filter(|revision| !revision.is_empty());
    let revision = given.or_else(revision_of_checkout).unwrap_or_default();
    println!("cargo::rustc-env={VARIABLE}={revision}");
}

/// The first 12 digits of the commit that is checked out. `None` unless the manifest is at the root of a git checkout:
/// an archive that was unpacked inside another repository must not take that repository's revision.
fn revision_of_checkout() -> Option<String> {
    if !git(&["rev-parse", "--show-prefix"])?.is_empty() {
        return None;
    }
    let revision = git(&["rev-parse", "--short=12", "HEAD"])?;
    // Git appends to `logs/HEAD` whenever another commit is checked out or made. The other files serve a repository
    // without that log. A file that does not exist is not named, because Cargo would then run this script every time.
    watch("HEAD");
    watch("logs/HEAD");
    if let Some(branch) = git(&["symbolic-ref", "--quiet", "HEAD"])
        && !watch(&branch)
    {
        watch("packed-refs");
    }
    Some(revision)
}

/// Makes Cargo run this script again when the file changes. `false` if there is no such file in the git directory.
fn watch(file: &str) -> bool {
    // In a worktree `.git` is a file, and some of these files are in the main checkout: git finds each.
    let Some(path) = git(&["rev-parse", "--git-path", file]).filter(|path| Path::new(path).exists()) else {
        return false;
    };
    println!("cargo::rerun-if-changed={path}");
    true
}

/// The output of git, run in the folder of the manifest, where Cargo starts this script. `None` if git fails or is not
/// installed.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
