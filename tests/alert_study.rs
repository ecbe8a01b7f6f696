//! The alert study belongs to the shipped rules, and its evaluation of rules and inhibition is correct.
#![cfg(feature = "simulator")]

mod support;

#[path = "../benches/alert_study/evaluation.rs"]
mod evaluation;
#[path = "../benches/alert_study/history.rs"]
mod history;
#[path = "../benches/alert_study/rules.rs"]
mod rules;

use evaluation::{FiredAlert, Inhibition, fired_alerts, firing_spans};
use history::{SimulatedDays, add_days, day_start, new_database, start_prometheus};
use rules::Rules;

#[test]
fn the_study_in_the_documentation_was_made_with_the_shipped_rules() {
    let study = std::fs::read_to_string(rules::project("docs/alert-study.md")).unwrap();
    let fingerprint = format!("Rules: {}.", rules::fingerprint());
    assert!(study.contains(&fingerprint), "the rules have changed since the study; run make alert-study");
}

#[test]
fn an_alert_fires_after_for_and_ends_after_keep_firing_for() {
    let minutes = |times: &[i64]| times.iter().map(|minute| minute * 60).collect::<Vec<_>>();
    let spans = |times: &[i64], for_minutes: i64, keep_minutes: i64| -> Vec<(i64, i64)> {
        let spans = firing_spans(&minutes(times), for_minutes * 60, keep_minutes * 60, 1000 * 60);
        spans.into_iter().map(|(from, until)| (from / 60, until / 60)).collect()
    };
    assert_eq!(spans(&[10, 11, 12], 2, 0), [(12, 13)]);
    assert_eq!(spans(&[10, 11, 13, 14], 2, 0), []);
    assert_eq!(spans(&[10, 20], 0, 0), [(10, 11), (20, 21)]);
    // The first gap is shorter than keep_firing_for, the second is longer.
    assert_eq!(spans(&[10, 15], 0, 5), [(10, 21)]);
    assert_eq!(spans(&[10, 17], 0, 5), [(10, 16), (17, 23)]);
}

fn firing(rules: &Rules, alert: &str, labels: &[(&str, &str)]) -> FiredAlert {
    let rule = rules.alerts.iter().find(|rule| rule.alert == alert).expect("the alert exists").clone();
    let mut all: evaluation::Labels =
        labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in [("alertname", &rule.alert), ("severity", &rule.severity), ("category", &rule.category)] {
        all.insert(name.to_owned(), value.clone());
    }
    FiredAlert { rule, labels: all, from: 600, until: 1200 }
}

#[test]
fn an_alert_is_inhibited_only_by_a_cause_of_the_same_operation() {
    let rules = Rules::shipped(|_, expression| expression.to_owned());
    let skill = |operation| [("operation", operation), ("skill_id", "4173")];
    let burn = firing(&rules, "WolkvoxServiceLevelFastBurn", &skill("norte"));
    let unauthorized = |operation| firing(&rules, "WolkvoxUnauthorized", &[("operation", operation)]);
    let inhibits = |source: FiredAlert| Inhibition::shipped().inhibits(&burn, &[source]);
    assert!(inhibits(unauthorized("norte")));
    assert!(!inhibits(unauthorized("sur")), "another operation's token");
    assert!(!inhibits(FiredAlert { until: 300, ..unauthorized("norte") }), "the cause had ended");
    assert!(inhibits(firing(&rules, "WolkvoxQueueStuck", &skill("norte"))));
    assert!(!inhibits(burn.clone()), "no alert inhibits itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn a_simulated_day_with_a_rejected_token_sends_only_one_page() {
    let rules = Rules::shipped(|_, expression| expression.to_owned());
    let folder = new_database(None);
    let days = SimulatedDays {
        operation: "norte".to_owned(),
        seed: 1,
        interval: "5m",
        scenario: "bad-token",
        trouble: ("10h", None),
        from: 0,
        days: 1,
        dnis: false,
    };
    add_days(folder.path(), &days, &rules.families());
    let prometheus = start_prometheus(folder).await;
    let all = fired_alerts(&prometheus, &rules, day_start(0).as_second(), day_start(1).as_second()).await;
    let inhibition = Inhibition::shipped();
    let sent: Vec<_> = all.iter().filter(|firing| !inhibition.inhibits(firing, &all)).collect();
    assert_eq!(sent.iter().map(|firing| firing.rule.alert.as_str()).collect::<Vec<_>>(), ["WolkvoxUnauthorized"]);
    let incident = day_start(0).as_second() + 10 * 3600;
    assert!((incident..incident + 15 * 60).contains(&sent[0].from), "{:?}", sent[0]);
    assert!(all.iter().any(|firing| firing.rule.alert == "WolkvoxDataStale"), "the inhibited alert fires as well");
}
