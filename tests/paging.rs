//! From the exporter to the page: the real exporter, Prometheus and Alertmanager, with the shipped rules and routing.
//! Only their durations are shorter.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use support::alertmanager::{Alertmanager, Labels, labels};
use support::dashboard::{files, folder};
use support::exporter::{Configuration, Exporter, LIMIT, Operation};
use support::peers::{AlertmanagerVersion, PrometheusVersion};
use support::prometheus::{Prometheus, scrape_config};
use support::routing::{Routing, TEMPLATES};
use support::rules::shipped;
use support::sink::{Notification, Sink};
use support::wolkvox::{Reply, Request, Wolkvox, healthy, skill};

/// Every duration of the rules is divided by this number. One scrape a second and one poll every two seconds then
/// correspond to one scrape a minute and one poll every two minutes.
const SPEEDUP: u64 = 60;

/// A shortened window must still contain a few scrapes.
const SHORTEST_WINDOW: u64 = 5;

/// Seconds of a duration as Prometheus writes it, `1h30m`.
fn seconds(duration: &str) -> u64 {
    let (mut total, mut number) = (0, 0);
    for character in duration.chars() {
        let unit = match character {
            '0'..='9' => {
                number = number * 10 + u64::from(character.to_digit(10).expect("it is a digit"));
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => panic!("{duration} is not a duration that this test supports"),
        };
        total += number * unit;
        number = 0;
    }
    total
}

fn shortened(duration: &str, least: u64) -> String {
    format!("{}s", (seconds(duration) / SPEEDUP).max(least))
}

/// An expression with shorter windows: `[1h]` and `[1h:1m]`.
fn with_short_windows(expression: &str) -> String {
    let (before, windows) = expression.split_once('[').unwrap_or((expression, ""));
    let short = windows.split('[').filter(|part| !part.is_empty()).map(|part| {
        let (window, rest) = part.split_once(']').expect("a window ends");
        let (range, step) = window.split_once(':').map_or((window, None), |(range, step)| (range, Some(step.trim())));
        let step = step.map(|step| if step.is_empty() { ":".to_owned() } else { format!(":{}", shortened(step, 1)) });
        format!("[{}{}]{rest}", shortened(range.trim(), SHORTEST_WINDOW), step.unwrap_or_default())
    });
    std::iter::once(before.to_owned()).chain(short).collect()
}

/// A file of rules in which only the durations differ from the shipped file.
fn sped_up(text: &str) -> String {
    let mut rules: Value = serde_saphyr::from_str(text).expect("rules are YAML");
    for group in rules["groups"].as_array_mut().expect("there are groups") {
        group.as_object_mut().expect("a group has fields").remove("interval");
        for rule in group["rules"].as_array_mut().expect("a group has rules") {
            for key in ["for", "keep_firing_for"] {
                if let Some(duration) = rule.get_mut(key) {
                    *duration = json!(shortened(duration.as_str().expect("a duration is a text"), 1));
                }
            }
            rule["expr"] = json!(with_short_windows(rule["expr"].as_str().expect("an expression is a text")));
        }
    }
    rules.to_string()
}

#[test]
fn the_speedup_changes_only_durations() {
    let rules = r#"{groups: [{name: a, interval: 1m, rules: [
        {alert: A, expr: 'increase(x{y="1h"}[1h]) > 60 and max_over_time(z[30m:1m] offset 1w) > 300', for: 5m,
         keep_firing_for: 10m, labels: {severity: critical}}, {record: b, expr: 'rate(x[1m])'}]}]}"#;
    let expected = json!({"groups": [{"name": "a", "rules": [
        {"alert": "A", "expr": r#"increase(x{y="1h"}[60s]) > 60 and max_over_time(z[30s:1s] offset 1w) > 300"#, "for": "5s",
         "keep_firing_for": "10s", "labels": {"severity": "critical"}}, {"record": "b", "expr": "rate(x[5s])"}]}]});
    assert_eq!(sped_up(rules).parse::<Value>().unwrap(), expected);
}

/// The addresses of the site, as the file of addresses has them.
const ADDRESSES: [(&str, &str); 2] = [
    ("http://localhost:3000", "https://grafana.test/sub"),
    ("https://runbooks.example.com/wolkvox/RUNBOOK.md", "https://wiki.test/wolkvox"),
];

/// The shipped files of rules with shorter durations and with the addresses of the site, by name.
fn rules() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts");
    let mut rules = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder is part of the project") {
        let path = entry.expect("its entries can be read").path();
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        if name.ends_with(".rules.yml") {
            let mut text = fs::read_to_string(path).expect("rules are text");
            for (shipped, own) in ADDRESSES {
                assert_eq!(text.contains(shipped), name == "wolkvox-addresses.rules.yml", "{name}: {shipped}");
                text = text.replace(shipped, own);
            }
            rules.insert(name, sped_up(&text));
        }
    }
    assert!(rules.contains_key("wolkvox-alerts.rules.yml"), "there are only {:?}", rules.keys());
    rules
}

/// One skill without calls in queue, and other reports as usual.
fn quiet(request: &Request) -> Reply {
    if request.report() != "skills" {
        return healthy(request);
    }
    Reply::rows(&[skill("4173", 100).replace(r#""calls_in_queue_now": "2""#, r#""calls_in_queue_now": "0""#)])
}

/// wolkvox's response to a rejected token.
fn refused(_: &Request) -> Reply {
    Reply::envelope(403, "PLEASE VALIDATE TOKEN", "null")
}

/// The token may read only the skills.
fn only_skills(request: &Request) -> Reply {
    if request.report() == "skills" { quiet(request) } else { refused(request) }
}

/// All parts from wolkvox to the sink.
struct Site {
    version: PrometheusVersion,
    exporter: Option<Exporter>,
    alertmanager: Alertmanager,
    sink: Sink,
    prometheus: Prometheus,
    configuration: Configuration,
    wolkvox: Wolkvox,
}

impl Site {
    /// Starts all parts and waits until Prometheus has series of the operation, which polls only skills.
    async fn start(version: PrometheusVersion) -> Self {
        Self::start_with(version, "{skills: {interval: 2s}, dnis: false}").await
    }

    /// The same for an operation with these collectors.
    async fn start_with(version: PrometheusVersion, collectors: &str) -> Self {
        let wolkvox = Wolkvox::start(quiet);
        let operation =
            Operation { collectors: collectors.to_owned(), ..Operation::of_skills("ventas", &wolkvox.url()) };
        let configuration = Configuration::of(&[operation]);
        let exporter = Exporter::serve(&mut configuration.command()).await;
        let sink = Sink::start().await;
        let routing = Routing::shipped().into_sink(&sink);
        let alertmanager = Alertmanager::start(AlertmanagerVersion::New, &routing.text(), &[TEMPLATES]).await;
        let config = format!(
            "{}rule_files: ['*.rules.yml']\nalerting: {{alertmanagers: [{{static_configs: [{{targets: ['{}']}}]}}]}}\n",
            scrape_config(&[("wolkvox", exporter.url.trim_start_matches("http://"))]),
            alertmanager.address()
        );
        let rules = rules();
        let files: Vec<(&str, &str)> = rules.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let prometheus = Prometheus::start_with_files(version, &config, &files).await;
        prometheus
            .wait_until("wolkvox_up{operation=\"ventas\"}", LIMIT, |up| up.iter().any(|up| up.value > 0.5))
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        Self { version, exporter: Some(exporter), alertmanager, sink, prometheus, configuration, wolkvox }
    }

    /// Stops the exporter and returns its address.
    async fn stop_exporter(&mut self) -> String {
        let mut exporter = self.exporter.take().expect("it runs");
        exporter.process.terminate(LIMIT).await.expect("it ends when it is asked to");
        exporter.url.trim_start_matches("http://").to_owned()
    }

    /// Starts the exporter again at the same address.
    async fn restart_exporter(&mut self, address: &str) {
        let mut command = self.configuration.command();
        self.exporter = Some(Exporter::listening(command.args(["serve", "--web.listen-address", address])).await);
    }

    /// The first notification with this status of this alert.
    async fn notification(&self, status: &str, alert: &str) -> Notification {
        let is_it = |one: &&Notification| one.status == status && one.names().contains(&alert);
        let all = self.sink.wait_until(LIMIT, |all| all.iter().any(|one| is_it(&one))).await;
        all.unwrap_or_else(|error| panic!("{alert} was not {status}: {error}"))
            .iter()
            .find(is_it)
            .cloned()
            .expect("it is there")
    }

    /// Waits until no alert fires, and then until all notifications have arrived.
    async fn settled(&self) {
        /// Longer than any wait of the shortened routing, and than Prometheus needs to send an alert.
        const NOTIFIED_WITHIN: Duration = Duration::from_secs(4);
        let firing = self.prometheus.wait_until(r#"ALERTS{alertstate="firing"}"#, LIMIT, <[_]>::is_empty).await;
        firing.unwrap_or_else(|error| panic!("{error}"));
        tokio::time::sleep(NOTIFIED_WITHIN).await;
    }

    /// The notifications about other alerts than `but`.
    fn notified_besides(&self, but: &[&str]) -> Vec<Notification> {
        let others = |one: &Notification| one.names().iter().any(|name| !but.contains(name));
        self.sink.notifications().into_iter().filter(others).collect()
    }

    /// The number of notifications of the alert as firing and as resolved.
    fn times_notified(&self, alert: &str) -> [usize; 2] {
        ["firing", "resolved"].map(|status| {
            let all = self.sink.notifications();
            all.iter().filter(|one| one.status == status && one.names().contains(&alert)).count()
        })
    }

    /// Fires a critical alert of the operation and one of another operation, and waits for the notification of the
    /// other. Returns the name of the alert that inhibits the first.
    async fn fire_business_alerts(&self) -> String {
        let alert = business_alert;
        self.alertmanager.fire(&[alert("ventas"), alert("another")]).await;
        let other = self.notification("firing", "WolkvoxServiceLevelFastBurn").await;
        assert_eq!(other.receiver, "ventas-page");
        let statuses = self.alertmanager.alerts().await;
        let own = statuses.iter().find(|status| status.labels == alert("ventas")).expect("it was fired");
        let cause = statuses.iter().find(|status| own.inhibited_by.contains(&status.fingerprint));
        for one in self.sink.notifications() {
            let quiet = one.alerts.iter().all(|notified| notified.labels != alert("ventas"));
            assert!(quiet, "there was a notification of the operation's own alert: {one:#?}");
        }
        cause.map(|cause| cause.labels["alertname"].clone()).unwrap_or_default()
    }
}

impl Site {
    /// Waits until the alert is resolved and all notifications have arrived. There must be no other notification,
    /// except of the business alert that the test fires.
    async fn assert_one_page_and_one_all_clear(&self, alert: &str) {
        let version = self.version;
        let clear = self.notification("resolved", alert).await;
        self.settled().await;
        assert_eq!(clear.receiver, "monitoring-page");
        assert_eq!(self.times_notified(alert), [1, 1], "{version:?}: {:#?}", self.sink.notifications());
        let others = self.notified_besides(&[alert, "WolkvoxServiceLevelFastBurn"]);
        assert!(others.is_empty(), "{version:?}: {others:#?}");
        assert_eq!(self.prometheus.warnings(), [""; 0], "{version:?}");
    }
}

/// A critical alert about a skill of the operation.
fn business_alert(operation: &str) -> Labels {
    let about = "category=service_level severity=critical skill_id=4173 team=ventas";
    labels(&format!("alertname=WolkvoxServiceLevelFastBurn {about} operation={operation}"))
}

/// Checks that a page has labels, links, and texts in both languages.
fn assert_complete_page(page: &Notification, operation: &str) {
    assert_eq!(page.receiver, "monitoring-page");
    let [alert] = page.alerts.as_slice() else { panic!("one alert, not {page:#?}") };
    assert_eq!(alert.status, "firing");
    let label = |name: &str| alert.labels.get(name).map_or("", String::as_str);
    assert_eq!([label("severity"), label("category"), label("operation")], ["critical", "exporter", operation]);
    for name in ["summary", "description", "summary_es", "description_es"] {
        let text = alert.annotations.get(name).map_or("", String::as_str);
        assert!(text.len() > 10 && !text.contains("no value"), "{name}: {text}");
    }
    let link = |name: &str| alert.annotations.get(name).map_or("", String::as_str);
    let name = label("alertname");
    assert_eq!(link("runbook_url"), format!("https://wiki.test/wolkvox#{}", name.to_lowercase()));
    let runbook = fs::read_to_string(shipped("RUNBOOK.md")).expect("the runbook is text");
    assert!(runbook.contains(&format!("\n## {name}\n")), "the runbook has no section {name}");
    let board = "wolkvox-exporter";
    assert_eq!(link("dashboard_url"), format!("https://grafana.test/sub/d/{board}?var-operation={operation}"));
    assert!(files(&folder()).contains_key(board), "there is no dashboard {board}");
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn an_exporter_that_stops_is_one_page_and_one_all_clear() {
    const DOWN: &str = "WolkvoxExporterDown";
    join_all(PrometheusVersion::ALL.map(async |version| {
        let mut site = Site::start(version).await;
        let address = site.stop_exporter().await;
        let page = site.notification("firing", DOWN).await;
        assert_complete_page(&page, "ventas");
        assert_eq!(site.fire_business_alerts().await, DOWN);

        site.restart_exporter(&address).await;
        site.assert_one_page_and_one_all_clear(DOWN).await;
    }))
    .await;
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn a_token_that_is_refused_is_one_page_and_one_all_clear() {
    const UNAUTHORIZED: &str = "WolkvoxUnauthorized";
    join_all(PrometheusVersion::ALL.map(async |version| {
        let site = Site::start(version).await;
        site.wolkvox.answers(refused);
        let page = site.notification("firing", UNAUTHORIZED).await;
        assert_complete_page(&page, "ventas");
        assert_eq!(site.fire_business_alerts().await, UNAUTHORIZED);
        // Wait until the data is stale too. This second alert must be inhibited.
        let stale = r#"ALERTS{alertname="WolkvoxDataStale",alertstate="firing"}"#;
        site.prometheus.wait_for(stale, LIMIT).await.unwrap();

        site.wolkvox.answers(quiet);
        site.assert_one_page_and_one_all_clear(UNAUTHORIZED).await;
    }))
    .await;
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn a_report_that_is_refused_leaves_the_pages_about_fresh_skills() {
    join_all(PrometheusVersion::ALL.map(async |version| {
        let collectors = "{skills: {interval: 2s}, agents_kpi: {interval: 2s}, dnis: false}";
        let site = Site::start_with(version, collectors).await;
        site.wolkvox.answers(only_skills);
        let label = |labels: &Labels, name: &str| labels.get(name).cloned().unwrap_or_default();
        let is_refused = |labels: &Labels| {
            label(labels, "alertname") == "WolkvoxUnauthorized" && label(labels, "collector") == "agents_kpi"
        };
        let arrived = site.alertmanager.wait_until(LIMIT, |all| all.iter().any(|one| is_refused(&one.labels))).await;
        assert!(arrived.is_ok(), "{version:?}: {:?}", site.alertmanager.alerts().await);

        site.alertmanager.fire(&[business_alert("ventas")]).await;
        let page = site.notification("firing", "WolkvoxServiceLevelFastBurn").await;
        assert_eq!(page.receiver, "ventas-page");
        let pages = |one: &Notification| one.receiver == "monitoring-page";
        assert!(!site.sink.notifications().iter().any(pages), "{version:?}: {:#?}", site.sink.notifications());
        assert_eq!(site.prometheus.warnings(), [""; 0], "{version:?}");
    }))
    .await;
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn a_healthy_exporter_causes_no_notification() {
    /// Half an hour for the rules, because a second counts as a minute.
    const WHILE: Duration = Duration::from_secs(30);
    let site = Site::start(PrometheusVersion::V3).await;
    tokio::time::sleep(WHILE).await;
    assert_eq!(site.prometheus.query(r#"ALERTS{alertstate="firing"}"#).await, Ok(Vec::new()));
    let notified = site.sink.notifications();
    assert!(notified.is_empty(), "{notified:#?}");
}
