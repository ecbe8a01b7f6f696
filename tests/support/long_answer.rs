//! The longest response of wolkvox for each report, 60,000 rows, and an exporter that polls one of the reports.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress};

use super::exporter::{Configuration, Exporter, Operation};
use super::page::value;
use super::process::exporter;
use super::wolkvox::{Reply, Request, Step, Wolkvox, agent, envelope, head, number, option, skill, transfer};

/// wolkvox truncates its responses after this number of rows.
pub(crate) const ROWS: usize = 60_000;

/// Agents who transfer chats in a large operation. There are many transfers, but few series.
const TRANSFERRING_AGENTS: usize = 500;

/// The time between two requests of the page, which is large.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest response to the call of one collector.
#[derive(Clone, Copy)]
pub(crate) struct LongAnswer {
    /// The collector.
    pub(crate) collector: &'static str,
    /// More settings of the collector.
    settings: &'static str,
    /// The report, as the label `endpoint` has it.
    endpoint: &'static str,
    /// The start of a series, and the expected number of these series on the page.
    series: (&'static str, usize),
    /// The row with this number in a response for the time until then.
    row: fn(usize, &str) -> String,
}

/// The reports.
pub(crate) const REPORTS: [LongAnswer; 5] = [
    LongAnswer {
        collector: "skills",
        settings: "",
        endpoint: "skills",
        series: ("wolkvox_skill_calls_in_queue{", ROWS),
        row: |n, _| skill(&format!("{n:05}"), 100),
    },
    LongAnswer {
        collector: "dnis",
        settings: ", windows: [today], max_dnis: 60000",
        endpoint: "skill_6",
        series: ("wolkvox_dnis_inbound_calls{", ROWS),
        row: |n, _| number(&format!("60155{n:05}")),
    },
    LongAnswer {
        collector: "agents_kpi",
        settings: "",
        endpoint: "agents_kpi",
        series: ("wolkvox_agent_calls_today{", ROWS),
        row: |n, until| {
            agent(&format!("{n:05}"), r#""Menphy Halland""#, r#""9274658220""#, until.get(..8).unwrap_or_default())
        },
    },
    LongAnswer {
        collector: "transfers",
        settings: "",
        endpoint: "chat_9",
        series: ("wolkvox_agent_transfers_today{", TRANSFERRING_AGENTS),
        row: |n, until| {
            let sender = format!(r#""transfer_agent_id": "{}""#, n % TRANSFERRING_AGENTS);
            transfer(&format!("1763{n:05}"), "SKILL", until).replace(r#""transfer_agent_id": "7""#, &sender)
        },
    },
    LongAnswer {
        collector: "ivr",
        settings: ", max_options: 60000",
        endpoint: "diagram_1_3",
        series: ("wolkvox_ivr_option_calls{", ROWS),
        row: |n, _| option(&format!("{:03}", n / 100), &format!("Option {n:05}")),
    },
];

/// Responses with endless bodies, plain and in gzip, with their names.
///
/// # Panics
/// When the piece of gzip is not small.
pub(crate) fn endless() -> [(&'static str, Reply); 2] {
    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
    let blanks = vec![b' '; 1 << 20];
    // A mebibyte of spaces, compressed so that the piece can be repeated.
    let mut piece = Vec::with_capacity(1 << 16);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(&blanks, &mut piece, FlushCompress::Full).expect("memory is compressed without errors");
    assert!(piece.len() < 8 << 10, "{} bytes", piece.len());
    let mut bomb = format!("{}\r\n", head(200, &[JSON, ("content-encoding", "gzip")])).into_bytes();
    bomb.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    let reply = |start: Vec<u8>, piece: Vec<u8>| {
        Reply::steps([Step::Send(start.into()), Step::Forever(piece.into(), Duration::ZERO)])
    };
    [("endless", reply(format!("{}\r\n", head(200, &[JSON])).into_bytes(), blanks)), ("gzip bomb", reply(bomb, piece))]
}

/// An exporter that polls one report, and the wolkvox that answers it.
pub(crate) struct Polled {
    /// The exporter.
    pub(crate) exporter: Exporter,
    /// The wolkvox.
    pub(crate) wolkvox: Wolkvox,
    _configuration: Configuration,
}

impl LongAnswer {
    /// The same report with other rows.
    pub(crate) const fn with_rows(self, row: fn(usize, &str) -> String) -> Self {
        Self { row, ..self }
    }

    /// The body of a response with that many rows, for a day of eight digits.
    pub(crate) fn body(&self, rows: usize, day: &str) -> String {
        let until = format!("{day}000001");
        let rows: Vec<String> = (0..rows).map(|n| (self.row)(n, &until)).collect();
        envelope(200, "", &format!("[{}]", rows.join(",")))
    }

    /// Starts an exporter that polls only this report, at this interval, with these variables in its environment.
    ///
    /// # Panics
    /// When the exporter does not start.
    pub(crate) async fn polled(&self, interval: &str, environment: &[(&str, &str)]) -> Polled {
        let report = *self;
        let responses: Mutex<BTreeMap<String, Bytes>> = Mutex::default();
        let wolkvox = Wolkvox::start(move |request: &Request| {
            // The exporter ignores rows of another day than today; rows of skills have no time.
            let day = request.parameter("date_end").get(..8).unwrap_or_default().to_owned();
            let mut responses = responses.lock().expect("no thread panics while it has the lock");
            let response = responses.entry(day.clone()).or_insert_with(|| {
                let body = report.body(ROWS, &day);
                format!("{}content-length: {}\r\n\r\n{body}", head(200, &[]), body.len()).into()
            });
            Reply::raw(response.clone())
        });
        let collectors = REPORTS.iter().map(|report| match report.collector {
            name if name == self.collector => format!("{name}: {{interval: {interval}, max_age: 1d{}}}", self.settings),
            name => format!("{name}: false"),
        });
        let collectors = format!("{{{}}}", collectors.collect::<Vec<_>>().join(", "));
        let operation = Operation { collectors, ..Operation::of_skills("long", &wolkvox.url()) };
        let configuration = Configuration::of(&[operation]);
        let mut command: Command = exporter();
        command.envs(environment.iter().copied());
        command.args(["--config.file", &configuration.path("wolkvox.yml")]);
        Polled { exporter: Exporter::serve(&mut command).await, wolkvox, _configuration: configuration }
    }

    /// The first page after this number of complete polls of the report. Each poll must be counted as truncated.
    ///
    /// # Errors
    /// When there is no such page within `limit`. The message has the differences of the last page.
    pub(crate) async fn page_after(&self, polled: &Polled, polls: u32, limit: Duration) -> Result<String, String> {
        let mut missing = String::new();
        let found = tokio::time::timeout(limit, async {
            loop {
                let page = polled.exporter.metrics().await;
                match self.missing(&page, polls) {
                    None => return page,
                    Some(what) => missing = what,
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
        found.await.map_err(|_| format!("{}: not within {limit:?}: {missing}", self.collector))
    }

    /// The differences from a page with this number of polls of the report, if there are any.
    fn missing(&self, page: &str, polls: u32) -> Option<String> {
        let truncated = format!(
            "wolkvox_api_request_failures_total{{operation=\"long\",endpoint=\"{}\",reason=\"truncated\"}}",
            self.endpoint
        );
        let rows = format!("wolkvox_collector_rows{{operation=\"long\",collector=\"{}\"}}", self.collector);
        let (truncated, rows) = (value(page, &truncated), value(page, &rows));
        let (series, expected) = self.series;
        let found = page.lines().filter(|line| line.starts_with(series)).count();
        let is_there = truncated >= Some(f64::from(polls)) && rows == Some(ROWS as f64) && found == expected;
        (!is_there).then(|| {
            format!("{truncated:?} truncated responses of {polls}, {rows:?} rows of {ROWS}, {found} series {series} of {expected}")
        })
    }
}
