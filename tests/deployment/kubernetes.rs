//! deploy/kubernetes: kustomize can build it, Kubernetes knows every field, and the objects fit together, the image and
//! the rules.
//!
//! The fields are checked against the schemas of an old and a new version of Kubernetes. The objects of the Prometheus
//! operator have schemas of their own in this folder, with only the fields that are used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::markdown::Document;
use crate::support::peers::{PrometheusVersion, kubernetes_schemas, kustomize, python};
use crate::support::process::{Finished, exporter, run};
use crate::support::promtool::promtool;
use crate::{project, read};

/// The versions that scripts/peers.sh has.
const VERSIONS: [&str; 2] = ["1.29.0", "1.37.0"];

/// `kubectl apply` keeps a copy of each object in an annotation, and all annotations together have this limit, in bytes.
const MAX_ANNOTATIONS: usize = 262_144;

const RULES: [&str; 4] = ["wolkvox-addresses", "wolkvox-recording", "wolkvox-half-hours", "wolkvox-alerts"];

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|one| one.as_str().expect("it is a text")).collect()
}

fn deployment() -> Value {
    yaml("deploy/kubernetes/exporter/deployment.yaml")
}

fn container(deployment: &Value) -> &Value {
    &deployment["spec"]["template"]["spec"]["containers"][0]
}

/// The names of the files in a folder of the project with this end.
fn files(folder: &str, end: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(project(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(end)).collect()
}

#[test]
fn the_rules_are_those_of_the_folder_alerts() {
    let shipped: Vec<_> = files("alerts", ".rules.yml").into_iter().collect();
    let expected: BTreeSet<_> = RULES.map(|name| format!("{name}.rules.yml")).into();
    assert_eq!(shipped, expected.into_iter().collect::<Vec<_>>());
    for name in RULES {
        let object = yaml(&format!("deploy/kubernetes/prometheus/{name}.yaml"));
        let rules = yaml(&format!("alerts/{name}.rules.yml"));
        assert_eq!(object["spec"], rules, "{name}: run `make kubernetes-rules`");
    }
}

#[test]
fn every_dashboard_has_a_config_map_for_the_sidecar() {
    let kustomization = yaml("grafana/kustomization.yaml");
    assert_eq!(kustomization["generatorOptions"]["labels"]["grafana_dashboard"], "1");
    let mut sources = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for generator in kustomization["configMapGenerator"].as_array().expect("there are some") {
        let files = texts(&generator["files"]);
        assert_eq!(files.len(), 1, "one for each dashboard, because of the limit: {files:?}");
        let (key, source) = files[0].split_once('=').unwrap_or((files[0].rsplit('/').next().unwrap(), files[0]));
        assert!(keys.insert(key.to_owned()), "{key} is there twice");
        assert!(sources.insert(source.to_owned()), "{source} is there twice");
    }
    let english = files("grafana/dashboards", ".json").into_iter().map(|name| format!("dashboards/{name}"));
    let spanish = files("grafana/dashboards/es", ".json").into_iter().map(|name| format!("dashboards/es/{name}"));
    assert_eq!(sources, english.chain(spanish).collect(), "grafana/kustomization.yaml and the dashboards differ");
}

/// The configuration, with the mounted Secret in another folder.
#[test]
fn check_config_accepts_the_configuration() {
    let deployment = deployment();
    let mounts = container(&deployment)["volumeMounts"].as_array().expect("there are some");
    let mount = |name: &str| {
        let mount = mounts.iter().find(|mount| mount["name"] == name).unwrap_or_else(|| panic!("{name}: {mounts:?}"));
        assert!(mount.get("subPath").is_none(), "{name}: changes of a single file do not arrive");
        mount["mountPath"].as_str().expect("it has a path")
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let here = folder.path().to_str().expect("temporary folders have plain names");
    fs::write(folder.path().join("ventas.token"), "hush").expect("the folder can be written to");
    let text = read("deploy/kubernetes/exporter/wolkvox.yml").replace(mount("tokens"), here);
    fs::write(folder.path().join("wolkvox.yml"), text).expect("the folder can be written to");
    let arguments = texts(&container(&deployment)["args"]);
    let arguments = arguments.iter().map(|argument| {
        argument.replace(mount("configuration"), here).replace(&format!("{}/", mount("state")), &format!("{here}/"))
    });
    let check = run(exporter().arg("check-config").args(arguments), "");
    assert!(check.status.success() && check.stdout.contains("ventas-co"), "{check:?}");
    assert_eq!(check.stdout.matches(here).count(), 0, "nothing else is printed with a path: {check:?}");
}

#[test]
fn the_deployment_fits_the_image() {
    let deployment = deployment();
    let dockerfile = read("Dockerfile");
    let pod = &deployment["spec"]["template"]["spec"];
    let context = &pod["securityContext"];
    let user = format!("USER {}:{}", context["runAsUser"], context["runAsGroup"]);
    assert!(dockerfile.lines().any(|line| line == user), "{user}");
    assert_eq!(context["fsGroup"], context["runAsGroup"], "the state can be written");
    let port = &container(&deployment)["ports"][0];
    assert!(dockerfile.contains(&format!("EXPOSE {}\n", port["containerPort"])), "{port}");
    let image = container(&deployment)["image"].as_str();
    assert_eq!(image, Some(concat!("wolkvox_exporter:", env!("CARGO_PKG_VERSION"))));
    let readme = read("deploy/kubernetes/README.md");
    assert!(readme.matches("wolkvox_exporter:").count() > 2);
    assert_eq!(readme.matches("wolkvox_exporter:").count(), readme.matches(image.expect("it has one")).count());
}

/// What Kubernetes asks for in the namespace, and what the exporter does not need.
#[test]
fn the_pod_is_restricted() {
    let deployment = deployment();
    let pod = &deployment["spec"]["template"]["spec"];
    let context = &container(&deployment)["securityContext"];
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(context["allowPrivilegeEscalation"], false);
    assert_eq!(context["readOnlyRootFilesystem"], true);
    assert_eq!(context["capabilities"], json!({"drop": ["ALL"]}));
    let labels = &yaml("deploy/kubernetes/exporter/namespace.yaml")["metadata"]["labels"];
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
}

/// Two processes cannot use the state file, and wolkvox wants one call at a time.
#[test]
fn there_are_never_two_pods() {
    let spec = &deployment()["spec"];
    assert_eq!((&spec["replicas"], &spec["strategy"]), (&json!(1), &json!({"type": "Recreate"})));
}

/// Without it, a label `team` of the target replaces the exporter's.
#[test]
fn prometheus_keeps_the_labels_of_the_exporter() {
    let monitor = yaml("deploy/kubernetes/prometheus/service-monitor.yaml");
    for endpoint in monitor["spec"]["endpoints"].as_array().expect("there are some") {
        assert_eq!(endpoint["honorLabels"], true);
    }
}

fn build(folder: &Path) -> Finished {
    run(kustomize().arg("build").arg(folder), "")
}

/// The objects that kustomize prints.
fn objects(built: &Finished) -> Vec<Value> {
    assert!(built.status.success() && built.stderr.is_empty(), "{}", built.stderr);
    let documents = built.stdout.split("\n---\n");
    documents.map(|text| serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))).collect()
}

fn shipped() -> Vec<Value> {
    objects(&build(&project("deploy/kubernetes")))
}

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let found: Vec<_> = objects.iter().filter(|object| object["kind"] == kind).collect();
    assert!(!found.is_empty(), "there is no {kind}");
    found
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().expect("every object has a name")
}

/// What is wrong with the objects in a version of Kubernetes.
fn validate(objects: &[Value], version: &str) -> Finished {
    let mut command: Command = python();
    command.arg(project("tests/deployment/validate_objects.py"));
    command.arg(kubernetes_schemas(version)).arg(project("tests/deployment"));
    run(&mut command, &json!(objects).to_string())
}

#[test]
#[ignore = "needs the peers: make test"]
fn kubernetes_knows_every_field() {
    let objects = shipped();
    let kinds: BTreeSet<_> = objects.iter().map(|object| object["kind"].as_str().expect("it has a kind")).collect();
    assert!(kinds.len() > 7, "{kinds:?}");
    for version in VERSIONS {
        let output = validate(&objects, version);
        assert!(output.status.success() && output.stdout.is_empty(), "{version}: {}{}", output.stdout, output.stderr);
    }
}

/// A copy of the folders that kustomize reads.
fn copy() -> TempDir {
    let target = tempfile::tempdir().expect("a temporary folder can be made");
    for folder in ["deploy/kubernetes", "grafana"] {
        let to = target.path().join(folder);
        fs::create_dir_all(to.parent().expect("it is below")).expect("the folder can be written to");
        let copied = run(Command::new("cp").arg("-r").arg(project(folder)).arg(to), "");
        assert!(copied.status.success(), "{}", copied.stderr);
    }
    target
}

#[test]
#[ignore = "needs the peers: make test"]
fn an_error_in_the_files_is_found() {
    for (file, right, wrong, message) in [
        ("exporter/deployment.yaml", "runAsNonRoot:", "runAsNonroot:", "runAsNonroot"),
        ("exporter/deployment.yaml", "containerPort: 9909", "containerPort: \"9909\"", "containerPort must be integer"),
        ("exporter/deployment.yaml", "mountPath: /data", "path: /data", "mountPath"),
        ("exporter/service.yaml", "targetPort:", "targetport:", "targetport"),
        ("exporter/persistent-volume-claim.yaml", "accessModes: [ReadWriteOnce]", "accessModes: all", "accessModes"),
        ("exporter/network-policy.yaml", "protocol: UDP", "protokol: UDP", "protokol"),
        ("prometheus/service-monitor.yaml", "honorLabels:", "honor_labels:", "honor_labels"),
        ("prometheus/wolkvox-alerts.yaml", "expr: |2", "expression: |2", "expr"),
    ] {
        let folder = copy();
        let path = folder.path().join("deploy/kubernetes").join(file);
        let text = fs::read_to_string(&path).expect("it is there");
        let planted = text.replacen(right, wrong, 1);
        assert_ne!(planted, text, "{file} does not contain {right:?}");
        fs::write(&path, planted).expect("the folder can be written to");
        // Only this folder, because the dashboards are large.
        let objects = objects(&build(path.parent().expect("it is in a folder")));
        let output = validate(&objects, VERSIONS[1]);
        assert!(!output.status.success() && output.stdout.contains(message), "{wrong:?}: {output:?}");
        assert_eq!(output.stdout.lines().count(), 1, "{output:?}");
    }
    for missing in ["deploy/kubernetes/exporter/service.yaml", "deploy/kubernetes/exporter/wolkvox.yml", "grafana"] {
        let folder = copy();
        let path = folder.path().join(missing);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("it can be removed");
        let built = build(&folder.path().join("deploy/kubernetes"));
        assert!(!built.status.success() && built.stderr.contains(missing), "{missing}: {}", built.stderr);
    }
}

/// The kustomization that the README shows, in a folder beside the repository.
#[test]
#[ignore = "needs the peers: make test"]
fn the_kustomization_of_the_readme_changes_image_and_configuration() {
    let readme = Document::of(&read("deploy/kubernetes/README.md"));
    let example = readme.blocks_of("yaml").next().expect("it has an example");
    let folder = copy();
    let own = folder.path().join("wolkvox");
    fs::create_dir(&own).expect("the folder can be written to");
    let example = example.replace("../wolkvox_exporter/deploy", "../deploy");
    fs::write(own.join("kustomization.yaml"), example).expect("the folder can be written to");
    fs::write(own.join("wolkvox.yml"), "operations: []\n").expect("the folder can be written to");
    let objects = objects(&build(&own));
    assert_eq!(objects.len(), shipped().len());
    let deployment = of_kind(&objects, "Deployment")[0];
    let image = container(deployment)["image"].as_str();
    assert_eq!(image, Some(concat!("registry.example.com/wolkvox_exporter:", env!("CARGO_PKG_VERSION"))));
    let volumes = deployment["spec"]["template"]["spec"]["volumes"].as_array().expect("there are some");
    let used = volumes.iter().find_map(|volume| volume["configMap"]["name"].as_str());
    let maps = of_kind(&objects, "ConfigMap");
    let map = maps.iter().find(|map| Some(name(map)) == used).expect("the ConfigMap is there");
    assert_eq!(map["data"], json!({"wolkvox.yml": "operations: []\n"}));
}

/// The README says how to set the addresses of a site, without a change in the shipped files.
#[test]
#[ignore = "needs the peers: make test"]
fn the_patch_of_the_readme_sets_every_address() {
    let readme = Document::of(&read("deploy/kubernetes/README.md"));
    let patches = readme.blocks_of("yaml").nth(1).expect("it has an example with patches");
    let folder = copy();
    let own = folder.path().join("wolkvox");
    fs::create_dir(&own).expect("the folder can be written to");
    let text = format!("resources: [../deploy/kubernetes/prometheus]\n{patches}");
    fs::write(own.join("kustomization.yaml"), text).expect("the folder can be written to");
    let objects = objects(&build(&own));
    let rules = of_kind(&objects, "PrometheusRule");
    let addresses = |name_of: &str| {
        let object = rules.iter().find(|object| name(object) == name_of).expect("the object is there");
        object["spec"]["groups"][0]["rules"][0]["labels"].clone()
    };
    let (shipped, own) = (yaml("alerts/wolkvox-addresses.rules.yml"), addresses("wolkvox-addresses"));
    let shipped = shipped["groups"][0]["rules"][0]["labels"].as_object().expect("it has labels").clone();
    let own = own.as_object().expect("it has labels");
    assert_eq!(own.keys().collect::<Vec<_>>(), shipped.keys().collect::<Vec<_>>());
    for (label, address) in own {
        assert_ne!(address, &shipped[label], "{label}");
        assert!(address.as_str().is_some_and(|address| address.starts_with("https://")), "{label}: {address}");
    }
}

/// `kubectl apply` without `--server-side` works too.
#[test]
#[ignore = "needs the peers: make test"]
fn every_object_is_small_enough() {
    for object in shipped() {
        let size = object.to_string().len();
        assert!(size < MAX_ANNOTATIONS, "{}: {size} bytes", name(&object));
    }
}

/// Each name, label and port that one object uses is there in another.
#[test]
#[ignore = "needs the peers: make test"]
fn the_objects_fit_together() {
    let objects = shipped();
    let namespaces: BTreeSet<_> = objects
        .iter()
        .filter(|object| object["kind"] != "Namespace")
        .map(|object| object["metadata"]["namespace"].as_str())
        .collect();
    assert_eq!(namespaces, [Some(name(of_kind(&objects, "Namespace")[0]))].into());

    let deployment = of_kind(&objects, "Deployment")[0];
    let template = &deployment["spec"]["template"];
    let has = |labels: &Value, wanted: &Value| {
        let wanted = wanted.as_object().expect("it has labels");
        !wanted.is_empty() && wanted.iter().all(|(label, value)| &labels[label] == value)
    };
    let labels = &template["metadata"]["labels"];
    let service = of_kind(&objects, "Service")[0];
    let monitor = of_kind(&objects, "ServiceMonitor")[0];
    let policy = of_kind(&objects, "NetworkPolicy")[0];
    assert!(has(labels, &deployment["spec"]["selector"]["matchLabels"]));
    assert!(has(labels, &service["spec"]["selector"]));
    assert!(has(labels, &policy["spec"]["podSelector"]["matchLabels"]));
    assert!(has(&service["metadata"]["labels"], &monitor["spec"]["selector"]["matchLabels"]));

    let port = &template["spec"]["containers"][0]["ports"][0]["name"];
    let container = &template["spec"]["containers"][0];
    assert_eq!(&service["spec"]["ports"][0]["targetPort"], port);
    assert_eq!(&policy["spec"]["ingress"][0]["ports"][0]["port"], port);
    assert_eq!(&container["livenessProbe"]["httpGet"]["port"], port);
    assert_eq!(&container["readinessProbe"]["httpGet"]["port"], port);
    assert_eq!(monitor["spec"]["endpoints"][0]["port"], service["spec"]["ports"][0]["name"]);

    let volumes: BTreeMap<_, _> = template["spec"]["volumes"]
        .as_array()
        .expect("there are some")
        .iter()
        .map(|volume| (volume["name"].as_str().expect("it has a name"), volume))
        .collect();
    let mounted: Vec<_> = container["volumeMounts"].as_array().expect("there are some").iter().collect();
    assert_eq!(mounted.len(), volumes.len());
    assert!(mounted.iter().all(|mount| volumes.contains_key(mount["name"].as_str().expect("it has a name"))));
    let configuration = volumes["configuration"]["configMap"]["name"].as_str().expect("it has a name");
    let maps = of_kind(&objects, "ConfigMap");
    let map = maps.iter().find(|map| name(map) == configuration).expect("the ConfigMap is there");
    assert_eq!(map["data"]["wolkvox.yml"], read("deploy/kubernetes/exporter/wolkvox.yml"));
    assert_eq!(
        volumes["state"]["persistentVolumeClaim"]["claimName"],
        name(of_kind(&objects, "PersistentVolumeClaim")[0])
    );
    // It is not in the files: README.md says how to create it.
    let secret = volumes["tokens"]["secret"]["secretName"].as_str().expect("it has a name");
    let command = format!("create secret generic {secret} --from-file=ventas.token");
    assert!(read("deploy/kubernetes/README.md").contains(&command), "{command}");
}

#[test]
#[ignore = "needs the peers: make test"]
fn promtool_accepts_the_rules_of_the_objects() {
    let objects = shipped();
    for object in of_kind(&objects, "PrometheusRule") {
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        fs::write(file.path(), object["spec"].to_string()).expect("it can be written");
        for version in PrometheusVersion::ALL {
            let check = promtool(version, &["check", "rules", &file.path().to_string_lossy()], "");
            assert!(check.status.success(), "{}: {check:?}", name(object));
        }
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_script_writes_the_rules_of_the_repository() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let written = run(Command::new(project("scripts/kubernetes-rules.sh")).arg(folder.path()), "");
    assert!(written.status.success(), "{}", written.stderr);
    for name in RULES {
        let text = fs::read_to_string(folder.path().join(format!("{name}.yaml"))).expect("it was written");
        assert!(text == read(&format!("deploy/kubernetes/prometheus/{name}.yaml")), "run `make kubernetes-rules`");
    }
}
