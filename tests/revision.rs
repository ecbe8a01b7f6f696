//! `wolkvox_exporter_build_info` has the revision of the source, in every build from a git checkout.

mod support;

use std::process::Command;

use support::exporter::{Configuration, Exporter, Operation};

/// The revision that `build.rs` must find. Empty without a git checkout.
fn expected_revision() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let given = std::env::var("WOLKVOX_EXPORTER_REVISION").ok().filter(|revision| !revision.is_empty());
    let at_the_root = || git(&["rev-parse", "--show-prefix"]).is_some_and(|prefix| prefix.is_empty());
    let of_git = || at_the_root().then(|| git(&["rev-parse", "--short=12", "HEAD"])).flatten();
    given.or_else(of_git).unwrap_or_default()
}

#[tokio::test]
async fn the_running_exporter_names_the_commit_that_it_was_built_from() {
    let configuration = Configuration::of(&[Operation::of_skills("sales", "http://127.0.0.1:1")]);
    let exporter = Exporter::serve(&mut configuration.command()).await;
    let page = exporter.metrics().await;
    let version = env!("CARGO_PKG_VERSION");
    let revision = expected_revision();
    let sample = format!("wolkvox_exporter_build_info{{version=\"{version}\",revision=\"{revision}\"}} 1\n");
    assert!(page.contains(&sample), "expected {sample}in the page:\n{page}");
}
