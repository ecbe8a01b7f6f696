//! How soon the values of a poll are on the page, as a multiple of the time in which `serde_json` parses the body.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Deserialize;

use crate::measure::clients::now;
use crate::measure::headlines;
use crate::measure::requests::text;
use crate::measure::rows::VARIED_NUMBERS;
use crate::measure::table::Table;
use crate::measure::usage::OF_THE_IMAGE;
use crate::support::exporter::{Configuration, Exporter, Operation, until};
use crate::support::long_answer::ROWS;
use crate::support::process::exporter;
use crate::support::wolkvox::{Reply, Step, Wolkvox, head};

/// Polls that are timed.
const POLLS: usize = 9;

/// Repetitions of the parse.
const PARSES: usize = 9;

/// Long enough that each poll begins with an exporter at rest.
const INTERVAL: &str = "6s";

/// A number with calls that no other number has. The page begins with it, because it is the busiest.
const MARK: &str = "6010000000";

/// The pause between two looks at the page.
const PAUSE: Duration = Duration::from_millis(2);

/// A page that begins with the mark has it within this many bytes.
const BEGINNING: usize = 16 * 1024;

/// The body as a program reads it that wants every value.
#[derive(Deserialize)]
#[expect(dead_code, reason = "the values are only parsed")]
struct Body {
    code: String,
    error: Option<String>,
    msg: String,
    data: Vec<Row>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the values are only parsed")]
struct Row {
    dnis: String,
    inbound_calls: String,
    answer_calls: String,
    abandon_calls: String,
    service_level_10seg: String,
    service_level_20seg: String,
    service_level_30seg: String,
    abandon: String,
    asa: String,
    ata: String,
}

/// The calls of the marked number in the response to this request.
fn marked_calls(request: usize) -> usize {
    900_000 + request
}

pub(crate) async fn measure() {
    let body = VARIED_NUMBERS.body(ROWS - 1, "20261120");
    let parse = parse(&body);
    let wolkvox = marked(&body);
    let collectors = format!("{{skills: false, dnis: {{interval: {INTERVAL}, windows: [today], max_dnis: {ROWS}}}}}");
    let operation = Operation { collectors, ..Operation::of_skills("long", &wolkvox.url()) };
    let configuration = Configuration::of(&[operation]);
    let mut command = exporter();
    command.envs(OF_THE_IMAGE.iter().copied()).args(["--config.file", &configuration.path("wolkvox.yml")]);
    let exporter = Exporter::serve(&mut command).await;
    let address = exporter.url.trim_start_matches("http://").to_owned();
    let mut times = Vec::new();
    // The first poll has no page before it, so it is not timed.
    for poll in 2..POLLS + 2 {
        until("the next poll", || wolkvox.count() >= poll).await;
        let asked = wolkvox.requests()[poll - 1].at;
        let address = address.clone();
        let seen = tokio::task::spawn_blocking(move || wait_until_visible(&address, marked_calls(poll))).await;
        times.push(seen.expect("it does not panic").saturating_duration_since(asked));
    }
    times.sort_unstable();
    let (median, worst) = (times[POLLS / 2], times[POLLS - 1]);
    let ratio = |time: Duration| format!("{:.1}", time.as_secs_f64() / parse.as_secs_f64());
    let mut table = Table::new(&["From the request to", "Time", "× the parse"]);
    table.push(["the body in structs of texts, by `serde_json` (median)".to_owned(), text(parse), ratio(parse)]);
    table.push([format!("the values on the page (median of {POLLS} polls)"), text(median), ratio(median)]);
    table.push(["the values on the page (slowest)".to_owned(), text(worst), ratio(worst)]);
    println!("A poll of 60,000 rows, {} MB of JSON:\n\n{table}", body.len() / 1_000_000);
    let times = median.as_secs_f64() / parse.as_secs_f64();
    headlines::target("Poll to visible", "at most 2 × the parse", &format!("{times:.1} ×"), times <= 2.0);
    let figure = "From the poll of 60,000 rows to its 540,000 series on the page";
    let value = format!("{}, {} × parsing the JSON", text(median), ratio(median));
    headlines::note(figure, &value, "make bench-http ARGS=visible");
}

/// A wolkvox that sends this body, with the marked number before its rows.
fn marked(body: &str) -> Wolkvox {
    let row = |request| format!(r#"{{"dnis": "{MARK}", "inbound_calls": "{}"}},"#, marked_calls(request));
    let (envelope, rows) = body.split_at(body.find('[').expect("it has a list") + 1);
    let length = body.len() + row(1).len();
    let head = format!("{}content-length: {length}\r\n\r\n{envelope}", head(200, &[]));
    let (head, rows) = (Bytes::from(head), Bytes::from(rows.to_owned()));
    Wolkvox::start(move |request| {
        let parts = [head.clone(), row(request.number).into(), rows.clone()];
        Reply::steps(parts.map(Step::Send)).stays_open()
    })
}

/// The median time in which `serde_json` reads the body into structs.
#[expect(clippy::disallowed_methods, reason = "this is the measure to compare with")]
fn parse(body: &str) -> Duration {
    let mut times: Vec<Duration> = (0..PARSES)
        .map(|_| {
            let start = now();
            let parsed: Body = serde_json::from_slice(body.as_bytes()).expect("the body is JSON");
            let took = now().saturating_duration_since(start);
            assert_eq!(std::hint::black_box(parsed).data.len(), ROWS - 1);
            took
        })
        .collect();
    times.sort_unstable();
    times[PARSES / 2]
}

/// Looks at the beginning of the page until it has that many calls of the marked number, or those of a later poll.
fn wait_until_visible(address: &str, calls: usize) -> Instant {
    let series = format!("dnis=\"{MARK}\",window=\"today\"}} ");
    loop {
        let seen = now();
        let page = beginning(address);
        let value = page.split_once(&series).and_then(|(_, rest)| rest.split('\n').next()?.parse::<usize>().ok());
        if value >= Some(calls) {
            return seen;
        }
        std::thread::sleep(PAUSE);
    }
}

/// The beginning of the page. The rest is not read, so that looking costs little.
fn beginning(address: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the exporter listens");
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("it reads requests");
    let mut bytes = Vec::new();
    stream.take(BEGINNING as u64).read_to_end(&mut bytes).expect("it answers");
    String::from_utf8_lossy(&bytes).into_owned()
}
