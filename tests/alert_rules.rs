//! The shipped rules read only series that exist and keep their conventions, and every alert has a section in the
//! runbook and cases in `alerts/tests`. A new alert needs nothing in this file: the rules say which alerts exist.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use serde_json::{Value, json};

use support::dashboard::{files, folder};
use support::peers::PrometheusVersion;
use support::process::run;
use support::promql::{self, Known, Labels};
use support::rules::{
    self, ADDRESSES, ALERTS, Alert, FILES, HALF_HOURS, RECORDING, SITE, alerts, alerts_of, groups, list, rules,
    shipped, text, yaml,
};

/// The annotations of every alert.
const ANNOTATIONS: [&str; 6] =
    ["dashboard_url", "description", "description_es", "runbook_url", "summary", "summary_es"];

/// The problems of the templates in an annotation whose alert has `labels`.
fn templates(annotation: &str, labels: &Labels, known: &Known) -> Vec<String> {
    let mut findings = Vec::new();
    for after in annotation.split("$labels.").skip(1) {
        let label: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if !labels.contains(&label) {
            findings.push(format!("the alert has no label {label}"));
        }
    }
    let queries = ["with printf \"", "with query \""].map(|start| annotation.split(start).skip(1));
    for after in queries.into_iter().flatten() {
        let query = after.split('"').next().expect("split gives at least one part").replace("%q", "\"\"");
        let query = promql::read(&query, known);
        let shown = after.split("{{ end }}").next().expect("split gives at least one part");
        let missing = shown.split("| label \"").skip(1).filter_map(|rest| rest.split('"').next());
        let missing = missing.filter(|label| !query.labels.contains(*label));
        findings.extend(missing.map(|label| format!("the query has no label {label}")));
        findings.extend(query.findings);
    }
    findings
}

/// The problems of the expressions and annotations of `rules`, each after the name of its rule.
fn findings(rules: &[Value]) -> Vec<String> {
    let (queries, known) = rules::read(rules);
    let mut findings = Vec::new();
    for (rule, query) in queries {
        let name = text(if rule.get("alert").is_some() { &rule["alert"] } else { &rule["record"] });
        let annotations = rule["annotations"].as_object().into_iter().flat_map(|all| all.values());
        let in_templates = annotations.flat_map(|annotation| templates(text(annotation), &query.labels, &known));
        findings.extend(query.findings.iter().cloned().chain(in_templates).map(|finding| format!("{name}: {finding}")));
    }
    findings
}

#[test]
fn rules_read_only_series_and_labels_that_exist() {
    let rules = rules();
    assert!(rules.len() > 50, "{} rules", rules.len());
    assert_eq!(findings(&rules), Vec::<String>::new());
}

/// The rules that read what their group records after them: they would get it an interval late.
fn late(group: &Value) -> Vec<String> {
    let rules = list(&group["rules"]);
    let queries = rules::read(rules).0;
    let mut late = Vec::new();
    for (place, (rule, query)) in queries.iter().enumerate() {
        let later = rules[place + 1..].iter().filter_map(|later| later["record"].as_str());
        for name in later.filter(|name| rule["record"] != **name) {
            if query.selectors.iter().any(|selector| selector.name == name) {
                late.push(format!("{}: {name}", rule["record"].as_str().unwrap_or_else(|| text(&rule["alert"]))));
            }
        }
    }
    late
}

#[test]
fn a_rule_stands_after_the_rules_of_its_group_that_it_reads() {
    for group in groups() {
        assert_eq!(late(&group), Vec::<String>::new());
    }
    let rules = serde_json::json!([{"record": "a:b:c", "expr": "d:e:f"}, {"record": "d:e:f", "expr": "up"}]);
    assert_eq!(late(&serde_json::json!({"rules": rules})), ["a:b:c: d:e:f"]);
}

#[test]
fn a_wrong_series_and_a_wrong_label_are_found_wherever_they_stand() {
    for (from, to, finding) in [
        ("wolkvox_skill_calls_in_queue[10m]", "wolkvox_skill_queue[10m]", "unknown series wolkvox_skill_queue"),
        ("reason=\"unauthorized\"}", "cause=\"unauthorized\"}", "wolkvox_collector_failure_info has no label cause"),
        (
            "max by (operation, denominator)",
            "max by (operation, divisor)",
            "by (divisor): the operand has no label divisor",
        ),
        (
            "on (operation, threshold_seconds)",
            "on (operation, threshold)",
            "on (threshold): the operand has no label threshold",
        ),
        (
            "group_left (skill_name, team)",
            "group_left (skill_name, crew)",
            "group_left (crew): the operand has no label crew",
        ),
        ("$labels.endpoint", "$labels.report", "the alert has no label report"),
        ("label \"window\"", "label \"period\"", "the query has no label period"),
        ("label \"grafana\"", "label \"dashboards\"", "the query has no label dashboards"),
        (
            "site:wolkvox_addresses:timestamp\"",
            "site:wolkvox_address:timestamp\"",
            "unknown series site:wolkvox_address:",
        ),
        ("skill_calls_in_queue:max{operation=%q", "skill_calls_in_queue:max{centre=%q", "has no label centre"),
        (
            "skill_service_level_target:ratio{",
            "skill_target:ratio{",
            "unknown series operation_skill:wolkvox_skill_target",
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
        let calls = rules::read(rules).0.into_iter().flat_map(|(_, query)| query.calls);
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
fn every_alert_keeps_the_conventions() {
    for Alert { name, rule: alert, .. } in &alerts() {
        assert!(name.starts_with("Wolkvox") && name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        // Otherwise a value that is there for a moment sends a page and its all-clear.
        let lasts = alert["for"].is_string() || alert["keep_firing_for"].is_string();
        assert!(lasts, "{name} fires at once and ends at once");
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
    }
}

/// The addresses of a site and the page of Prometheus, as a link of an alert has them.
const START: &str = "{{ with query \"site:wolkvox_addresses:timestamp\" }}{{ . | first | label ";
const ELSE: &str = "{{ else }}{{ $externalURL }}/alerts{{ end }}";

/// The problems of the links of `alerts`. A link has no address of its own. It leads to the section of the alert in the
/// runbook, and to a dashboard with the operation, the skill and whatever else the alert is about.
fn wrong_links(alerts: &[Alert]) -> Vec<String> {
    let boards = files(&folder());
    let mut found = Vec::new();
    for Alert { name, rule, .. } in alerts {
        let expected = format!("{START}\"runbook\" }}}}{ELSE}#{}", name.to_lowercase());
        let runbook = text(&rule["annotations"]["runbook_url"]);
        if runbook != expected {
            found.push(format!("{name}: invalid runbook_url {runbook:?}: expected {expected}"));
        }
        let dashboard = text(&rule["annotations"]["dashboard_url"]);
        let start = format!("{START}\"grafana\" | reReplaceAll \"/+$\" \"\" }}}}/d/");
        let Some(path) = dashboard.strip_prefix(&start).and_then(|rest| rest.strip_suffix(ELSE)) else {
            found.push(format!("{name}: invalid dashboard_url {dashboard:?}: expected {start}…{ELSE}"));
            continue;
        };
        let (board, parameters) = path.split_once('?').unwrap_or((path, ""));
        let variables: Vec<&str> = boards
            .get(board)
            .into_iter()
            .flat_map(|board| list(&board["templating"]["list"]))
            .map(|variable| text(&variable["name"]))
            .collect();
        if variables.is_empty() {
            found.push(format!("{name}: there is no dashboard {board}"));
        }
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let variable = parameter.strip_prefix("var-").and_then(|rest| rest.split('=').next()).unwrap_or_default();
            if parameter != format!("var-{variable}={{{{ urlquery $labels.{variable} }}}}") {
                found.push(format!("{name}: invalid parameter {parameter}: expected a label for its variable"));
            }
            if !variables.contains(&variable) {
                found.push(format!("{name}: the dashboard {board} has no variable {variable}"));
            }
        }
    }
    found
}

#[test]
fn every_link_leads_to_its_section_and_to_a_dashboard_about_the_same() {
    assert!(START.contains(ADDRESSES), "{START}");
    assert_eq!(wrong_links(&alerts()), [""; 0]);
}

#[test]
fn a_link_that_leads_elsewhere_is_found() {
    for (key, from, to, message) in [
        ("runbook_url", "#wolkvoxqueuestuck", "#wolkvoxqueue", "invalid runbook_url"),
        ("dashboard_url", "/d/wolkvox-skill?", "/d/wolkvox-skills?", "there is no dashboard wolkvox-skills"),
        ("dashboard_url", "{{ . | first | label", "https://grafana{{ . | first | label", "invalid dashboard_url"),
        ("dashboard_url", "var-skill_id=", "var-skill=", "has no variable skill"),
        ("dashboard_url", "$labels.operation", "$labels.team", "expected a label for its variable"),
    ] {
        let planted = rules_with_a_copy("WolkvoxQueueStuck", |rule| {
            let right = text(&rule["annotations"][key]).to_owned();
            assert!(right.contains(from), "{right}");
            rule["annotations"][key] = json!(right.replace(from, to));
        });
        let found = wrong_links(&alerts_of(&planted));
        assert!(found.iter().any(|found| found.contains(message)), "{to}: {found:?}");
    }
}

/// The cases of the queue, with a file of addresses in place of the shipped one, or with none.
fn cases_with_addresses(addresses: Option<&str>, [runbook, grafana]: [&str; 2]) -> String {
    let cases = std::fs::read_to_string(shipped("tests/queue.yml")).expect("it is part of the project");
    let mut cases = cases
        .replace("https://runbooks.example.com/wolkvox/RUNBOOK.md#", runbook)
        .replace("http://localhost:3000/d/wolkvox-skill?var-operation=ventas-co&var-skill_id=4173", grafana)
        .replace("    interval: 1m\n", "    interval: 1m\n    external_url: http://prometheus.test\n");
    match addresses {
        Some(file) => cases = cases.replace("../wolkvox-addresses.rules.yml", file),
        None => {
            cases = cases.replace("../wolkvox-addresses.rules.yml, ", "").replace("  - wolkvox-addresses\n", "");
        }
    }
    cases.replace("../wolkvox-", &format!("{}/wolkvox-", shipped("").display()).replace("//", "/"))
}

#[test]
#[ignore = "needs the peers: make test"]
fn links_begin_with_the_addresses_of_the_site() {
    let own = tempfile::NamedTempFile::with_suffix(".yml").expect("a file can be created");
    let rules = std::fs::read_to_string(shipped("wolkvox-addresses.rules.yml")).expect("it is part of the project");
    // Grafana below a path, and an address that ends with a slash.
    let changed = rules
        .replace("http://localhost:3000", "https://grafana.test/sub/")
        .replace("https://runbooks.example.com/wolkvox/RUNBOOK.md", "https://wiki.test/wolkvox");
    std::fs::write(own.path(), changed).expect("a file can be written");
    let own = own.path().to_string_lossy();
    let board = "/d/wolkvox-skill?var-operation=ventas-co&var-skill_id=4173";
    for (addresses, runbook, grafana) in [
        (Some(&*own), "https://wiki.test/wolkvox#", format!("https://grafana.test/sub{board}")),
        // Without addresses: the page of Prometheus with all alerts.
        (None, "http://prometheus.test/alerts#", "http://prometheus.test/alerts".to_owned()),
    ] {
        let cases = cases_with_addresses(addresses, [runbook, &grafana]);
        assert!(cases.contains(runbook) && cases.contains(&grafana) && !cases.contains("localhost"), "{cases}");
        let file = tempfile::NamedTempFile::with_suffix(".yml").expect("a file can be created");
        std::fs::write(file.path(), cases).expect("a file can be written");
        for version in PrometheusVersion::ALL {
            assert_eq!(test_rules(version, file.path()), Ok(()), "{addresses:?}");
        }
    }
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect();
    keys.sort_unstable();
    keys
}

/// The alerts that have a section in the runbook, `## WolkvoxName`.
fn sections() -> BTreeSet<String> {
    let runbook = std::fs::read_to_string(shipped("RUNBOOK.md")).expect("alerts/RUNBOOK.md can be read");
    let titles = runbook.lines().filter_map(|line| line.strip_prefix("## "));
    titles.filter(|title| title.starts_with("Wolkvox")).map(str::to_owned).collect()
}

/// The alerts without a section in the runbook, and the sections without an alert.
fn missing_sections(alerts: &[Alert], sections: &BTreeSet<String>) -> Vec<String> {
    let names: BTreeSet<String> = alerts.iter().map(|alert| alert.name.clone()).collect();
    let missing = names.difference(sections).map(|name| format!("alerts/RUNBOOK.md has no section ## {name}"));
    let surplus = sections.difference(&names).map(|name| format!("alerts/RUNBOOK.md: no rule is called {name}"));
    missing.chain(surplus).collect()
}

#[test]
fn the_runbook_has_a_section_for_every_alert_and_no_other() {
    assert_eq!(missing_sections(&alerts(), &sections()), [""; 0]);
}

/// What each section of the runbook has, in this order.
const PARTS: [&str; 6] = [
    "**Meaning.**",
    "**Look at this first.**",
    "**What to do.**",
    "**En español.**",
    "**Mire esto primero:**",
    "**Qué hacer:**",
];

/// The sections of `runbook` that lack a part, or have it in another place.
fn incomplete_sections(runbook: &str) -> Vec<String> {
    let sections = runbook.split("\n## ").filter(|section| section.starts_with("Wolkvox"));
    let incomplete = sections.filter(|section| {
        let places: Vec<_> = PARTS.iter().filter_map(|part| section.find(part)).collect();
        places.len() < PARTS.len() || !places.is_sorted()
    });
    incomplete.filter_map(|section| section.lines().next()).map(str::to_owned).collect()
}

#[test]
fn every_section_of_the_runbook_says_what_to_do_in_both_languages() {
    let runbook = std::fs::read_to_string(shipped("RUNBOOK.md")).expect("alerts/RUNBOOK.md can be read");
    assert_eq!(incomplete_sections(&runbook), [""; 0]);
    for part in PARTS {
        let (before, after) = runbook.split_once(part).expect("a section has it");
        assert_eq!(incomplete_sections(&format!("{before}{after}")).len(), 1, "{part} of one section is gone");
    }
}

/// The files for `promtool test rules`.
fn test_files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(shipped("tests")).expect("alerts/tests is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// The cases of `alerts/tests`.
fn cases() -> Vec<Value> {
    test_files().iter().flat_map(|file| list(&yaml(file)["tests"]).to_vec()).collect()
}

/// The situations of an alert that the cases cover.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shown {
    /// It fires, with all its annotations.
    fires: bool,
    /// It is not pending, although there are figures.
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

/// Whether the alert is pending before it fires.
fn waits(rule: &Value) -> bool {
    rule["for"].is_string()
}

/// The cases that `alerts` lack, and the alerts that only the cases name.
fn missing_cases(alerts: &[Alert], cases: &[Value]) -> Vec<String> {
    let mut missing = Vec::new();
    for Alert { name, severity, rule, .. } in alerts {
        let Shown { fires, silent, pending } = shown(cases, name, severity);
        let pending = pending || !waits(rule);
        for (is_shown, how) in [
            (fires, "fires, with all its annotations"),
            (silent, "is silent: neither pending nor firing, while a query of other series has a result"),
            (pending, "is pending and does not fire"),
        ] {
            if !is_shown {
                missing.push(format!("alerts/tests has no case in which {name}, severity {severity}, {how}"));
            }
        }
    }
    for test in cases.iter().flat_map(|case| list(&case["alert_rule_test"])) {
        if !alerts.iter().any(|alert| test["alertname"] == alert.name) {
            missing.push(format!("alerts/tests: no rule is called {}", test["alertname"]));
        }
    }
    missing
}

#[test]
fn every_alert_is_shown_firing_pending_and_silent() {
    assert_eq!(missing_cases(&alerts(), &cases()), [""; 0]);
}

/// The rules with one more: a copy of the alert `name` in which `change` was made.
fn rules_with_a_copy(name: &str, change: impl Fn(&mut Value)) -> Vec<Value> {
    let mut rules = rules();
    let copied = rules.iter().find(|rule| rule["alert"] == name).unwrap_or_else(|| panic!("{name} is not a rule"));
    let mut copy = copied.clone();
    change(&mut copy);
    rules.push(copy);
    rules
}

/// The findings that contain `text`, so that a test sees only those of its planted fault.
fn about(text: &str, findings: Vec<String>) -> Vec<String> {
    findings.into_iter().filter(|finding| finding.contains(text)).collect()
}

#[test]
fn an_alert_without_section_and_cases_is_found() {
    let alerts = alerts_of(&rules_with_a_copy("WolkvoxQueueStuck", |rule| rule["alert"] = json!("WolkvoxPlanted")));
    let sections = about("WolkvoxPlanted", missing_sections(&alerts, &sections()));
    assert_eq!(sections, ["alerts/RUNBOOK.md has no section ## WolkvoxPlanted"]);
    let missing = about("WolkvoxPlanted", missing_cases(&alerts, &cases()));
    assert_eq!(missing.len(), 3, "{missing:?}");
    for how in ["fires", "is silent", "is pending"] {
        let case = format!("no case in which WolkvoxPlanted, severity critical, {how}");
        assert!(missing.iter().any(|finding| finding.contains(&case)), "{missing:?}");
    }
}

#[test]
fn a_second_severity_of_an_alert_needs_cases_of_its_own() {
    let second = |rule: &mut Value| rule["labels"]["severity"] = json!("warning");
    let alerts = alerts_of(&rules_with_a_copy("WolkvoxQueueStuck", second));
    let missing = about("WolkvoxQueueStuck, severity warning", missing_cases(&alerts, &cases()));
    assert_eq!(missing.len(), 3, "{missing:?}");
}

/// Each change takes away a part that one kind of case needs.
#[test]
fn each_kind_of_case_is_needed() {
    let all = cases();
    for (from, to, how) in [
        ("\"exp_annotations\"", "\"annotations\"", "fires"),
        (",alertstate=\\\"pending\\\"", "", "is pending"),
        ("\"exp_samples\"", "\"samples\"", "is silent"),
    ] {
        let changed = Value::from(all.clone()).to_string().replace(from, to);
        let changed: Value = changed.parse().expect("it is still JSON");
        let missing = missing_cases(&alerts(), list(&changed));
        let needed = alerts().iter().filter(|alert| how != "is pending" || waits(&alert.rule)).count();
        assert_eq!(about(how, missing).len(), needed, "{from}");
    }
}

#[test]
fn a_section_and_a_case_of_an_alert_that_does_not_exist_are_found() {
    let mut alerts = alerts();
    alerts.retain(|alert| alert.name != "WolkvoxQueueStuck");
    let surplus = about("WolkvoxQueueStuck", missing_sections(&alerts, &sections()));
    assert_eq!(surplus, ["alerts/RUNBOOK.md: no rule is called WolkvoxQueueStuck"]);
    let found = missing_cases(&alerts, &cases());
    assert!(found.contains(&"alerts/tests: no rule is called \"WolkvoxQueueStuck\"".to_owned()), "{found:?}");
}

#[test]
fn every_case_has_a_name_of_its_own_and_its_rules() {
    let mut names = BTreeMap::new();
    for file in test_files() {
        let content = yaml(&file);
        // No alert reads the half-hours. Cases of alerts leave them out, because promtool would evaluate them each time.
        let of_half_hours = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("half-hours"));
        let rule_files = if of_half_hours { &[RECORDING, HALF_HOURS][..] } else { &[SITE, RECORDING, ALERTS] };
        let groups = rule_files.iter().flat_map(|file| list(&yaml(&shipped(file))["groups"]).to_vec());
        let groups: Vec<_> = groups.map(|group| group["name"].clone()).collect();
        let expected: Value = rule_files.iter().map(|name| format!("../{name}")).collect();
        assert_eq!(content["rule_files"], expected, "{}", file.display());
        // Otherwise the order of groups is not defined, and alerts may be late by one evaluation.
        assert_eq!(content["group_eval_order"], Value::from(groups), "{}", file.display());
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
        let output = run(&mut promtool, "");
        assert!(output.status.success(), "{version:?}: {output:?}");
    }
}

/// `promtool test rules` for one file.
///
/// # Errors
/// What promtool wrote when a case failed.
fn test_rules(version: PrometheusVersion, file: &Path) -> Result<(), String> {
    let mut promtool = version.promtool();
    // promtool collects garbage often. A larger heap saves a quarter of its time.
    let finished = run(promtool.env("GOGC", "400").args(["test", "rules"]).arg(file), "");
    if finished.status.success() {
        return Ok(());
    }
    Err(format!("{version:?}, {}:\n{}{}", file.display(), finished.stdout, finished.stderr))
}

/// promtool tests the files of one call one after the other, so each file gets its own process, on all cores.
#[test]
#[ignore = "needs the peers: make test"]
fn every_case_passes_in_promtool() {
    let mut jobs: Vec<_> = PrometheusVersion::ALL
        .into_iter()
        .flat_map(|version| test_files().into_iter().map(move |file| (version, file)))
        .collect();
    // The largest file is the last one. It is taken first, so that no core waits for it at the end.
    jobs.sort_by_key(|(_, file)| std::fs::metadata(file).expect("it can be read").len());
    let jobs = Mutex::new(jobs);
    let next = || jobs.lock().expect("no thread panics while it has the lock").pop();
    let worker = || std::iter::from_fn(next).filter_map(|(version, file)| test_rules(version, &file).err()).collect();
    let failures: Vec<String> = thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(2, NonZero::get);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| -> Vec<String> { worker.join().expect("it does not panic") }).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
