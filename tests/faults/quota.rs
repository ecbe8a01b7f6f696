//! Faults near the end of the day's quota.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::json;
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::Settings;

use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::server::FaultyWolkvox;
use crate::support::daytime;
use crate::support::exporter::{Configuration, Exporter, Operation};
use crate::support::page::value;
use crate::support::wolkvox::Request;

/// The calls a day of one license.
const QUOTA: u64 = 1000;

/// The calls that are left of it.
const LEFT: u64 = 30;

/// Requests of one poll, more than the calls that are left.
const SKILLS: u64 = 40;

/// The answers on new connections. The poll goes on with the next request after each.
const ANSWERS: [&str; 3] = ["none", "half-a-document", "500"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_are_repeated_because_a_connection_was_closed_do_not_exceed_the_quota() {
    let zone = daytime::zone();
    let settings = Settings {
        zone: TimeZone::get(&zone).expect("the zone exists"),
        latency: Duration::ZERO,
        daily_quota: Some(u64::MAX),
        ..Settings::default()
    };
    let wolkvox = FaultyWolkvox::start(1, Ledger::new("limited", false), "limited", settings, "http://127.0.0.1:1");
    let mut answers = ANSWERS.map(Fault::named).into_iter().cycle();
    let mut is_repeated = false;
    let next = move |request: &Request, _: &mut fastrand::Rng| {
        // The second time in a row would be a failure, which ends the poll.
        is_repeated = request.on_connection > 1 && !is_repeated;
        if is_repeated { Fault::named("closed-at-once") } else { answers.next().expect("a cycle has no end") }
    };
    wolkvox.play([], Box::new(next));
    let ids: Vec<String> = (0..SKILLS).map(|id| format!("\"{id}\"")).collect();
    let configuration = Configuration::of(&[Operation {
        name: wolkvox.operation.clone(),
        token: wolkvox.token.clone(),
        base_url: wolkvox.url(),
        collectors: format!("{{skills: {{interval: 1h, skill_ids: [{}]}}, dnis: false}}", ids.join(", ")),
        more: vec![format!("timezone: {zone}"), "licenses: 1".to_owned()],
    }]);
    let state = configuration.path("state.json");
    let today = Clock::system().wall().in_tz(&zone).expect("the zone exists").date().to_string();
    let quota = json!({"date": today, "used": QUOTA - LEFT});
    let saved = json!({"operations": {"limited": {"quota": quota, "collectors": {}}}, "closed": true});
    std::fs::write(&state, saved.to_string()).expect("the folder can be written to");

    let exporter = Exporter::serve(configuration.command().args(["--state.file", &state])).await;
    let used = r#"wolkvox_api_quota_used{operation="limited"}"#;
    let attempt = r#"wolkvox_collector_last_attempt_timestamp_seconds{operation="limited",collector="skills"}"#;
    let page = exporter.metrics_when("the end of the poll", |page| value(page, attempt).is_some()).await;
    assert_eq!(value(&page, used), Some(QUOTA as f64));
    assert_eq!(wolkvox.ledger(|ledger| ledger.calls()), LEFT);
    assert_eq!(wolkvox.most_in_flight(), 1);
    // A call that comes very soon opens a connection, so not every second call is repeated.
    assert!(wolkvox.played()["closed-at-once"] >= 5, "{:?}", wolkvox.played());
}
