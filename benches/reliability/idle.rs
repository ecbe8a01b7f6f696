//! Connections that are kept alive without use, and requests that are never finished.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::figures::Figure;
use crate::measure::clients::{Held, hold, scrapes};
use crate::support::exporter::{Configuration, Exporter, Operation};
use crate::support::wolkvox::{Wolkvox, healthy};

/// As many as the exporter has places for, and more.
const CONNECTIONS: [usize; 2] = [512, 600];

const SCRAPES: usize = 200;

/// The limit of 99 % of the scrapes.
const LIMIT: Duration = Duration::from_secs(1);

pub(crate) async fn measure() -> Vec<Figure> {
    let mut figures = Vec::new();
    for number in CONNECTIONS {
        let wolkvox = Wolkvox::start(healthy);
        let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
        let exporter = Exporter::serve(&mut configuration.command()).await;
        let address = exporter.url.trim_start_matches("http://");
        let mut clients = JoinSet::new();
        hold(&mut clients, number, address, Held::Idle);
        hold(&mut clients, number, address, Held::HalfSent);
        tokio::time::sleep(Duration::from_secs(3)).await;
        let requests = scrapes(&format!("{}/metrics", exporter.url), SCRAPES, Duration::from_millis(50)).await;
        let fault = format!("{number} idle connections, {number} half-sent requests");
        figures.push(
            Figure::new(&fault, "scrapes answered", "none, for as long as they stay", requests.share())
                .limited("all", requests.are_answered()),
        );
        figures.push(
            Figure::new(&fault, "50 %, 99 % of the scrapes took", "never", requests.latency())
                .limited("99 %: 1 s", requests.within(0.99) < LIMIT),
        );
    }
    figures
}
