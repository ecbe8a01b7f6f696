//! The exporter sends the token only to wolkvox. The token is not in logs, pages, output, files or messages, also when
//! a server repeats it in its responses.

use reqwest::Method;

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::http;
use crate::support::page::value;
use crate::support::process::{Process, exporter};
use crate::support::wolkvox::{Reply, Request, Wolkvox, envelope, head, healthy, skill};

/// The start of every token of this test. The test searches only for the start, so it also finds a part of a token.
const SECRET: &str = "hu5h";

fn token(name: &str) -> String {
    format!("{SECRET}-{name}-3d1f7a90c25e4b86a7d0e91c44f2b6538e")
}

/// The reply of a server to a request.
type Script = fn(&Request) -> Reply;

/// Servers that repeat the token, each in another place.
const ECHOES: [(&str, Script); 17] = [
    ("nowhere", healthy),
    ("msg-403", |request| Reply::envelope(403, &format!("PLEASE VALIDATE TOKEN {}", request.token()), "null")),
    ("msg-quota", |request| Reply::envelope(403, &format!("TOKEN LIMIT EXCEEDED ({})", request.token()), "null")),
    ("msg-400", |request| Reply::envelope(400, &format!("{}{}", request.token(), request.token()), "null")),
    ("msg-long", |request| Reply::envelope(500, &format!("{} {}", "very ".repeat(20), request.token()), "null")),
    ("msg-of-200", |request| Reply::http(200, &[], envelope(500, request.token(), "null"))),
    ("msg-cut", |request| Reply::envelope(500, &format!("NO {}", &request.token()[..16]), "null")),
    ("msg-tab", |request| Reply::envelope(500, &request.token().replacen('-', "\\t-", 2), "null")),
    ("msg-percent", |request| Reply::envelope(500, &format!("NO {}", percent_encoded(request.token())), "null")),
    ("msg-base64", |_| Reply::envelope(500, &format!("NO {BASE64}"), "null")),
    ("location", |request| {
        Reply::http(302, &[("location", &format!("http://127.0.0.1:1/?token={}", request.token()))], "")
    }),
    ("header", |request| Reply::http(500, &[("server", request.token()), ("retry-after", request.token())], "")),
    ("status-line", |request| Reply::raw(format!("HTTP/1.1 500 {}\r\ncontent-length: 0\r\n\r\n", request.token()))),
    ("html", |request| Reply::http(502, &[], format!("<html><pre>wolkvox-token: {}</pre></html>", request.token()))),
    ("no-json", |request| Reply::http(200, &[], request.token())),
    ("chunk", |request| {
        Reply::raw(format!("{}transfer-encoding: chunked\r\n\r\n{}\r\n", head(200, &[]), request.token()))
    }),
    ("value", |request| Reply::rows(&[skill("4173", 100).replace("\"2\"", &format!("\"{}\"", request.token()))])),
];

/// Configurations with a token where none belongs. The messages about them must not repeat it.
const WRONG_PLACES: [&str; 6] = [
    "operations: [{name: a, server: '0010', token: TOKEN}]",
    "operations: [{name: a, server: '0010', token_env: TOKEN}]",
    "operations: [{name: a, token_file: a.token, base_url: 'http://TOKEN@127.0.0.1:1'}]",
    "operations: [{name: a, token_file: a.token, base_url: 'http://127.0.0.1:1/?token=TOKEN'}]",
    "operations: [{name: a, server: '0010', token: 'TOKEN",
    "TOKEN",
];

/// The token of `msg-base64` in base64.
const BASE64: &str = "aHU1aC1tc2ctYmFzZTY0LTNkMWY3YTkwYzI1ZTRiODZhN2QwZTkxYzQ0ZjJiNjUzOGU=";

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02x}"))
}

fn assert_no_token(searched: &str, text: &str) {
    let starts = [SECRET.to_owned(), percent_encoded(SECRET), BASE64[..5].to_owned()];
    let line = text.lines().find(|line| starts.iter().any(|start| line.contains(start)));
    assert_eq!(line, None, "a token, or a part of one, is in {searched}");
}

/// Starts the servers. The configuration has an operation for each.
fn echoing() -> (Vec<Wolkvox>, Configuration) {
    let servers: Vec<Wolkvox> = ECHOES.iter().map(|(_, script)| Wolkvox::start(script)).collect();
    let operations: Vec<Operation> = ECHOES
        .iter()
        .zip(&servers)
        .map(|((name, _), server)| Operation { token: token(name), ..Operation::of_skills(name, &server.url()) })
        .collect();
    (servers, Configuration::of(&operations))
}

/// Checks everything that a running exporter writes or shows, with the log level `trace`.
async fn check_running_exporter(format: &str) {
    let (servers, configuration) = echoing();
    let state = configuration.path("state.json");
    let mut command = configuration.command();
    command.args(["--log.level", "trace", "--log.format", format, "--state.file", &state, "--web.enable-lifecycle"]);
    let mut exporter = Exporter::serve(&mut command).await;
    exporter
        .metrics_when("two polls or failures of every operation", |page| {
            ECHOES.iter().all(|(name, _)| {
                let calls = format!("wolkvox_api_requests_total{{operation=\"{name}\",endpoint=\"skills\"}}");
                let attempt = format!(
                    "wolkvox_collector_last_attempt_timestamp_seconds{{operation=\"{name}\",collector=\"skills\"}}"
                );
                // Two calls, so that a kept connection is used again. After some failures the second call would come
                // too late.
                value(page, &attempt).is_some()
                    && value(page, &calls) >= Some(if name.starts_with("msg-") { 1.0 } else { 2.0 })
            })
        })
        .await;
    for ((name, _), server) in ECHOES.iter().zip(&servers) {
        assert!(server.requests().iter().all(|request| request.token() == token(name)), "{name} got another token");
    }

    let open_metrics = [("accept", "application/openmetrics-text;version=1.0.0")];
    for (path, headers) in [
        ("/", &[][..]),
        ("/metrics", &[]),
        ("/metrics", &open_metrics),
        ("/-/ready", &[]),
        ("/-/healthy", &[]),
        ("/config", &[]),
        ("/no", &[]),
    ] {
        let response = http::get_with(&format!("{}{path}", exporter.url), headers).await;
        assert_no_token(path, response.text());
        assert_no_token("a header", &format!("{:?}", response.headers));
    }
    let reload = async || {
        let response = http::request(Method::POST, &format!("{}/-/reload", exporter.url), &[]).await;
        let response = response.expect("the exporter answers");
        assert_no_token("the answer of a reload", response.text());
        response.status
    };
    assert_eq!(reload().await, 200);
    for wrong in WRONG_PLACES {
        configuration.write_text(&wrong.replace("TOKEN", &token("misplaced")));
        assert_eq!(reload().await, 500, "{wrong}");
    }
    assert_no_token("/config", &exporter.page("/config").await);
    let landing = exporter.page("/").await;
    assert!(landing.contains("[…]"), "no message with a redacted token is on the page: {landing}");

    let status = exporter.process.terminate(LIMIT).await.expect("the signal ends the exporter");
    assert_eq!(status.code(), Some(0));
    let log = exporter.process.output();
    assert!(log.contains("trace") || log.contains("TRACE"), "{log}");
    assert_no_token("the log", &log);
    assert_no_token("the state file", &std::fs::read_to_string(state).expect("the state file was written"));
}

#[tokio::test]
async fn a_running_exporter_shows_no_token_with_a_log_in_logfmt() {
    check_running_exporter("logfmt").await;
}

#[tokio::test]
async fn a_running_exporter_shows_no_token_with_a_log_in_json() {
    check_running_exporter("json").await;
}

#[tokio::test]
async fn probe_shows_no_token_in_any_of_its_outputs() {
    let (_servers, configuration) = echoing();
    for output in ["table", "metrics", "json"] {
        let mut command = configuration.command();
        let mut probe = Process::spawn("probe", command.args(["probe", "--output", output, "--log.level", "trace"]));
        assert_eq!(probe.wait(LIMIT).await.unwrap().code(), Some(1), "{output}");
        assert!(probe.stderr().contains("[…]"), "{}", probe.stderr());
        assert_no_token(output, &probe.output());
    }
}

#[tokio::test]
async fn commands_that_only_read_the_configuration_show_no_token() {
    let configuration =
        Configuration::of(&[Operation { token: token("file"), ..Operation::of_skills("file", "http://127.0.0.1:1") }]);
    let planted = token("variable");
    let from_file = configuration.path("file.token");
    for (line, code) in [
        (vec!["check-config", "--wolkvox.server", "0010"], 0),
        (vec!["check-config", "--wolkvox.server", "0010", "--log.level", "trace"], 0),
        (vec!["check-config", "--wolkvox.server", "0010", "--wolkvox.token-file", &from_file], 1),
        (vec!["check-config", "--wolkvox.token-file", &planted], 1),
        (vec!["serve", "--wolkvox.token-file", &planted], 2),
        (vec!["serve", "--wolkvox.token", &planted], 2),
        (vec!["serve", "--wolkvox.nothing"], 2),
        (vec!["serve", "--config.file", "/nowhere"], 2),
        (vec!["--help"], 0),
    ] {
        let mut child = Process::spawn("it", exporter().args(&line).env("WOLKVOX_TOKEN", &planted));
        assert_eq!(child.wait(LIMIT).await.unwrap().code(), Some(code), "{line:?}: {}", child.output());
        assert_no_token(&format!("the output of {line:?}"), &child.output());
    }
    let mut child = Process::spawn("it", configuration.command().args(["check-config", "--log.level", "trace"]));
    assert_eq!(child.wait(LIMIT).await.unwrap().code(), Some(0), "{}", child.output());
    assert_no_token("the output of check-config", &child.output());
}

#[tokio::test]
async fn the_token_is_in_one_header_and_not_in_the_address() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[Operation {
        token: token("header"),
        collectors: "{skills: {interval: 1s}, dnis: {interval: 1s}}".to_owned(),
        ..Operation::of_skills("header", &wolkvox.url())
    }]);
    let exporter = Exporter::serve(&mut configuration.command()).await;
    crate::support::exporter::until("calls of both collectors", || wolkvox.count() >= 4).await;
    for request in wolkvox.requests() {
        assert!(!request.path.contains(SECRET) && !request.query.contains(SECRET), "{request:?}");
        let holders: Vec<_> =
            request.headers.iter().filter(|(_, value)| value.contains(SECRET)).map(|(name, _)| name.as_str()).collect();
        assert_eq!(holders, ["wolkvox-token"]);
    }
    let command_line = std::fs::read(format!("/proc/{}/cmdline", exporter.process.id())).unwrap();
    assert_no_token("the command line", &String::from_utf8_lossy(&command_line));
}
