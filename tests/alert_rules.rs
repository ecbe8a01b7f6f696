//! The rules that are shipped: they read only series that there are, keep their conventions, and every alert is tried in
//! `alerts/tests`.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use serde_json::Value;
use wolkvox_exporter::metrics::catalogue;

use support::peers::PrometheusVersion;
use support::process::run;
use support::promql::{self, Known, Reading};

/// Every alert, its severity and its category.
const ALERTS: [(&str, &str, &str); 19] = [
    ("WolkvoxServiceLevelFastBurn", "critical", "service_level"),
    ("WolkvoxServiceLevelSlowBurn", "warning", "service_level"),
    ("WolkvoxServiceLevelLowTraffic", "warning", "service_level"),
    ("WolkvoxAbandonmentHigh", "warning", "abandonment"),
    ("WolkvoxAbandonmentHigh", "critical", "abandonment"),
    ("WolkvoxQueueStuck", "critical", "queue"),
    ("WolkvoxNoCalls", "critical", "traffic"),
    ("WolkvoxDnisServiceLevelLow", "warning", "service_level"),
    ("WolkvoxDnisAbandonmentHigh", "warning", "abandonment"),
    ("WolkvoxExporterDown", "critical", "exporter"),
    ("WolkvoxDataStale", "critical", "exporter"),
    ("WolkvoxDataStale", "warning", "exporter"),
    ("WolkvoxUnauthorized", "critical", "exporter"),
    ("WolkvoxQuotaNearlyUsed", "warning", "exporter"),
    ("WolkvoxQuotaExhausted", "critical", "exporter"),
    ("WolkvoxParseErrors", "warning", "exporter"),
    ("WolkvoxResultTruncated", "warning", "exporter"),
    ("WolkvoxConfigReloadFailed", "warning", "exporter"),
    ("WolkvoxServiceLevelDefinitionDoubtful", "info", "exporter"),
];

/// The annotations of every alert.
const ANNOTATIONS: [&str; 6] =
    ["dashboard_url", "description", "description_es", "runbook_url", "summary", "summary_es"];

/// In the order in which Prometheus needs them: recorded first.
const FILES: [&str; 2] = ["wolkvox-recording.rules.yml", "wolkvox-alerts.rules.yml"];

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts").join(name)
}

fn yaml(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// All rules, in their order.
fn rules() -> Vec<Value> {
    let groups = FILES.iter().flat_map(|file| list(&yaml(&shipped(file))["groups"]).to_vec());
    groups.flat_map(|group| list(&group["rules"]).to_vec()).collect()
}

/// The alerts among them.
fn alerts() -> Vec<Value> {
    rules().into_iter().filter(|rule| rule.get("alert").is_some()).collect()
}

/// The series of the exporter and of Prometheus.
fn scraped() -> Known {
    /// What Prometheus adds to all that it scrapes.
    const TARGET: [&str; 2] = ["job", "instance"];
    let own = catalogue::families().into_iter().map(|family| (family.name, family.labels));
    let mut known = Known::new();
    for (name, labels) in own.chain([("up", &[] as &[&str])]) {
        known.insert(name.to_owned(), labels.iter().chain(&TARGET).map(ToString::to_string).collect());
    }
    known
}

/// Reads the rules one after the other, so that each knows what those before it record.
fn read(rules: &[Value]) -> Vec<(String, Reading)> {
    let mut known = scraped();
    let mut readings = Vec::new();
    for rule in rules {
        let mut reading = promql::read(text(&rule["expr"]), &known);
        let name = if let Some(record) = rule.get("record") {
            known.insert(text(record).to_owned(), reading.labels.clone());
            text(record)
        } else {
            for annotation in rule["annotations"].as_object().into_iter().flat_map(|all| all.values()).map(text) {
                reading.findings.extend(templates(annotation, &reading.labels, &known));
            }
            text(&rule["alert"])
        };
        readings.push((name.to_owned(), reading));
    }
    readings
}

/// What is wrong with the templates of an annotation, whose alert has `labels`.
fn templates(annotation: &str, labels: &BTreeSet<String>, known: &Known) -> Vec<String> {
    let mut findings = Vec::new();
    for after in annotation.split("$labels.").skip(1) {
        let label: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if !labels.contains(&label) {
            findings.push(format!("the alert has no label {label}"));
        }
    }
    for after in annotation.split("with printf \"").skip(1) {
        let query = after.split('"').next().expect("split gives one at least").replace("%q", "\"\"");
        findings.extend(promql::read(&query, known).findings);
    }
    findings
}

fn findings(rules: &[Value]) -> Vec<String> {
    let all = read(rules).into_iter();
    all.flat_map(|(name, reading)| reading.findings.into_iter().map(move |finding| format!("{name}: {finding}")))
        .collect()
}

#[test]
fn rules_read_only_series_and_labels_that_there_are() {
    let rules = rules();
    assert!(rules.len() > 50, "{} rules", rules.len());
    assert_eq!(findings(&rules), Vec::<String>::new());
}

#[test]
fn a_wrong_series_and_a_wrong_label_are_found_wherever_they_stand() {
    for (from, to, finding) in [
        ("wolkvox_skill_calls_in_queue[10m]", "wolkvox_skill_queue[10m]", "no series is called wolkvox_skill_queue"),
        ("{reason=\"unauthorized\"}", "{cause=\"unauthorized\"}", "wolkvox_collector_failure_info has no label cause"),
        ("max by (operation, denominator)", "max by (operation, divisor)", "by (divisor): none of"),
        ("on (operation, threshold_seconds)", "on (operation, threshold)", "on (threshold): none of"),
        ("group_left (skill_name, team)", "group_left (skill_name, crew)", "on (crew): none of"),
        ("$labels.endpoint", "$labels.report", "the alert has no label report"),
        ("skill_calls_in_queue:max{operation=%q", "skill_calls_in_queue:max{centre=%q", "has no label centre"),
        (
            "skill_service_level_target:ratio{",
            "skill_target:ratio{",
            "no series is called operation_skill:wolkvox_skill_target",
        ),
    ] {
        let rules = Value::from(rules()).to_string();
        let (from, to) = (Value::from(from).to_string(), Value::from(to).to_string());
        let (from, to) = (from.trim_matches('"'), to.trim_matches('"'));
        let planted = rules.replace(from, to);
        assert!(planted != rules, "{from} is in no rule");
        let planted: Value = serde_saphyr::from_str(&planted).expect("JSON is YAML");
        let findings = findings(list(&planted));
        assert!(findings.iter().any(|found| found.contains(finding)), "{to}: {findings:?}");
    }
}

#[test]
fn no_percentage_is_averaged() {
    let averages = |rules: &[Value]| {
        let calls = read(rules).into_iter().flat_map(|(_, reading)| reading.calls);
        calls
            .filter(|(call, _)| call == "avg" || call == "avg_over_time")
            .flat_map(|(_, series)| series)
            .filter(|name| name.ends_with("_ratio") || name.contains(":ratio"))
            .count()
    };
    let mut rules = rules();
    assert_eq!(averages(&rules), 0);
    let wrong = "avg by (operation) (avg_over_time(wolkvox_skill_service_level_ratio[1h]))";
    rules.push(serde_json::json!({"record": "operation:wolkvox_skill_service_level:avg", "expr": wrong}));
    assert_eq!(averages(&rules), 2);
}

#[test]
fn there_are_these_alerts_and_no_others() {
    let shipped = alerts();
    let mut shipped: Vec<_> = shipped
        .iter()
        .map(|alert| (text(&alert["alert"]), text(&alert["labels"]["severity"]), text(&alert["labels"]["category"])))
        .collect();
    let mut wanted = ALERTS.to_vec();
    shipped.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(shipped, wanted);
}

#[test]
fn every_alert_keeps_the_conventions() {
    for alert in alerts() {
        let name = text(&alert["alert"]);
        assert!(name.starts_with("Wolkvox") && name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        assert!(alert["for"].is_string(), "{name} fires at once");
        assert_eq!(keys(&alert["labels"]), ["category", "severity"], "{name}");
        assert_eq!(keys(&alert["annotations"]), ANNOTATIONS, "{name}");
        for key in ["summary", "summary_es"] {
            let summary = text(&alert["annotations"][key]);
            assert!(!summary.contains("{{") && summary.ends_with('.') && !summary.contains('\n'), "{name}: {summary}");
        }
        for key in ["description", "description_es"] {
            let description = text(&alert["annotations"][key]);
            assert!(description.contains("{{") && description.ends_with('.'), "{name}: {description}");
        }
        let runbook = text(&alert["annotations"]["runbook_url"]);
        assert!(runbook.ends_with(&format!("/RUNBOOK.md#{}", name.to_lowercase())), "{name}: {runbook}");
    }
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn the_runbook_has_a_section_for_every_alert_and_no_other() {
    let runbook = std::fs::read_to_string(shipped("RUNBOOK.md")).expect("alerts/RUNBOOK.md is there");
    let sections: BTreeSet<_> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let sections: BTreeSet<_> = sections.into_iter().filter(|title| title.starts_with("Wolkvox")).collect();
    assert_eq!(sections, ALERTS.iter().map(|(name, ..)| *name).collect());
}

/// The files for `promtool test rules`.
fn test_files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(shipped("tests")).expect("alerts/tests is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// What the cases show of an alert.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shown {
    /// It fires, with all its annotations.
    fires: bool,
    /// It is not even pending, while there are figures.
    silent: bool,
    /// It is pending and does not fire.
    pending: bool,
}

fn shown(cases: &[Value], name: &str, severity: &str) -> Shown {
    let mut shown = Shown::default();
    let is = |alert: &Value| alert["exp_labels"]["severity"] == severity;
    for case in cases {
        let (firing, figures) = (list(&case["alert_rule_test"]), list(&case["promql_expr_test"]));
        let of_it = |test: &&Value| test["alertname"] == name;
        shown.fires |= firing
            .iter()
            .filter(of_it)
            .flat_map(|test| list(&test["exp_alerts"]))
            .any(|alert| is(alert) && keys(&alert["exp_annotations"]) == ANNOTATIONS);
        let quiet_at = |time: &Value| {
            firing
                .iter()
                .filter(of_it)
                .any(|test| test["eval_time"] == *time && !list(&test["exp_alerts"]).iter().any(is))
        };
        for test in figures {
            let (time, found) = (&test["eval_time"], list(&test["exp_samples"]));
            let asks_for = |state: &str| {
                test["expr"] == format!("count(ALERTS{{alertname=\"{name}\",severity=\"{severity}\"{state}}})")
            };
            shown.pending |= asks_for(",alertstate=\"pending\"") && found.len() == 1 && quiet_at(time);
            shown.silent |= asks_for("")
                && found.is_empty()
                && quiet_at(time)
                && figures.iter().any(|other| {
                    other["eval_time"] == *time
                        && !text(&other["expr"]).contains("ALERTS")
                        && !list(&other["exp_samples"]).is_empty()
                });
        }
    }
    shown
}

#[test]
fn every_alert_is_shown_firing_pending_and_silent() {
    let cases: Vec<Value> = test_files().iter().flat_map(|file| list(&yaml(file)["tests"]).to_vec()).collect();
    for (name, severity, _) in ALERTS {
        let shown = shown(&cases, name, severity);
        assert_eq!(shown, Shown { fires: true, silent: true, pending: true }, "{name} {severity}");
    }
    assert_eq!(
        shown(&cases, "WolkvoxQueueStuck", "warning"),
        Shown::default(),
        "of what there is not, nothing is shown"
    );
}

#[test]
fn every_case_has_a_name_of_its_own_and_all_rules() {
    let groups: Vec<Value> = FILES.iter().flat_map(|file| list(&yaml(&shipped(file))["groups"]).to_vec()).collect();
    let groups: Vec<_> = groups.iter().map(|group| group["name"].clone()).collect();
    let mut names = BTreeMap::new();
    for file in test_files() {
        let content = yaml(&file);
        assert_eq!(
            content["rule_files"],
            Value::from_iter(FILES.map(|name| format!("../{name}"))),
            "{}",
            file.display()
        );
        // Otherwise groups are evaluated in no order, and alerts may be late by one evaluation.
        assert_eq!(content["group_eval_order"], Value::from(groups.clone()), "{}", file.display());
        for case in list(&content["tests"]) {
            let other = names.insert(text(&case["name"]).to_owned(), file.clone());
            assert_eq!(other, None, "{} is twice", case["name"]);
        }
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn promtool_finds_nothing_to_improve() {
    for version in PrometheusVersion::ALL {
        let mut promtool = version.promtool();
        promtool.args(["check", "rules", "--lint=all", "--lint-fatal"]).args(FILES.map(shipped));
        let said = run(&mut promtool, "");
        assert!(said.status.success(), "{version:?}: {said:?}");
    }
}

/// `promtool test rules` for one file.
///
/// # Errors
/// What promtool wrote when a case failed.
fn test_rules(version: PrometheusVersion, file: &Path) -> Result<(), String> {
    let mut promtool = version.promtool();
    // promtool makes much garbage from little memory: a larger heap saves a quarter of its time.
    let finished = run(promtool.env("GOGC", "400").args(["test", "rules"]).arg(file), "");
    if finished.status.success() {
        return Ok(());
    }
    Err(format!("{version:?}, {}:\n{}{}", file.display(), finished.stdout, finished.stderr))
}

/// promtool takes the files of one call one after the other, so each file gets a process of its own, on all cores.
#[test]
#[ignore = "needs the peers: make test"]
fn promtool_sees_every_case_happen() {
    let mut jobs: Vec<_> = PrometheusVersion::ALL
        .into_iter()
        .flat_map(|version| test_files().into_iter().map(move |file| (version, file)))
        .collect();
    // The largest file is the last one, so it is taken first: no core waits for it at the end.
    jobs.sort_by_key(|(_, file)| std::fs::metadata(file).expect("it can be read").len());
    let jobs = Mutex::new(jobs);
    let next = || jobs.lock().expect("no thread panics with it").pop();
    let worker = || std::iter::from_fn(next).filter_map(|(version, file)| test_rules(version, &file).err()).collect();
    let failures: Vec<String> = thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(2, NonZero::get);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| -> Vec<String> { worker.join().expect("it does not panic") }).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
