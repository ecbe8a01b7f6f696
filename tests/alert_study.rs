//! The study of the alerts: it is of the rules that are shipped, and what it judges by is right.
#![cfg(feature = "simulator")]

mod support;

#[path = "../benches/alert_study/judge.rs"]
mod judge;
#[path = "../benches/alert_study/past.rs"]
mod past;
#[path = "../benches/alert_study/rules.rs"]
mod rules;

use judge::{Firing, Inhibition, firings, spans};
use past::{Wanted, add, database, day, served};
use rules::Rules;

#[test]
fn the_study_in_the_documentation_is_of_these_rules() {
    let study = std::fs::read_to_string(rules::project("docs/alert-study.md")).unwrap();
    let made_of = format!("Rules: {}.", rules::fingerprint());
    assert!(study.contains(&made_of), "the rules changed since: make alert-study");
}

#[test]
fn an_alert_fires_when_its_condition_held_for_long_enough_and_keeps_firing_as_long_as_it_should() {
    let minutes = |moments: &[i64]| moments.iter().map(|minute| minute * 60).collect::<Vec<_>>();
    let spans = |moments: &[i64], hold: i64, keep: i64| -> Vec<(i64, i64)> {
        let spans = spans(&minutes(moments), hold * 60, keep * 60, 1000 * 60);
        spans.into_iter().map(|(from, until)| (from / 60, until / 60)).collect()
    };
    assert_eq!(spans(&[10, 11, 12], 2, 0), [(12, 13)]);
    assert_eq!(spans(&[10, 11, 13, 14], 2, 0), []);
    assert_eq!(spans(&[10, 20], 0, 0), [(10, 11), (20, 21)]);
    // The gap is shorter than what it keeps firing for.
    assert_eq!(spans(&[10, 15], 0, 5), [(10, 21)]);
    assert_eq!(spans(&[10, 17], 0, 5), [(10, 16), (17, 23)]);
}

fn firing(rules: &Rules, alert: &str, labels: &[(&str, &str)]) -> Firing {
    let rule = rules.alerts.iter().find(|rule| rule.alert == alert).expect("the alert is shipped").clone();
    let mut all: judge::Labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in [("alertname", &rule.alert), ("severity", &rule.severity), ("category", &rule.category)] {
        all.insert(name.to_owned(), value.clone());
    }
    Firing { rule, labels: all, from: 600, until: 1200 }
}

#[test]
fn what_a_cause_explains_is_not_told() {
    let rules = Rules::shipped(|_, expression| expression.to_owned());
    let skill = |operation| [("operation", operation), ("skill_id", "4173")];
    let burn = firing(&rules, "WolkvoxServiceLevelFastBurn", &skill("norte"));
    let refused = |operation| firing(&rules, "WolkvoxUnauthorized", &[("operation", operation)]);
    let silences = |source: Firing| Inhibition::shipped().silences(&burn, &[source]);
    assert!(silences(refused("norte")));
    assert!(!silences(refused("sur")), "another operation's token");
    assert!(!silences(Firing { until: 300, ..refused("norte") }), "it was over");
    assert!(silences(firing(&rules, "WolkvoxQueueStuck", &skill("norte"))));
    assert!(!silences(burn.clone()), "no alert silences itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn a_simulated_day_with_a_refused_token_pages_once_and_for_nothing_else() {
    let rules = Rules::shipped(|_, expression| expression.to_owned());
    let folder = database(None);
    let wanted = Wanted {
        operation: "norte".to_owned(),
        seed: 1,
        interval: "5m",
        scenario: "bad-token",
        trouble: ("10h", None),
        from: 0,
        days: 1,
        dnis: false,
    };
    add(folder.path(), &wanted, &rules.families());
    let prometheus = served(folder).await;
    let all = firings(&prometheus, &rules, day(0).as_second(), day(1).as_second()).await;
    let inhibition = Inhibition::shipped();
    let told: Vec<_> = all.iter().filter(|firing| !inhibition.silences(firing, &all)).collect();
    assert_eq!(told.iter().map(|firing| firing.rule.alert.as_str()).collect::<Vec<_>>(), ["WolkvoxUnauthorized"]);
    let trouble = day(0).as_second() + 10 * 3600;
    assert!((trouble..trouble + 15 * 60).contains(&told[0].from), "{:?}", told[0]);
    assert!(all.iter().any(|firing| firing.rule.alert == "WolkvoxDataStale"), "what is silenced did fire");
}
