//! Checks of a whole document: each returns what is wrong in it.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Arg;
use wolkvox_exporter::model::Collector;

use crate::pages::{Page, arguments, project, read, samples, variable_of, words};
use crate::support::markdown::Document;
use crate::support::rules::FILES;

/// Finds what is wrong in a document.
pub(crate) type PageCheck = fn(&Page) -> Vec<String>;

/// Flags of cargo, Docker, kubectl and systemctl.
const FOREIGN_FLAGS: [&str; 19] = [
    "all-targets",
    "release",
    "no-default-features",
    "profile",
    "lib",
    "test",
    "include-ignored",
    "timings",
    "rm",
    "build",
    "volumes",
    "cap-drop",
    "dry-run",
    "from-file",
    "name",
    "now",
    "read-only",
    "restart",
    "security-opt",
];

/// The only variable without a flag.
const TOKEN_VARIABLE: &str = "WOLKVOX_TOKEN";

/// Names that look like metrics.
const PACKAGES: [&str; 2] = ["wolkvox_exporter", "wolkvox_simulator"];

pub(crate) fn unknown_flags(page: &Page) -> Vec<String> {
    let arguments = arguments();
    let known: BTreeSet<_> = arguments.iter().filter_map(Arg::get_long).collect();
    let written = words(&page.text, |c| c.is_ascii_alphanumeric() || "-._".contains(c));
    let written = written.filter_map(|word| Some(word.strip_prefix("--")?.trim_end_matches('.')));
    let written = written.filter(|flag| flag.starts_with(|c: char| c.is_ascii_lowercase()));
    let unknown = written.filter(|flag| !known.contains(flag) && !FOREIGN_FLAGS.contains(flag));
    unknown.map(|flag| format!("there is no flag --{flag}")).collect()
}

pub(crate) fn unknown_variables(page: &Page) -> Vec<String> {
    let known: BTreeSet<_> = arguments().iter().filter_map(variable_of).chain([TOKEN_VARIABLE.to_owned()]).collect();
    let written = words(&page.text, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let unknown = written.filter(|word| word.starts_with("WOLKVOX_") && !known.contains(*word));
    unknown.map(|word| format!("there is no variable {word}")).collect()
}

pub(crate) fn unknown_metrics(page: &Page) -> Vec<String> {
    let samples = samples();
    let recorded = FILES.map(|file| read(format!("alerts/{file}"))).concat();
    let written = words(&page.text, |c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let unknown = written.map(|word| word.trim_matches(':')).filter_map(|word| {
        if word.contains(":wolkvox_") {
            let is_recorded = recorded.lines().any(|line| line.trim().strip_prefix("- record: ") == Some(word));
            return (!is_recorded).then(|| format!("no rule records {word}"));
        }
        let metric = ["wolkvox_", "process_"].iter().any(|prefix| word.starts_with(prefix));
        // `process_*` in a document leaves the beginning of a name.
        let known = samples.keys().any(|name| name == word || word.ends_with('_') && name.starts_with(word));
        // The tag of an image follows its name: `wolkvox_exporter:1`.
        let is_package = PACKAGES.contains(&word.split(':').next().unwrap_or_default());
        (metric && !known && !is_package).then(|| format!("there is no metric {word}"))
    });
    unknown.collect()
}

pub(crate) fn unknown_labels(page: &Page) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, labels) in &samples() {
        for selector in page.text.split(&format!("{name}{{")).skip(1).filter_map(|rest| rest.split('}').next()) {
            let written = selector.split(',').filter_map(|matcher| matcher.split(['=', '!']).next());
            let written = written.filter(|label| label.starts_with(|c: char| c.is_ascii_lowercase()));
            let unknown = written.filter(|label| !labels.contains(label));
            findings.extend(unknown.map(|label| format!("{name} has no label {label}")));
        }
    }
    findings
}

/// Whether a file or folder exists. `<report>` stands for any collector, `<target>` for any fuzz target.
fn exists(path: &str) -> bool {
    let path = &*path.replace("<target>", "values");
    if path.contains("<report>") {
        return Collector::ALL.iter().any(|collector| exists(&path.replace("<report>", collector.name())));
    }
    project().join(path).exists()
}

pub(crate) fn missing_files(page: &Page) -> Vec<String> {
    let is_path = |span: &&String| {
        let first = span.split('/').next().unwrap_or_default();
        let named = ["Makefile", "Dockerfile", "Cargo.toml", "CHANGELOG.md", "README.md", "LICENSE"];
        let below = span.contains('/') && !first.is_empty() && first != "target" && project().join(first).is_dir();
        named.contains(&span.as_str()) || below && !span.contains(' ')
    };
    let spans = page.document.spans.iter().filter(is_path).filter(|span| !exists(span));
    spans.map(|span| format!("there is no file {span}")).collect()
}

pub(crate) fn broken_links(page: &Page) -> Vec<String> {
    let folder = page.path.parent().unwrap_or(Path::new(""));
    let leads_somewhere = |link: &str| {
        let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
        let has = |document: &Document| anchor.is_none_or(|anchor| document.anchors.iter().any(|one| one == anchor));
        let target = folder.join(path);
        if path.is_empty() {
            has(&page.document)
        } else if target.extension().is_some_and(|extension| extension == "md") {
            project().join(&target).is_file() && has(&Page::read(target).document)
        } else {
            project().join(target).exists()
        }
    };
    let links = page.document.links.iter().filter(|link| !link.contains("://") && !leads_somewhere(link));
    links.map(|link| format!("there is nothing at {link}")).collect()
}

/// The most bytes of a picture, because a README is read on slow connections too. scripts/screenshots.sh has the same
/// number.
const MOST_BYTES: u64 = 300_000;

/// Pictures that have no text for readers who do not see them, or that are large.
pub(crate) fn poor_pictures(page: &Page) -> Vec<String> {
    let folder = project().join(page.path.parent().unwrap_or(Path::new("")));
    let pictures = page.text.split("![").skip(1).filter_map(|rest| rest.split_once("]("));
    let findings = pictures.filter_map(|(text, rest)| {
        let path = rest.split(')').next().unwrap_or_default();
        if text.trim().is_empty() {
            return Some(format!("the picture {path} has no text"));
        }
        // Another check finds links to files that do not exist.
        let bytes = std::fs::metadata(folder.join(path)).map_or(0, |file| file.len());
        (bytes >= MOST_BYTES).then(|| format!("the picture {path} has {bytes} bytes"))
    });
    findings.collect()
}

/// Blocks of YAML that are in none of the files that tests/examples.rs tries.
pub(crate) fn untested_yaml(page: &Page) -> Vec<String> {
    let tested = ["minimal.yml", "wolkvox.yml", "prometheus.yml", "web-config.yml", "prometheus-tls.yml"];
    let tested = tested.map(|name| read(Path::new("examples").join(name)));
    let blocks = page.document.blocks_of("yaml");
    let untested = blocks.filter(|block| block.trim().is_empty() || !tested.iter().any(|file| file.contains(block)));
    untested.map(|block| format!("no example contains {block}")).collect()
}
