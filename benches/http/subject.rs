//! The exporter that is measured: the program itself with a page of 540,000 series.

use std::time::Duration;

use crate::measure::load::Load;
use crate::measure::rows::VARIED_NUMBERS;
use crate::measure::usage::OF_THE_IMAGE;
use crate::support::long_answer::Polled;

/// Longer than any part of the bench: after the first poll the exporter is at rest.
pub(crate) const AT_REST: &str = "1h";

/// Much shorter than anybody polls, so that there are many polls in a short time.
pub(crate) const POLLING: &str = "5s";

const LIMIT: Duration = Duration::from_secs(240);

/// An exporter with its page.
pub(crate) struct Subject {
    /// The exporter and its wolkvox.
    pub(crate) polled: Polled,
    /// The page as text.
    pub(crate) page: String,
}

impl Subject {
    /// Starts an exporter that polls at this interval, and waits until it has polled some times.
    pub(crate) async fn start(interval: &str, polls: u32) -> Self {
        let polled = VARIED_NUMBERS.polled(interval, OF_THE_IMAGE).await;
        let page = VARIED_NUMBERS.page_after(&polled, polls, LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
        Self { polled, page }
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.polled.exporter.process.id()
    }

    /// Its address without a scheme.
    pub(crate) fn address(&self) -> String {
        self.polled.exporter.url.trim_start_matches("http://").to_owned()
    }

    /// Scrapers of the metrics that keep their connection.
    pub(crate) fn load(&self, encoding: &'static str, scrapers: usize, length: Duration) -> Load {
        let (address, path) = (self.address(), "/metrics".to_owned());
        Load { address, path, encoding, scrapers, keeps_connection: true, length }
    }
}
