//! Every fault of wolkvox, of a proxy or of the network: what the server sends, and what the exporter must make of it.

use std::io::Write as _;
use std::time::Duration;

use encoding_rs::WINDOWS_1252;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::genuine::{self, Genuine, has_surplus_comma};
use crate::support::long_answer::endless;
use crate::support::wolkvox::{Reply, Step, envelope, head};

const JSON: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8")];
const GZIP: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8"), ("content-encoding", "gzip")];
const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=iso-8859-1")];
const MAINTENANCE: &str = "<!DOCTYPE html><html><head><title>Mantenimiento</title></head><body></body></html>";

/// The pause of a slow server, far below the time limit of a call.
const PAUSE: Duration = Duration::from_millis(300);

/// Nearly the time limit of a call. Then the call does not count as one at the same time any more, because the server
/// may notice the end of it after the start of the next one.
const SILENCE: Step = Step::Wait(Duration::from_secs(58));

/// Texts in place of a figure that cannot be read as one.
const ODD_FIGURES: [&str; 9] =
    ["\"abc\"", "\"-5\"", "\"99999999999999999999\"", "\"1,2\"", "\"1e5\"", "\"12:99\"", "true", "[1]", "\"0x1F\""];

/// A call to which a fault answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// The answer without the fault.
    pub(crate) genuine: &'a Genuine,
    /// The answer to an earlier call with the same question.
    pub(crate) earlier: Option<&'a Genuine>,
    /// The token of the call.
    pub(crate) token: &'a str,
    /// The URL of another server, which must get no call.
    pub(crate) elsewhere: &'a str,
    /// A random number, for faults with variants.
    pub(crate) choice: usize,
}

/// What the exporter must make of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// A failure with this reason.
    Fails(&'static str),
    /// The connection ended before there was a head. That is the failure `connect`, or another call if the connection
    /// was used before.
    Breaks,
    /// A response without rows.
    Empty,
    /// A response with rows.
    Rows(Reading),
}

/// The rows that the exporter must read, and what it must count beside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// The rows. What cannot be read in them is null here.
    pub(crate) rows: Vec<Value>,
    /// Whether the JSON has to be repaired.
    pub(crate) is_repaired: bool,
    /// Rows with the key of another one.
    pub(crate) duplicates: u64,
    /// The field of which one value cannot be read.
    pub(crate) unreadable: Option<&'static str>,
}

/// How often a fault is used in random sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The exporter calls again soon.
    Common,
    /// The exporter waits ten intervals.
    Lasting,
    /// Hundreds of megabytes.
    Large,
    /// The exporter waits for the end of the time limit of a call, a minute.
    Silent,
    /// After the answer, which is right, connections are refused for a while.
    Refusal,
}

/// A fault.
pub(crate) struct Fault {
    /// Its name.
    pub(crate) name: &'static str,
    /// How often it is used.
    pub(crate) kind: Kind,
    play: fn(&Call) -> (Reply, Outcome),
}

impl Fault {
    /// The answer to a call, and what the exporter must make of it.
    pub(crate) fn answer(&self, call: &Call) -> (Reply, Outcome) {
        (self.play)(call)
    }

    /// The fault of this name.
    ///
    /// # Panics
    /// When there is none.
    pub(crate) fn named(name: &str) -> &'static Self {
        FAULTS.iter().find(|fault| fault.name == name).unwrap_or_else(|| panic!("there is no fault {name}"))
    }
}

const fn common(name: &'static str, play: fn(&Call) -> (Reply, Outcome)) -> Fault {
    Fault { name, kind: Kind::Common, play }
}

const fn lasting(name: &'static str, play: fn(&Call) -> (Reply, Outcome)) -> Fault {
    Fault { name, kind: Kind::Lasting, play }
}

const fn silent(name: &'static str, play: fn(&Call) -> (Reply, Outcome)) -> Fault {
    Fault { name, kind: Kind::Silent, play }
}

const fn large(name: &'static str, play: fn(&Call) -> (Reply, Outcome)) -> Fault {
    Fault { name, kind: Kind::Large, play }
}

/// All faults. The first is none: the answer of wolkvox as it is.
pub(crate) const FAULTS: &[Fault] = &[
    common("none", good),
    Fault { name: "connections-refused", kind: Kind::Refusal, play: refused },
    // The connection ends.
    common("closed-at-once", |_| (Reply::raw(""), Outcome::Breaks)),
    common("closed-after-a-pause", |_| (Reply::steps([Step::Wait(PAUSE)]), Outcome::Breaks)),
    common("closed-amid-the-head", |_| (Reply::raw("HTTP/1.1 200 OK\r\ncontent-le"), Outcome::Breaks)),
    common("reset-at-once", |_| (Reply::steps([Step::Reset]), Outcome::Breaks)),
    common("closed-after-the-head", |call| (Reply::raw(head_of(call)), Outcome::Fails("truncated"))),
    common("closed-amid-the-body", |call| {
        (Reply::raw(head_of(call) + first_half(&call.genuine.body)), Outcome::Fails("truncated"))
    }),
    common("reset-amid-the-body", |call| {
        let half = Step::Send((head_of(call) + first_half(&call.genuine.body)).into());
        (Reply::steps([half, Step::Wait(PAUSE / 10), Step::Reset]), Outcome::Fails("truncated"))
    }),
    // It is slow.
    common("a-pause-before-the-head", |call| {
        let (reply, outcome) = good(call);
        (reply.after(PAUSE), outcome)
    }),
    common("a-pause-amid-the-body", |call| in_parts(call, 2, PAUSE)),
    common("a-slow-drip", |call| in_parts(call, 20, PAUSE / 20)),
    silent("silence", |_| (Reply::steps([SILENCE, Step::Send("".into()), Step::Hang]), Outcome::Fails("timeout"))),
    silent("silence-amid-the-body", |call| {
        let half = Step::Send((head_of(call) + first_half(&call.genuine.body)).into());
        (Reply::steps([half, SILENCE, Step::Send("".into()), Step::Hang]), Outcome::Fails("timeout"))
    }),
    // It is not HTTP, or not as HTTP wants it.
    common("another-protocol", |_| (Reply::raw("220 mail.example.com ESMTP ready\r\n"), Outcome::Fails("connect"))),
    common("noise", |_| (Reply::raw(&[0xff_u8, 0, 0x1b, b'\n', b'\n', b'\r', 0][..]), Outcome::Fails("connect"))),
    common("a-length-that-is-too-long", |call| {
        let Genuine { status, body, .. } = call.genuine;
        let text = format!("{}content-length: {}\r\n\r\n{body}", head(*status, JSON), body.len() + 7);
        (Reply::raw(text), Outcome::Fails("truncated"))
    }),
    common("a-length-that-is-too-short", |_| {
        let body = envelope(200, "", "[]");
        let text = format!("{}content-length: {}\r\n\r\n{body}", head(200, JSON), body.len() - 3);
        (Reply::raw(text), Outcome::Fails("bad_json"))
    }),
    common("no-end-of-the-chunks", |call| (Reply::raw(chunked(call) + "\r\n"), Outcome::Fails("truncated"))),
    common("no-size-of-a-chunk", |call| (Reply::raw(chunked(call) + "\r\nzz\r\n"), Outcome::Fails("truncated"))),
    common("two-responses-at-once", |call| {
        let Genuine { status, body, .. } = call.genuine;
        let one = format!("{}content-length: {}\r\n\r\n{body}", head(*status, JSON), body.len());
        (Reply::raw(one.repeat(2)).stays_open(), good(call).1)
    }),
    common("a-response-before-the-response", |call| {
        let Genuine { status, body, .. } = call.genuine;
        let hint = "HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n";
        let text = format!("{hint}{}content-length: {}\r\n\r\n{body}", head(*status, JSON), body.len());
        (Reply::raw(text).stays_open(), good(call).1)
    }),
    common("no-length-at-all", |call| {
        let Genuine { status, body, .. } = call.genuine;
        (Reply::raw(format!("{}\r\n{body}", head(*status, JSON))), good(call).1)
    }),
    common("chunks", |call| (Reply::chunked(call.genuine.status, JSON, &call.genuine.body), good(call).1)),
    // Compression.
    common("gzip", |call| (Reply::http(call.genuine.status, GZIP, gzip(&call.genuine.body)), good(call).1)),
    common("gzip-in-two-members", |call| {
        let (first, second) = call.genuine.body.split_at(first_half(&call.genuine.body).len());
        let body = [gzip(first), gzip(second)].concat();
        (Reply::http(call.genuine.status, GZIP, body), good(call).1)
    }),
    common("half-a-gzip", |call| {
        let packed = gzip(&call.genuine.body);
        (Reply::http(200, GZIP, &packed[..packed.len() / 2]), Outcome::Fails("truncated"))
    }),
    common("no-gzip-under-its-header", |call| {
        (Reply::http(200, GZIP, &call.genuine.body), Outcome::Fails("truncated"))
    }),
    common("a-broken-gzip", |call| {
        let mut packed = gzip(&call.genuine.body);
        packed.iter_mut().skip(20).for_each(|byte| *byte = 0xff);
        (Reply::http(200, GZIP, packed), Outcome::Fails("truncated"))
    }),
    // Size.
    common("an-announcement-of-terabytes", |_| {
        let text = format!("{}content-length: 9999999999999\r\n\r\n", head(200, JSON));
        (Reply::raw(text), Outcome::Fails("too_large"))
    }),
    large("an-endless-body", |_| {
        let [(_, endless), _] = endless();
        (endless, Outcome::Fails("too_large"))
    }),
    large("a-gzip-bomb", |_| {
        let [_, (_, bomb)] = endless();
        (bomb, Outcome::Fails("too_large"))
    }),
    // Statuses.
    common("301-to-another-host", |call| {
        let location = format!("{}/api/v2/real_time.php", call.elsewhere);
        (Reply::http(301, &[("location", &location)], ""), Outcome::Fails("http_status"))
    }),
    common("400", |_| (Reply::envelope(400, "SOME PARAMETERS ARE REQUIRED", "null"), Outcome::Fails("http_status"))),
    lasting("401", |_| (Reply::envelope(401, "TOKEN REQUIRED", "null"), Outcome::Fails("unauthorized"))),
    lasting("401-of-a-proxy", |_| (Reply::http(401, HTML, MAINTENANCE), Outcome::Fails("unauthorized"))),
    lasting("403-with-the-token", |call| {
        let message = format!("PLEASE VALIDATE TOKEN {}", call.token);
        (Reply::envelope(403, &message, "null"), Outcome::Fails("unauthorized"))
    }),
    lasting("403-quota", |_| (Reply::envelope(403, "TOKEN LIMIT EXCEEDED", "null"), Outcome::Fails("quota"))),
    common("403-at-a-time", |_| {
        let message = "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)";
        (Reply::envelope(403, message, "null"), Outcome::Fails("concurrency"))
    }),
    common("403-backup", |_| (Reply::envelope(403, "SERVER IN BACKUP", "null"), Outcome::Fails("maintenance"))),
    common("403-of-a-proxy", |_| (Reply::http(403, HTML, MAINTENANCE), Outcome::Fails("http_status"))),
    common("404-without-rows", |_| (Reply::envelope(404, "Validate dates entered", "[]"), Outcome::Empty)),
    common("404-with-rows", |call| {
        let rows: Vec<String> = call.genuine.rows.iter().map(Value::to_string).collect();
        let data = format!("[{}]", rows.join(","));
        (Reply::envelope(404, "Validate dates entered", &data), Outcome::Empty)
    }),
    common("404-of-a-proxy", |_| (Reply::http(404, HTML, MAINTENANCE), Outcome::Fails("http_status"))),
    common("429", |_| (Reply::http(429, &[("retry-after", "1")], "slow down"), Outcome::Fails("http_status"))),
    common("500", |call| {
        let message = format!("ERROR IN QUERY OF {}", call.token);
        (Reply::envelope(500, &message, "null"), Outcome::Fails("http_status"))
    }),
    common("502", |_| (Reply::http(502, HTML, MAINTENANCE), Outcome::Fails("http_status"))),
    common("503", |_| {
        let headers = [HTML[0], ("retry-after", "1")];
        (Reply::http(503, &headers, MAINTENANCE), Outcome::Fails("http_status"))
    }),
    // Errors under status 200.
    common("200-that-says-500", |_| {
        (Reply::http(200, JSON, envelope(500, "INTERNAL ERROR", "null")), Outcome::Fails("http_status"))
    }),
    common("200-with-an-error", |_| {
        let body = r#"{"code": "200", "error": "no service", "msg": "", "data": []}"#;
        (Reply::http(200, JSON, body), Outcome::Fails("bad_envelope"))
    }),
    lasting("200-that-says-quota", |_| {
        let body = r#"{"code": "200", "error": "TOKEN LIMIT EXCEEDED", "data": []}"#;
        (Reply::http(200, JSON, body), Outcome::Fails("quota"))
    }),
    common("no-code", |_| (Reply::http(200, JSON, r#"{"data": []}"#), Outcome::Fails("bad_envelope"))),
    common("data-in-words", |_| {
        (Reply::http(200, JSON, r#"{"code": 200, "data": "none"}"#), Outcome::Fails("bad_envelope"))
    }),
    common("an-empty-list", |_| (Reply::envelope(200, "0 records were found", "[]"), Outcome::Empty)),
    common("no-data", |_| (Reply::http(200, JSON, r#"{"code": 200, "error": "null"}"#), Outcome::Empty)),
    // Bodies that are not the report.
    common("an-empty-body", |_| (Reply::http(200, JSON, ""), Outcome::Fails("bad_json"))),
    common("html", |_| (Reply::http(200, HTML, MAINTENANCE), Outcome::Fails("bad_json"))),
    common("php", |call| {
        let body = format!("<br />\n<b>Warning</b>:  Undefined index in <b>x.php</b>\n{}", call.genuine.body);
        (Reply::http(200, JSON, body), Outcome::Fails("bad_json"))
    }),
    common("half-a-document", |call| {
        (Reply::http(200, JSON, first_half(&call.genuine.body)), Outcome::Fails("bad_json"))
    }),
    common("two-documents", |call| (Reply::http(200, JSON, call.genuine.body.repeat(2)), Outcome::Fails("bad_json"))),
    common("invalid-json", |_| (Reply::http(200, JSON, "{'code': 200, 'data': []}"), Outcome::Fails("bad_json"))),
    common("a-bare-list", |_| (Reply::http(200, JSON, r#"[{"skill_id": "1"}]"#), Outcome::Fails("bad_envelope"))),
    common("rows-of-another-report", |call| {
        let rows = another_report(&call.genuine.report);
        (Reply::http(200, JSON, envelope(200, "", rows)), Outcome::Fails("bad_envelope"))
    }),
    // Rows that are odd.
    common("an-earlier-answer", |call| match call.earlier {
        Some(earlier) => good(&Call { genuine: earlier, ..*call }),
        None => good(call),
    }),
    common("every-row-twice", |call| {
        let Genuine { report, rows, .. } = call.genuine;
        let twice: Vec<Value> =
            rows.iter().cloned().map(|row| altered(report, row)).chain(rows.iter().cloned()).collect();
        with_rows(call, &twice, |reading| reading.duplicates = rows.len() as u64)
    }),
    common("an-odd-figure", odd_figure),
    common("rows-as-an-object", |call| {
        if call.genuine.rows.is_empty() {
            return good(call);
        }
        let rows = call.genuine.rows.iter().enumerate().map(|(place, row)| format!("\"{}\": {row}", place * 2));
        let data = format!("{{{}}}", rows.collect::<Vec<_>>().join(","));
        let reading = Reading { rows: call.genuine.rows.clone(), ..Reading::default() };
        (Reply::http(200, JSON, envelope(200, "", &data)), Outcome::Rows(reading))
    }),
    common("a-number-that-json-does-not-have", |call| {
        let figure = figure_of(&call.genuine.report);
        let Some(row) = call.genuine.rows.first().filter(|_| !figure.is_event) else { return good(call) };
        let mut text = row.to_string();
        let Some(value) = figure.find(row).map(Value::to_string) else { return good(call) };
        text = text.replacen(&format!("\"{}\":{value}", figure.field), &format!("\"{}\":NaN", figure.field), 1);
        let body = call.genuine.body.replacen(&row.to_string(), &text, 1);
        let mut reading = Reading { rows: call.genuine.rows.clone(), ..Reading::default() };
        figure.blank(&mut reading.rows);
        reading.unreadable = Some(figure.field);
        reading.is_repaired = true;
        (Reply::http(200, JSON, body), Outcome::Rows(reading))
    }),
    common("a-surplus-comma", |call| {
        let body = call.genuine.body.trim_end_matches("]}").trim_end_matches(',').to_owned() + ",]}";
        if call.genuine.rows.is_empty() { good(call) } else { read(call, body.into_bytes(), JSON, true) }
    }),
    // Character encodings.
    common("a-byte-order-mark", |call| {
        let body = format!("\u{feff}{}", call.genuine.body);
        read(call, body.into_bytes(), JSON, has_surplus_comma(&call.genuine.body))
    }),
    common("a-declared-encoding", |call| {
        let body = WINDOWS_1252.encode(&call.genuine.body).0.into_owned();
        let headers = [("content-type", "application/json; charset=\"Windows-1252\"")];
        read(call, body, &headers, has_surplus_comma(&call.genuine.body))
    }),
    common("a-wrong-encoding", |call| {
        // The exporter cannot know better than the header. Only names are concerned.
        let seen = WINDOWS_1252.decode(call.genuine.body.as_bytes()).0.into_owned();
        let headers = [("content-type", "application/json; charset=iso-8859-1")];
        let (reply, outcome) = read(call, call.genuine.body.clone().into_bytes(), &headers, has_surplus_comma(&seen));
        match outcome {
            Outcome::Rows(reading) => (reply, Outcome::Rows(Reading { rows: genuine::rows(&seen), ..reading })),
            outcome => (reply, outcome),
        }
    }),
    common("an-unknown-encoding", |call| {
        let headers = [("content-type", "application/json; charset=utf8mb4")];
        read(call, call.genuine.body.clone().into_bytes(), &headers, has_surplus_comma(&call.genuine.body))
    }),
    common("bytes-that-are-no-text", |call| {
        // A byte that is not UTF-8, and a raw tab, within the message.
        let mut body = call.genuine.body.clone().into_bytes();
        let Some(at) = call.genuine.body.find(" records were found") else { return good(call) };
        body.splice(at..at, [0xf1, b'\t']);
        read(call, body, JSON, true)
    }),
];

/// The answer of wolkvox as it is.
fn good(call: &Call) -> (Reply, Outcome) {
    read(call, call.genuine.body.clone().into_bytes(), JSON, has_surplus_comma(&call.genuine.body))
}

/// The genuine rows in another form.
fn read(call: &Call, body: Vec<u8>, headers: &[(&str, &str)], is_repaired: bool) -> (Reply, Outcome) {
    let Genuine { status, rows, .. } = call.genuine;
    let outcome = if rows.is_empty() {
        Outcome::Empty
    } else {
        Outcome::Rows(Reading { rows: rows.clone(), is_repaired, ..Reading::default() })
    };
    (Reply::http(*status, headers, body), outcome)
}

/// Other rows, of which the exporter reads the genuine ones.
fn with_rows(call: &Call, rows: &[Value], change: impl FnOnce(&mut Reading)) -> (Reply, Outcome) {
    if call.genuine.rows.is_empty() {
        return good(call);
    }
    let body = call.genuine.with(rows);
    let is_repaired = has_surplus_comma(&body);
    let mut reading = Reading { rows: call.genuine.rows.clone(), is_repaired, ..Reading::default() };
    change(&mut reading);
    (Reply::http(200, JSON, body), Outcome::Rows(reading))
}

fn refused(call: &Call) -> (Reply, Outcome) {
    let Genuine { status, body, .. } = call.genuine;
    let text = format!("{}connection: close\r\ncontent-length: {}\r\n\r\n{body}", head(*status, JSON), body.len());
    (Reply::steps([Step::Send(text.into()), Step::StopListening]), good(call).1)
}

/// The head of the genuine response, with its length.
fn head_of(call: &Call) -> String {
    let Genuine { status, body, .. } = call.genuine;
    format!("{}content-length: {}\r\n\r\n", head(*status, JSON), body.len())
}

/// A genuine response in one chunk, without the end.
fn chunked(call: &Call) -> String {
    let Genuine { status, body, .. } = call.genuine;
    format!("{}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}", head(*status, JSON), body.len())
}

/// The genuine response in so many parts, with a pause between.
fn in_parts(call: &Call, parts: usize, pause: Duration) -> (Reply, Outcome) {
    let text = head_of(call) + &call.genuine.body;
    let bytes = text.as_bytes();
    let steps = bytes.chunks(bytes.len().div_ceil(parts));
    let steps = steps.flat_map(|part| [Step::Send(part.to_vec().into()), Step::Wait(pause)]);
    (Reply::steps(steps.collect::<Vec<_>>()).stays_open(), good(call).1)
}

fn first_half(text: &str) -> &str {
    let mut end = text.len() / 2;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

/// Rows that another report of wolkvox has.
fn another_report(report: &str) -> &'static str {
    match report {
        "skills" => r#"[{"dnis": "6015550101", "answer_calls": "90", "service_level_20seg": "80 %", "asa": "12.5"}]"#,
        "skill_6" => r#"[{"skill_id": "4173", "calls_in_queue_now": "2", "service_level_20seg": "80 %"}]"#,
        "agents_kpi" => r#"[{"conn_id": "c-1", "transfer_agent_id": "7", "channel": "chat"}]"#,
        _ => r#"[{"agent_id": "12999", "agent_name": "A", "agent_dni": "1", "stats": []}]"#,
    }
}

/// A field of a report that faults change.
struct Figure {
    field: &'static str,
    /// Whether it is in the element of `stats`.
    is_nested: bool,
    /// Whether it is the time of an event, without which there is no row.
    is_event: bool,
}

fn figure_of(report: &str) -> Figure {
    let figure = |field| Figure { field, is_nested: false, is_event: false };
    match report {
        "skills" => figure("stat_answer"),
        "skill_6" => figure("answer_calls"),
        "agents_kpi" => Figure { is_nested: true, ..figure("calls") },
        "chat_9" => Figure { is_event: true, ..figure("date") },
        _ => figure("calls"),
    }
}

impl Figure {
    fn find<'a>(&self, row: &'a Value) -> Option<&'a Value> {
        if self.is_nested { row["stats"].get(0)?.get(self.field) } else { row.get(self.field) }
    }

    fn set(&self, row: &mut Value, value: Value) {
        if self.is_nested { row["stats"][0][self.field] = value } else { row[self.field] = value }
    }

    /// The value of the first row cannot be read.
    fn blank(&self, rows: &mut Vec<Value>) {
        if self.is_event {
            rows.remove(0);
        } else if let Some(row) = rows.first_mut() {
            self.set(row, Value::Null);
        }
    }
}

/// The row with another value, if that does not make it the row of another event.
fn altered(report: &str, mut row: Value) -> Value {
    let figure = figure_of(report);
    if !figure.is_event && figure.find(&row).is_some() {
        figure.set(&mut row, "7".into());
    }
    row
}

fn odd_figure(call: &Call) -> (Reply, Outcome) {
    let figure = figure_of(&call.genuine.report);
    let mut rows = call.genuine.rows.clone();
    let Some(row) = rows.first_mut().filter(|row| figure.find(row).is_some()) else { return good(call) };
    let odd = ODD_FIGURES[call.choice % ODD_FIGURES.len()];
    figure.set(row, odd.parse().expect("it is JSON"));
    with_rows(call, &rows, |reading| {
        figure.blank(&mut reading.rows);
        reading.unreadable = Some(figure.field);
    })
}
