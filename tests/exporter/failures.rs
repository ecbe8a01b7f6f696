//! The exporter counts each failure of wolkvox or of the network under its reason, backs off, and recovers when wolkvox
//! recovers.
//!
//! One exporter polls many servers. Each server fails in another way, so the test waits for all failures at once.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::support::authority::Authority;
use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::http;
use crate::support::long_answer::endless;
use crate::support::page::{series, value};
use crate::support::wolkvox::{Closed, Reply, Request, Step, Wolkvox, envelope, head, healthy, skill};
use flate2::Compression;
use flate2::write::GzEncoder;
use rcgen::date_time_ymd;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use wolkvox_exporter::api::wire::SkillRow;
use wolkvox_exporter::api::{ApiError, Client, Limits, Query, Transport as _, WireRow as _, install_crypto_provider};
use wolkvox_exporter::clock::Clock;
use wolkvox_exporter::config::{self, SingleOperation, Sources};
use wolkvox_exporter::model::Reason;

const JSON: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8")];
const HTML: &str = "<!DOCTYPE html><html><body><h1>It works!</h1></body></html>";
const INTERVAL: Duration = Duration::from_secs(1);

/// The shortest wait between a failure and the next call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum BackOff {
    /// One interval, then two, then four, each shortened by a fifth at most.
    Growing,
    /// Ten intervals at once.
    Longest,
    /// The wait that the server requested.
    AsRequested(Duration),
}

use BackOff::{AsRequested, Growing, Longest};

impl BackOff {
    /// The wait after this number of failures in a row.
    fn after(self, failures: u32) -> Duration {
        match self {
            Growing => (INTERVAL * 2_u32.pow(failures - 1).min(10)).mul_f64(0.8),
            Longest => (INTERVAL * 10).mul_f64(0.8),
            AsRequested(wait) => wait,
        }
    }

    /// The number of failures that the test waits for. More would take longer than a few seconds.
    fn failures(self) -> f64 {
        if self == Growing { 2.0 } else { 1.0 }
    }
}

/// A failure of a server.
struct FailureCase {
    name: &'static str,
    reason: &'static str,
    back_off: BackOff,
    script: Arc<dyn Fn(&Request) -> Reply + Send + Sync>,
}

fn case(
    name: &'static str,
    reason: &'static str,
    back_off: BackOff,
    script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> FailureCase {
    FailureCase { name, reason, back_off, script: Arc::new(script) }
}

/// The same reply to every request.
fn always(name: &'static str, reason: &'static str, reply: Reply) -> FailureCase {
    case(name, reason, Growing, move |_| reply.clone())
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

fn refusal(name: &'static str, reason: &'static str, back_off: BackOff, msg: &'static str) -> FailureCase {
    case(name, reason, back_off, move |_| Reply::envelope(403, msg, "null"))
}

/// Failures before there is an HTTP response, and incomplete responses.
fn network_failures() -> Vec<FailureCase> {
    let rows = envelope(200, "", &format!("[{}]", skill("4173", 100)));
    let half = &rows[..rows.len() / 2];
    let with_length = format!("{}content-length: {}\r\n\r\n{half}", head(200, JSON), rows.len());
    let chunk = format!("{}transfer-encoding: chunked\r\n\r\n{:x}\r\n{half}\r\n", head(200, JSON), half.len());
    let packed = gzip(&rows);
    let gzipped = [JSON, &[("content-encoding", "gzip")]].concat();
    let mut corrupted = packed.clone();
    corrupted.iter_mut().skip(20).for_each(|byte| *byte = 0xff);
    vec![
        always("closed-without-an-answer", "connect", Reply::raw("")),
        always("closed-within-the-head", "connect", Reply::raw("HTTP/1.1 200 OK\r\ncontent-le")),
        always("no-http-but-noise", "connect", Reply::raw(&[0xff_u8, 0, 0x1b, b'\n', b'\n', b'\r', 0][..])),
        always("another-protocol", "connect", Reply::raw("220 mail.example.com ESMTP ready\r\n")),
        always(
            "a-head-without-end",
            "connect",
            Reply::steps([
                Step::Send("HTTP/1.1 200 OK\r\n".into()),
                Step::Forever(format!("x-pad: {}\r\n", "x".repeat(4000)).into(), Duration::ZERO),
            ]),
        ),
        always("less-than-its-length", "truncated", Reply::raw(with_length)),
        always("chunks-cut-off", "truncated", Reply::raw(chunk.clone())),
        always("half-a-chunk", "truncated", Reply::raw(chunk[..chunk.len() - 9].to_owned())),
        always("no-size-of-a-chunk", "truncated", Reply::raw(chunk + "zz\r\n")),
        always("half-a-gzip", "truncated", Reply::http(200, &gzipped, &packed[..packed.len() / 2])),
        always("no-gzip-at-all", "truncated", Reply::http(200, &gzipped, &rows)),
        always("a-corrupted-gzip", "truncated", Reply::http(200, &gzipped, corrupted)),
    ]
}

/// Responses with a status other than 200.
fn by_status(elsewhere: &str) -> Vec<FailureCase> {
    let mut cases = vec![
        always(
            "400-unknown",
            "http_status",
            Reply::envelope(400, "THE API YOU WANT TO CONSULT DOES NOT EXIST", "null"),
        ),
        always("400-incomplete", "http_status", Reply::envelope(400, "SOME PARAMETERS ARE REQUIRED", "null")),
        case("401-of-wolkvox", "unauthorized", Longest, |_| Reply::envelope(401, "TOKEN REQUIRED", "null")),
        case("401-of-a-proxy", "unauthorized", Longest, |_| Reply::http(401, &[], HTML)),
        refusal("403-quota", "quota", Longest, "TOKEN LIMIT EXCEEDED"),
        refusal("403-at-a-time", "concurrency", Growing, "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)"),
        refusal("403-token", "unauthorized", Longest, "Please validate token"),
        refusal("403-backup", "maintenance", Growing, "SERVER IN BACKUP"),
        always("403-of-a-proxy", "http_status", Reply::http(403, &[], HTML)),
        always("404-of-a-web-server", "http_status", Reply::http(404, &[], HTML)),
        always("404-without-a-word", "http_status", Reply::http(404, &[], "")),
        case("429-seconds", "http_status", AsRequested(Duration::from_secs(3)), |_| {
            Reply::http(429, &[("retry-after", "3")], "slow down")
        }),
        case("429-until", "http_status", AsRequested(Duration::from_secs(2)), |_| {
            // The date has no fractions: the wait is up to a second shorter.
            let then = std::time::SystemTime::from(Clock::system().wall()) + Duration::from_secs(4);
            Reply::http(429, &[("retry-after", &httpdate::fmt_http_date(then))], "slow down")
        }),
        case("403-backup-until", "maintenance", AsRequested(Duration::from_secs(3)), |_| {
            Reply::http(403, &[("retry-after", "3")], envelope(403, "SERVER IN BACKUP", "null"))
        }),
        always("500-of-wolkvox", "http_status", Reply::envelope(500, "INTERNAL ERROR", "null")),
        always("500-without-a-word", "http_status", Reply::http(500, &[], "")),
        always("502-of-a-proxy", "http_status", Reply::http(502, &[("content-type", "text/html")], HTML)),
        always("503-of-a-proxy", "http_status", Reply::http(503, &[("content-type", "text/html")], HTML)),
        always("200-that-says-500", "http_status", Reply::http(200, JSON, envelope(500, "INTERNAL ERROR", "null"))),
    ];
    for (name, status) in
        [("moved-301", 301), ("found-302", 302), ("see-303", 303), ("kept-307", 307), ("kept-308", 308)]
    {
        let location = format!("{elsewhere}/api/v2/real_time.php");
        cases.push(always(name, "http_status", Reply::http(status, &[("location", &location)], "")));
    }
    cases
}

/// Bodies with status 200 that are not a response of wolkvox.
fn by_body() -> Vec<FailureCase> {
    let rows = envelope(200, "", &format!("[{}]", skill("4173", 100)));
    let fine = |name, reason, body: &str| always(name, reason, Reply::http(200, JSON, body));
    vec![
        fine("no-body", "bad_json", ""),
        fine("html", "bad_json", HTML),
        fine("half-a-document", "bad_json", &rows[..rows.len() / 2]),
        fine("two-documents", "bad_json", &rows.repeat(2)),
        fine("a-document-in-a-string", "bad_envelope", "\"nothing to see here\""),
        fine("a-bare-list", "bad_envelope", &format!("[{}]", skill("4173", 100))),
        fine("no-code", "bad_envelope", r#"{"data": []}"#),
        fine("data-in-words", "bad_envelope", r#"{"code": 200, "data": "none"}"#),
        fine("an-error-without-data", "bad_envelope", r#"{"code": 200, "error": "x", "msg": "", "data": null}"#),
    ]
}

fn series_of(family: &str, operation: &str) -> String {
    format!("{family}{{operation=\"{operation}\"}}")
}

fn failures(page: &str, operation: &str) -> BTreeMap<String, f64> {
    let prefix = format!("wolkvox_api_request_failures_total{{operation=\"{operation}\",endpoint=\"skills\",reason=\"");
    let counted = series(page, &prefix).into_iter().filter(|(_, failures)| *failures > 0.0);
    counted.map(|(series, failures)| (series[prefix.len()..].trim_end_matches("\"}").to_owned(), failures)).collect()
}

fn is_up(page: &str, operation: &str) -> bool {
    let skill = format!("wolkvox_skill_calls_in_queue{{operation=\"{operation}\",skill_id=\"4173\"}}");
    value(page, &series_of("wolkvox_up", operation)) == Some(1.0) && value(page, &skill) == Some(2.0)
}

/// Runs an exporter against all these failures, checks its counters and the times of its calls, and lets it recover.
async fn fail_and_recover(cases: Vec<FailureCase>) {
    let mut servers = Vec::new();
    for case in &cases {
        let script = Arc::clone(&case.script);
        servers.push(Wolkvox::start(move |request| script(request)));
    }
    let operation = |(case, server): (&FailureCase, &Wolkvox)| Operation::of_skills(case.name, &server.url());
    let configuration = Configuration::of(&cases.iter().zip(&servers).map(operation).collect::<Vec<_>>());
    let exporter = Exporter::serve(&mut configuration.command()).await;

    let mut wrong = Vec::new();
    for (case, server) in cases.iter().zip(&servers) {
        let name = case.name;
        let page = exporter
            .metrics_when(name, |page| failures(page, name).values().sum::<f64>() >= case.back_off.failures())
            .await;
        let counted = failures(&page, name);
        if counted.keys().ne([case.reason]) || value(&page, &series_of("wolkvox_up", name)) != Some(0.0) {
            wrong.push(format!("{name}: expected {} and up 0, but counted {counted:?}", case.reason));
        }
        server.answers(healthy);
    }
    assert_eq!(exporter.page("/-/healthy").await, "wolkvox_exporter is healthy.\n");
    exporter.page("/-/ready").await;

    exporter.metrics_when("every operation up again", |page| cases.iter().all(|case| is_up(page, case.name))).await;
    // At least one call, which succeeded, came after the last failure.
    let page = exporter.metrics().await;
    for (case, server) in cases.iter().zip(&servers) {
        let name = case.name;
        let requests = server.requests();
        let failed = failures(&page, name)[case.reason] as usize;
        for (number, pair) in (1..).zip(requests.windows(2)).take(failed) {
            let (wait, least) = (pair[1].at - pair[0].at, case.back_off.after(number));
            if wait < least {
                wrong.push(format!("{name}: call {number} was followed after {wait:?}, sooner than {least:?}"));
            }
        }
        let used = value(&page, &series_of("wolkvox_api_quota_used", name)).expect("it is always there");
        if used < (failed + 1) as f64 || used > server.count() as f64 {
            wrong.push(format!("{name}: {used} calls counted, {failed} failed, {} received", server.count()));
        }
        if requests.iter().any(|request| request.token() != format!("token-of-{name}")) {
            wrong.push(format!("{name}: a call came without the token or with another"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn network_failures_are_counted_by_reason_and_end_with_the_next_success() {
    fail_and_recover(network_failures()).await;
}

#[tokio::test]
async fn every_status_is_counted_by_reason_and_redirects_are_not_followed() {
    let elsewhere = Wolkvox::start(healthy);
    fail_and_recover(by_status(&elsewhere.url())).await;
    assert!(elsewhere.connections().is_empty(), "a redirect was followed, and the token with it");
}

#[tokio::test]
async fn invalid_bodies_are_counted_by_reason_and_end_with_the_next_success() {
    fail_and_recover(by_body()).await;
}

#[tokio::test]
async fn a_refused_connection_is_counted_and_ends_when_wolkvox_listens_again() {
    let closed = Closed::new();
    let configuration = Configuration::of(&[Operation::of_skills("refused", &closed.url())]);
    let mut exporter = Exporter::serve(&mut configuration.command()).await;
    let refused = |page: &str| failures(page, "refused").get("connect").copied();
    let page = exporter.metrics_when("two refusals", |page| refused(page) >= Some(2.0)).await;
    assert_eq!(failures(&page, "refused").len(), 1);
    assert_eq!(value(&page, &series_of("wolkvox_up", "refused")), Some(0.0));
    exporter.page("/-/healthy").await;
    let hint = exporter.process.wait_for_line(LIMIT, |line| line.contains("allow-list").then_some(())).await;
    assert_eq!(hint, Ok(()));
    let _wolkvox = closed.open(healthy);
    exporter.metrics_when("up again", |page| is_up(page, "refused")).await;
}

#[tokio::test]
async fn every_form_of_a_valid_response_is_read() {
    let rows = envelope(200, "", &format!("[{}]", skill("4173", 100)));
    let gzipped = [JSON, &[("content-encoding", "gzip")]].concat();
    let none = Reply::envelope(404, "Validate dates entered", "[]");
    let forms = [
        ("plain", Reply::http(200, JSON, &rows)),
        ("chunked", Reply::chunked(200, JSON, &rows)),
        ("gzip", Reply::http(200, &gzipped, gzip(&rows))),
        ("chunked-gzip", Reply::chunked(200, &gzipped, gzip(&rows))),
        ("until-closed", Reply::raw(format!("{}\r\n{rows}", head(200, JSON)))),
        ("no-records", none),
    ];
    let mut operations = Vec::new();
    let mut servers = Vec::new();
    for (name, reply) in forms.clone() {
        servers.push(Wolkvox::start(move |_| reply.clone()));
        operations.push(Operation::of_skills(name, &servers.last().unwrap().url()));
    }
    let exporter = Exporter::serve(&mut Configuration::of(&operations).command()).await;
    let up = |page: &str| {
        forms.iter().all(|(name, _)| match *name {
            "no-records" => value(page, &series_of("wolkvox_up", name)) == Some(1.0),
            name => is_up(page, name),
        })
    };
    let page = exporter.metrics_when("every operation", up).await;
    for (name, _) in &forms {
        assert_eq!(failures(&page, name), BTreeMap::new(), "{name}");
    }
    assert!(!page.contains(r#"wolkvox_skill_calls_in_queue{operation="no-records""#), "{page}");
    let empty = r#"wolkvox_api_empty_answers_total{operation="no-records",endpoint="skills"}"#;
    assert!(value(&page, empty) >= Some(1.0), "{page}");
}

#[tokio::test]
async fn a_response_of_sixty_thousand_rows_is_kept_and_counted_as_truncated() {
    let rows: Vec<String> = (0..60_000).map(|n| format!(r#"{{"skill_id":"{n}"}}"#)).collect();
    let reply = Reply::rows(&rows);
    let wolkvox = Wolkvox::start(move |_| reply.clone());
    let operation = Operation {
        collectors: "{skills: {interval: 1h}, dnis: false}".to_owned(),
        ..Operation::of_skills("many", &wolkvox.url())
    };
    let exporter = Exporter::serve(&mut Configuration::of(&[operation]).command()).await;
    let up = series_of("wolkvox_up", "many");
    let page = exporter.metrics_when("the poll", |page| value(page, &up) == Some(1.0)).await;
    assert_eq!(failures(&page, "many"), BTreeMap::from([("truncated".to_owned(), 1.0)]));
    let rows = r#"wolkvox_collector_rows{operation="many",collector="skills"}"#;
    assert_eq!(value(&page, rows), Some(60_000.0));
}

#[tokio::test]
async fn an_invalid_certificate_is_counted_as_tls_and_its_server_gets_no_token() {
    let (trusted, stranger) = (Authority::new("trusted"), Authority::new("stranger"));
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain_url = format!("https://{}", plain.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let servers = [
        ("tls-stranger", Wolkvox::start_tls(stranger.acceptor("127.0.0.1", |_| {}), healthy)),
        ("tls-other-name", Wolkvox::start_tls(trusted.acceptor("wv0010.wolkvox.com", |_| {}), healthy)),
        (
            "tls-expired",
            Wolkvox::start_tls(
                trusted.acceptor("127.0.0.1", |parameters| parameters.not_after = date_time_ymd(2024, 1, 1)),
                healthy,
            ),
        ),
    ];
    let mut operations: Vec<_> =
        servers.iter().map(|(name, server)| Operation::of_skills(name, &server.url())).collect();
    operations.push(Operation::of_skills("tls-none", &plain_url));
    let configuration = Configuration::of(&operations);
    let roots = configuration.path("authority.pem");
    std::fs::write(&roots, trusted.pem()).unwrap();
    let exporter = Exporter::serve(configuration.command().env("SSL_CERT_FILE", roots)).await;

    for operation in &operations {
        let name = &operation.name;
        let page = exporter.metrics_when(name, |page| failures(page, name).values().sum::<f64>() >= 2.0).await;
        assert_eq!(failures(&page, name).keys().collect::<Vec<_>>(), ["tls"], "{name}");
        assert_eq!(value(&page, &series_of("wolkvox_up", name)), Some(0.0), "{name}");
    }
    for (name, server) in &servers {
        assert_eq!(server.count(), 0, "{name}");
        server.use_tls(trusted.acceptor("127.0.0.1", |_| {}));
    }
    let up = |page: &str| servers.iter().all(|(name, _)| is_up(page, name));
    exporter.metrics_when("up with the right certificate", up).await;
    let log = exporter.process.stderr();
    assert!(!log.contains("platform_verifier"), "a library logs the failure again: {log}");
}

/// `benches/long_answers` measures the memory.
#[tokio::test]
async fn an_endless_body_and_a_gzip_bomb_are_cut_off_at_the_limit() {
    // Not the default limit, because a slow machine cannot read 256 MiB within the time limit of a call.
    let limits = Limits { total: LIMIT, body: 4 << 20, ..Limits::default() };
    for (name, reply) in endless() {
        let wolkvox = Wolkvox::start(move |_| reply.clone());
        assert_eq!(failure_of_a_call(&wolkvox, limits).await.reason, Reason::TooLarge, "{name}");
    }
}

/// A client that calls this server.
fn client_of(wolkvox: &Wolkvox, limits: Limits) -> Client {
    let operation = SingleOperation { base_url: Some(wolkvox.url()), ..SingleOperation::default() };
    let sources = Sources { operation, ..Sources::default() };
    let config = config::load(&sources, &|name| (name == "WOLKVOX_TOKEN").then(|| "hush".to_owned()));
    let operation = config.expect("the configuration is valid").operations.remove(0);
    install_crypto_provider();
    Client::new(&operation, limits, Clock::system()).expect("the system has roots of TLS")
}

async fn failure_of_a_call(wolkvox: &Wolkvox, limits: Limits) -> ApiError {
    let query = Query::new(SkillRow::ENDPOINT).with("skill_id", "all");
    client_of(wolkvox, limits).call(&query).await.expect_err("the response is incomplete")
}

#[tokio::test]
async fn a_call_without_a_complete_response_within_the_time_limit_fails_as_timeout() {
    let limits = Limits { total: Duration::from_millis(300), connect: Duration::from_millis(200), body: 1 << 20 };
    for (name, reply) in slow() {
        let wolkvox = Wolkvox::start(move |_| reply.clone());
        assert_eq!(failure_of_a_call(&wolkvox, limits).await.reason, Reason::Timeout, "{name}");
    }
}

/// Responses that never end, although they are short.
fn slow() -> [(&'static str, Reply); 4] {
    let pause = Duration::from_millis(50);
    let body = format!("{}content-length: 1000000\r\n\r\n", head(200, JSON));
    [
        ("silence", Reply::hang()),
        ("half-a-head", Reply::steps([Step::Send("HTTP/1.1 200 OK\r\nx-a: ".into()), Step::Hang])),
        (
            "a-dripping-head",
            Reply::steps([Step::Send("HTTP/1.1 200 OK\r\nx-a: ".into()), Step::Forever("x".into(), pause)]),
        ),
        ("a-dripping-body", Reply::steps([Step::Send(body.into()), Step::Forever(" ".into(), pause)])),
    ]
}

#[tokio::test]
async fn the_message_for_another_protocol_does_not_mention_a_closed_connection() {
    let wolkvox = Wolkvox::start(|_| Reply::raw("220 mail.example.com ESMTP ready\r\n"));
    let failure = failure_of_a_call(&wolkvox, Limits::default()).await;
    assert_eq!(
        failure.message,
        "no HTTP response from 127.0.0.1: invalid HTTP version parsed; check base_url and the proxy"
    );
}

#[tokio::test]
async fn a_body_above_the_limit_is_rejected_with_or_without_a_length_and_with_or_without_gzip() {
    let limits = Limits { body: 1000, ..Limits::default() };
    let text = " ".repeat(1001);
    let gzipped = [("content-encoding", "gzip")];
    for (name, reply) in [
        ("announced", Reply::http(200, JSON, &text)),
        ("announced only", Reply::raw(format!("{}content-length: 9999999999999\r\n\r\n", head(200, JSON)))),
        ("in chunks", Reply::chunked(200, JSON, &text)),
        ("packed", Reply::http(200, &gzipped, gzip(&text))),
    ] {
        let wolkvox = Wolkvox::start(move |_| reply.clone());
        assert_eq!(failure_of_a_call(&wolkvox, limits).await.reason, Reason::TooLarge, "{name}");
    }
}

#[tokio::test]
#[ignore = "waits a minute: make test"]
async fn a_call_of_the_exporter_fails_as_timeout_after_a_minute() {
    let (mut servers, mut operations) = (Vec::new(), Vec::new());
    for (name, reply) in slow() {
        servers.push(Wolkvox::start(move |_| reply.clone()));
        operations.push(Operation::of_skills(name, &servers.last().unwrap().url()));
    }
    let exporter = Exporter::serve(&mut Configuration::of(&operations).command()).await;
    // The exporter is not ready until the first poll has ended, but it is healthy.
    assert_eq!(http::get(&format!("{}/-/ready", exporter.url)).await.status, 503);
    exporter.page("/-/healthy").await;
    for (operation, server) in operations.iter().zip(&servers) {
        let name = &operation.name;
        let page = exporter.metrics_when(name, |page| !failures(page, name).is_empty()).await;
        assert_eq!(failures(&page, name).keys().collect::<Vec<_>>(), ["timeout"], "{name}");
        assert_eq!(value(&page, &series_of("wolkvox_up", name)), Some(0.0), "{name}");
        server.answers(healthy);
    }
    let up = |page: &str| operations.iter().all(|operation| is_up(page, &operation.name));
    exporter.metrics_when("every operation up again", up).await;
}
