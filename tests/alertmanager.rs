//! The shipped routing: the receivers of each alert, the times of notifications, and the inhibition rules.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::civil::{DateTime, date};
use serde_json::Value;
use wolkvox_exporter::clock::Clock;

use support::alertmanager::{Alertmanager, Labels, Status, labels};
use support::peers::AlertmanagerVersion;
use support::process::{POLL, run};
use support::routing::{Routing, TEMPLATES};
use support::rules::{alerts, shipped};
use support::sink::Sink;

const LIMIT: Duration = Duration::from_secs(300);

#[test]
#[ignore = "needs the peers: make test"]
fn the_current_alertmanager_accepts_the_configuration_and_the_templates() {
    let output = run(AlertmanagerVersion::New.amtool().arg("check-config").arg(shipped("alertmanager.yml")), "");
    assert!(output.status.success(), "{output:?}");
    assert!(output.stdout.contains("1 templates"), "{output:?}");
}

/// The comment at the start of the configuration says so.
#[test]
#[ignore = "needs the peers: make test"]
fn an_older_alertmanager_refuses_the_receivers_for_teams() {
    let output = run(AlertmanagerVersion::V0_25.amtool().arg("check-config").arg(shipped("alertmanager.yml")), "");
    assert!(!output.status.success(), "{output:?}");
    assert!(output.stdout.contains("msteamsv2_configs not found"), "{output:?}");
}

/// Calls `visit` with every key of every object, and its value.
fn each_key(value: &Value, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            visit(key, value);
            each_key(value, visit);
        }),
        Value::Array(items) => items.iter().for_each(|item| each_key(item, visit)),
        _ => {}
    }
}

#[test]
fn every_secret_is_in_a_file() {
    /// The start or the end of the keys for secrets in Alertmanager.
    const SECRETS: [&str; 8] =
        ["password", "routing_key", "service_key", "api_url", "webhook_url", "url", "token", "credentials"];
    let routing = Routing::shipped();
    let mut files = Vec::new();
    each_key(routing.value(), &mut |key, value| {
        if let Some(secret) = key.strip_suffix("_file") {
            assert!(
                SECRETS.iter().any(|end| secret.ends_with(end)),
                "{key} is a secret that is not in the list of this test"
            );
            files.push(value.as_str().expect("a path is a text").to_owned());
        } else {
            // Templates read `runbook_url` and similar keys.
            assert!(!SECRETS.iter().any(|end| key.ends_with(end)), "{key}: {value} is not in a file");
        }
    });
    assert!(files.len() > 10, "{files:?}");
    let readme = std::fs::read_to_string(shipped("README.md")).expect("it is there");
    for file in files {
        let name =
            file.strip_prefix("/etc/alertmanager/secrets/").unwrap_or_else(|| panic!("{file} is in another folder"));
        assert!(readme.contains(&format!("`{name}`")), "README.md does not say what {name} holds");
    }
}

#[test]
fn no_receiver_uses_a_service_that_is_discontinued() {
    let mut kinds = BTreeSet::new();
    for receiver in Routing::shipped().value()["receivers"].as_array().expect("there are receivers") {
        kinds.extend(receiver.as_object().expect("it has fields").keys().filter(|key| *key != "name").cloned());
    }
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(kinds, ["email_configs", "msteamsv2_configs", "pagerduty_configs", "slack_configs", "webhook_configs"]);
}

/// The receivers of an alert, according to amtool.
fn receivers(alert: &str) -> Vec<String> {
    let mut amtool = AlertmanagerVersion::New.amtool();
    amtool.args(["config", "routes", "test", "--config.file"]).arg(shipped("alertmanager.yml"));
    let output = run(amtool.args(alert.split(' ').filter(|label| !label.ends_with('='))), "");
    assert!(output.status.success(), "{alert}: {output:?}");
    output.stdout.trim().split(',').map(str::to_owned).collect()
}

#[test]
#[ignore = "needs the peers: make test"]
fn each_alert_goes_to_the_responsible_receivers() {
    const CASES: &[(&str, &[&str])] = &[
        ("alertname=WolkvoxExporterDown category=exporter severity=critical operation=a", &["monitoring-page"]),
        ("alertname=WolkvoxExporterDown category=exporter severity=critical job=w instance=i", &["monitoring-page"]),
        ("alertname=WolkvoxUnauthorized category=exporter severity=critical operation=a", &["monitoring-page"]),
        ("alertname=WolkvoxUnauthorized category=exporter severity=warning operation=a", &["monitoring-chat"]),
        ("alertname=WolkvoxParseErrors category=exporter severity=warning operation=a", &["monitoring-chat"]),
        ("alertname=WolkvoxConfigReloadFailed category=exporter severity=warning job=w", &["monitoring-chat"]),
        ("alertname=WolkvoxLabelsReplaced category=exporter severity=warning job=w instance=i", &["monitoring-chat"]),
        ("alertname=WolkvoxServiceLevelDefinitionDoubtful category=exporter severity=info", &["monitoring-journal"]),
        // Alerts of the exporter go to monitoring, also with a label `team`.
        ("alertname=WolkvoxExporterDown category=exporter severity=critical team=ventas", &["monitoring-page"]),
        (
            "alertname=WolkvoxServiceLevelFastBurn category=service_level severity=critical team=ventas",
            &["ventas-page"],
        ),
        ("alertname=WolkvoxServiceLevelSlowBurn category=service_level severity=warning team=ventas", &["ventas-chat"]),
        ("alertname=WolkvoxQueueStuck category=queue severity=critical team=soporte", &["soporte-page"]),
        ("alertname=WolkvoxAbandonmentHigh category=abandonment severity=warning team=soporte", &["soporte-chat"]),
        ("alertname=WolkvoxAbandonmentHigh category=abandonment severity=critical team=", &["supervisors-page"]),
        ("alertname=WolkvoxAbandonmentHigh category=abandonment severity=critical", &["supervisors-page"]),
        ("alertname=WolkvoxAbandonmentHigh category=abandonment severity=warning team=cobros", &["supervisors-mail"]),
        ("alertname=WolkvoxNoCalls category=traffic severity=critical team=ventas", &["telephony-page", "ventas-page"]),
        ("alertname=WolkvoxNoCalls category=traffic severity=critical", &["telephony-page", "supervisors-page"]),
        ("alertname=WolkvoxStaffingLow category=staffing severity=critical operation=a", &["supervisors-page"]),
        // Alerts of other programs.
        ("alertname=DiskFull severity=critical team=ventas", &["everything-else"]),
        ("alertname=DiskFull severity=critical category=storage", &["everything-else"]),
    ];
    for (alert, expected) in CASES {
        assert_eq!(receivers(alert), *expected, "{alert}");
    }
}

/// Every alert of the rules with a value for each of its labels except the team.
fn forms() -> BTreeSet<String> {
    let with_values = alerts().into_iter().map(|alert| {
        let own = format!("alertname={} category={} severity={}", alert.name, alert.category, alert.severity);
        let labels = alert.labels.iter().filter(|label| *label != "team");
        let others = labels.map(|label| format!("{label}=example"));
        std::iter::once(own).chain(others).collect::<Vec<_>>().join(" ")
    });
    with_values.collect()
}

#[test]
#[ignore = "needs the peers: make test"]
fn no_alert_goes_to_the_receiver_for_other_programs() {
    let mut reached = BTreeSet::new();
    for form in forms() {
        for team in ["ventas", "soporte", "cobros", ""] {
            let alert = format!("{form} team={team}");
            let found = receivers(&alert);
            assert!(
                !found.iter().any(|receiver| receiver == "everything-else"),
                "alerts/alertmanager.yml has no route for {alert}: it goes to {found:?}"
            );
            let pages = found.iter().any(|receiver| receiver.ends_with("-page"));
            assert_eq!(pages, form.contains("severity=critical"), "only critical alerts page: {alert}: {found:?}");
            reached.extend(found);
        }
    }
    reached.insert("everything-else".to_owned());
    assert_eq!(reached, Routing::shipped().receivers().into_iter().collect(), "every receiver gets an alert");
}

/// An alert and its receivers at each of [`MOMENTS`].
type Times = (&'static str, [&'static str; MOMENTS.len()]);

/// Times in Bogotá. No interval starts or ends in the hour before and after them.
const MOMENTS: [(&str, DateTime); 7] = [
    ("Tuesday morning", date(2026, 11, 24).at(10, 0, 0, 0)),
    ("Tuesday evening", date(2026, 11, 24).at(18, 0, 0, 0)),
    ("Tuesday night", date(2026, 11, 24).at(2, 0, 0, 0)),
    ("Saturday morning", date(2026, 11, 28).at(10, 0, 0, 0)),
    ("Saturday afternoon", date(2026, 11, 28).at(16, 0, 0, 0)),
    ("Sunday morning", date(2026, 11, 29).at(10, 0, 0, 0)),
    ("a holiday's morning, a Tuesday", date(2026, 12, 8).at(10, 0, 0, 0)),
];

#[rustfmt::skip]
const TIMES: [Times; 8] = {
    const NOT: &str = "";
    const JOURNAL: &str = "monitoring-journal";
    [
        ("alertname=WolkvoxExporterDown category=exporter severity=critical operation=a", ["monitoring-page"; 7]),
        ("alertname=WolkvoxParseErrors category=exporter severity=warning operation=b",
            ["monitoring-chat", NOT, NOT, NOT, NOT, NOT, NOT]),
        ("alertname=WolkvoxServiceLevelDefinitionDoubtful category=exporter severity=info operation=c",
            [JOURNAL, NOT, NOT, NOT, NOT, NOT, NOT]),
        ("alertname=WolkvoxQueueStuck category=queue severity=critical operation=d skill_id=1 team=ventas", ["ventas-page"; 7]),
        ("alertname=WolkvoxQueueStuck category=queue severity=critical operation=d skill_id=2", ["supervisors-page"; 7]),
        ("alertname=WolkvoxAbandonmentHigh category=abandonment severity=warning operation=e skill_id=1 team=ventas",
            ["ventas-chat", "ventas-chat", NOT, "ventas-chat", NOT, NOT, NOT]),
        ("alertname=WolkvoxAbandonmentHigh category=abandonment severity=warning operation=e skill_id=2 team=soporte",
            ["soporte-chat", "soporte-chat", NOT, "soporte-chat", NOT, NOT, NOT]),
        ("alertname=WolkvoxAbandonmentHigh category=abandonment severity=warning operation=e skill_id=3",
            ["supervisors-mail", "supervisors-mail", NOT, "supervisors-mail", NOT, NOT, NOT]),
    ]
};

/// The receiver of each alert of [`TIMES`], or an empty text for a muted alert.
async fn notified_at(moment: DateTime) -> Vec<String> {
    let sink = Sink::start().await;
    let routing = Routing::shipped().into_sink(&sink).when_it_is(moment, Clock::system().wall());
    let alertmanager = Alertmanager::start(AlertmanagerVersion::New, &routing.text(), &[TEMPLATES]).await;
    let alerts: Vec<Labels> = TIMES.iter().map(|(alert, _)| labels(alert)).collect();
    alertmanager.fire(&alerts).await;
    let receiver_of = |alert: &Labels| {
        let notified = sink.notifications();
        let mut about = notified.iter().filter(|one| one.alerts.iter().any(|notified| notified.labels == *alert));
        about.next().map(|one| one.receiver.clone())
    };
    // Wait until each alert is either notified or muted, because no fixed time would be long enough on every machine.
    let decided = tokio::time::timeout(LIMIT, async {
        loop {
            let muted = alertmanager.muted().await;
            if alerts.iter().all(|alert| receiver_of(alert).is_some() || muted.contains(alert)) {
                return;
            }
            tokio::time::sleep(POLL * 5).await;
        }
    });
    assert!(
        decided.await.is_ok(),
        "{moment}: muted {:?}, notified {:?}",
        alertmanager.muted().await,
        sink.notifications()
    );
    alerts.iter().map(|alert| receiver_of(alert).unwrap_or_default()).collect()
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn critical_alerts_notify_at_any_time_and_the_others_in_working_hours() {
    let notified = join_all(MOMENTS.map(async |(name, moment)| (name, notified_at(moment).await))).await;
    for (number, (name, notified)) in notified.into_iter().enumerate() {
        let expected: Vec<_> = TIMES.iter().map(|(alert, receivers)| (*alert, receivers[number])).collect();
        let notified: Vec<_> = TIMES.iter().map(|(alert, _)| *alert).zip(notified.iter().map(String::as_str)).collect();
        assert_eq!(notified, expected, "{name}");
    }
}

/// An alert, and labels that replace or extend its labels. An empty label is removed. Without a label `operation`, the
/// alert gets an operation that no other pair has.
type Alert = (&'static str, &'static str);

/// Two alerts that fire at the same time.
type Pair = (Alert, Alert);

/// An inhibition rule: the pairs in which the first alert inhibits the second by this rule only, and similar pairs in
/// which it does not.
struct Rule {
    quiet: &'static [Pair],
    loud: &'static [Pair],
}

const DOWN: &str = "alertname=WolkvoxExporterDown category=exporter severity=critical";
const UNAUTHORIZED: &str = "alertname=WolkvoxUnauthorized category=exporter severity=critical collector=skills";
const UNAUTHORIZED_DNIS: &str = "alertname=WolkvoxUnauthorized category=exporter severity=warning collector=dnis";
const UNAUTHORIZED_IVR: &str = "alertname=WolkvoxUnauthorized category=exporter severity=warning collector=ivr";
const EXHAUSTED: &str = "alertname=WolkvoxQuotaExhausted category=exporter severity=critical";
const NEARLY: &str = "alertname=WolkvoxQuotaNearlyUsed category=exporter severity=warning";
const STALE_SKILLS: &str = "alertname=WolkvoxDataStale category=exporter severity=critical collector=skills";
const STALE_DNIS: &str = "alertname=WolkvoxDataStale category=exporter severity=warning collector=dnis";
const STALE_IVR: &str = "alertname=WolkvoxDataStale category=exporter severity=warning collector=ivr";
const PARSE: &str = "alertname=WolkvoxParseErrors category=exporter severity=warning";
const RELOAD: &str = "alertname=WolkvoxConfigReloadFailed category=exporter severity=warning operation=";
const DOUBTFUL: &str = "alertname=WolkvoxServiceLevelDefinitionDoubtful category=exporter severity=info skill_id=1";
const FAST: &str = "alertname=WolkvoxServiceLevelFastBurn category=service_level severity=critical skill_id=1";
const SLOW: &str = "alertname=WolkvoxServiceLevelSlowBurn category=service_level severity=warning skill_id=1";
const OWN_SLOW: &str =
    "alertname=WolkvoxServiceLevelSlowBurn category=service_level severity=warning skill_id=1 limits=own";
const LOW: &str = "alertname=WolkvoxServiceLevelLowTraffic category=service_level severity=warning skill_id=1";
const ABANDONED: &str = "alertname=WolkvoxAbandonmentHigh category=abandonment severity=critical skill_id=1";
const ABANDON: &str = "alertname=WolkvoxAbandonmentHigh category=abandonment severity=warning skill_id=1";
const STUCK: &str = "alertname=WolkvoxQueueStuck category=queue severity=critical skill_id=1";
const NO_CALLS: &str = "alertname=WolkvoxNoCalls category=traffic severity=critical skill_id=1";
const STAFFING: &str = "alertname=WolkvoxStaffingLow category=staffing severity=critical";
const DNIS_LEVEL: &str = "alertname=WolkvoxDnisServiceLevelLow category=service_level severity=warning skill_id=all";
const DNIS_ABANDON: &str = "alertname=WolkvoxDnisAbandonmentHigh category=abandonment severity=warning skill_id=all";

/// In the order of `inhibit_rules`.
#[rustfmt::skip]
const RULES: [Rule; 11] = [
    // Causes that make all figures invalid.
    Rule {
        quiet: &[
            ((DOWN, ""), (FAST, "")), ((DOWN, ""), (LOW, "team=ventas")), ((DOWN, ""), (ABANDON, "")), ((DOWN, ""), (STUCK, "")),
            ((DOWN, ""), (NO_CALLS, "")), ((DOWN, ""), (DNIS_LEVEL, "")), ((EXHAUSTED, ""), (ABANDONED, "")),
            ((EXHAUSTED, ""), (DNIS_ABANDON, "")), ((DOWN, ""), (STAFFING, "")),
        ],
        loud: &[
            ((DOWN, "operation=a"), (STAFFING, "operation=b")), ((STAFFING, ""), (FAST, "")), ((STAFFING, ""), (SLOW, "")),
            ((DOWN, "operation=a"), (FAST, "operation=b")), ((EXHAUSTED, "operation=a"), (STUCK, "operation=b")),
            ((DOWN, "operation= job=wolkvox"), (FAST, "")), ((DOWN, "operation="), (FAST, "operation=")),
            ((NEARLY, ""), (FAST, "")), ((PARSE, ""), (NO_CALLS, "")),
            ((DOWN, ""), (UNAUTHORIZED, "")), ((DOWN, ""), (PARSE, "")), ((DOWN, ""), (DOUBTFUL, "")),
        ],
    },
    // Causes that make the figures of skills invalid.
    Rule {
        quiet: &[
            ((STALE_SKILLS, ""), (FAST, "")), ((STALE_SKILLS, ""), (STUCK, "")), ((STALE_SKILLS, ""), (NO_CALLS, "")),
            ((UNAUTHORIZED, ""), (SLOW, "")), ((UNAUTHORIZED, ""), (ABANDONED, "")),
        ],
        loud: &[
            ((STALE_SKILLS, "operation=a"), (FAST, "operation=b")), ((UNAUTHORIZED, "operation=a"), (SLOW, "operation=b")),
            ((STALE_DNIS, ""), (FAST, "")), ((STALE_IVR, ""), (ABANDON, "")), ((UNAUTHORIZED_DNIS, ""), (FAST, "")),
            ((UNAUTHORIZED_IVR, ""), (FAST, "")), ((UNAUTHORIZED_IVR, ""), (NO_CALLS, "")),
            ((STALE_SKILLS, ""), (DNIS_LEVEL, "")), ((UNAUTHORIZED, ""), (DNIS_ABANDON, "")),
            ((STALE_SKILLS, "operation="), (FAST, "operation=")),
        ],
    },
    // Causes that make the figures of numbers invalid.
    Rule {
        quiet: &[
            ((STALE_DNIS, ""), (DNIS_LEVEL, "")), ((STALE_DNIS, ""), (DNIS_ABANDON, "")), ((UNAUTHORIZED_DNIS, ""), (DNIS_LEVEL, "")),
        ],
        loud: &[
            ((STALE_DNIS, "operation=a"), (DNIS_LEVEL, "operation=b")), ((STALE_IVR, ""), (DNIS_ABANDON, "")),
            ((STALE_DNIS, ""), (ABANDON, "")), ((STALE_DNIS, "operation="), (DNIS_LEVEL, "operation=")),
            ((UNAUTHORIZED_IVR, ""), (DNIS_LEVEL, "")),
        ],
    },
    // Stale data whose cause has an alert of its own.
    Rule {
        quiet: &[
            ((DOWN, ""), (STALE_DNIS, "")), ((DOWN, ""), (STALE_SKILLS, "")), ((EXHAUSTED, ""), (STALE_SKILLS, "")),
        ],
        loud: &[
            ((DOWN, "operation=a"), (STALE_SKILLS, "operation=b")), ((EXHAUSTED, "operation=a"), (STALE_DNIS, "operation=b")),
            ((DOWN, "operation= job=w"), (STALE_SKILLS, "")), ((DOWN, "operation="), (STALE_SKILLS, "operation=")),
            ((NEARLY, ""), (STALE_SKILLS, "")), ((STALE_SKILLS, ""), (DOWN, "")),
        ],
    },
    // A report that is refused.
    Rule {
        quiet: &[
            ((UNAUTHORIZED, ""), (STALE_SKILLS, "")), ((UNAUTHORIZED_DNIS, ""), (STALE_DNIS, "")),
            ((UNAUTHORIZED_IVR, ""), (STALE_IVR, "")),
        ],
        loud: &[
            ((UNAUTHORIZED, "operation=a"), (STALE_SKILLS, "operation=b")), ((UNAUTHORIZED, ""), (STALE_DNIS, "")),
            ((UNAUTHORIZED_DNIS, ""), (STALE_SKILLS, "")), ((UNAUTHORIZED, "operation="), (STALE_SKILLS, "operation=")),
        ],
    },
    Rule {
        quiet: &[((EXHAUSTED, ""), (NEARLY, ""))],
        loud: &[
            ((EXHAUSTED, "operation=a"), (NEARLY, "operation=b")), ((UNAUTHORIZED, ""), (NEARLY, "")), ((NEARLY, ""), (EXHAUSTED, "")),
            ((EXHAUSTED, "operation="), (NEARLY, "operation=")),
        ],
    },
    // Two severities of one alert of the exporter.
    Rule {
        quiet: &[
            ((STALE_SKILLS, ""), (STALE_DNIS, "")), ((STALE_SKILLS, ""), (STALE_IVR, "")), ((UNAUTHORIZED, ""), (UNAUTHORIZED_IVR, "")),
        ],
        loud: &[
            ((STALE_SKILLS, "operation=a"), (STALE_DNIS, "operation=b")), ((STALE_DNIS, ""), (STALE_SKILLS, "")),
            ((UNAUTHORIZED, ""), (PARSE, "")), ((STALE_SKILLS, ""), (DOUBTFUL, "")), ((DOWN, "operation="), (RELOAD, "")),
            ((STALE_SKILLS, "operation="), (STALE_DNIS, "operation=")),
        ],
    },
    // Two severities of one category about a skill.
    Rule {
        quiet: &[
            ((FAST, ""), (SLOW, "")), ((FAST, ""), (LOW, "")), ((ABANDONED, ""), (ABANDON, "")), ((FAST, ""), (DNIS_LEVEL, "skill_id=1")),
        ],
        loud: &[
            ((FAST, ""), (SLOW, "skill_id=2")), ((FAST, "operation=a"), (SLOW, "operation=b")), ((FAST, ""), (ABANDON, "")),
            ((ABANDONED, ""), (SLOW, "")), ((ABANDONED, ""), (ABANDON, "skill_id=2")), ((SLOW, ""), (FAST, "")), ((FAST, ""), (DNIS_LEVEL, "")),
            ((FAST, "skill_id="), (SLOW, "skill_id=")), ((FAST, "operation="), (SLOW, "operation=")), ((FAST, ""), (DOUBTFUL, "")),
        ],
    },
    // Without calls, the other alerts are consequences.
    Rule {
        quiet: &[
            ((NO_CALLS, ""), (FAST, "")), ((NO_CALLS, ""), (SLOW, "")), ((NO_CALLS, ""), (ABANDONED, "")), ((NO_CALLS, ""), (ABANDON, "")),
            ((NO_CALLS, ""), (STUCK, "")),
        ],
        loud: &[
            ((NO_CALLS, ""), (FAST, "skill_id=2")), ((NO_CALLS, "operation=a"), (ABANDON, "operation=b")), ((NO_CALLS, ""), (PARSE, "")),
            ((NO_CALLS, ""), (NO_CALLS, "skill_id=2")), ((NO_CALLS, "skill_id="), (FAST, "skill_id=")),
            ((NO_CALLS, "operation="), (FAST, "operation=")), ((NO_CALLS, ""), (STUCK, "skill_id=2")),
        ],
    },
    // Without answered calls, service level and abandonment are consequences.
    Rule {
        quiet: &[((STUCK, ""), (FAST, "")), ((STUCK, ""), (SLOW, "")), ((STUCK, ""), (ABANDONED, "")), ((STUCK, ""), (ABANDON, ""))],
        loud: &[
            ((STUCK, ""), (FAST, "skill_id=2")), ((STUCK, "operation=a"), (ABANDONED, "operation=b")), ((STUCK, ""), (NO_CALLS, "")),
            ((STUCK, ""), (STUCK, "skill_id=2")), ((STUCK, "skill_id="), (ABANDONED, "skill_id=")),
            ((STUCK, "operation="), (FAST, "operation=")),
        ],
    },
    // A rule with stricter limits for one skill.
    Rule {
        quiet: &[((OWN_SLOW, ""), (SLOW, ""))],
        loud: &[
            ((OWN_SLOW, ""), (SLOW, "skill_id=2")), ((OWN_SLOW, "operation=a"), (SLOW, "operation=b")), ((OWN_SLOW, ""), (LOW, "")),
            ((OWN_SLOW, ""), (SLOW, "severity=critical")), ((SLOW, ""), (OWN_SLOW, "")),
            ((OWN_SLOW, "skill_id="), (SLOW, "skill_id=")), ((OWN_SLOW, "operation="), (SLOW, "operation=")),
        ],
    },
];

/// A pair that is fired: the labels of both, and the number of the rule that inhibits the second.
struct Fired {
    first: Labels,
    second: Labels,
    inhibited_by_rule: Option<usize>,
}

fn fired((alert, other): Alert, pair: usize) -> Labels {
    let mut labels_of_it = labels(&format!("operation=op {alert}"));
    labels_of_it.extend(labels(other));
    if let Some(operation) = labels_of_it.get_mut("operation").filter(|operation| !operation.is_empty()) {
        *operation = format!("{operation}-{pair}");
    }
    labels_of_it.insert("pair".to_owned(), pair.to_string());
    labels_of_it.retain(|_, value| !value.is_empty());
    labels_of_it
}

fn pairs() -> Vec<Fired> {
    let of_rule = |(number, rule): (usize, &'static Rule)| {
        let quiet = rule.quiet.iter().map(move |pair| (pair, Some(number)));
        quiet.chain(rule.loud.iter().map(|pair| (pair, None)))
    };
    let pairs = RULES.iter().enumerate().flat_map(of_rule).enumerate();
    pairs
        .map(|(pair, ((first, second), inhibited_by_rule))| Fired {
            first: fired(*first, pair),
            second: fired(*second, pair),
            inhibited_by_rule,
        })
        .collect()
}

/// The pairs that are not as expected, if only the rules for which `holds` returns true exist.
fn unexpected<'a>(pairs: &'a [Fired], statuses: &[Status], holds: impl Fn(usize) -> bool) -> Vec<&'a Fired> {
    let statuses: BTreeMap<&Labels, &Status> = statuses.iter().map(|status| (&status.labels, status)).collect();
    let as_expected = |pair: &&Fired| {
        let (Some(first), Some(second)) = (statuses.get(&pair.first), statuses.get(&pair.second)) else { return false };
        let quiet = pair.inhibited_by_rule.is_some_and(&holds);
        let by: &[String] = if quiet { std::slice::from_ref(&first.fingerprint) } else { &[] };
        second.inhibited_by == by
    };
    pairs.iter().filter(|pair| !as_expected(pair)).collect()
}

/// Fires all pairs and waits until they are as expected.
async fn assert_inhibition(routing: &Routing, what: &str, holds: impl Fn(usize) -> bool) {
    let pairs = pairs();
    let alertmanager = Alertmanager::start(AlertmanagerVersion::New, &routing.text(), &[TEMPLATES]).await;
    let alerts: Vec<Labels> = pairs.iter().flat_map(|pair| [pair.first.clone(), pair.second.clone()]).collect();
    alertmanager.fire(&alerts).await;
    let all_right = |statuses: &[Status]| unexpected(&pairs, statuses, &holds).is_empty();
    if alertmanager.wait_until(LIMIT, all_right).await.is_err() {
        let statuses = alertmanager.alerts().await;
        let wrong = unexpected(&pairs, &statuses, &holds);
        let findings: Vec<String> = wrong
            .iter()
            .map(|pair| format!("{:?}\n  {:?}\n  inhibited by {:?}", pair.first, pair.second, pair.inhibited_by_rule))
            .collect();
        panic!("{what}: {}", findings.join("\n"));
    }
    assert!(alertmanager.stop().await.is_ok_and(|status| status.success()), "{what}: Alertmanager ended with an error");
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn a_cause_inhibits_its_consequences_and_nothing_else() {
    let sink = Sink::start().await;
    assert_inhibition(&Routing::shipped().into_sink(&sink), "with all rules", |_| true).await;
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn each_inhibition_rule_is_needed() {
    let routing = Routing::shipped();
    assert_eq!(routing.inhibitions(), RULES.len());
    let sink = Sink::start().await;
    for number in 0..RULES.len() {
        let routing = Routing::shipped().into_sink(&sink).without_inhibition(number);
        assert_inhibition(&routing, &format!("without rule {number}"), |rule| rule != number).await;
    }
}
