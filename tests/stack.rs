//! `make stack` as users run it: all parts start, Prometheus and Alertmanager have their data, and Ctrl-C ends all
//! parts.
#![cfg(feature = "simulator")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use support::http;
use support::process::{Finished, POLL, Process, Signal, run};

/// Enough for a history of two days with a debug build on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(1_800);

/// Enough for the start of the trouble, the waits of the rule and of the routing, and two evaluations.
const ALERT_LIMIT: Duration = Duration::from_secs(1_200);

/// The stack ends within a few seconds; a slow machine needs a small part of this.
const END_LIMIT: Duration = Duration::from_secs(300);

/// Seconds between two evaluations of the forecast of the day. The rules of half-hours are evaluated less often, and all
/// other groups more often.
const FORECAST_INTERVAL: f64 = 300.0;

/// The alert that fires first when the token is rejected.
const ALERT: &str = "WolkvoxUnauthorized";

/// A rule that Prometheus has loaded.
#[derive(Debug)]
#[expect(dead_code, reason = "the messages show all fields")]
struct LoadedRule {
    name: String,
    /// Seconds between two evaluations of its group.
    interval: f64,
    /// `unknown` before the first evaluation.
    health: String,
    last_error: String,
}

/// The running stack. When the value is dropped, it gets SIGTERM first, because a killed script could not end its
/// parts.
struct Stack {
    process: Process,
    folder: tempfile::TempDir,
}

impl Stack {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/stack.sh"));
        command.env("TMPDIR", folder.path()).env("EXPORTER", env!("CARGO_BIN_EXE_wolkvox_exporter"));
        command.env("SCENARIO", "bad-token").env("TROUBLE_AFTER", "20s").env("HISTORY", "2d");
        let mut stack = Self { process: Process::spawn("stack.sh", &mut command), folder };
        let ready = |line: &str| line.contains("Press Ctrl-C to stop").then_some(());
        stack.process.wait_for_line(START_LIMIT, ready).await.unwrap_or_else(|error| panic!("{error}"));
        stack
    }

    /// The address that is printed after the name.
    fn address(&self, name: &str) -> String {
        let output = self.process.stdout();
        let line = output.lines().find(|line| line.trim_start().starts_with(name) && line.contains("http://"));
        let line = line.unwrap_or_else(|| panic!("no address of {name}:\n{output}"));
        line.split_whitespace().last().expect("it has words").trim_end_matches('/').to_owned()
    }

    /// The response of the API of Prometheus or Alertmanager.
    async fn ask(&self, name: &str, path: &str, parameters: &[(&str, &str)]) -> Value {
        let address = format!("{}{path}", self.address(name));
        let url = reqwest::Url::parse_with_params(&address, parameters).expect("it is a URL");
        let response = http::request(Method::GET, url.as_str(), &[]).await;
        let response = response.unwrap_or_else(|error| panic!("{url}: {error:?}"));
        response.text().parse().unwrap_or_else(|error| panic!("{url}: {error}: {}", response.text()))
    }

    /// The rules of its Prometheus.
    async fn rules(&self) -> Vec<LoadedRule> {
        let rules = self.ask("Prometheus", "/api/v1/rules", &[]).await;
        let mut loaded = Vec::new();
        for group in rules["data"]["groups"].as_array().into_iter().flatten() {
            let interval = group["interval"].as_f64().expect("a group has an interval");
            for rule in group["rules"].as_array().into_iter().flatten() {
                let text = |name: &str| rule[name].as_str().unwrap_or_default().to_owned();
                loaded.push(LoadedRule {
                    name: text("name"),
                    interval,
                    health: text("health"),
                    last_error: text("lastError"),
                });
            }
        }
        loaded
    }

    /// The values of an instant vector.
    async fn query(&self, expression: &str) -> Vec<f64> {
        let response = self.ask("Prometheus", "/api/v1/query", &[("query", expression)]).await;
        assert_eq!(response["status"], "success", "{expression}: {response}");
        let series = response["data"]["result"].as_array().cloned().unwrap_or_default();
        series.iter().filter_map(|one| one["value"][1].as_str()?.parse().ok()).collect()
    }

    /// Repeats the query until `enough` accepts the values.
    async fn query_until(&self, expression: &str, limit: Duration, enough: impl Fn(&[f64]) -> bool) {
        let mut values = Vec::new();
        let waited = tokio::time::timeout(limit, async {
            while !enough(&values) {
                tokio::time::sleep(POLL * 25).await;
                values = self.query(expression).await;
            }
        });
        let found = waited.await.is_ok();
        assert!(found, "{expression} is {values:?} after {limit:?}\n{}", self.process.output());
    }

    /// The ids of its process and of all its descendants that still run.
    fn processes(&self) -> BTreeSet<u32> {
        let mut found = BTreeSet::from([self.process.id()]);
        loop {
            let children: Vec<u32> =
                running().into_iter().filter(|(_, parent)| found.contains(parent)).map(|(id, _)| id).collect();
            let before = found.len();
            found.extend(children);
            if found.len() == before {
                return found;
            }
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.process.signal(Signal::TERM);
        for _ in 0..END_LIMIT.as_millis() / POLL.as_millis() {
            if self.process.ended() {
                return;
            }
            std::thread::sleep(POLL);
        }
    }
}

/// Every process of the machine that is not a zombie, with its parent.
fn running() -> Vec<(u32, u32)> {
    let entries = fs::read_dir("/proc").expect("it is Linux").filter_map(Result::ok);
    let processes = entries.filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name is in parentheses and may contain any characters.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?;
        Some((id, fields.next()?.parse().ok()?)).filter(|_| state != "Z")
    });
    processes.collect()
}

/// Runs `deploy/levels.awk` on rules `(name, expression)`. Returns the names of each level.
fn levels(rules: &[(&str, &str)]) -> (Vec<Vec<String>>, Finished) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("rules.yml");
    let list = |(name, expression): &(&str, &str)| {
        format!("      - record: {name}\n        expr: |2\n            {expression}\n")
    };
    let rules: String = rules.iter().map(list).collect();
    let end = "      # of a circle:\n      - alert: Loud\n        expr: a:circle > b:circle\n";
    fs::write(&file, format!("groups:\n  - name: some\n    rules:\n{rules}{end}")).expect("it can be written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/levels.awk");
    let folder = folder.path().to_str().expect("it is a text");
    let mut awk = Command::new("awk");
    let output = run(awk.args(["-v", &format!("folder={folder}"), "-f"]).arg(script).arg(&file), "");
    let mut levels = Vec::new();
    while let Ok(text) = fs::read_to_string(format!("{folder}/{}.rules.yml", levels.len() + 1)) {
        let rules: Value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let rules = rules["groups"][0]["rules"].as_array().cloned().unwrap_or_default();
        levels.push(rules.iter().map(|rule| rule["record"].as_str().unwrap_or_default().to_owned()).collect());
    }
    (levels, output)
}

#[test]
fn a_rule_is_in_a_later_level_than_the_rules_that_it_uses() {
    let (levels, output) = levels(&[
        ("s:ratio1h", "s:calls:increase1h / x"),
        ("s:calls:increase1h", "increase(x[1h])"),
        // The names that this rule uses only begin with the name of another rule.
        ("s:burn", "s:ratio1h - s:calls:increase1h_offset1w"),
        ("s:other", "y"),
        // This rule remembers by its own last value.
        ("s:seen", "x or last_over_time(s:seen[1h])"),
    ]);
    assert!(output.status.success(), "{}", output.stderr);
    assert_eq!(levels, [vec!["s:calls:increase1h", "s:other", "s:seen"], vec!["s:ratio1h"], vec!["s:burn"]]);
}

#[test]
fn rules_that_use_each_other_in_a_circle_are_rejected() {
    let (_, output) = levels(&[("a:circle", "b:circle"), ("b:circle", "a:circle"), ("a:fine", "x")]);
    assert!(!output.status.success() && output.stderr.contains("circle"), "{output:?}");
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn the_stack_has_days_of_history_and_an_alert_and_leaves_nothing_behind() {
    let mut stack = Stack::start().await;
    let parts = stack.processes();
    assert!(parts.len() > 5, "exporter, Prometheus, Alertmanager, the sink and the script: {parts:?}");

    let rules = stack.ask("Prometheus", "/api/v1/rules", &[]).await;
    let groups = rules["data"]["groups"].as_array().expect("there are groups");
    let files: BTreeSet<&str> = groups.iter().filter_map(|group| group["file"].as_str()?.rsplit('/').next()).collect();
    let shipped =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts")).expect("it is part of the project");
    let shipped = shipped.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let shipped: BTreeSet<String> = shipped.filter(|name| name.ends_with(".rules.yml")).collect();
    assert_eq!(files, shipped.iter().map(String::as_str).collect());

    // The target has the same labels now and in the history.
    stack.query_until("up", START_LIMIT, |up| up == [1.0]).await;
    for hours in [1, 24, 47] {
        let scrapes = stack.query(&format!("count_over_time(up[10m] offset {hours}h)")).await;
        assert_eq!(scrapes, [10.0], "{hours} hours ago");
        // A series from the last level of the rules, in hours with calls.
        let recorded = format!("count_over_time(operation_skill:wolkvox_skill_watched:info[10m] offset {hours}h)");
        let recorded = stack.query(&recorded).await;
        assert!(recorded.len() == 6 && recorded.iter().all(|count| *count > 8.0), "{hours} hours ago: {recorded:?}");
    }
    let burns = stack.query("count_over_time(operation_skill:wolkvox_skill_service_level:burn30m[2d])").await;
    assert!(!burns.is_empty(), "no burn rate was recorded");

    let firing = format!(r#"ALERTS{{alertname="{ALERT}",alertstate="firing"}}"#);
    stack.query_until(&firing, ALERT_LIMIT, |alerts| !alerts.is_empty()).await;
    let printed =
        |line: &str| (line.starts_with("-> monitoring-page: ") && line.contains(ALERT)).then(|| line.to_owned());
    let printed = stack.process.wait_for_line(ALERT_LIMIT, printed).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(printed.contains("firing (critical; ") && printed.contains("operation demo"), "{printed}");
    let alerts = stack.ask("Alertmanager", "/api/v2/alerts", &[]).await;
    let names = alerts.as_array().into_iter().flatten().map(|alert| alert["labels"]["alertname"].as_str());
    assert!(names.flatten().any(|name| name == ALERT), "{alerts}");

    // The history has what the rules of half-hours record. Their group need not have been evaluated since the start.
    // One of the 6 skills has no service level, and there is none at night.
    for (calls, skills, least) in [
        ("inbound", 6, 80.0),
        ("abandoned", 6, 80.0),
        ("limited", 6, 80.0),
        ("allowed_abandoned", 6, 80.0),
        ("answered_in_time", 5, 40.0),
        ("rated", 5, 40.0),
        ("allowed_missed", 5, 40.0),
    ] {
        let halves = format!("count_over_time(operation_skill:wolkvox_skill_{calls}_calls:half_hour[2d])");
        let halves = stack.query(&halves).await;
        assert!(halves.len() == skills && halves.iter().all(|count| *count > least), "{calls}: {halves:?}");
        let [skill, team] = ["skill", "team"].map(|of| format!("operation_{of}:wolkvox_skill_{calls}_calls:half_hour"));
        let sum = |name: &str| format!("sum(sum_over_time({name}[1d] offset 1h))");
        let [skills, teams] = [stack.query(&sum(&skill)).await, stack.query(&sum(&team)).await];
        assert!(skills.len() == 1 && (skills[0] - teams[0]).abs() < 0.01, "{calls}: {skills:?} in totals {teams:?}");
    }
    let mut rules = stack.rules().await;
    let all_evaluated = tokio::time::timeout(ALERT_LIMIT, async {
        while rules.iter().any(|rule| rule.interval < FORECAST_INTERVAL && rule.health == "unknown") {
            tokio::time::sleep(POLL * 25).await;
            rules = stack.rules().await;
        }
    });
    assert!(all_evaluated.await.is_ok(), "some rules were not evaluated within {ALERT_LIMIT:?}: {rules:#?}");
    let ill: Vec<_> = rules.iter().filter(|rule| !["ok", "unknown"].contains(&rule.health.as_str())).collect();
    assert!(rules.len() > 30 && ill.is_empty(), "{ill:#?}");

    let parts: BTreeSet<u32> = parts.union(&stack.processes()).copied().collect();
    stack.process.signal(Signal::INT);
    let status = stack.process.wait(END_LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(status.success(), "{status}");
    let left: Vec<_> = running().into_iter().filter(|(id, _)| parts.contains(id)).collect();
    assert!(left.is_empty(), "these still run: {left:?}");
    let left: Vec<_> = fs::read_dir(stack.folder.path()).expect("it is there").collect();
    assert!(left.is_empty(), "these are left: {left:?}");
}
