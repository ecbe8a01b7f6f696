//! The morning that is asked about, in a Prometheus: raw series by the exporter's own `history`, recorded ones by the shipped rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::asking::SCRAPES;
use super::support::dashboard::list;
use super::support::peers::PrometheusVersion;
use super::support::process::{exporter, run};
use super::support::prometheus::Prometheus;
use super::support::promtool::promtool;

/// When the history begins, a Tuesday at 05:30 in the operation: closed until 07:00.
pub(crate) const START: &str = "2026-11-17T05:30:00-05:00";
const LENGTH: &str = "7h30m";
/// From now on wolkvox refuses the token.
const TROUBLE_AFTER: &str = "6h30m";

/// The operation of the morning.
pub(crate) const OPERATION: &str = "demo";
/// Another one with one skill, whose exporter is gone for good after [`GONE_AFTER`].
const GONE: &str = "gone";
pub(crate) const GONE_AFTER: &str = "2026-11-17T09:00:00-05:00";

/// A skill that nobody calls.
pub(crate) const IDLE: &str = "4211";
/// A skill of which wolkvox tells no service level.
pub(crate) const UNTOLD: &str = "4205";
/// A skill that nobody has called for 25 minutes when all is well: its service level is told, a wait is not.
pub(crate) const QUIET: &str = "50001";
// What is recorded is seen for five minutes more in a past without staleness markers.
const QUIET_AFTER: &str = "2026-11-17T11:05:00-05:00";
/// The other skills of the simulator.
pub(crate) const BUSY: [&str; 4] = ["4173", "4180", "4187", "4192"];
/// How many skills there are in all; those that the simulator has not are like one of its own.
pub(crate) const SKILLS: usize = 200;

/// A time as it is written.
pub(crate) fn at(moment: &str) -> Timestamp {
    moment.parse().expect("it is a time")
}

/// The recording rules with every recorded series replaced by what it is made of, so that their order does not matter: over
/// a past that nobody evaluated them in, promtool computes each from raw series alone.
fn inlined(text: &str) -> String {
    let rules: Value = serde_saphyr::from_str(text).expect("rules are YAML");
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut flat = Vec::new();
    for rule in list(&rules, "groups").iter().flat_map(|group| list(group, "rules")) {
        let name = rule["record"].as_str().expect("every rule of this file records");
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let expression = rule["expr"].as_str().expect("a rule has an expression");
        let mut made = String::new();
        let mut rest = expression;
        while let Some(start) = rest.find(is_name) {
            let end = rest[start..].find(|c| !is_name(c)).map_or(rest.len(), |end| start + end);
            let (word, after) = (&rest[start..end], &rest[end..]);
            made.push_str(&rest[..start]);
            rest = after;
            let Some(meaning) = known.get(word) else {
                // A range with a step, `1d:5m`, is no name.
                let is_range = word.starts_with(|c: char| c.is_ascii_digit());
                assert!(is_range || !word.contains(':'), "{name}: {word} is recorded later, or nowhere");
                made.push_str(word);
                continue;
            };
            made = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
                None => format!("{made}({meaning})"),
                Some((matcher, after)) => {
                    rest = after;
                    let (label, value) = matcher.split_once('=').expect("a matcher has a value");
                    let alike = format!(r#"label_replace(vector(1), "{label}", {value}, "", "")"#);
                    format!("{made}(({meaning}) and on ({label}) {alike})")
                }
            };
        }
        made.push_str(rest);
        known.insert(name.to_owned(), made.clone());
        flat.push(json!({"record": name, "expr": made}));
    }
    json!({"groups": [{"name": "inlined", "rules": flat}]}).to_string()
}

#[test]
fn recorded_series_are_replaced_by_what_they_are_made_of() {
    let rules =
        "{groups: [{rules: [{record: 'a:b:c', expr: 'x + 1'}, {record: 'a:b:d', expr: 'a:b:c{l=\"v\"} * y:z'}]}]}";
    let said = std::panic::catch_unwind(|| inlined(rules)).expect_err("y:z is nowhere");
    assert!(said.downcast_ref::<String>().expect("it has words").contains("y:z is recorded later"));
    let found: Value = inlined(&rules.replace("y:z", "a:b:c")).parse().unwrap();
    let expected = r#"((x + 1) and on (l) label_replace(vector(1), "l", "v", "", "")) * (x + 1)"#;
    assert_eq!(found["groups"][0]["rules"][1]["expr"], expected);
}

/// Runs promtool, which has to succeed.
fn make_blocks(version: PrometheusVersion, arguments: &[&str]) {
    let said = promtool(version, arguments, "");
    assert!(said.status.success(), "{version:?}: promtool {arguments:?}: {}{}", said.stdout, said.stderr);
}

/// A Prometheus that remembers the morning, rules and all, until 20 minutes after `until`.
pub(crate) async fn after_the_morning(version: PrometheusVersion, history: &Path, until: Timestamp) -> Prometheus {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let rules = folder.path().join("inlined.yml").to_string_lossy().into_owned();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/wolkvox-recording.rules.yml");
    fs::write(&rules, inlined(&fs::read_to_string(shipped).expect("rules are text"))).expect("a file can be written");
    for entry in fs::read_dir(history).expect("there is a history") {
        let day = entry.expect("an entry can be read").path();
        let day = day.to_string_lossy();
        make_blocks(
            version,
            &["tsdb", "create-blocks-from", "--max-block-duration=24h", "openmetrics", &day, &data, "-q"],
        );
    }
    let raw = Prometheus::start_over(version, folder).await;
    let (start, end) = (at(START).as_second().to_string(), (until + 20.minutes()).as_second().to_string());
    let (url, step) = (raw.url().to_owned(), format!("{SCRAPES}s"));
    let wanted = [
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
    make_blocks(version, &[&wanted[..], &["--eval-interval", &step, &rules]].concat());
    // It looks at its blocks when it starts.
    let folder = raw.stop_and_keep().await.expect("it ends");
    Prometheus::start_over(version, folder).await
}

/// The history, in a folder of its own.
pub(crate) fn morning() -> tempfile::TempDir {
    let history = tempfile::tempdir().expect("there is room for a folder");
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
    let said = run(&mut command, "");
    assert!(said.status.success(), "{}", said.stderr);
    for entry in fs::read_dir(history.path()).expect("there is a history") {
        let path = entry.expect("an entry can be read").path();
        let day = fs::read_to_string(&path).expect("a history is text");
        fs::write(&path, as_large(&day)).expect("a file can be written");
    }
    history
}

/// The lines that other exporters would have instead: the one that polls the other operation, and one that polls the same, but
/// has other names and reasons, as two of them may for a moment.
fn of_others(line: &str) -> Vec<String> {
    let of_skill = line.starts_with("wolkvox_skill_") && line.contains(&format!("skill_id=\"{}\"", BUSY[0]));
    let of_numbers = line.starts_with("wolkvox_dnis_");
    if !(of_skill || of_numbers || line.starts_with("wolkvox_collector_") || line.starts_with("wolkvox_agent_")) {
        return Vec::new();
    }
    let mut others = Vec::new();
    let instance = |name: &str| line.replace("127.0.0.1:9909", name);
    let time = line.rsplit(' ').next().and_then(|time| time.parse::<i64>().ok());
    // Figures of numbers stand on, as a long `max_age` lets them.
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

/// The line of a skill that nobody calls any more after [`QUIET_AFTER`]: what it was then, which `before` remembers.
fn stilled(line: &str, before: &mut BTreeMap<String, String>) -> String {
    let mut parts = line.rsplitn(3, ' ');
    let (Some(time), Some(value), Some(series)) = (parts.next(), parts.next(), parts.next()) else {
        panic!("{line} is no sample");
    };
    let quiet = time.parse::<i64>().expect("a time is a number of seconds") > at(QUIET_AFTER).as_second();
    if !quiet {
        before.insert(series.to_owned(), value.to_owned());
    }
    format!("{series} {} {time}", before.get(series).map_or(value, String::as_str))
}

/// The day with [`SKILLS`] skills, without service levels of the one that is [`UNTOLD`], and with other exporters.
fn as_large(day: &str) -> String {
    let label = |skill: &str| format!("skill_id=\"{skill}\"");
    let (model, untold) = (label(BUSY[1]), label(UNTOLD));
    let copies: Vec<String> = (1..=SKILLS - BUSY.len() - 2).map(|copy| label(&(50_000 + copy).to_string())).collect();
    let mut large = String::new();
    let mut before_quiet = BTreeMap::new();
    for line in day.lines() {
        if line.starts_with("wolkvox_skill_service_level_ratio{") && line.contains(&untold) {
            continue;
        }
        large.push_str(line);
        large.push('\n');
        for other in of_others(line) {
            large.push_str(&other);
            large.push('\n');
        }
        if line.starts_with("wolkvox_skill_") && line.contains(&model) {
            for copy in &copies {
                let line = line.replace(&model, copy);
                let is_quiet = *copy == label(QUIET);
                large.push_str(&if is_quiet { stilled(&line, &mut before_quiet) } else { line });
                large.push('\n');
            }
        }
    }
    large
}
