//! The Dockerfile copies existing files, and all that the build needs. These tests need no container engine.

use std::fs;
use std::path::{Component, Path, PathBuf};

use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, MetadataCommand, Package};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The Dockerfile's instructions with their arguments, without comments, and with continued lines joined.
fn instructions() -> Vec<(String, String)> {
    let text = read("Dockerfile").lines().filter(|line| !line.starts_with('#')).fold(String::new(), |text, line| {
        match line.trim_end().strip_suffix('\\') {
            Some(part) => text + part,
            None => text + line + "\n",
        }
    });
    let lines = text.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
    lines.map(|(name, arguments)| (name.to_owned(), arguments.trim().to_owned())).collect()
}

/// The arguments of every `name` in the final stage.
fn of_the_image(name: &str) -> Vec<String> {
    let instructions = instructions();
    let stage = instructions.iter().rposition(|(name, _)| name == "FROM").expect("the Dockerfile has a stage");
    instructions[stage..].iter().filter(|(found, _)| found == name).map(|(_, arguments)| arguments.clone()).collect()
}

/// The files and folders that both stages copy from the project.
fn copied() -> Vec<String> {
    let instructions = instructions();
    let copies = instructions.iter().filter(|(name, arguments)| name == "COPY" && !arguments.starts_with("--from"));
    let sources = copies.flat_map(|(_, arguments)| {
        let mut words: Vec<_> = arguments.split_whitespace().map(str::to_owned).collect();
        words.pop();
        words
    });
    sources.collect()
}

/// The path without `..` and `.`, without access to the disk.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, component| {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
        plain
    })
}

/// The package that the image is built from.
fn exporter(metadata: &Metadata) -> &Package {
    metadata.root_package().expect("the root of the workspace is a package")
}

fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("it can be read").path());
    entries.flat_map(|path| if path.is_dir() { sources_below(&path) } else { vec![path] }).collect()
}

#[test]
fn everything_that_is_copied_exists_and_is_not_ignored() {
    let ignore = read(".dockerignore");
    let kept: Vec<_> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    assert!(ignore.lines().any(|line| line == "*"), "the rest is ignored");
    assert!(copied().len() >= 4, "the Dockerfile was not read: {:?}", copied());
    for source in copied() {
        assert!(project().join(&source).exists(), "{source} is copied but not there");
        assert!(kept.contains(&source.as_str()), "{source} is copied but .dockerignore hides it");
    }
}

/// Cargo builds nothing if the file of a target with its own section is missing. Other targets may be missing.
#[test]
fn every_target_that_the_manifest_names_is_copied() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let copied: Vec<_> = copied().iter().map(|source| project().join(source)).collect();
    let metadata = MetadataCommand::new().manifest_path(project().join("Cargo.toml")).no_deps().exec().unwrap();
    for kind in ["bin", "bench", "example", "test"] {
        for section in manifest.get(kind).and_then(toml::Value::as_array).into_iter().flatten() {
            let name = section["name"].as_str().unwrap();
            let mut targets = exporter(&metadata).targets.iter();
            let target =
                targets.find(|target| target.name == name && target.kind.iter().any(|of| of.to_string() == kind));
            let file = &target.unwrap_or_else(|| panic!("[[{kind}]] {name} has no file")).src_path;
            let found = copied.iter().any(|source| file.as_std_path().starts_with(source));
            assert!(found, "Cargo.toml names {file}: copy it too (Dockerfile and .dockerignore)");
        }
    }
}

/// Cargo reads the manifests of all members before it builds one of them.
#[test]
fn every_crate_of_the_workspace_is_copied() {
    let copied: Vec<_> = copied().iter().map(|source| project().join(source)).collect();
    let metadata = MetadataCommand::new().manifest_path(project().join("Cargo.toml")).no_deps().exec().unwrap();
    for package in metadata.workspace_packages() {
        let manifest = package.manifest_path.as_std_path();
        let found = copied.iter().any(|source| manifest.starts_with(source));
        assert!(found, "{} is not copied (Dockerfile and .dockerignore)", manifest.display());
    }
}

#[test]
fn every_file_that_the_code_includes_is_copied() {
    let copied: Vec<_> = copied().iter().map(|source| project().join(source)).collect();
    for file in ["src", "crates"].into_iter().flat_map(|folder| sources_below(&project().join(folder))) {
        let code = fs::read_to_string(&file).unwrap_or_default();
        for start in ["include_str!(\"", "include_bytes!(\""] {
            for included in code.split(start).skip(1).filter_map(|rest| rest.split('"').next()) {
                let included = plain(&file.parent().unwrap().join(included));
                let found = copied.iter().any(|source| included.starts_with(source));
                assert!(found, "{} includes {}, which is not copied", file.display(), included.display());
            }
        }
    }
}

#[test]
fn the_rust_of_the_image_is_new_enough() {
    let metadata = MetadataCommand::new().manifest_path(project().join("Cargo.toml")).no_deps().exec().unwrap();
    let needed = exporter(&metadata).rust_version.clone().unwrap();
    let builder = instructions().into_iter().find(|(name, _)| name == "FROM").unwrap().1;
    let version = builder.strip_prefix("rust:").and_then(|rest| rest.split('-').next()).unwrap();
    let version = Version::parse(version).expect("the builder is pinned as rust:MAJOR.MINOR.PATCH-…");
    assert!(version >= needed, "the image builds with {version}, Cargo.toml needs {needed}");
}

/// `make lint` rejects every warning, and each version of Rust has different warnings.
#[test]
fn the_image_the_toolchain_file_and_ci_use_the_same_rust() {
    let toolchain: toml::Table = toml::from_str(&read("rust-toolchain.toml")).unwrap();
    let version = toolchain["toolchain"]["channel"].as_str().unwrap();
    let builder = instructions().into_iter().find(|(name, _)| name == "FROM").unwrap().1;
    assert!(builder.starts_with(&format!("rust:{version}-")), "the image is built with {builder}, not {version}");
    for name in ["audit", "ci", "instructions"] {
        let workflow = read(&format!(".github/workflows/{name}.yml"));
        assert!(
            workflow.contains(&format!("container: rust:{version}-")),
            "{name}.yml has another Rust than {version}"
        );
    }
}

#[test]
fn the_image_has_the_profile_for_distribution() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    assert!(manifest["profile"]["dist"]["lto"].as_str().is_some(), "the profile dist links with LTO");
    let run = instructions().into_iter().find(|(name, _)| name == "RUN").unwrap().1;
    assert!(run.contains("cargo build --profile dist --locked"), "{run}");
}

/// Without build.rs, Cargo would build an exporter without a revision.
#[test]
fn the_build_script_is_copied() {
    assert!(copied().iter().any(|source| source == "build.rs"), "the Dockerfile does not copy build.rs");
}

#[test]
fn both_stages_are_of_the_same_debian_release() {
    let stages: Vec<_> =
        instructions().into_iter().filter(|(name, _)| name == "FROM").map(|(_, image)| image).collect();
    assert!(stages[0].contains("bookworm") && stages[1].contains("debian12"), "{stages:?}");
}

#[test]
fn the_image_names_the_version_of_the_crate() {
    let label = format!("org.opencontainers.image.version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(of_the_image("LABEL").iter().any(|labels| labels.contains(&label)), "the Dockerfile lacks {label}");
}

#[test]
fn the_image_runs_as_a_user_by_number_that_is_not_root() {
    let user = of_the_image("USER").pop().unwrap();
    let ids: Vec<u32> = user.split(':').map(|id| id.parse().unwrap()).collect();
    assert!(ids.iter().all(|id| *id != 0), "{user}");
}

#[test]
fn the_image_starts_the_exporter_without_a_shell() {
    assert_eq!(of_the_image("ENTRYPOINT"), ["[\"/wolkvox_exporter\"]"]);
    let health = of_the_image("HEALTHCHECK").pop().unwrap();
    assert!(health.ends_with("CMD [\"/wolkvox_exporter\", \"healthcheck\"]"), "{health}");
    assert!(of_the_image("RUN").is_empty(), "the final image has no shell");
    assert_eq!(of_the_image("EXPOSE"), ["9909"]);
}
