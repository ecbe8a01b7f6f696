//! Every transfer is counted once, also when the exporter is killed and started again across a midnight.

use std::sync::{Arc, Mutex};

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation, until};
use crate::support::page::value;
use crate::support::process::Signal;
use crate::support::wolkvox::{Reply, Request, Wolkvox, transfer};
use wolkvox_exporter::clock::Clock;

const TOTAL: &str = r#"wolkvox_transfers_total{operation="transfers",channel="chat",receiver_type="skill"}"#;
const TODAY: &str = r#"wolkvox_transfers_today{operation="transfers",channel="chat",receiver_type="skill"}"#;

/// The report of two days, to which a test adds rows.
#[derive(Clone, Default)]
struct Day(Arc<Mutex<Vec<String>>>);

impl Day {
    /// Adds this number of transfers at the time `at`, `YYYYmmddHHMMSS`.
    fn add(&self, transfers: usize, at: &str) {
        let mut rows = self.0.lock().expect("no test panics while it has the lock");
        for _ in 0..transfers {
            let next = rows.len();
            rows.push(transfer(&format!("c-{next}"), "SKILL", at));
        }
    }

    fn report(&self) -> Reply {
        Reply::rows(&self.0.lock().expect("no test panics while it has the lock"))
    }
}

/// A time zone in which it is the last hour of the day now, and the next one to the east, where it is an hour later.
fn zones_around_midnight() -> [String; 2] {
    let utc = Clock::system().wall().as_second().div_euclid(3600).rem_euclid(24);
    let ahead = (23 - utc + 12).rem_euclid(24) - 12;
    // The signs in these names are those of POSIX: zones ahead of Greenwich have a minus.
    [ahead, ahead + 1].map(|ahead| format!("timezone: Etc/GMT{:+}", -ahead))
}

fn operation(wolkvox: &Wolkvox, zone: &str) -> Operation {
    Operation {
        collectors: "{skills: false, dnis: false, transfers: {interval: 1s}}".to_owned(),
        more: vec![zone.to_owned()],
        ..Operation::of_skills("transfers", &wolkvox.url())
    }
}

/// The end of the window in the last request.
fn last_moment(wolkvox: &Wolkvox) -> String {
    wolkvox.requests().last().expect("there was a request").parameter("date_end")
}

async fn counted(exporter: &Exporter, total: f64) -> String {
    let page = exporter.metrics_when("the counter", |page| value(page, TOTAL) >= Some(total)).await;
    assert_eq!(value(&page, TOTAL), Some(total));
    page
}

async fn kill(mut exporter: Exporter) {
    exporter.process.signal(Signal::KILL);
    exporter.process.wait(LIMIT).await.expect("a killed process ends");
}

/// The test changes the time zone instead of the time: first it is an hour before midnight, then an hour later.
#[tokio::test]
async fn every_transfer_is_counted_once_across_kills_and_a_midnight() {
    let day = Day::default();
    let wolkvox = Wolkvox::start({
        let day = day.clone();
        move |_: &Request| day.report()
    });
    let [evening, night] = zones_around_midnight();
    let evening = operation(&wolkvox, &evening);
    let first = Configuration::of(std::slice::from_ref(&evening));
    let state = first.path("state.json");
    let serve = async |configuration: &Configuration| {
        Exporter::serve(configuration.command().args(["--state.file", &state])).await
    };

    let exporter = serve(&first).await;
    until("the first window", || wolkvox.count() > 0).await;
    let before_midnight = last_moment(&wolkvox);
    day.add(5, &before_midnight);
    counted(&exporter, 5.0).await;
    // These transfers happen while the exporter is not running.
    kill(exporter).await;
    day.add(3, &before_midnight);
    let exporter = serve(&first).await;
    counted(&exporter, 8.0).await;

    // Kill the exporter during a call, before it has read the new rows.
    wolkvox.answers(|_| Reply::hang());
    let calls = wolkvox.count();
    until("a call without a response", || wolkvox.count() > calls).await;
    kill(exporter).await;
    day.add(2, &before_midnight);
    wolkvox.answers({
        let day = day.clone();
        move |_| day.report()
    });

    let second = Configuration::of(&[Operation { more: vec![night], ..evening }]);
    let exporter = serve(&second).await;
    let page = counted(&exporter, 10.0).await;
    let after_midnight = last_moment(&wolkvox);
    assert!(after_midnight[..8] > before_midnight[..8], "first {before_midnight}, then {after_midnight}");
    assert_eq!(value(&page, TODAY), Some(0.0), "transfers of yesterday");
    day.add(4, &after_midnight);
    let page = counted(&exporter, 14.0).await;
    assert_eq!(value(&page, TODAY), Some(4.0));
    kill(exporter).await;

    let exporter = serve(&second).await;
    let page = counted(&exporter, 14.0).await;
    assert_eq!(value(&page, TODAY), Some(4.0));
    let calls = wolkvox.count();
    until("more polls of the same", || wolkvox.count() > calls + 2).await;
    assert_eq!(exporter.value(TOTAL).await, Some(14.0));
}
