//! The start of the exporter.

use std::time::Duration;

use crate::figures::Figure;
use crate::measure::clients::{now, timed_get};
use crate::measure::requests::Requests;
use crate::support::exporter::{Configuration, Exporter, Operation};
use crate::support::wolkvox::{Wolkvox, healthy};

const STARTS: usize = 20;

const LIMIT: Duration = Duration::from_millis(100);

pub(crate) async fn measure() -> Vec<Figure> {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
    let mut starts = Requests::default();
    for _ in 0..STARTS {
        let start = now();
        let exporter = Exporter::serve(&mut configuration.command()).await;
        let healthy = timed_get(&format!("{}/-/healthy", exporter.url)).await;
        starts.add(healthy.map(|_| now().saturating_duration_since(start)));
    }
    vec![
        Figure::new("start", "50 %, 99 % answer `/-/healthy` after", "not measured", starts.latency())
            .limited("50 %: 100 ms", starts.are_answered() && starts.within(0.5) <= LIMIT),
    ]
}
