//! The exporter never shows identity numbers, and shows names only where the configuration asks for them. Logs, pages,
//! output and files are checked, also when wolkvox sends the data in other forms or in other fields than expected.

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::http;
use crate::support::page::{series, value};
use crate::support::process::Process;
use crate::support::wolkvox::{Reply, Request, Wolkvox, agent, envelope, healthy, transfer};

/// The start of every identity number in the responses. The test searches only for the start, so it also finds a part.
const DNI: &str = "Dn1Xq";
/// The same for identity numbers of digits only. No timestamp contains it.
const DIGITS: &str = "777123777";
/// The start of every agent's name in the report of the agents.
const NAME: &str = "Nm3Xq";
/// The same for the report of the transfers, whose names are never exported.
const OTHER_NAME: &str = "Tr4Xq";

/// The reply of a server to a request.
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

/// A row with every value in its expected field.
fn well_formed(request: &Request) -> String {
    row(request, &format!(r#""{NAME} Halland""#), &format!(r#""{DNI}-9274""#))
}

/// Rows with `value`, which is JSON, in place of every figure and time.
fn instead_of_figures(request: &Request, value: &str) -> Reply {
    let fields = ["date", "points", "hits", "calls", "aht_time", "acw_time", "occupancy", "login_time"];
    let with_value = |field: &&str| format!(r#"{{"{field}": {value}, "login_time": {value}}}"#);
    let figures: Vec<String> = fields.iter().map(with_value).collect();
    let today = figures.iter().map(|figure| figure.replacen('{', &format!(r#"{{"date": "{}", "#, day(request)), 1));
    let stats: Vec<String> = today.chain([format!(r#"{{"date": {value}}}"#)]).collect();
    let agent = format!(r#"{{"agent_id": "12999", "agent_name": "{NAME}", "stats": [{}]}}"#, stats.join(","));
    let transfer = format!(r#"{{"conn_id": "c", "receiver_agent_name": {value}, "channel": "chat", "date": {value}}}"#);
    Reply::rows(&[if request.report() == "agents_kpi" { agent } else { transfer }])
}

/// Servers that send personal data, each in another place or form.
const CASES: [(&str, Script); 15] = [
    ("as-it-should", |request| Reply::rows(&[well_formed(request)])),
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
        let twice = well_formed(request).replacen('{', &format!(r#"{{"{DNI}": 1, "agent_dni": {DIGITS}, "#), 1);
        Reply::rows(&[twice.clone(), twice])
    }),
    ("no-rows", |_| Reply::rows(&[format!(r#""{DNI}""#), format!(r#"["{OTHER_NAME}"]"#), DIGITS.to_owned()])),
    ("words-for-rows", |_| Reply::envelope(200, "", &format!(r#""{DNI} {OTHER_NAME} {DIGITS}""#))),
    ("half-a-document", |request| {
        let document = envelope(200, "", &format!("[{}]", well_formed(request)));
        let end = document.find(DNI).map_or(document.len(), |place| place + DNI.len());
        Reply::http(200, &[], &document[..end])
    }),
    ("no-envelope", |request| Reply::http(200, &[], format!("[{}]", well_formed(request)))),
    ("an-error-with-rows", |request| Reply::envelope(500, "INTERNAL ERROR", &format!("[{}]", well_formed(request)))),
    ("html", |_| Reply::http(502, &[("server", DNI)], format!("<pre>{DNI} {OTHER_NAME} {DIGITS}</pre>"))),
];

fn assert_contains_none(planted: &[&str], searched: &str, text: &str) {
    for planted in planted {
        let line = text.lines().find(|line| line.contains(planted));
        assert_eq!(line, None, "{planted} is in {searched}");
    }
}

/// Starts the servers. The configuration has an operation for each.
fn servers(agent_names: bool) -> (Vec<Wolkvox>, Configuration) {
    let servers: Vec<Wolkvox> = CASES.iter().map(|(_, script)| Wolkvox::start(script)).collect();
    let collectors = format!(
        "{{skills: false, dnis: false, agents_kpi: {{interval: 1s, agent_names: {agent_names}}}, \
         transfers: {{interval: 1s}}}}"
    );
    let operation = |((name, _), server): (&(&str, Script), &Wolkvox)| Operation {
        collectors: collectors.clone(),
        ..Operation::of_skills(name, &server.url())
    };
    let operations: Vec<Operation> = CASES.iter().zip(&servers).map(operation).collect();
    (servers, Configuration::of(&operations))
}

/// All pages and headers of a running exporter after two polls of each report, its log and its state file.
async fn everything_shown(agent_names: bool, format: &str) -> Vec<(&'static str, String)> {
    let (_servers, configuration) = servers(agent_names);
    let state = configuration.path("state.json");
    let mut command = configuration.command();
    let mut exporter =
        Exporter::serve(command.args(["--log.level", "trace", "--log.format", format, "--state.file", &state])).await;
    exporter
        .metrics_when("two polls of both reports of every operation", |page| {
            CASES.iter().all(|(name, _)| {
                ["agents_kpi", "chat_9"].iter().all(|endpoint| {
                    let calls = format!("wolkvox_api_requests_total{{operation=\"{name}\",endpoint=\"{endpoint}\"}}");
                    value(page, &calls) >= Some(2.0)
                })
            })
        })
        .await;
    let mut shown = Vec::new();
    let open_metrics = [("accept", "application/openmetrics-text;version=1.0.0")];
    for (path, headers) in
        [("/", &[][..]), ("/metrics", &[]), ("/metrics", &open_metrics), ("/-/ready", &[]), ("/config", &[])]
    {
        let response = http::get_with(&format!("{}{path}", exporter.url), headers).await;
        shown.push((path, format!("{}\n{:?}", response.text(), response.headers)));
    }
    let status = exporter.process.terminate(LIMIT).await.expect("the signal ends the exporter");
    assert_eq!(status.code(), Some(0));
    let log = exporter.process.output();
    assert!(log.contains("trace") || log.contains("TRACE"), "{log}");
    shown.push(("the log", log));
    shown.push(("the state file", std::fs::read_to_string(state).expect("the state file was written")));
    shown
}

async fn check_without_agent_names(format: &str) {
    for (place, text) in everything_shown(false, format).await {
        assert_contains_none(&[DNI, DIGITS, NAME, OTHER_NAME], place, &text);
    }
}

#[tokio::test]
async fn without_agent_names_an_exporter_shows_no_personal_data_with_a_log_in_logfmt() {
    check_without_agent_names("logfmt").await;
}

#[tokio::test]
async fn without_agent_names_an_exporter_shows_no_personal_data_with_a_log_in_json() {
    check_without_agent_names("json").await;
}

#[tokio::test]
async fn with_agent_names_only_one_metric_has_names_and_none_has_identity_numbers() {
    for (place, text) in everything_shown(true, "logfmt").await {
        assert_contains_none(&[DNI, OTHER_NAME], place, &text);
        if place == "/metrics" {
            let named = series(text.split("\n{").next().unwrap_or_default(), "wolkvox_agent_info{");
            assert!(named.iter().any(|(series, _)| series.contains(NAME)), "{named:?}");
            let others = text.lines().filter(|line| !line.starts_with("wolkvox_agent_info{"));
            let others = others.collect::<Vec<_>>().join("\n");
            assert_contains_none(&[NAME, DIGITS], "metrics without names", &others);
        } else {
            assert_contains_none(&[NAME, DIGITS], place, &text);
        }
    }
}

#[tokio::test]
async fn probe_shows_no_personal_data_in_any_output() {
    for agent_names in [false, true] {
        let (_servers, configuration) = servers(agent_names);
        for output in ["table", "metrics", "json"] {
            let mut command = configuration.command();
            let mut probe =
                Process::spawn("probe", command.args(["probe", "--output", output, "--log.level", "trace"]));
            assert_eq!(probe.wait(LIMIT).await.unwrap().code(), Some(1), "{output}");
            assert!(probe.stdout().contains("as-it-should"), "{}", probe.output());
            assert_contains_none(&[DNI, OTHER_NAME], output, &probe.output());
            if !agent_names {
                assert_contains_none(&[NAME, DIGITS], output, &probe.output());
            }
        }
    }
}

#[tokio::test]
async fn the_rows_with_personal_data_have_the_same_values_as_those_of_a_healthy_wolkvox() {
    // Otherwise the tests above could pass because the exporter read no row at all.
    let (wolkvox, planted) = (Wolkvox::start(healthy), Wolkvox::start(CASES[0].1));
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
