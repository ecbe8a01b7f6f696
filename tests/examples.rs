//! The files in examples/ are valid without changes.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use support::authority::Authority;
use support::markdown::{Document, code};
use support::peers::PrometheusVersion;
use support::process::{exporter, run};
use support::promtool::promtool;
use wolkvox_exporter::config::{self, Sources};
use wolkvox_exporter::model::Collector;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The keys of the configuration, as the messages about an unknown key list them, for every section.
fn known_keys() -> BTreeSet<String> {
    let folder = tempfile::tempdir().expect("there is room for a file");
    let file = folder.path().join("wolkvox.yml");
    let collectors = Collector::ALL.map(|collector| format!("      {collector}: {{zzzz: 1}}\n")).concat();
    let text = format!(
        "operations:\n  - zzzz: 1\n    collectors:\n      zzzz: 1\n{collectors}    targets:\n      - zzzz: 1\n        \
         service_level: {{zzzz: 1}}\n        open: {{zzzz: 1}}\n"
    );
    fs::write(&file, text).expect("there is room for a file");
    let errors = config::load(&Sources { file: Some(file), ..Sources::default() }, &|_| None);
    let errors = errors.expect_err("there is no key zzzz");
    let messages = errors.as_slice().iter().map(|error| error.message.as_str());
    let lists = messages.filter_map(|message| message.strip_prefix("unknown key \"zzzz\": expected "));
    let keys: BTreeSet<String> =
        lists.flat_map(|list| list.replace(" or ", ", ").split(", ").map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(keys.len() > 20, "{keys:?}");
    keys
}

/// Keys that no line of `text` sets.
fn unused<'a>(keys: &'a BTreeSet<String>, text: &str) -> Vec<&'a str> {
    let set = |key: &&String| text.contains(&format!(" {key}:")) || text.contains(&format!("{{{key}:"));
    keys.iter().filter(|key| !set(key)).map(String::as_str).collect()
}

/// The keys that docs/configuration.md explains, and the collectors.
fn explained_keys() -> BTreeSet<String> {
    let document = Document::of(&read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md")));
    let rows = ["Key", "Collector"].map(|title| document.rows(title)).concat();
    rows.iter().flat_map(|row| code(&row[0])).collect()
}

#[test]
fn check_config_accepts_the_smallest_configuration() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ventas.token"), "hush-ventas\n").unwrap();
    let file = folder.path().join("wolkvox.yml");
    fs::copy(example("minimal.yml"), &file).unwrap();
    let check = run(exporter().arg("check-config").arg("--config.file").arg(file), "");
    assert!(check.status.success() && check.stdout.contains("ventas-co"), "{check:?}");
}

#[test]
fn check_config_accepts_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    fs::write(folder.path().join("secrets/ventas.token"), "hush-ventas\n").unwrap();
    let file = folder.path().join("wolkvox.yml");
    fs::copy(example("wolkvox.yml"), &file).unwrap();
    let check = run(exporter().arg("check-config").arg("--config.file").arg(file).env("SOPORTE_TOKEN", "hush"), "");
    assert!(check.status.success() && check.stdout.contains("2 operations"), "{check:?}");
}

/// The files that examples/web-config.yml names, and an exporter's configuration.
fn web_configuration() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room for a file");
    fs::create_dir(folder.path().join("tls")).expect("there is room for a file");
    let authority = Authority::new("an authority");
    let server = authority.issue("127.0.0.1", |_| {});
    for (file, text) in [
        ("tls/server.pem", server.certificate_pem()),
        ("tls/server.key", server.key_pem()),
        ("tls/clients-ca.pem", authority.pem()),
        ("ventas.token", "hush-ventas\n".to_owned()),
    ] {
        fs::write(folder.path().join(file), text).expect("there is room for a file");
    }
    for file in ["minimal.yml", "web-config.yml"] {
        fs::copy(example(file), folder.path().join(file)).expect("there is room for a file");
    }
    folder
}

#[test]
fn check_config_accepts_the_web_configuration() {
    let folder = web_configuration();
    let arguments = ["check-config", "--config.file", "minimal.yml", "--web.config.file", "web-config.yml"];
    let check = run(exporter().current_dir(folder.path()).args(arguments), "");
    assert!(check.status.success(), "{check:?}");
    assert!(check.stdout.contains("web-config.yml is valid") && !check.stdout.contains("warning"), "{check:?}");
}

#[test]
fn the_password_of_the_web_configuration_is_the_one_that_it_names() {
    let text = read(&example("web-config.yml"));
    let hash = text.lines().find_map(|line| line.strip_prefix("  prometheus: ")).expect("it has a user");
    assert!(text.contains("is \"change-me\"") && bcrypt::verify("change-me", hash).unwrap());
}

#[test]
#[ignore = "needs the peers: make test"]
fn promtool_accepts_the_web_configuration() {
    let folder = web_configuration();
    let file = folder.path().join("web-config.yml");
    // Version 2.42 does not know client_allowed_sans and rate_limit.
    let check = promtool(PrometheusVersion::V3, &["check", "web-config", &file.to_string_lossy()], "");
    assert!(check.status.success(), "{check:?}");
}

#[test]
fn the_example_has_every_key() {
    assert_eq!(unused(&known_keys(), &read(&example("wolkvox.yml"))), [""; 0]);
}

#[test]
fn the_reference_explains_every_key_and_no_other() {
    let mut known = known_keys();
    // The example explains the list that contains all other keys.
    known.remove("operations");
    assert_eq!(explained_keys(), known);
}

#[test]
fn a_key_that_the_example_lacks_is_found() {
    let text = read(&example("wolkvox.yml")).replace("max_dnis:", "most_dnis:");
    assert_eq!(unused(&known_keys(), &text), ["max_dnis"]);
}

/// Without it, a label `team` of the target replaces the exporter's.
#[test]
fn prometheus_keeps_the_labels_of_the_exporter() {
    for file in ["examples/prometheus.yml", "examples/prometheus-tls.yml", "deploy/prometheus.yml"] {
        let text = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
        assert!(text.contains("\n    honor_labels: true"), "{file}");
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn promtool_accepts_the_scrape_configuration() {
    for version in PrometheusVersion::ALL {
        for file in ["prometheus.yml", "prometheus-tls.yml"] {
            let path = example(file);
            // Without looking for the files that it names.
            let check = promtool(version, &["check", "config", "--syntax-only", &path.to_string_lossy()], "");
            assert!(check.status.success(), "{version:?}: {check:?}");
        }
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn promtool_can_read_the_queries_of_the_documents() {
    let document = Document::of(&read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/understanding-metrics.md")));
    let queries: Vec<_> = document.blocks_of("promql").collect();
    assert!(!queries.is_empty());
    let rules = queries.iter().map(|query| serde_json::json!({"record": "query:of_the_documents", "expr": query}));
    let rules = serde_json::json!({"groups": [{"name": "documents", "rules": rules.collect::<Vec<_>>()}]});
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), rules.to_string()).unwrap();
    for version in PrometheusVersion::ALL {
        let check = promtool(version, &["check", "rules", &file.path().to_string_lossy()], "");
        assert!(check.status.success(), "{version:?}: {check:?}");
    }
}
