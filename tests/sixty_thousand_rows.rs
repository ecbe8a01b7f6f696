//! The longest answer that wolkvox gives, 60,000 rows: read in every report, known as one that may be cut off, and paid
//! for with memory within the budget: four times the identity page, at most that of 540,000 series. Printed are the figures
//! of each report, those of its own page too.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;

use support::exporter::{Configuration, Exporter, LIMIT, Operation};
use support::page::value;
use support::process::exporter;
use support::wolkvox::{Reply, Request, Wolkvox, agent, envelope, head, number, option, skill, transfer};

/// As many rows as an answer can have.
const ROWS: usize = 60_000;

/// The first of these holds one report, the next ones the old report and the new one.
const POLLS: usize = 3;

/// A build without optimisation takes its time.
const PATIENCE: Duration = Duration::from_secs(300);

/// Agents who hand on: a large operation. Events are many, series are few.
const HANDING_ON: usize = 500;

/// What the budget gives for a page: its bytes four times.
const OF_PAGE: u64 = 4;

/// The report whose page is the measure for those with less on theirs: 60,000 rows of nine samples each.
const MEASURE: &str = "dnis";

/// How many pools of memory threads may have: as many as the allocator likes, or one, as the image and the unit set it.
const POOLS: [Option<&str>; 2] = [None, Some("1")];

/// What a report cost.
struct Cost {
    collector: &'static str,
    pools: Option<&'static str>,
    /// The most memory that the exporter had, in bytes.
    peak: u64,
    /// The bytes of its page.
    page: u64,
}

/// A report of 60,000 rows.
struct Longest {
    collector: &'static str,
    settings: &'static str,
    endpoint: &'static str,
    /// The beginning of the series that there is one of for each row, and how many there are.
    series: (&'static str, usize),
    row: fn(usize, &str) -> String,
}

const REPORTS: [Longest; 5] = [
    Longest {
        collector: "skills",
        settings: "",
        endpoint: "skills",
        series: ("wolkvox_skill_calls_in_queue{", ROWS),
        row: |n, _| skill(&format!("{n:05}"), 100),
    },
    Longest {
        collector: "dnis",
        settings: ", windows: [today], max_dnis: 60000",
        endpoint: "skill_6",
        series: ("wolkvox_dnis_inbound_calls{", ROWS),
        row: |n, _| number(&format!("60155{n:05}")),
    },
    Longest {
        collector: "agents_kpi",
        settings: "",
        endpoint: "agents_kpi",
        series: ("wolkvox_agent_calls_today{", ROWS),
        row: |n, until| {
            agent(&format!("{n:05}"), r#""Menphy Halland""#, r#""9274658220""#, until.get(..8).unwrap_or_default())
        },
    },
    Longest {
        collector: "transfers",
        settings: "",
        endpoint: "chat_9",
        series: ("wolkvox_agent_transfers_today{", HANDING_ON),
        row: |n, until| {
            let sender = format!(r#""transfer_agent_id": "{}""#, n % HANDING_ON);
            transfer(&format!("1763{n:05}"), "SKILL", until).replace(r#""transfer_agent_id": "7""#, &sender)
        },
    },
    Longest {
        collector: "ivr",
        settings: ", max_options: 60000",
        endpoint: "diagram_1_3",
        series: ("wolkvox_ivr_option_calls{", ROWS),
        row: |n, _| option(&format!("{:03}", n / 100), &format!("Option {n:05}")),
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: make test"]
async fn sixty_thousand_rows_of_every_report_are_read_known_as_cut_off_and_fit_into_memory() {
    let mut costs = Vec::new();
    let mut wrong = Vec::new();
    for (longest, pools) in REPORTS.iter().flat_map(|longest| POOLS.map(|pools| (longest, pools))) {
        let (row, collector, endpoint) = (longest.row, longest.collector, longest.endpoint);
        let answers: Mutex<BTreeMap<String, Bytes>> = Mutex::default();
        let wolkvox = Wolkvox::start(move |request: &Request| {
            // What has a time is of today, for the exporter; skills have none.
            let day = request.parameter("date_end").get(..8).unwrap_or_default().to_owned();
            let mut answers = answers.lock().unwrap();
            let answer = answers.entry(day.clone()).or_insert_with(|| {
                let rows: Vec<String> = (0..ROWS).map(|n| row(n, &format!("{day}000001"))).collect();
                let body = envelope(200, "", &format!("[{}]", rows.join(",")));
                format!("{}content-length: {}\r\n\r\n{body}", head(200, &[]), body.len()).into()
            });
            Reply::raw(answer.clone())
        });
        let only = REPORTS.iter().map(|other| match other.collector {
            of if of == collector => format!("{of}: {{interval: 5s, max_age: 1h{}}}", longest.settings),
            of => format!("{of}: false"),
        });
        let collectors = format!("{{{}}}", only.collect::<Vec<_>>().join(", "));
        let operation = Operation { collectors, ..Operation::of_skills("long", &wolkvox.url()) };
        let configuration = Configuration::of(&[operation]);
        let mut command = exporter();
        command.envs(pools.map(|most| ("MALLOC_ARENA_MAX", most)));
        command.args(["--config.file", &configuration.path("wolkvox.yml")]);
        let mut exporter = Exporter::serve(&mut command).await;

        let of_call = format!("operation=\"long\",endpoint=\"{endpoint}\"");
        let cut = format!("wolkvox_api_request_failures_total{{{of_call},reason=\"truncated\"}}");
        let enough = tokio::time::timeout(PATIENCE, async {
            // The page is large: it is not looked at meanwhile.
            while wolkvox.count() <= POLLS {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        enough.await.unwrap_or_else(|_| panic!("{collector}: {} calls in {PATIENCE:?}", wolkvox.count()));
        let page = exporter.metrics().await;
        let peak = exporter.peak_memory();

        let calls = value(&page, &format!("wolkvox_api_requests_total{{{of_call}}}")).unwrap();
        let cuts = value(&page, &cut).unwrap();
        // One more may be on its way.
        if !(cuts..=cuts + 1.0).contains(&calls) {
            wrong.push(format!("{collector}: {cuts} of {calls} answers are known as cut off"));
        }
        let rows = format!("wolkvox_collector_rows{{operation=\"long\",collector=\"{collector}\"}}");
        if value(&page, &rows) != Some(ROWS as f64) {
            wrong.push(format!("{collector}: {:?} rows", value(&page, &rows)));
        }
        let shown = page.lines().filter(|line| line.starts_with(longest.series.0)).count();
        if shown != longest.series.1 {
            wrong.push(format!("{collector}: {shown} series {}", longest.series.0));
        }
        assert_eq!(exporter.process.terminate(LIMIT).await.unwrap().code(), Some(0));
        let log = exporter.process.stderr();
        let warned = log.lines().filter(|line| line.contains("rows may be missing")).count();
        if warned != 1 {
            wrong.push(format!("{collector}: {warned} warnings: {log}"));
        }

        costs.push(Cost { collector, pools, peak, page: page.len() as u64 });
    }

    let measure = costs.iter().find(|cost| cost.collector == MEASURE).expect("it is one of the reports").page;
    let mut figures = String::new();
    for Cost { collector, pools, peak, page } in costs {
        let pools = pools.unwrap_or("as many as it likes");
        let (own, most) = (OF_PAGE * page, OF_PAGE * page.max(measure));
        let [peak_mib, page_mib, own_mib, most_mib] =
            [peak, page, own, most].map(|bytes| bytes as f64 / f64::from(1 << 20));
        let _ = writeln!(
            figures,
            "{collector}, pools {pools}: peak {peak_mib:.1} MiB, page {page_mib:.1}, four times that {own_mib:.1}, at most {most_mib:.1}"
        );
        if peak > most {
            wrong.push(format!(
                "{collector}, pools {pools}: {peak_mib:.1} MiB of memory, at most {most_mib:.1} are right"
            ));
        }
    }
    println!("{figures}");
    assert!(wrong.is_empty(), "{}\n{figures}", wrong.join("\n"));
}
