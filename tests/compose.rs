//! compose.yaml fits the files that it mounts and the programs of the images. These tests need no container engine:
//! Docker Compose checks the file, and the real programs list their options.
#![cfg(feature = "simulator")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use support::peers::{AlertmanagerVersion, PrometheusVersion, docker_compose};
use support::process::{Finished, exporter, run};
use support::routing::TEMPLATES;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Replaces `${NAME:-default}` by its default and `$$` by a dollar, as when no variable is set.
fn with_defaults(text: &str) -> String {
    let mut parts = text.split("${");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').unwrap_or_else(|| panic!("{text}: a variable has no end"));
        let (_, default) = variable.split_once(":-").unwrap_or_else(|| panic!("{text}: {variable} has no default"));
        whole.push_str(default);
        whole.push_str(rest);
    }
    whole.replace("$$", "$")
}

fn compose() -> Value {
    serde_saphyr::from_str(&with_defaults(&read("compose.yaml"))).expect("compose.yaml is YAML")
}

fn services(compose: &Value) -> Vec<(&str, &Value)> {
    compose["services"].as_object().expect("there are services").iter().map(|(name, it)| (name.as_str(), it)).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|one| one.as_str().expect("it is a text")).collect()
}

/// The mounts of a service: source, target path, and whether it is writable.
fn mounts(service: &Value) -> Vec<(String, String, bool)> {
    let mounts = texts(&service["volumes"]).into_iter().map(|mount| match *mount.split(':').collect::<Vec<_>>() {
        [source, place] => (source.to_owned(), place.to_owned(), true),
        [source, place, "ro"] => (source.to_owned(), place.to_owned(), false),
        _ => panic!("{mount} is not a mount"),
    });
    mounts.collect()
}

/// The file of the project behind a path in the service's container.
fn behind(service: &Value, path: &str) -> Option<PathBuf> {
    let mounts = mounts(service);
    let inside = mounts.iter().filter_map(|(source, place, _)| {
        let rest = path.strip_prefix(place)?.trim_start_matches('/');
        source.starts_with("./").then(|| project().join(source).join(rest))
    });
    // For a mounted file the rest of the path is empty.
    inside.map(|path| path.components().collect()).next()
}

/// The options among the words: `--name` of `--name=value`.
fn options(words: &[&str]) -> BTreeSet<String> {
    let options = words.iter().filter(|word| word.starts_with("--"));
    options.map(|word| word.split('=').next().unwrap_or_default().to_owned()).collect()
}

/// The options that the program's help does not name.
fn unknown(words: &[&str], mut program: Command, help: &[&str]) -> Vec<String> {
    let help = run(program.args(help), "");
    let help = help.stdout + &help.stderr;
    let known: BTreeSet<&str> = help
        .split(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c)))
        .filter(|w| w.starts_with("--"))
        .collect();
    assert!(known.len() > 5, "the help has too few options: {help}");
    options(words).into_iter().filter(|option| !known.contains(option.as_str())).collect()
}

#[test]
fn every_mount_is_a_file_of_the_project_or_a_volume() {
    let compose = compose();
    for (name, service) in services(&compose) {
        for (source, place, writable) in mounts(service) {
            if source.starts_with("./") {
                assert!(project().join(&source).exists(), "{name}: {source} is not there");
                assert!(!writable, "{name}: {source} can be written to from the container");
            } else {
                assert!(
                    compose["volumes"].get(&source).is_some(),
                    "{name}: the volume {source} of {place} is not named"
                );
            }
        }
    }
    let used: BTreeSet<String> =
        services(&compose).into_iter().flat_map(|(_, service)| mounts(service)).map(|(source, ..)| source).collect();
    for volume in compose["volumes"].as_object().expect("there are volumes").keys() {
        assert!(used.contains(volume), "the volume {volume} is not used");
    }
}

#[test]
fn every_image_has_a_version() {
    let compose = compose();
    for (name, service) in services(&compose) {
        let image = service["image"].as_str().unwrap_or_else(|| panic!("{name} has no image"));
        let tag = image.rsplit_once(':').unwrap_or_else(|| panic!("{name}: {image} has no tag")).1;
        let numbers = tag.trim_start_matches('v').split('-').next().unwrap_or_default().split('.');
        assert_eq!(numbers.filter(|number| number.parse::<u32>().is_ok()).count(), 3, "{name}: {image}");
    }
    let own = compose["services"]["exporter"]["image"].as_str();
    assert_eq!(own, Some(concat!("wolkvox_exporter:", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn ports_are_on_loopback_by_default() {
    let compose = compose();
    let ports: Vec<&str> = services(&compose).into_iter().flat_map(|(_, service)| texts(&service["ports"])).collect();
    assert!(ports.len() >= 4, "{ports:?}");
    for port in ports {
        assert!(port.starts_with("127.0.0.1:"), "{port}");
    }
}

#[test]
fn services_restart_and_have_a_health_check() {
    let compose = compose();
    for (name, service) in services(&compose) {
        match service["restart"].as_str() {
            // The image of the exporter has its own health check.
            Some("unless-stopped") => {
                assert!(name == "exporter" || service["healthcheck"]["test"].is_array(), "{name}");
            }
            Some("no") => {
                let waits = services(&compose)
                    .into_iter()
                    .any(|(_, other)| other["depends_on"][name]["condition"] == "service_completed_successfully");
                assert!(waits, "{name} runs once, and no service waits for it");
            }
            other => panic!("{name}: restart is {other:?}"),
        }
        let others = service["depends_on"].as_object().into_iter().flatten();
        for (other, how) in others {
            let target = &compose["services"][other];
            assert!(target.is_object(), "{name} waits for {other}, which is not there");
            let is_healthy = how["condition"] == "service_healthy";
            assert!(!is_healthy || target["healthcheck"].is_object(), "{name}: {other} has no health check");
        }
    }
}

#[test]
fn every_service_is_restricted() {
    let compose = compose();
    for (name, service) in services(&compose) {
        assert_eq!(service["read_only"], true, "{name}: its image can be written to");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
    }
}

/// Passwords and tokens come from the environment, so only their names are in the file.
#[test]
fn compose_yaml_contains_no_secret() {
    let compose = compose();
    for (name, service) in services(&compose) {
        for variable in service["environment"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let (key, value) = variable.split_once('=').unwrap_or((variable, ""));
            let secret = ["TOKEN", "PASSWORD", "SECRET", "KEY"].iter().any(|word| key.contains(word));
            assert!(!secret || value.is_empty(), "{name}: {key} has a value");
        }
    }
    for line in read("deploy/env.example").lines().filter(|line| line.contains("TOKEN=") || line.contains("PASSWORD="))
    {
        assert!(line.ends_with('='), "{line}");
    }
}

/// compose.yaml uses every variable of the example for .env.
#[test]
fn every_variable_of_the_example_is_used() {
    let text = read("compose.yaml");
    let example = read("deploy/env.example");
    let names: Vec<&str> =
        example.lines().filter_map(|line| line.strip_prefix('#')?.split_once('=')).map(|(name, _)| name).collect();
    assert!(names.len() > 8, "{names:?}");
    for name in names.into_iter().filter(|name| !name.contains(' ')) {
        let passed = text.lines().any(|line| line.trim() == format!("- {name}"));
        assert!(passed || text.contains(&format!("${{{name}:-")), "{name}");
    }
}

#[test]
fn the_exporter_has_the_options_and_variables_of_compose_yaml() {
    let compose = compose();
    let services = &compose["services"];
    let history = texts(&services["history"]["command"]);
    let mut help = exporter();
    help.arg(history[0]);
    assert_eq!(unknown(&history, help, &["--help"]), [""; 0]);
    assert_eq!(texts(&services["exporter"]["command"]), ["demo"]);
    let help = ["demo", "history"].map(|command| run(exporter().args([command, "--help"]), "").stdout).concat();
    for service in ["exporter", "history"] {
        for variable in texts(&services[service]["environment"]) {
            let known = help.contains(&format!("{variable}=")) || help.contains(&format!("`{variable}`"));
            assert!(known, "{service}: {variable}");
        }
    }
}

/// The history has the labels of the target that Prometheus scrapes.
#[test]
fn the_history_has_the_labels_of_the_scraped_target() {
    let compose = compose();
    let history = texts(&compose["services"]["history"]["command"]);
    let scrape = &yaml("deploy/prometheus.yml")["scrape_configs"][0];
    let target = scrape["static_configs"][0]["targets"][0].as_str().expect("there is a target");
    let job = scrape["job_name"].as_str().expect("a job has a name");
    for label in [format!("job={job}"), format!("instance={target}")] {
        assert!(history.contains(&format!("--history.label={label}").as_str()), "{label}: {history:?}");
    }
    let (service, port) = target.split_once(':').expect("a target has a port");
    let published = texts(&compose["services"][service]["ports"]);
    assert!(published.iter().any(|published| published.ends_with(&format!(":{port}"))), "{published:?}");
}

#[test]
fn grafana_is_provisioned_from_mounted_files() {
    let compose = compose();
    let grafana = &compose["services"]["grafana"];
    let provisioning = behind(grafana, "/etc/grafana/provisioning").expect("it is mounted");
    let sources = yaml("grafana/provisioning/datasources/prometheus.yaml");
    assert_eq!(sources["apiVersion"], 1);
    let url = sources["datasources"][0]["url"].as_str().expect("the source has an address");
    let (service, port) = url.strip_prefix("http://").and_then(|url| url.split_once(':')).expect("it has a port");
    let listens = texts(&compose["services"][service]["ports"]);
    assert!(listens.iter().any(|published| published.ends_with(&format!(":{port}"))), "{url}: {listens:?}");

    let mut providers = 0;
    for file in fs::read_dir(provisioning.join("dashboards")).expect("it is there") {
        let file = file.expect("it can be read").path();
        let text = fs::read_to_string(&file).expect("it is text");
        let parsed: Value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for provider in parsed["providers"].as_array().expect("there are providers") {
            providers += 1;
            let path = provider["options"]["path"].as_str().expect("it has a path");
            let mut below = mounts(grafana).into_iter().filter(|(_, place, _)| place.starts_with(path));
            assert!(below.any(|(source, ..)| source == "./grafana/dashboards"), "{path}: nothing is mounted there");
        }
    }
    assert!(providers > 0, "no dashboard is provisioned");
}

/// Runs Docker Compose on a configuration in the folder of the project.
fn check_config(text: &str) -> Finished {
    let mut client = docker_compose();
    client.current_dir(project()).args(["--env-file", "deploy/env.example", "--file", "-", "config", "--quiet"]);
    run(&mut client, text)
}

#[test]
#[ignore = "needs the peers: make test"]
fn docker_compose_accepts_the_file_and_rejects_a_wrong_key() {
    let shipped = read("compose.yaml");
    let output = check_config(&shipped);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", output.stderr);
    let planted = shipped.replacen("    image: ", "    imagine: ", 1);
    assert_ne!(planted, shipped);
    let output = check_config(&planted);
    assert!(!output.status.success() && output.stderr.contains("imagine"), "{}", output.stderr);
}

#[test]
#[ignore = "needs the peers: make test"]
fn prometheus_and_alertmanager_have_the_options_of_compose_yaml() {
    let compose = compose();
    let command = |service: &str| texts(&compose["services"][service]["command"]);
    let prometheus = command("prometheus");
    assert!(options(&prometheus).len() > 2, "{prometheus:?}");
    assert_eq!(unknown(&prometheus, PrometheusVersion::V3.prometheus(), &["--help"]), [""; 0]);
    let alertmanager = command("alertmanager");
    assert!(options(&alertmanager).len() > 2, "{alertmanager:?}");
    assert_eq!(unknown(&alertmanager, AlertmanagerVersion::New.alertmanager(), &["--help"]), [""; 0]);
    assert_eq!(unknown(&["--nonsense=1"], AlertmanagerVersion::New.alertmanager(), &["--help"]), ["--nonsense"]);
}

/// The path of the rules in the container is replaced by the folder in the project.
#[test]
#[ignore = "needs the peers: make test"]
fn promtool_accepts_the_configuration_with_the_rules() {
    let compose = compose();
    let prometheus = &compose["services"]["prometheus"];
    let file = behind(prometheus, "/etc/prometheus/prometheus.yml").expect("it is mounted");
    let rules = behind(prometheus, "/etc/prometheus/rules").expect("they are mounted");
    let text = fs::read_to_string(file).expect("it is text");
    let text = text.replace("/etc/prometheus/rules", rules.to_str().expect("it is a text"));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let copy = folder.path().join("prometheus.yml");
    fs::write(&copy, text).expect("it can be written");
    for version in PrometheusVersion::ALL {
        let output = run(version.promtool().args(["check", "config"]).arg(&copy), "");
        let found = output.stdout.matches("rules found").count();
        assert!(output.status.success() && found > 0, "{version:?}: {}{}", output.stdout, output.stderr);
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn amtool_accepts_the_routing_to_the_sink() {
    let mut awk = Command::new("awk");
    awk.current_dir(project()).args([
        "-v",
        "url=http://sink:9095/",
        "-f",
        "deploy/to_sink.awk",
        "alerts/alertmanager.yml",
    ]);
    let routing = run(&mut awk, "").stdout;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (templates, text) = TEMPLATES;
    let templates = folder.path().join(templates);
    fs::create_dir_all(templates.parent().expect("it is below the folder")).expect("a folder can be made");
    fs::write(templates, text).expect("it can be written");
    let file = folder.path().join("alertmanager.yml");
    fs::write(&file, &routing).expect("it can be written");
    let output = run(AlertmanagerVersion::New.amtool().arg("check-config").arg(&file), "");
    assert!(output.status.success(), "{}{}", output.stdout, output.stderr);

    // The receivers have the same names, and each has only the sink.
    let [mut made, mut shipped]: [Value; 2] =
        [&routing, &read("alerts/alertmanager.yml")].map(|text| serde_saphyr::from_str(text).expect("it is YAML"));
    let receivers =
        |routing: &mut Value| routing.as_object_mut().expect("it has keys").remove("receivers").expect("has some");
    let (sinks, services) = (receivers(&mut made), receivers(&mut shipped));
    assert_eq!(made, shipped, "besides the receivers nothing differs");
    let names = |receivers: &Value| -> Vec<String> {
        receivers.as_array().expect("a list").iter().map(|one| one["name"].to_string()).collect()
    };
    assert_eq!(names(&sinks), names(&services));
    for sink in sinks.as_array().expect("a list") {
        assert_eq!(sink.as_object().expect("it has keys").len(), 2, "{sink}");
        assert!(
            sink["webhook_configs"][0]["url"].as_str().is_some_and(|url| url.starts_with("http://sink:9095/")),
            "{sink}"
        );
    }
}
