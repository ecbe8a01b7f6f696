//! One run: an exporter with some operations, for a few minutes.

use std::time::Duration;

use super::contact_centre::{self, hangs, operations};
use super::lag::{INTERVAL, Lag};
use crate::measure::clients::scrapes;
use crate::measure::usage::{OF_THE_IMAGE, cpu, forget_peak, memory, peak};
use crate::support::authority::Authority;
use crate::support::exporter::{Configuration, Exporter};

/// After this time every collector has polled at the start and on its grid.
const WARM_UP: Duration = Duration::from_secs(75);

/// The intervals that are measured.
const INTERVALS: u32 = 2;

/// The pause between two scrapes, as in the README.
const SCRAPE: Duration = Duration::from_secs(30);

/// A number of operations.
pub(crate) struct Run {
    /// Its name in the table and among the arguments.
    pub(crate) name: &'static str,
    /// How many there are.
    pub(crate) operations: usize,
    /// Whether wolkvox has https. Each poll makes a new connection, because wolkvox keeps idle ones for seconds only.
    pub(crate) tls: bool,
}

/// What was measured.
pub(crate) struct Figures<'a> {
    pub(crate) run: &'a Run,
    /// The series on the page.
    pub(crate) series: usize,
    /// The lateness of the polls since the start, without the operations that hang.
    pub(crate) lag: Lag,
    /// Polls while the processor time was measured, also those that hang.
    pub(crate) polls_measured: usize,
    /// Processor time meanwhile.
    pub(crate) used: Duration,
    /// Memory at the end and at most, bytes.
    pub(crate) memory: u64,
    pub(crate) peak: u64,
}

impl Figures<'_> {
    /// The mean share of a core.
    pub(crate) fn share_of_core(&self) -> f64 {
        self.used.as_secs_f64() / (INTERVAL * INTERVALS).as_secs_f64()
    }
}

impl Run {
    /// Runs it.
    pub(crate) async fn measure(&self) -> Figures<'_> {
        let authority = Authority::new("operations");
        let tls = self.tls.then(|| authority.acceptor("127.0.0.1", |_| {}));
        let wolkvox = contact_centre::start(self.operations, tls);
        let configuration = Configuration::of(&operations(self.operations, &wolkvox.url()));
        let certificate = configuration.path("authority.pem");
        std::fs::write(&certificate, authority.pem()).expect("the folder can be written to");
        let mut command = configuration.command();
        command.envs(OF_THE_IMAGE.iter().copied()).env("SSL_CERT_FILE", certificate);
        let exporter = Exporter::serve(&mut command).await;
        tokio::time::sleep(WARM_UP).await;

        let process = exporter.process.id();
        forget_peak(process);
        let (used, calls) = (cpu(process), wolkvox.count());
        let length = INTERVAL * INTERVALS;
        let url = format!("{}/metrics", exporter.url);
        // The scrapes take a little time as well, so the interval ends a little later.
        let number = (length.as_secs() / SCRAPE.as_secs()) as usize;
        let (scraped, ()) = tokio::join!(scrapes(&url, number, SCRAPE), tokio::time::sleep(length));
        let used = cpu(process).saturating_sub(used);
        assert!(scraped.are_answered(), "{}: {} scrapes were answered", self.name, scraped.share());
        let requests = wolkvox.requests();
        let page = exporter.metrics().await;
        Figures {
            run: self,
            series: page.lines().filter(|line| !line.starts_with('#')).count(),
            lag: Lag::of(&requests, |token| !hangs(self.operations, token)),
            polls_measured: requests.len() - calls,
            used,
            memory: memory(process),
            peak: peak(process),
        }
    }
}
