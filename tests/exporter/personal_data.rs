//! Identity numbers are nowhere, names are where the configuration asks for them and nowhere else: not in logs, on pages,
//! in output or in files, also when wolkvox sends them in other forms or in other places than it should.

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::http;
use crate::support::page::{series, value};
use crate::support::process::Process;
use crate::support::wolkvox::{Reply, Request, Wolkvox, agent, envelope, healthy, transfer};

/// The beginning of everything that is planted as an identity number: what is looked for, so that a part is found as
/// well.
const DNI: &str = "Dn1Xq";
/// The same for one that is made of digits only; no timestamp looks like it.
const DIGITS: &str = "777123777";
/// The beginning of everything that is planted as an agent's name in the report of the agents.
const NAME: &str = "Nm3Xq";
/// The same in the report of the transfers, whose names are never shown.
const OTHER_NAME: &str = "Tr4Xq";

/// What a server does about a request.
type Script = fn(&Request) -> Reply;

fn day(request: &Request) -> String {
    request.parameter("date_end").get(..8).unwrap_or_default().to_owned()
}

/// A row of an agent with the name and the number given, or of a transfer that names both agents.
fn row(request: &Request, name: &str, dni: &str) -> String {
    if request.report() == "agents_kpi" {
        return agent("12999", name, dni, &day(request));
    }
    let row = transfer("c-1", "Somebody", &request.parameter("date_end"));
    let names = name.replace(NAME, OTHER_NAME);
    let row = row.replace(r#""transfer_agent_name": "A""#, &format!(r#""transfer_agent_name": {names}"#));
    let row = row.replace(r#""receiver_agent_name": "Somebody""#, &format!(r#""receiver_agent_name": {names}"#));
    row.replace(r#""channel""#, &format!(r#""agent_dni": {dni}, "channel""#))
}

/// A well-formed row: everything is where it belongs.
fn good(request: &Request) -> String {
    row(request, &format!(r#""{NAME} Halland""#), &format!(r#""{DNI}-9274""#))
}

/// Rows in which every figure and moment is what is given instead, as JSON.
fn instead_of_figures(request: &Request, value: &str) -> Reply {
    let fields = ["date", "points", "hits", "calls", "aht_time", "acw_time", "occupancy", "login_time"];
    let wrong = |field: &&str| format!(r#"{{"{field}": {value}, "login_time": {value}}}"#);
    let figures: Vec<String> = fields.iter().map(wrong).collect();
    let today = figures.iter().map(|figure| figure.replacen('{', &format!(r#"{{"date": "{}", "#, day(request)), 1));
    let stats: Vec<String> = today.chain([format!(r#"{{"date": {value}}}"#)]).collect();
    let agent = format!(r#"{{"agent_id": "12999", "agent_name": "{NAME}", "stats": [{}]}}"#, stats.join(","));
    let transfer = format!(r#"{{"conn_id": "c", "receiver_agent_name": {value}, "channel": "chat", "date": {value}}}"#);
    Reply::rows(&[if request.report() == "agents_kpi" { agent } else { transfer }])
}

/// Servers that send personal data, each in another way.
const WAYS: [(&str, Script); 15] = [
    ("as-it-should", |request| Reply::rows(&[good(request)])),
    ("objects", |request| {
        let [name, dni] = [NAME, DNI].map(|text| format!(r#"{{"{text}": {{"{text}": ["{text}"]}}}}"#));
        Reply::rows(&[row(request, &name, &dni), row(request, &name, &format!("[{dni}, {DIGITS}]"))])
    }),
    ("numbers", |request| Reply::rows(&[row(request, "777123777001", "777123777002.5")])),
    ("too-long", |request| {
        let [name, dni] = [NAME, DNI].map(|text| format!(r#""{}""#, format!("{text} ").repeat(300)));
        Reply::rows(&[row(request, &name, &dni)])
    }),
    ("name-for-a-number", |request| instead_of_figures(request, &format!(r#""{OTHER_NAME}""#))),
    ("dni-for-a-number", |request| instead_of_figures(request, &format!(r#""{DNI}""#))),
    ("digits-for-a-number", |request| instead_of_figures(request, "-777123777123")),
    ("object-for-a-number", |request| instead_of_figures(request, &format!(r#"{{"{DNI}": "{OTHER_NAME}"}}"#))),
    ("twice", |request| {
        let twice = good(request).replacen('{', &format!(r#"{{"{DNI}": 1, "agent_dni": {DIGITS}, "#), 1);
        Reply::rows(&[twice.clone(), twice])
    }),
    ("no-rows", |_| Reply::rows(&[format!(r#""{DNI}""#), format!(r#"["{OTHER_NAME}"]"#), DIGITS.to_owned()])),
    ("words-for-rows", |_| Reply::envelope(200, "", &format!(r#""{DNI} {OTHER_NAME} {DIGITS}""#))),
    ("half-a-document", |request| {
        let document = envelope(200, "", &format!("[{}]", good(request)));
        let end = document.find(DNI).map_or(document.len(), |place| place + DNI.len());
        Reply::http(200, &[], &document[..end])
    }),
    ("no-envelope", |request| Reply::http(200, &[], format!("[{}]", good(request)))),
    ("an-error-with-rows", |request| Reply::envelope(500, "INTERNAL ERROR", &format!("[{}]", good(request)))),
    ("html", |_| Reply::http(502, &[("server", DNI)], format!("<pre>{DNI} {OTHER_NAME} {DIGITS}</pre>"))),
];

fn assert_nothing_of(planted: &[&str], where_it_was_looked_for: &str, text: &str) {
    for planted in planted {
        let line = text.lines().find(|line| line.contains(planted));
        assert_eq!(line, None, "{planted} is in {where_it_was_looked_for}");
    }
}

/// The servers and a configuration with an operation for each.
fn planted(agent_names: bool) -> (Vec<Wolkvox>, Configuration) {
    let servers: Vec<Wolkvox> = WAYS.iter().map(|(_, script)| Wolkvox::start(script)).collect();
    let collectors = format!(
        "{{skills: false, dnis: false, agents_kpi: {{interval: 1s, agent_names: {agent_names}}}, \
         transfers: {{interval: 1s}}}}"
    );
    let operation = |((name, _), server): (&(&str, Script), &Wolkvox)| Operation {
        collectors: collectors.clone(),
        ..Operation::of_skills(name, &server.url())
    };
    let operations: Vec<Operation> = WAYS.iter().zip(&servers).map(operation).collect();
    (servers, Configuration::of(&operations))
}

/// Every page and header of a running exporter after two polls of everything, its log and its state file.
async fn everything_shown(agent_names: bool, format: &str) -> Vec<(&'static str, String)> {
    let (_servers, configuration) = planted(agent_names);
    let state = configuration.path("state.json");
    let mut command = configuration.command();
    let mut exporter =
        Exporter::serve(command.args(["--log.level", "trace", "--log.format", format, "--state.file", &state])).await;
    exporter
        .metrics_when("two polls of both reports of every operation", |page| {
            WAYS.iter().all(|(name, _)| {
                ["agents_kpi", "chat_9"].iter().all(|endpoint| {
                    let calls = format!("wolkvox_api_requests_total{{operation=\"{name}\",endpoint=\"{endpoint}\"}}");
                    value(page, &calls) >= Some(2.0)
                })
            })
        })
        .await;
    let mut shown = Vec::new();
    let open_metrics = [("accept", "application/openmetrics-text;version=1.0.0")];
    for (path, headers) in [("/", &[][..]), ("/metrics", &[]), ("/metrics", &open_metrics), ("/-/ready", &[])] {
        let answer = http::get_with(&format!("{}{path}", exporter.url), headers).await;
        shown.push((path, format!("{}\n{:?}", answer.text(), answer.headers)));
    }
    let status = exporter.process.terminate(LIMIT).await.expect("a signal ends it");
    assert_eq!(status.code(), Some(0));
    let log = exporter.process.output();
    assert!(log.contains("trace") || log.contains("TRACE"), "{log}");
    shown.push(("the log", log));
    shown.push(("the state file", std::fs::read_to_string(state).expect("it was written")));
    shown
}

async fn nothing_is_shown(format: &str) {
    for (place, text) in everything_shown(false, format).await {
        assert_nothing_of(&[DNI, DIGITS, NAME, OTHER_NAME], place, &text);
    }
}

#[tokio::test]
async fn without_agent_names_a_running_exporter_shows_nobody_with_a_log_in_logfmt() {
    nothing_is_shown("logfmt").await;
}

#[tokio::test]
async fn without_agent_names_a_running_exporter_shows_nobody_with_a_log_in_json() {
    nothing_is_shown("json").await;
}

#[tokio::test]
async fn with_agent_names_there_are_names_in_one_metric_and_still_no_identity_number() {
    for (place, text) in everything_shown(true, "logfmt").await {
        assert_nothing_of(&[DNI, OTHER_NAME], place, &text);
        if place == "/metrics" {
            let named = series(text.split("\n{").next().unwrap_or_default(), "wolkvox_agent_info{");
            assert!(named.iter().any(|(series, _)| series.contains(NAME)), "{named:?}");
            let others = text.lines().filter(|line| !line.starts_with("wolkvox_agent_info{"));
            let others = others.collect::<Vec<_>>().join("\n");
            assert_nothing_of(&[NAME, DIGITS], "a metric that has no names", &others);
        } else {
            assert_nothing_of(&[NAME, DIGITS], place, &text);
        }
    }
}

#[tokio::test]
async fn probe_shows_nobody_in_any_of_its_outputs() {
    for agent_names in [false, true] {
        let (_servers, configuration) = planted(agent_names);
        for output in ["table", "metrics", "json"] {
            let mut command = configuration.command();
            let mut probe =
                Process::spawn("probe", command.args(["probe", "--output", output, "--log.level", "trace"]));
            assert_eq!(probe.wait(LIMIT).await.unwrap().code(), Some(1), "{output}");
            assert!(probe.stdout().contains("as-it-should"), "{}", probe.output());
            assert_nothing_of(&[DNI, OTHER_NAME], output, &probe.output());
            if !agent_names {
                assert_nothing_of(&[NAME, DIGITS], output, &probe.output());
            }
        }
    }
}

#[tokio::test]
async fn the_planted_rows_are_what_a_healthy_wolkvox_sends_but_for_the_persons() {
    // Otherwise everything above could be silent because nothing was read at all.
    let (wolkvox, planted) = (Wolkvox::start(healthy), Wolkvox::start(WAYS[0].1));
    let collectors = "{skills: false, dnis: false, agents_kpi: {interval: 1s}, transfers: {interval: 1s}}".to_owned();
    let operation = |name, server: &Wolkvox| Operation {
        collectors: collectors.clone(),
        ..Operation::of_skills(name, &server.url())
    };
    let configuration = Configuration::of(&[operation("healthy", &wolkvox), operation("planted", &planted)]);
    let exporter = Exporter::serve(&mut configuration.command()).await;
    let page = exporter
        .metrics_when("both operations up", |page| {
            ["healthy", "planted"]
                .iter()
                .all(|name| value(page, &format!("wolkvox_up{{operation=\"{name}\"}}")) == Some(1.0))
        })
        .await;
    for metric in ["wolkvox_agent_calls_today", "wolkvox_agent_login_time_seconds"] {
        let of = |name| value(&page, &format!("{metric}{{operation=\"{name}\",agent_id=\"12999\"}}"));
        assert!(of("healthy").is_some(), "{metric}");
        assert_eq!(of("planted"), of("healthy"), "{metric}");
    }
}
