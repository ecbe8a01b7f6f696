//! The dependencies keep the policy of `deny.toml`: licences, bans, sources.
//!
//! cargo-deny checks the same and more (advisories), but has to be installed and fetches a database from the internet;
//! this needs only `cargo metadata`. What it does not read of `deny.toml` is listed at [`Policy`].

use std::collections::HashSet;
use std::path::Path;

use cargo_metadata::{Metadata, MetadataCommand, Package};
use serde::Deserialize;
use spdx::{Expression, Licensee, ParseMode};

/// What is read of `deny.toml`. Not read: `[advisories]`, `multiple-versions`, `unused-allowed-license`, confidence.
/// Keys that would loosen the policy (exceptions, clarifications, skips) are unknown here, so they fail the test until
/// it learns them.
#[derive(Deserialize)]
struct Policy {
    graph: Graph,
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Licenses {
    allow: Vec<String>,
    #[serde(rename = "confidence-threshold")]
    _confidence_threshold: Option<f64>,
    #[serde(rename = "unused-allowed-license")]
    _unused_allowed_license: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Bans {
    deny: Vec<Ban>,
    #[serde(rename = "multiple-versions")]
    _multiple_versions: Option<String>,
    #[serde(rename = "wildcards")]
    _wildcards: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Sources {
    unknown_registry: String,
    unknown_git: String,
    allow_registry: Vec<String>,
}

/// A crate of the dependency tree, as far as the policy looks at it.
#[derive(Clone, Debug)]
struct Dependency {
    name: String,
    licence: Option<String>,
    /// `None` for a path: the project itself.
    source: Option<String>,
}

impl From<&Package> for Dependency {
    fn from(package: &Package) -> Self {
        Self {
            name: package.name.to_string(),
            licence: package.license.clone(),
            source: package.source.as_ref().map(|source| source.repr.clone()),
        }
    }
}

impl Policy {
    fn of_the_project() -> Self {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml"));
        toml::from_str(&text.expect("deny.toml can be read")).expect("deny.toml has the keys that this test knows")
    }

    /// What is wrong with the dependency, as sentences.
    fn objections(&self, dependency: &Dependency) -> Vec<String> {
        let Dependency { name, licence, source } = dependency;
        let mut found = Vec::new();
        if let Some(objection) = self.licence_objection(licence.as_deref()) {
            found.push(format!("{name}: {objection}"));
        }
        for ban in self.bans.deny.iter().filter(|ban| ban.name == *name) {
            found.push(format!("{name} is banned: {}", ban.reason));
        }
        if let Some(source) = source {
            let registry = source.strip_prefix("registry+");
            if !registry.is_some_and(|registry| self.sources.allow_registry.iter().any(|allowed| allowed == registry)) {
                found.push(format!("{name} comes from {source}, which is no allowed registry"));
            }
        }
        found
    }

    fn licence_objection(&self, licence: Option<&str>) -> Option<String> {
        let Some(licence) = licence else {
            return Some("it names no licence".to_owned());
        };
        let expression = match Expression::parse_mode(licence, ParseMode::LAX) {
            Ok(expression) => expression,
            Err(error) => return Some(format!("its licence {licence:?} cannot be read: {error}")),
        };
        let allowed: Vec<Licensee> = self
            .licenses
            .allow
            .iter()
            .map(|allowed| Licensee::parse(allowed).expect("deny.toml allows licences by their SPDX ids"))
            .collect();
        let satisfied = expression.evaluate(|required| allowed.iter().any(|allowed| allowed.satisfies(required)));
        (!satisfied).then(|| format!("its licence {licence:?} is not among the allowed ones"))
    }
}

fn metadata(options: &[&str]) -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    command.other_options(options.iter().copied().map(str::to_owned).collect::<Vec<_>>());
    command.exec().expect("cargo metadata describes the project")
}

/// Everything that a build or a test on one of the targets of `deny.toml` uses.
fn dependencies(policy: &Policy) -> Vec<Dependency> {
    let mut options = vec!["--locked"];
    for target in &policy.graph.targets {
        options.extend(["--filter-platform", target]);
    }
    let metadata = metadata(&options);
    let resolve = metadata.resolve.as_ref().expect("cargo metadata resolves the dependencies");
    let used: HashSet<_> = resolve.nodes.iter().map(|node| &node.id).collect();
    metadata.packages.iter().filter(|package| used.contains(&package.id)).map(Dependency::from).collect()
}

/// A crate that nothing is wrong with.
fn good() -> Dependency {
    Dependency {
        name: "good".to_owned(),
        licence: Some("MIT OR GPL-3.0-only".to_owned()),
        source: Some("registry+https://github.com/rust-lang/crates.io-index".to_owned()),
    }
}

/// What is wrong with a crate of this licence.
fn with_licence(licence: &str) -> Vec<String> {
    Policy::of_the_project().objections(&Dependency { licence: Some(licence.to_owned()), ..good() })
}

#[test]
fn every_dependency_keeps_the_policy() {
    let policy = Policy::of_the_project();
    let dependencies = dependencies(&policy);
    assert!(
        dependencies.iter().any(|dependency| dependency.name == "tokio"),
        "the tree was not read: {dependencies:?}"
    );
    let objections: Vec<_> = dependencies.iter().flat_map(|dependency| policy.objections(dependency)).collect();
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[test]
fn no_banned_crate_is_locked_not_even_for_another_system() {
    let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let lock: toml::Table = toml::from_str(&lock).unwrap();
    let locked: Vec<_> = lock["package"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    for ban in Policy::of_the_project().bans.deny {
        assert!(!locked.contains(&ban.name.as_str()), "{} is banned: {}", ban.name, ban.reason);
    }
}

#[test]
fn every_ban_gives_its_reason() {
    for ban in Policy::of_the_project().bans.deny {
        assert!(!ban.reason.trim().is_empty(), "{}", ban.name);
    }
}

#[test]
fn a_good_crate_passes() {
    assert_eq!(Policy::of_the_project().objections(&good()), [""; 0]);
}

#[test]
fn a_licence_that_is_not_allowed_is_found() {
    assert_eq!(with_licence("GPL-3.0-only"), ["good: its licence \"GPL-3.0-only\" is not among the allowed ones"]);
}

#[test]
fn of_two_joined_licences_both_must_be_allowed() {
    assert_eq!(with_licence("MIT AND ISC"), [""; 0]);
    assert_eq!(with_licence("MIT AND MPL-2.0").len(), 1);
}

#[test]
fn the_old_way_to_write_a_choice_is_understood() {
    assert_eq!(with_licence("MIT/GPL-3.0"), [""; 0]);
}

#[test]
fn a_licence_that_cannot_be_read_is_found() {
    assert!(with_licence("ask us")[0].contains("cannot be read"));
}

#[test]
fn a_crate_without_a_licence_is_found() {
    let objections = Policy::of_the_project().objections(&Dependency { licence: None, ..good() });
    assert_eq!(objections, ["good: it names no licence"]);
}

#[test]
fn a_banned_crate_is_found_and_the_reason_told() {
    let banned = Dependency { name: "openssl".to_owned(), ..good() };
    let objections = Policy::of_the_project().objections(&banned);
    assert_eq!(objections.len(), 1);
    assert!(objections[0].starts_with("openssl is banned: TLS is rustls"), "{objections:?}");
}

#[test]
fn a_crate_from_elsewhere_is_found() {
    for source in ["git+https://example.com/good?rev=1#1", "registry+https://example.com/index"] {
        let foreign = Dependency { source: Some(source.to_owned()), ..good() };
        assert_eq!(Policy::of_the_project().objections(&foreign).len(), 1, "{source}");
    }
}

#[test]
fn cargo_deny_refuses_unknown_sources_as_this_test_does() {
    let Sources { unknown_registry, unknown_git, .. } = Policy::of_the_project().sources;
    assert_eq!((unknown_registry.as_str(), unknown_git.as_str()), ("deny", "deny"));
}

#[test]
fn the_project_has_the_licence_that_it_names() {
    let metadata = metadata(&["--locked", "--no-deps"]);
    assert_eq!(metadata.root_package().unwrap().license.as_deref(), Some("Apache-2.0"));
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("LICENSE")).unwrap();
    let words: Vec<_> = text.split_whitespace().collect();
    assert_eq!(words[..4], ["Apache", "License", "Version", "2.0,"]);
    // The whole text, from the terms to the appendix.
    for part in ["TERMS AND CONDITIONS FOR USE, REPRODUCTION", "END OF TERMS AND CONDITIONS", "APPENDIX: How to apply"]
    {
        assert!(text.contains(part), "LICENSE lacks {part:?}");
    }
    assert!((1_550..1_650).contains(&words.len()), "LICENSE has {} words", words.len());
}
