//! A Prometheus with a simulated morning: raw series from the exporter's `history` command, recorded series from the
//! shipped rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::asking::SCRAPES;
use super::support::dashboard;
use super::support::dashboard::list;
use super::support::peers::PrometheusVersion;
use super::support::process::{exporter, run};
use super::support::prometheus::Prometheus;
use super::support::promtool::promtool;
use super::support::rules::{HALF_HOURS, RECORDING, SITE, shipped, text};

/// The start of the history: a Tuesday, 05:30 local time of the operation, which is closed until 07:00.
pub(crate) const START: &str = "2026-11-17T05:30:00-05:00";
const LENGTH: &str = "7h30m";
/// The time from the start after which wolkvox refuses the token.
const TROUBLE_AFTER: &str = "6h30m";

/// The operation of the history.
pub(crate) const OPERATION: &str = "demo";
/// Another operation with one skill. Its exporter is gone after [`GONE_AFTER`] and does not come back.
const GONE: &str = "gone";
pub(crate) const GONE_AFTER: &str = "2026-11-17T09:00:00-05:00";

/// A skill without calls.
pub(crate) const IDLE: &str = "4211";
/// A skill for which wolkvox reports no service level.
pub(crate) const NO_LEVEL: &str = "4205";
/// A skill without calls in the last 25 minutes at the time `GOOD`: it has a service level, but no estimated wait.
pub(crate) const QUIET: &str = "50001";
// The history has no staleness markers, so recorded series continue for five more minutes.
const QUIET_AFTER: &str = "2026-11-17T11:05:00-05:00";
/// The other skills of the simulator.
pub(crate) const BUSY: [&str; 4] = ["4173", "4180", "4187", "4192"];
/// The number of all skills. Skills beyond those of the simulator are copies of one of them.
pub(crate) const SKILLS: usize = 200;
/// The team of all skills but [`IDLE`] and [`NO_LEVEL`], which have none.
pub(crate) const TEAM: &str = "ventas";

/// The id of a copy of a skill of the simulator.
fn copy_id(copy: usize) -> String {
    (50_000 + copy).to_string()
}

/// The ids of all skills: the value of the variable when all are selected.
pub(crate) fn all_skills() -> Vec<String> {
    let simulated = BUSY.iter().chain(&[IDLE, NO_LEVEL]).map(|id| (*id).to_owned());
    simulated.chain((1..=SKILLS - BUSY.len() - 2).map(copy_id)).collect()
}

/// Parses a timestamp.
pub(crate) fn at(moment: &str) -> Timestamp {
    moment.parse().expect("it is a timestamp")
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// The rules in an order in which each follows those that it reads, whatever the order of their groups is.
fn in_order(mut waiting: Vec<&Value>) -> Vec<&Value> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let names: BTreeSet<&str> = waiting.iter().map(|rule| text(&rule["record"])).collect();
        let reads_one = |rule: &Value| {
            let mut words = text(&rule["expr"]).split(|c| !is_name(c));
            words.any(|word| word != text(&rule["record"]) && names.contains(word))
        };
        let (later, now): (Vec<_>, Vec<_>) = waiting.iter().partition(|rule| reads_one(rule));
        assert!(!now.is_empty(), "these rules read each other: {names:?}");
        ordered.extend(now);
        waiting = later;
    }
    ordered
}

/// The recording rules with every recorded series replaced by its expression.
///
/// promtool computes each rule over a past range from raw series only, so rules that use other rules would find
/// nothing.
fn inlined(texts: &[&str], read: &str) -> String {
    let files: Vec<Value> = texts.iter().map(|text| serde_saphyr::from_str(text).expect("rules are YAML")).collect();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let (mut flat, mut half_hours) = (Vec::new(), Vec::new());
    let groups = files.iter().flat_map(|rules| list(rules, "groups"));
    for rule in in_order(groups.flat_map(|group| list(group, "rules")).collect()) {
        let (name, expression) = (text(&rule["record"]), text(&rule["expr"]));
        // A rule that remembers by its own last value looks back over what it reads instead.
        let own = format!("last_over_time({name}[1h])");
        let rewritten = expression.split_once(&own).map(|(before, _)| {
            let before = before.trim_end().strip_suffix("or").expect("the rule remembers");
            format!("{before} or max_over_time(({before})[1d:5m])")
        });
        // A rule that records each half-hour once is evaluated once in each, and needs no memory.
        let own = format!("max_over_time(timestamp({name})");
        let stateless = expression.split_once(&own).map(|(before, _)| {
            before.trim_end().strip_suffix("unless on (operation, skill_id)").expect("the rule leaves out what it has")
        });
        // What is computed anew is of the moment of the evaluation.
        let of_this_moment = expression.split_once(" and timestamp(").map(|(before, _)| format!("{before})"));
        let expression = rewritten.as_deref().or(stateless).or(of_this_moment.as_deref()).unwrap_or(expression);
        let mut made = String::new();
        let mut rest = expression;
        while let Some(start) = rest.find(is_name) {
            let end = rest[start..].find(|c| !is_name(c)).map_or(rest.len(), |end| start + end);
            let (word, after) = (&rest[start..end], &rest[end..]);
            made.push_str(&rest[..start]);
            rest = after;
            let Some(definition) = known.get(word) else {
                // A range with a step, such as `1d:5m`, is not a name.
                let is_range = word.starts_with(|c: char| c.is_ascii_digit());
                assert!(is_range || !word.contains(':'), "{name}: {word} is not recorded");
                made.push_str(word);
                continue;
            };
            // What has no samples of its own is computed anew, for a few times of a range, because each takes long.
            let range = after.strip_prefix('[').and_then(|after| after.split_once(']'));
            if let Some((range, after)) = range {
                rest = after;
                made = format!("{made}({definition})[{range}:15m]");
                continue;
            }
            // The value at an earlier time, which is computed anew. The evaluations are at whole minutes.
            if let Some(after) = after.strip_prefix(" offset ") {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
                rest = &after[end..];
                made = format!("{made}last_over_time(({definition})[1m:1m] offset {})", &after[..end]);
                continue;
            }
            made = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
                None => format!("{made}({definition})"),
                Some((matcher, after)) => {
                    rest = after;
                    let (label, value) = matcher.split_once('=').expect("a matcher has a value");
                    let same_label = format!(r#"label_replace(vector(1), "{label}", {value}, "", "")"#);
                    format!("{made}(({definition}) and on ({label}) {same_label})")
                }
            };
        }
        made.push_str(rest);
        known.insert(name.to_owned(), made.clone());
        // Each rule takes long, and boards do not read all of them. A forecast needs the week before the history.
        if !read.contains(name) || name.contains(":forecast_") {
            continue;
        }
        let mut rule = rule.clone();
        rule["expr"] = json!(made);
        let group = if name.ends_with(":half_hour") { &mut half_hours } else { &mut flat };
        group.push(rule);
    }
    let mut groups = vec![json!({"name": "inlined", "rules": flat})];
    if !half_hours.is_empty() {
        groups.push(json!({"name": "half-hours", "interval": "30m", "rules": half_hours}));
    }
    json!({"groups": groups}).to_string()
}

#[test]
fn recorded_series_are_replaced_by_their_expressions() {
    let rules =
        "{groups: [{rules: [{record: 'a:b:d', expr: 'a:b:c{l=\"v\"} * y:z'}, {record: 'a:b:c', expr: 'x + 1'}]}]}";
    let panic = std::panic::catch_unwind(|| inlined(&[rules], rules)).expect_err("y:z is not recorded");
    assert!(panic.downcast_ref::<String>().expect("the panic has a message").contains("y:z is not recorded"));
    let found: Value = inlined(&[&rules.replace("y:z", "a:b:c")], rules).parse().unwrap();
    let expected = r#"((x + 1) and on (l) label_replace(vector(1), "l", "v", "", "")) * (x + 1)"#;
    assert_eq!(found["groups"][0]["rules"][1]["expr"], expected);
}

/// Runs promtool, which must succeed.
fn run_promtool(version: PrometheusVersion, arguments: &[&str]) {
    let output = promtool(version, arguments, "");
    assert!(output.status.success(), "{version:?}: promtool {arguments:?}: {}{}", output.stdout, output.stderr);
}

/// A Prometheus with the raw and the recorded series of the history, until 20 minutes after `until`.
pub(crate) async fn prometheus_with_history(
    version: PrometheusVersion,
    history: &Path,
    until: Timestamp,
) -> Prometheus {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let rules = folder.path().join("inlined.yml").to_string_lossy().into_owned();
    let shipped = [SITE, RECORDING, HALF_HOURS].map(|name| fs::read_to_string(shipped(name)).expect("rules are text"));
    let boards: String = dashboard::files(&dashboard::folder()).values().map(ToString::to_string).collect();
    fs::write(&rules, inlined(&shipped.each_ref().map(String::as_str), &boards)).expect("a file can be written");
    for entry in fs::read_dir(history).expect("the history exists") {
        let day = entry.expect("an entry can be read").path();
        let day = day.to_string_lossy();
        run_promtool(
            version,
            &["tsdb", "create-blocks-from", "--max-block-duration=24h", "openmetrics", &day, &data, "-q"],
        );
    }
    let raw = Prometheus::start_over(version, folder).await;
    let (start, end) = (at(START).as_second().to_string(), (until + 20.minutes()).as_second().to_string());
    let (url, step) = (raw.url().to_owned(), format!("{SCRAPES}s"));
    let arguments = [
        "tsdb",
        "create-blocks-from",
        "--max-block-duration=24h",
        "rules",
        "--start",
        &start,
        "--end",
        &end,
        "--url",
        &url,
        "--output-dir",
        &data,
    ];
    run_promtool(version, &[&arguments[..], &["--eval-interval", &step, &rules]].concat());
    // Prometheus reads the new blocks when it starts.
    let folder = raw.stop_and_keep().await.expect("Prometheus stops");
    Prometheus::start_over(version, folder).await
}

/// The history of the morning, in a temporary folder.
pub(crate) fn simulate_morning() -> tempfile::TempDir {
    let history = tempfile::tempdir().expect("a temporary folder can be created");
    let mut command = exporter();
    command.args([
        "history",
        "--history.length",
        LENGTH,
        "--history.start",
        START,
        "--real-hours",
        "--log.level",
        "error",
    ]);
    command
        .args(["--scenario", "bad-token", "--trouble.after", TROUBLE_AFTER])
        .arg("--history.directory")
        .arg(history.path());
    let output = run(&mut command, "");
    assert!(output.status.success(), "{}", output.stderr);
    for entry in fs::read_dir(history.path()).expect("the history exists") {
        let path = entry.expect("an entry can be read").path();
        let day = fs::read_to_string(&path).expect("the history is text");
        fs::write(&path, enlarged(&day)).expect("a file can be written");
    }
    history
}

/// The same line as it would come from two other exporters. One polls the other operation. One polls the same
/// operation, but has different names and reasons, as two exporters can have for a moment.
fn lines_of_other_exporters(line: &str) -> Vec<String> {
    let of_skill = line.starts_with("wolkvox_skill_") && line.contains(&format!("skill_id=\"{}\"", BUSY[0]));
    let of_numbers = line.starts_with("wolkvox_dnis_");
    if !(of_skill || of_numbers || line.starts_with("wolkvox_collector_") || line.starts_with("wolkvox_agent_")) {
        return Vec::new();
    }
    let mut others = Vec::new();
    let instance = |name: &str| line.replace("127.0.0.1:9909", name);
    let time = line.rsplit(' ').next().and_then(|time| time.parse::<i64>().ok());
    // Figures of dialled numbers stay after the exporter is gone, as with a long `max_age`.
    if of_numbers || time.is_some_and(|time| time < at(GONE_AFTER).as_second()) {
        let operation = |name: &str| format!("operation=\"{name}\"");
        others.push(instance("127.0.0.1:9910").replace(&operation(OPERATION), &operation(GONE)));
    }
    let twin = ["agent_name", "skill_name", "reason"].iter().fold(instance("127.0.0.1:9911"), |line, label| {
        line.replace(&format!("{label}=\""), &format!("{label}=\"another "))
    });
    others.push(twin);
    others
}

/// A line of a skill without calls after [`QUIET_AFTER`]: its value stays what it was then. `last_values` keeps these
/// values.
fn frozen(line: &str, last_values: &mut BTreeMap<String, String>) -> String {
    let mut parts = line.rsplitn(3, ' ');
    let (Some(time), Some(value), Some(series)) = (parts.next(), parts.next(), parts.next()) else {
        panic!("{line} is not a sample");
    };
    let quiet = time.parse::<i64>().expect("a time is a number of seconds") > at(QUIET_AFTER).as_second();
    if !quiet {
        last_values.insert(series.to_owned(), value.to_owned());
    }
    format!("{series} {} {time}", last_values.get(series).map_or(value, String::as_str))
}

/// The history with [`SKILLS`] skills, without service levels of the skill [`NO_LEVEL`], and with the other exporters.
fn enlarged(day: &str) -> String {
    let label = |skill: &str| format!("skill_id=\"{skill}\"");
    let (model, without_level) = (label(BUSY[1]), label(NO_LEVEL));
    let copies: Vec<String> = (1..=SKILLS - BUSY.len() - 2).map(|copy| label(&copy_id(copy))).collect();
    let mut large = String::new();
    let mut values_before_quiet = BTreeMap::new();
    for line in day.lines() {
        if line.starts_with("wolkvox_skill_service_level_ratio{") && line.contains(&without_level) {
            continue;
        }
        let has_team = BUSY.iter().any(|skill| line.contains(&label(skill)));
        let line = &if has_team { line.replace("team=\"\"", &format!("team=\"{TEAM}\"")) } else { line.to_owned() };
        large.push_str(line);
        large.push('\n');
        for other in lines_of_other_exporters(line) {
            large.push_str(&other);
            large.push('\n');
        }
        if line.starts_with("wolkvox_skill_") && line.contains(&model) {
            for copy in &copies {
                let line = line.replace(&model, copy);
                let is_quiet = *copy == label(QUIET);
                large.push_str(&if is_quiet { frozen(&line, &mut values_before_quiet) } else { line });
                large.push('\n');
            }
        }
    }
    large
}
