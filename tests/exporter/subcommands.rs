//! Every subcommand as a user runs it: its output, its pages, its exit code, and how it ends.
#![cfg(feature = "simulator")]

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::daytime;
use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation, health_check, run_to_end, until};
use crate::support::http;
use crate::support::page::{families, series, value};
use crate::support::process::{Process, Signal, exporter};
use crate::support::simulated;
use crate::support::wolkvox::{Closed, Reply, Wolkvox, healthy, number};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use wolkvox_exporter::model::Collector;

const DNIS: [&str; 7] = [
    "wolkvox_dnis_inbound_calls",
    "wolkvox_dnis_answered_calls",
    "wolkvox_dnis_abandoned_calls",
    "wolkvox_dnis_service_level_ratio",
    "wolkvox_dnis_abandon_ratio",
    "wolkvox_dnis_average_speed_of_answer_seconds",
    "wolkvox_dnis_average_time_to_abandon_seconds",
];

/// The families in the output of `metrics --output json`.
async fn catalogue() -> Vec<Value> {
    let (code, process) = run_to_end(exporter().args(["metrics", "--output", "json"])).await;
    assert_eq!(code, Some(0));
    let json: Value = process.stdout().parse().expect("it prints JSON");
    json.as_array().expect("it is a list").clone()
}

/// Families that are there only after a failure, after days, with a state file or with a web configuration.
const NOT_ALWAYS_THERE: [&str; 4] = [
    "wolkvox_collector_failure_info",
    "wolkvox_skill_daily_reset_time_of_day_seconds",
    "wolkvox_exporter_state_last_write_successful",
    "wolkvox_exporter_web_config_last_reload_successful",
];

/// Whether a page without failures has the family, if all reports that the simulator has are polled.
fn is_there_without_a_failure(family: &Value) -> bool {
    let text = |key: &str| family[key].as_str().expect("it is a text");
    simulated::has_family(text("collector"), text("help")) && !NOT_ALWAYS_THERE.contains(&text("name"))
}

/// The families of an exporter whose polls all succeed.
async fn names() -> BTreeSet<String> {
    let name = |family: &Value| family["name"].as_str().expect("every family has a name").to_owned();
    catalogue().await.iter().filter(|&family| is_there_without_a_failure(family)).map(name).collect()
}

/// The exporter, or the simulation, in a time zone where it is day.
fn by_day() -> Command {
    let mut command = exporter();
    command.env(daytime::VARIABLE, daytime::zone());
    command
}

/// A demo on free ports, fast enough that calls arrive while a test waits.
async fn demo() -> Exporter {
    let flags = "demo --web.listen-address 127.0.0.1:0 --simulate.listen-address 127.0.0.1:0 --poll.interval 1s \
                 --wolkvox.licenses 1000 --speed 60";
    Exporter::listening(by_day().args(flags.split_whitespace())).await
}

/// Starts a simulated wolkvox. Returns its address and its token, which it prints.
async fn simulated() -> (Process, String, String) {
    let mut process = Process::spawn(
        "the simulation",
        by_day().args(["simulate", "--simulate.listen-address", "127.0.0.1:0", "--wolkvox.licenses", "1000"]),
    );
    let printed = process.wait_for_line(LIMIT, |line| {
        let (token, url) =
            line.trim().strip_prefix("WOLKVOX_TOKEN=")?.split_once(" wolkvox_exporter --wolkvox.base-url ")?;
        Some((token.to_owned(), url.to_owned()))
    });
    let (token, url) = printed.await.unwrap_or_else(|error| panic!("{error}"));
    (process, url, token)
}

#[tokio::test]
async fn a_flag_of_another_exporter_is_refused_with_a_tip() {
    for (line, tip) in [
        ("--web.listen-port 9909", "tip: use --web.listen-address=:PORT"),
        ("serve --config wolkvox.yml", "tip: use --config.file=FILE"),
        ("--token hush", "tip: set WOLKVOX_TOKEN"),
    ] {
        let (code, process) = run_to_end(exporter().args(line.split(' '))).await;
        assert_eq!(code, Some(2), "{line}");
        assert!(process.stderr().contains(tip) && !process.output().contains("hush"), "{}", process.output());
    }
}

#[tokio::test]
async fn demo_prints_its_addresses_and_exports_every_family() {
    let mut demo = demo().await;
    let line =
        demo.process.wait_for_line(LIMIT, |line| line.contains("Ctrl-C").then(|| line.to_owned())).await.unwrap();
    let output = demo.process.stdout();
    for address in [format!("  {}/metrics ", demo.url), format!("  {}/ ", demo.url)] {
        assert!(output.contains(&address), "{address} is not in {output}");
    }
    let simulated = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches('.');
    let report = format!("{simulated}/api/v2/real_time.php?api=skills&skill_id=all");
    assert_eq!(http::get(&report).await.status, 401, "without a token");

    let expected: BTreeSet<_> = names().await.into_iter().collect();
    let page = demo.metrics_when("all families", |page| families(page) == expected).await;
    for family in DNIS {
        for window in ["today", "30m"] {
            let of = series(&page, &format!("{family}{{"));
            assert!(of.iter().any(|(series, _)| series.contains(&format!("window=\"{window}\""))), "{family} {window}");
        }
    }
    demo.metrics_when("counted calls", |page| {
        series(page, "wolkvox_skill_inbound_calls_total{").iter().any(|(_, calls)| *calls > 0.0)
            && series(page, "wolkvox_skill_answered_within_calls_total{").iter().any(|(_, calls)| *calls > 0.0)
    })
    .await;
    assert_eq!(demo.value(r#"wolkvox_up{operation="demo"}"#).await, Some(1.0));
}

#[tokio::test]
async fn a_disabled_collector_has_no_families_and_makes_no_calls() {
    let families_of = |report: &str| -> BTreeSet<String> {
        let entries = wolkvox_exporter::metrics::catalogue::families();
        entries.iter().filter(|entry| entry.collector == report).map(|entry| entry.name.to_owned()).collect()
    };
    let off = simulated::collectors().into_iter().map(|collector| async move {
        let flags = format!(
            "demo --web.listen-address 127.0.0.1:0 --simulate.listen-address 127.0.0.1:0 --no-collector.{collector}"
        );
        let demo = Exporter::listening(by_day().args(flags.split_whitespace())).await;
        let gone = families_of(collector.name());
        let left: BTreeSet<_> = names().await.into_iter().filter(|name| !gone.contains(name)).collect();
        let page = demo.metrics_when("the other families", |page| families(page) == left).await;
        let endpoints = series(&page, "wolkvox_api_requests_total{").len();
        assert_eq!(endpoints, simulated::collectors().len() - 1, "endpoints called without {collector}");
    });
    futures_util::future::join_all(off).await;
}

#[tokio::test]
async fn serve_exports_the_same_families_of_a_simulation_as_demo() {
    let (_simulation, url, token) = simulated().await;
    let mut command = by_day();
    command.args(["--wolkvox.base-url", &url, "--wolkvox.operation", "demo"]).env("WOLKVOX_TOKEN", token);
    command.args(simulated::collectors().iter().map(|collector| format!("--collector.{collector}")));
    let serve = Exporter::serve(&mut command).await;
    let expected = names().await;
    // Without licenses there is no quota limit, and no flag enables the names of agents.
    let disabled = ["wolkvox_api_quota_limit", "wolkvox_agent_info"];
    let expected = expected.into_iter().filter(|name| !disabled.contains(&&**name)).collect::<BTreeSet<_>>();
    serve.metrics_when("all families", |page| families(page) == expected).await;
}

#[tokio::test]
async fn the_catalogue_lists_exactly_what_a_page_can_show() {
    let (_simulation, url, token) = simulated().await;
    let collectors = simulated::collectors().into_iter().map(|collector| match collector {
        Collector::AgentsKpi => format!("{collector}: {{agent_names: true}}"),
        _ => format!("{collector}: {{interval: 1m}}"),
    });
    let configuration = Configuration::of(&[Operation {
        token,
        collectors: format!("{{{}}}", collectors.collect::<Vec<_>>().join(", ")),
        more: vec![
            format!("timezone: {}", daytime::zone()),
            "licenses: 50".to_owned(),
            "targets: [{team: ventas, service_level: {threshold_seconds: 20, ratio: 0.8}, abandon_ratio: 0.05}]"
                .to_owned(),
        ],
        ..Operation::of_skills("all", &url)
    }]);
    let serve = Exporter::serve(&mut configuration.command()).await;
    let catalogue = catalogue().await;
    let of = |family: &Value, key: &str| family[key].as_str().unwrap_or_default().to_owned();

    let shown = || catalogue.iter().filter(|&family| is_there_without_a_failure(family));
    let expected: BTreeSet<_> = shown().map(|family| of(family, "name")).collect();
    serve.metrics_when("the catalogue in text 0.0.4", |page| families(page) == expected).await;

    let headers = [("accept", "application/openmetrics-text;version=1.0.0")];
    let page = http::get_with(&format!("{}/metrics", serve.url), &headers).await;
    let expected: BTreeSet<_> = shown()
        .map(|family| match (of(family, "name"), of(family, "type"), family["info"].as_bool()) {
            (name, _, Some(true)) => name.trim_end_matches("_info").to_owned(),
            (name, kind, _) if kind == "counter" => name.trim_end_matches("_total").to_owned(),
            (name, ..) => name,
        })
        .collect();
    assert_eq!(families(page.text()), expected);

    let (code, markdown) = run_to_end(exporter().arg("metrics")).await;
    assert_eq!(code, Some(0));
    let rows = markdown.stdout().lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, catalogue.len());
}

#[tokio::test]
async fn a_signal_ends_a_demo_with_exit_code_0() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut demo = demo().await;
        demo.process.signal(signal);
        let status = demo.process.wait(LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(status.code(), Some(0), "{signal:?}");
    }
}

#[tokio::test]
async fn a_signal_ends_a_simulation_with_exit_code_0() {
    for signal in [Signal::INT, Signal::TERM] {
        let (mut simulation, ..) = simulated().await;
        simulation.signal(signal);
        let status = simulation.wait(LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(status.code(), Some(0), "{signal:?}");
    }
}

/// An exporter with a page of some megabytes, whose next poll hangs.
async fn large_and_hanging(wolkvox: &Wolkvox) -> Exporter {
    let rows: Vec<String> = (0..8000).map(|n| number(&format!("60155{n:05}"))).collect();
    let rows = Reply::rows(&rows);
    wolkvox.answers(move |request| if request.number == 1 { rows.clone() } else { Reply::hang() });
    let configuration = Configuration::of(&[Operation {
        collectors: "{skills: false, dnis: {interval: 1s, max_age: 1h, windows: [today], max_dnis: 60000}}".to_owned(),
        ..Operation::of_skills("large", &wolkvox.url())
    }]);
    let exporter = Exporter::serve(&mut configuration.command()).await;
    until("the poll that hangs", || wolkvox.in_flight("token-of-large") == 1).await;
    exporter.metrics_when("the large page", |page| page.len() > 4 << 20).await;
    exporter
}

/// Requests the metrics and reads only the head of the response.
async fn slow_scrape(exporter: &Exporter) -> std::io::Result<(TcpStream, usize)> {
    let socket = TcpSocket::new_v4()?;
    // A small buffer, so that the exporter cannot send the whole response before the client reads.
    socket.set_recv_buffer_size(4096)?;
    let address = exporter.url.trim_start_matches("http://").parse().expect("it is an address");
    let mut stream = socket.connect(address).await?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    Ok((stream, length.expect("a response has a length")))
}

#[tokio::test]
async fn a_shutdown_completes_a_scrape_in_progress_and_does_not_wait_for_a_hanging_poll() {
    for signal in [Signal::INT, Signal::TERM] {
        let wolkvox = Wolkvox::start(healthy);
        let mut exporter = large_and_hanging(&wolkvox).await;
        let (mut stream, length) = slow_scrape(&exporter).await.unwrap();
        exporter.process.signal(signal);
        exporter.process.wait_for_line(LIMIT, |line| line.contains("stopping").then_some(())).await.unwrap();
        let mut body = Vec::new();
        stream.read_to_end(&mut body).await.unwrap();
        assert_eq!(body.len(), length, "{signal:?}");
        let status = exporter.process.wait(LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(status.code(), Some(0), "{signal:?}");
        assert_eq!(wolkvox.count(), 2, "polling continues after {signal:?}");
        // A poll that hangs fails after a minute.
        let log = exporter.process.stderr();
        assert!(!log.contains("poll failed"), "the exporter waited for the poll that hangs: {log}");
    }
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_a_scraper_that_reads_nothing() {
    let wolkvox = Wolkvox::start(healthy);
    let mut exporter = large_and_hanging(&wolkvox).await;
    let _scrape = slow_scrape(&exporter).await.unwrap();
    let status = exporter.process.terminate(LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(status.code(), Some(0));
    // Otherwise the connection would end at its write timeout, half a minute later.
    let log = exporter.process.stderr();
    assert!(log.contains("some responses were not finished"), "the response was not cut off: {log}");
}

#[tokio::test]
async fn an_invalid_configuration_is_exit_code_2_for_serve_and_probe_and_1_for_check_config() {
    let configuration = Configuration::of(&[Operation {
        collectors: "{skils: true}".to_owned(),
        ..Operation::of_skills("misspelt", "http://127.0.0.1:1")
    }]);
    for (subcommand, expected) in [("serve", 2), ("probe", 2), ("check-config", 1)] {
        let (code, process) = run_to_end(configuration.command().arg(subcommand)).await;
        assert_eq!(code, Some(expected), "{subcommand}");
        assert!(process.stderr().contains("wolkvox.yml:5: operations[0].collectors.skils"), "{}", process.stderr());
        assert_eq!(process.stdout(), "", "{subcommand}");
    }
}

#[tokio::test]
async fn a_valid_configuration_is_exit_code_0_for_check_config_and_makes_no_call() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
    let (code, process) = run_to_end(configuration.command().arg("check-config")).await;
    assert_eq!(code, Some(0), "{}", process.output());
    for part in ["operation \"ventas\"", &wolkvox.url(), "America/Bogota", "86400", "the configuration is valid"] {
        assert!(process.stdout().contains(part), "{part:?} is not in {}", process.stdout());
    }
    assert!(wolkvox.connections().is_empty());
}

#[tokio::test]
async fn an_invalid_command_line_is_exit_code_2() {
    for line in ["--no.such.flag", "serve --log.level loud", "sreve", "demo --speed -1", "healthcheck --url"] {
        let (code, process) = run_to_end(exporter().args(line.split(' '))).await;
        assert_eq!((code, process.stdout().as_str()), (Some(2), ""), "{line}");
        assert!(process.stderr().contains("error:"), "{line}: {}", process.stderr());
    }
}

#[tokio::test]
async fn probe_prints_the_reports_in_each_output_format() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[Operation {
        collectors: "{skills: {}, dnis: {}}".to_owned(),
        ..Operation::of_skills("ventas", &wolkvox.url())
    }]);
    let probe = async |output: &str| {
        let (code, process) = run_to_end(configuration.command().args(["probe", "--output", output])).await;
        assert_eq!(code, Some(0), "{}", process.output());
        process.stdout()
    };
    let table = probe("table").await;
    for part in ["operation \"ventas\"", "4173", "Atención  \"Ñ\"", "6015550101", "80.0 %", "12.5", "calls today: 3"]
    {
        assert!(table.contains(part), "{part:?} is not in {table}");
    }

    let page = probe("metrics").await;
    assert_eq!(value(&page, r#"wolkvox_up{operation="ventas"}"#), Some(1.0));
    assert_eq!(value(&page, r#"wolkvox_skill_calls_in_queue{operation="ventas",skill_id="4173"}"#), Some(2.0));

    let json: Value = probe("json").await.parse().unwrap();
    assert_eq!((&json[0]["operation"], &json[0]["calls_today"]), (&"ventas".into(), &3.into()));
    assert_eq!(json[0]["reports"]["skills"][0]["skill_id"], "4173");
    assert_eq!(json[0]["reports"]["dnis"][0]["dnis"], "6015550101");
}

#[test]
fn a_full_disk_behind_standard_output_is_named() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has this device");
    let output = exporter().arg("metrics").stdout(full).output().expect("the exporter can be started");
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("cannot write to standard output: "), "{error}");
}

#[tokio::test]
async fn probe_is_exit_code_1_when_a_collector_fails_and_still_prints_the_others() {
    let wolkvox = Wolkvox::start(|request| match request.report().as_str() {
        "skills" => healthy(request),
        _ => Reply::envelope(403, "SERVER IN BACKUP", "null"),
    });
    let configuration = Configuration::of(&[Operation {
        collectors: "{skills: {}, dnis: {}}".to_owned(),
        ..Operation::of_skills("ventas", &wolkvox.url())
    }]);
    for (output, expected) in [
        ("table", "4173  "),
        ("metrics", r#"wolkvox_skill_calls_in_queue{operation="ventas",skill_id="4173"} 2"#),
        ("json", r#""skill_id": "4173""#),
    ] {
        let (code, process) = run_to_end(configuration.command().args(["probe", "--output", output])).await;
        assert_eq!(code, Some(1), "{output}");
        assert!(process.stdout().contains(expected), "{}", process.stdout());
        assert!(process.stderr().contains("dnis: ") && process.stderr().contains("BACKUP"), "{}", process.stderr());
        if output == "json" {
            assert_eq!(process.stdout().parse::<Value>().unwrap()[0]["polls"][1]["result"], "failed");
        }
    }
}

/// Runs a health check with each of the two flags that name an exporter.
async fn healthcheck(url: &str) -> (Option<i32>, String) {
    let address = url.trim_start_matches("http://");
    let (by_address, process) = health_check(&["--web.listen-address", address]).await;
    let (by_url, _) = health_check(&["--url", &format!("{url}/-/ready")]).await;
    assert_eq!(by_address, by_url);
    (by_address, process.output())
}

#[tokio::test]
async fn healthcheck_is_exit_code_0_for_an_exporter_whose_first_poll_is_done() {
    // Also when the poll failed, because a restart of the exporter would not help.
    for reply in [Reply::rows(&[]), Reply::http(500, &[], "")] {
        let wolkvox = Wolkvox::start(move |_| reply.clone());
        let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
        let ready = Exporter::serve(&mut configuration.command()).await;
        http::wait_until_ok(&format!("{}/-/ready", ready.url), LIMIT).await.unwrap();
        let (code, output) = healthcheck(&ready.url).await;
        assert_eq!(code, Some(0), "{output}");
        assert!(output.contains("is ready"), "{output}");
    }
}

#[tokio::test]
async fn healthcheck_is_exit_code_1_for_an_exporter_that_is_not_ready_or_not_there() {
    let wolkvox = Wolkvox::start(|_| Reply::hang());
    let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
    let waiting = Exporter::serve(&mut configuration.command()).await;
    let (code, output) = healthcheck(&waiting.url).await;
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("503") && output.contains("ventas: skills"), "{output}");

    let absent = Closed::new();
    let (code, output) = healthcheck(&absent.url()).await;
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("no response"), "{output}");
}

#[tokio::test]
async fn an_address_in_use_is_exit_code_1_and_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let closed = Closed::new();
    let configuration = Configuration::of(&[Operation::of_skills("ventas", &closed.url())]);
    let mut serve = configuration.command();
    serve.args(["serve", "--web.listen-address", &address]);
    let mut demo = exporter();
    demo.args(["demo", "--simulate.listen-address", "127.0.0.1:0", "--web.listen-address", &address]);
    let mut demo_simulation = exporter();
    demo_simulation.args(["demo", "--web.listen-address", "127.0.0.1:0", "--simulate.listen-address", &address]);
    let mut simulate = exporter();
    simulate.args(["simulate", "--simulate.listen-address", &address]);
    for (mut command, flag) in [
        (serve, "--web.listen-address"),
        (demo, "--web.listen-address"),
        (demo_simulation, "--simulate.listen-address"),
        (simulate, "--simulate.listen-address"),
    ] {
        let (code, process) = run_to_end(&mut command).await;
        assert_eq!(code, Some(1), "{command:?}");
        let message = process.stderr();
        let clear = message.contains(&format!("cannot listen on {address}")) && message.contains(flag);
        assert!(clear && message.contains("in use"), "{command:?}: {message}");
        assert_eq!(process.stdout(), "", "{command:?}");
    }
}

#[tokio::test]
async fn a_state_file_that_cannot_be_written_is_exit_code_1_and_is_named() {
    let configuration = Configuration::of(&[Operation::of_skills("ventas", "http://127.0.0.1:1")]);
    let path = configuration.path("missing/state.json");
    let mut command = configuration.command();
    let (code, process) =
        run_to_end(command.args(["serve", "--web.listen-address", "127.0.0.1:0", "--state.file", &path])).await;
    assert_eq!(code, Some(1));
    assert!(process.stderr().contains(&path) && process.stderr().contains("--state.file"), "{}", process.stderr());
}

/// The start of each poll is random, and failed responses make the polls back off.
#[tokio::test]
async fn the_same_seed_gives_the_same_history_and_another_seed_gives_another() {
    let mut histories = Vec::new();
    for seed in ["--seed=3", "--seed=3", "--seed=4"] {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = exporter();
        command.args(["history", "--history.length=40m", "--history.start=2026-11-17T15:00:00Z", "--real-hours", seed]);
        command.args(["--scenario=api-down", "--trouble.after=10m", "--log.level=error", "--history.directory"]);
        let (code, process) = run_to_end(command.arg(folder.path())).await;
        assert_eq!(code, Some(0), "{}", process.stderr());
        let history = std::fs::read_to_string(folder.path().join("2026-11-17.om")).expect("the day is written");
        assert!(history.contains("wolkvox_api_request_failures_total"), "{} bytes", history.len());
        histories.push(history);
    }
    assert!(histories[0] == histories[1], "the same seed gave two histories");
    assert!(histories[0] != histories[2], "another seed gave the same history");
}
