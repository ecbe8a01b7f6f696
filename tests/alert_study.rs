//! The alert study belongs to the shipped rules, and its evaluation of rules and inhibition is correct.
#![cfg(feature = "simulator")]

mod support;

#[path = "../benches/alert_study/evaluation.rs"]
mod evaluation;
#[path = "../benches/alert_study/expression.rs"]
mod expression;
#[path = "../benches/alert_study/history.rs"]
mod history;
#[path = "../benches/alert_study/rules.rs"]
mod rules;
#[path = "../benches/alert_study/samples.rs"]
mod samples;
#[path = "../benches/alert_study/skill_days.rs"]
mod skill_days;
#[path = "../benches/alert_study/worlds.rs"]
mod worlds;

use std::collections::BTreeMap;
use std::time::Duration;

use evaluation::{FiredAlert, Inhibition, fired_alerts, firing_spans};
use history::{SimulatedDays, add_days, add_days_with_agents, day_start, new_database, simulate, start_prometheus};
use rules::Rules;
use samples::{Day, Polls, SCRAPE, Samples};
use skill_days::{PAGING, PagingRules};
use wolkvox_simulator::world::{Calendar, IncidentWindow, World};
use worlds::{TROUBLES, skills};

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
        let spans = firing_spans(&minutes(times), 60, for_minutes * 60, keep_minutes * 60, 1000 * 60);
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
    let rules = Rules::shipped();
    let skill = |operation| [("operation", operation), ("skill_id", "4173")];
    let burn = firing(&rules, "WolkvoxServiceLevelFastBurn", &skill("norte"));
    let refused = |operation, collector| {
        firing(&rules, "WolkvoxUnauthorized", &[("operation", operation), ("collector", collector)])
    };
    let unauthorized = |operation| refused(operation, "skills");
    let inhibits = |source: FiredAlert| Inhibition::shipped().inhibits(&burn, &[source]);
    assert!(inhibits(unauthorized("norte")));
    assert!(!inhibits(unauthorized("sur")), "another operation's token");
    assert!(!inhibits(refused("norte", "agents_kpi")), "only another report is refused");
    assert!(!inhibits(FiredAlert { until: 300, ..unauthorized("norte") }), "the cause had ended");
    assert!(inhibits(firing(&rules, "WolkvoxQueueStuck", &skill("norte"))));
    assert!(!inhibits(burn.clone()), "no alert inhibits itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn a_simulated_day_with_a_rejected_token_sends_only_one_page() {
    let rules = Rules::shipped();
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn half_the_agents_leaving_pages_for_staffing_and_a_healthy_day_does_not() {
    const STAFFING: &str = "WolkvoxStaffingLow";
    let mut rules = Rules::shipped();
    rules.alerts.retain(|rule| rule.alert == STAFFING);
    let folder = new_database(None);
    for (operation, scenario) in [("norte", "understaffed"), ("sur", "healthy")] {
        let days = SimulatedDays {
            operation: operation.to_owned(),
            seed: 1,
            interval: "5m",
            scenario,
            trouble: ("10h", None),
            from: 8,
            days: 1,
            dnis: false,
        };
        let week_before = SimulatedDays { scenario: "healthy", from: 1, ..days.clone() };
        for days in [week_before, days] {
            add_days_with_agents(folder.path(), &days, &rules.families(), "1m");
        }
    }
    let prometheus = start_prometheus(folder).await;
    let (midnight, next) = (day_start(8).as_second(), day_start(9).as_second());
    let pages = fired_alerts(&prometheus, &rules, midnight, next).await;
    let incident = midnight + 10 * 3600;
    assert!(pages.iter().all(|page| page.label("operation") == "norte" && page.from > incident), "{pages:?}");
    assert!(pages.first().is_some_and(|page| page.from <= incident + 15 * 60), "{pages:?}");
}

/// A skill, an alert and the seconds from midnight at which it begins to fire.
type Start = (String, String, i64);

/// When each alert of each skill fires for the first time.
fn first_of_each(starts: impl IntoIterator<Item = Start>) -> BTreeMap<(String, String), i64> {
    let mut first = BTreeMap::new();
    for (skill, alert, at) in starts {
        let known = first.entry((skill, alert)).or_insert(at);
        *known = at.min(*known);
    }
    first
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the peers: make test"]
async fn the_samples_of_single_skills_give_the_same_pages_as_the_exporter_and_prometheus() {
    let (seed, interval) = (7, 300);
    let mut rules = Rules::shipped();
    rules.alerts.retain(|rule| PAGING.contains(&rule.alert.as_str()) && rule.severity == "critical");
    let folder = new_database(None);
    // The same day of the week before, then a day on which half the agents leave.
    for (scenario, from) in [("healthy", 0), ("understaffed", 7)] {
        let operation = "norte".to_owned();
        let trouble = ("10h", None);
        let days = SimulatedDays { operation, seed, interval: "5m", scenario, trouble, from, days: 1, dnis: false };
        let every = format!("--history.scrape-interval={SCRAPE}s");
        simulate(folder.path(), &days, &rules.families(), &["--no-collector.agents_kpi", &every]);
    }
    let prometheus = start_prometheus(folder).await;

    let mut polls = Vec::new();
    for day in [0, 7] {
        let noon = (day_start(day).as_second() + 12 * 3600).to_string();
        let query = "max(wolkvox_collector_last_success_timestamp_seconds{collector=\"skills\"})";
        let result = prometheus.api("/api/v1/query", &[("query", query), ("time", &noon)]).await.unwrap();
        let at: f64 = result["result"][0]["value"][1].as_str().unwrap().parse().unwrap();
        polls.push(Polls { interval, first: (at.floor() as i64 - day_start(day).as_second()).rem_euclid(interval) });
    }
    let midnight = day_start(7);
    let all = fired_alerts(&prometheus, &rules, midnight.as_second(), day_start(8).as_second()).await;
    let start = |firing: &FiredAlert| -> Start {
        (firing.label("skill_id").to_owned(), firing.rule.alert.clone(), firing.from - midnight.as_second())
    };
    let expected = first_of_each(all.iter().map(start));

    // Prometheus is asked for everything in one query, which knows no groups.
    let paging = PagingRules::of(rules::SHIPPED).without_intervals();
    let window = IncidentWindow::new(midnight, Duration::from_secs(10 * 3600), Some(Duration::from_secs(10 * 3600)));
    let mut starts: Vec<Start> = Vec::new();
    for (_, skill) in skills() {
        let id = skill.id.to_string();
        let zone = jiff::tz::TimeZone::get("America/Bogota").unwrap();
        let world = World::new(seed, Calendar::real_hours(zone), vec![skill]);
        let world = world.with_incident(TROUBLES[0].effect, window);
        let week_before = Day::of(&world, 0, day_start(0), polls[0]);
        let today = Day::of(&world, 0, midnight, polls[1]);
        let of_skill = paging.pages(&Samples { today: &today, week_before: Some(&week_before) });
        starts.extend(of_skill.iter().map(|page| (id.clone(), PAGING[page.alert].to_owned(), page.at)));
    }
    assert!(expected.len() >= 6, "{expected:?}");
    assert_eq!(first_of_each(starts), expected);
}
