//! The policy of `deny.toml` and the search for unused dependencies find planted faults. `make dependencies` applies
//! both to the project itself.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use support::peers::cargo_tool;
use support::process::{Finished, run};
use tempfile::TempDir;

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file))
        .unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A project that depends on crates with these names and licenses, and has this code and this test.
fn project(dependencies: &[(&str, &str)], code: &str, test: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    let package = |name: &str, license: &str| {
        let version = "version = \"1.0.0\"\nedition = \"2024\"\npublish = false";
        format!("[package]\nname = \"{name}\"\n{version}\nlicense = \"{license}\"\n")
    };
    let mut manifest = package("planted", "MIT") + "[dependencies]\n";
    for (name, license) in dependencies {
        let _ = writeln!(manifest, "{name} = {{ path = \"{name}\" }}");
        write(&format!("{name}/Cargo.toml"), &package(name, license));
        write(&format!("{name}/src/lib.rs"), "");
    }
    write("Cargo.toml", &manifest);
    write("src/lib.rs", code);
    write("tests/it.rs", test);
    folder
}

/// Runs cargo-deny with the policy of this project on a project with these dependencies.
fn deny(dependencies: &[(&str, &str)]) -> Finished {
    let project = project(dependencies, "", "");
    let mut deny = cargo_tool("cargo-deny");
    deny.current_dir(project.path()).args(["--offline", "--log-level", "error", "--config"]);
    deny.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml"));
    // Such a small project does not use every allowed license.
    deny.args(["check", "--allow", "license-not-encountered", "--allow", "license-exception-not-encountered"]);
    deny.args(["--hide-inclusion-graph", "bans", "licenses", "sources"]);
    run(&mut deny, "")
}

#[test]
#[ignore = "needs the peers: make test"]
fn a_crate_with_an_allowed_license_passes() {
    for license in ["MIT", "MIT OR GPL-3.0-only", "MIT/GPL-3.0", "MIT AND ISC"] {
        let output = deny(&[("good", license)]);
        assert!(output.status.success(), "{license}: {output:?}");
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn a_license_that_is_not_allowed_is_found() {
    for license in ["GPL-3.0-only", "MIT AND MPL-2.0", "", "ask us"] {
        let output = deny(&[("foreign", license)]);
        assert!(!output.status.success() && output.stdout.contains("licenses FAILED"), "{license}: {output:?}");
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn a_banned_crate_is_found_with_the_reason() {
    let manifest: toml::Table = toml::from_str(&read("deny.toml")).expect("deny.toml is TOML");
    let bans = manifest["bans"]["deny"].as_array().expect("bans are a list");
    assert!(bans.len() > 5, "{bans:?}");
    for ban in bans {
        let name = ban["crate"].as_str().expect("a ban names its crate");
        let reason = ban["reason"].as_str().unwrap_or_default();
        assert!(reason.len() > 10, "deny.toml bans {name} without a reason");
        let output = deny(&[(name, "MIT")]);
        assert!(output.stdout.contains("bans FAILED") && output.stderr.contains(reason), "{name}: {output:?}");
    }
}

/// Runs cargo-shear on a project that depends on a crate `good`.
fn shear(code: &str, test: &str) -> Finished {
    let project = project(&[("good", "MIT")], code, test);
    run(cargo_tool("cargo-shear").current_dir(project.path()).arg("--offline"), "")
}

#[test]
#[ignore = "needs the peers: make test"]
fn an_unused_dependency_is_found() {
    let output = shear("pub use good::thing;", "");
    assert!(output.status.success(), "{output:?}");
    let output = shear("", "");
    assert!(!output.status.success() && output.stdout.contains("unused dependency `good`"), "{output:?}");
}

#[test]
#[ignore = "needs the peers: make test"]
fn a_dependency_that_only_a_test_uses_is_found() {
    let output = shear("", "use good::thing;");
    assert!(!output.status.success() && output.stdout.contains("misplaced dependency `good`"), "{output:?}");
}

#[test]
fn the_project_has_the_license_that_it_names() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("Cargo.toml is TOML");
    assert_eq!(manifest["workspace"]["package"]["license"].as_str(), Some("Apache-2.0"));
    let license = read("LICENSE");
    let words: Vec<_> = license.split_whitespace().collect();
    assert_eq!(words[..4], ["Apache", "License", "Version", "2.0,"]);
    // The whole text, from the terms to the appendix.
    for part in ["TERMS AND CONDITIONS FOR USE, REPRODUCTION", "END OF TERMS AND CONDITIONS", "APPENDIX: How to apply"]
    {
        assert!(license.contains(part), "LICENSE lacks {part:?}");
    }
    assert!((1_550..1_650).contains(&words.len()), "LICENSE has {} words", words.len());
}
