//! The program for production (`--no-default-features`) contains nothing that exists only for simulated days.

use std::process::Command;

/// The packages that a build with these further arguments uses, one a line: name, version and features.
fn used(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--locked", "--offline"])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p} {f}"])
        .args(arguments)
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// Whether this package or feature is there only for simulated days.
fn is_for_simulated_days(line: &str) -> bool {
    ["wolkvox_simulator ", "rand ", "chacha20 ", "rand_distr "].iter().any(|name| line.starts_with(name))
        || (line.starts_with("tokio ") && line.contains("test-util"))
}

#[test]
fn a_build_without_default_features_has_no_simulator_and_no_test_clock() {
    let found: Vec<_> =
        used(&["--no-default-features"]).into_iter().filter(|line| is_for_simulated_days(line)).collect();
    assert!(found.is_empty(), "{found:?}");
    // The ordinary build has all five, so this test finds them where they are.
    let mut found: Vec<_> = used(&[]).into_iter().filter(|line| is_for_simulated_days(line)).collect();
    found.sort_unstable();
    found.dedup_by_key(|line| line.split(' ').next().unwrap_or_default().to_owned());
    assert_eq!(found.len(), 5, "{found:?}");
}
