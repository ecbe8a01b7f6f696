//! SIGHUP and `/-/reload` apply another configuration while the exporter runs, and `/config` shows the one in use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use wolkvox_exporter::clock::Clock;

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation, run_to_end, until};
use crate::support::http::{self, FullResponse};
use crate::support::page::value;
use crate::support::process::{Signal, exporter};
use crate::support::wolkvox::{Closed, Reply, Wolkvox, healthy, skill};

const SUCCESSFUL: &str = "wolkvox_exporter_config_last_reload_successful";
const READ_AT: &str = "wolkvox_exporter_config_last_reload_success_timestamp_seconds";

async fn serve(configuration: &Configuration) -> Exporter {
    Exporter::serve(configuration.command().arg("--web.enable-lifecycle")).await
}

impl Exporter {
    async fn ask_to_reload(&self) -> FullResponse {
        let url = format!("{}/-/reload", self.url);
        http::request(Method::POST, &url, &[]).await.expect("there is a response")
    }

    /// Reloads; the configuration must be valid.
    async fn reload(&self) -> String {
        let response = self.ask_to_reload().await;
        assert_eq!(response.status, 200, "{}", response.text());
        response.text().to_owned()
    }
}

fn attempt(operation: &str) -> String {
    format!("wolkvox_collector_last_attempt_timestamp_seconds{{operation=\"{operation}\",collector=\"skills\"}}")
}

fn requests(operation: &str) -> String {
    format!("wolkvox_api_requests_total{{operation=\"{operation}\",endpoint=\"skills\"}}")
}

/// The operations that have a series on the page.
fn operations(page: &str) -> BTreeSet<&str> {
    let names = page.lines().filter_map(|line| line.strip_prefix("wolkvox_up{operation=\"")?.split_once('"'));
    names.map(|(name, _)| name).collect()
}

fn slow(name: &str, wolkvox: &Wolkvox) -> Operation {
    Operation {
        collectors: "{skills: {interval: 1h}, dnis: false}".to_owned(),
        ..Operation::of_skills(name, &wolkvox.url())
    }
}

#[tokio::test]
async fn operations_come_change_and_go_and_the_others_poll_no_more_often() {
    let wolkvox = Wolkvox::start(healthy);
    let [a, b, c] = ["a", "b", "c"].map(|name| slow(name, &wolkvox));
    let configuration = Configuration::of(&[a.clone(), b.clone()]);
    let exporter = serve(&configuration).await;
    exporter
        .metrics_when("two polls", |page| value(page, &attempt("a")).and(value(page, &attempt("b"))).is_some())
        .await;
    http::wait_until_ok(&format!("{}/-/ready", exporter.url), LIMIT).await.unwrap();

    let team = "targets: [{team: sur, service_level: {threshold_seconds: 20, ratio: 0.9}}]".to_owned();
    let b = Operation { more: vec![team, "licenses: 2".to_owned()], ..b };
    configuration.write(&[c.clone(), b.clone(), a.clone()]);
    wolkvox.answers(|_| Reply::hang());
    let answer = exporter.reload().await;
    assert_eq!(answer, "the configuration was reloaded; operations: 1 added (\"c\"), 1 changed (\"b\"), 1 unchanged\n");
    let page = exporter.metrics_when("the new operation", |page| operations(page).len() == 3).await;
    // A ready exporter stays ready, although the new operation has not finished its first poll.
    exporter.page("/-/ready").await;
    assert_eq!(value(&page, r#"wolkvox_up{operation="c"}"#), Some(0.0));
    assert_eq!(value(&page, r#"wolkvox_api_quota_limit{operation="b"}"#), Some(2000.0));
    let target = r#"wolkvox_skill_service_level_target_ratio{operation="b",skill_id="4173",threshold_seconds="20"}"#;
    assert_eq!(value(&page, target), Some(0.9));
    assert_eq!((value(&page, &requests("a")), value(&page, &requests("b"))), (Some(1.0), Some(1.0)));

    until("the first call of the new operation", || wolkvox.count() == 3).await;
    configuration.write(&[b]);
    let answer = exporter.reload().await;
    assert!(answer.contains("2 removed (\"c\", \"a\"), 1 unchanged"), "{answer}");
    let page = exporter.metrics_when("one operation", |page| operations(page).len() == 1).await;
    assert!(!page.contains("operation=\"a\"") && !page.contains("operation=\"c\""), "{page}");
    assert_eq!(wolkvox.count(), 3, "nobody polled again");
}

#[tokio::test]
async fn sighup_reloads_also_without_the_flag() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[slow("a", &wolkvox)]);
    let mut exporter = Exporter::serve(&mut configuration.command()).await;
    let response = exporter.ask_to_reload().await;
    assert_eq!(response.status, 403);
    assert!(response.text().contains("--web.enable-lifecycle"), "{}", response.text());
    configuration.write(&[slow("b", &wolkvox)]);
    exporter.process.signal(Signal::HUP);
    exporter.metrics_when("the other operation", |page| operations(page) == ["b"].into()).await;
    let line = |line: &str| line.contains("trigger=SIGHUP").then(|| line.to_owned());
    let logged = exporter.process.wait_for_line(LIMIT, |it| line(it).filter(|it| it.contains("was reloaded"))).await;
    assert!(logged.unwrap().contains(r#"1 added (\"b\"), 1 removed (\"a\"), 0 unchanged"#));
    assert_eq!(exporter.process.terminate(LIMIT).await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn the_variable_enables_reloads_and_other_methods_are_refused() {
    let configuration = Configuration::of(&[slow("a", &Wolkvox::start(healthy))]);
    let mut command = configuration.command();
    let exporter = Exporter::serve(command.env("WOLKVOX_EXPORTER_WEB_ENABLE_LIFECYCLE", "true")).await;
    let url = format!("{}/-/reload", exporter.url);
    for (method, status) in [(Method::POST, 200), (Method::PUT, 200), (Method::GET, 405), (Method::DELETE, 405)] {
        let response = http::request(method.clone(), &url, &[]).await.unwrap();
        assert_eq!(response.status, status, "{method}");
    }
    for (method, status) in [(Method::HEAD, 200), (Method::POST, 405)] {
        let response = http::request(method, &format!("{}/config", exporter.url), &[]).await.unwrap();
        assert_eq!(response.status, status);
    }
}

#[tokio::test]
async fn reloads_at_the_same_time_wait_for_each_other() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[slow("a", &wolkvox)]);
    let mut exporter = serve(&configuration).await;
    let answers = join_all((0..20).map(|_| exporter.ask_to_reload())).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(exporter.process.terminate(LIMIT).await.unwrap().code(), Some(0));
    let log = exporter.process.output();
    let of_reloads = |line: &&str| line.contains("trigger=");
    let ends: Vec<bool> = log.lines().filter(of_reloads).map(|line| line.contains("was reloaded")).collect();
    assert_eq!(ends, [false, true].repeat(20), "{log}");
}

#[tokio::test]
async fn a_bad_configuration_is_refused_as_a_whole_with_all_its_errors() {
    let wolkvox = Wolkvox::start(healthy);
    let good = slow("a", &wolkvox);
    let configuration = Configuration::of(std::slice::from_ref(&good));
    let mut exporter = serve(&configuration).await;
    let page = exporter.metrics_when("a poll", |page| value(page, &attempt("a")).is_some()).await;
    assert_eq!(value(&page, SUCCESSFUL), Some(1.0));
    let read_at = value(&page, READ_AT).expect("it is always there");

    let entry = |name: &str, more: &str| {
        let url = wolkvox.url();
        format!("  - {{name: {name}, base_url: \"{url}\", token_file: a.token{more}}}\n")
    };
    let new = entry("b", "");
    for (text, messages) in [
        ("operations: [".to_owned(), vec!["invalid YAML"]),
        (
            "operations:\n".to_owned() + &entry("b", ", licences: 3, timezone: Bogota"),
            vec!["wolkvox.yml:2", "licenses?", "America/Bogota"],
        ),
        (format!("operations:\n{new}{}", entry("c", "")), vec!["duplicate token"]),
        ("operations:\n".to_owned() + &new.replace("a.token", "none.token"), vec!["cannot read the token file"]),
        (
            "operations:\n".to_owned() + &entry("b", ", licenses: 1, collectors: {skills: {interval: 1s}}"),
            vec!["the plan costs", "the quota is 1000"],
        ),
    ] {
        configuration.write_text(&text);
        let response = exporter.ask_to_reload().await;
        assert_eq!(response.status, 500, "{text}");
        for message in messages {
            assert!(response.text().contains(message), "{message}: {}", response.text());
        }
        // A start with the same file says the same.
        let (_, mut refused) = run_to_end(configuration.command().arg("check-config")).await;
        assert!(refused.ended());
        let reason = refused.stderr();
        let reason = reason.trim().trim_start_matches("wolkvox_exporter: ");
        assert!(response.text().contains(reason), "{reason}: {}", response.text());

        let page = exporter.metrics().await;
        assert_eq!((value(&page, SUCCESSFUL), value(&page, READ_AT)), (Some(0.0), Some(read_at)));
        assert_eq!((operations(&page), value(&page, &requests("a"))), (["a"].into(), Some(1.0)));
        assert!(exporter.page("/config").await.contains("name: \"a\""));
    }
    let logged = exporter.process.wait_for_line(LIMIT, |line| {
        (line.contains("the previous one stays in use") && line.contains("the quota is 1000")).then_some(())
    });
    assert_eq!(logged.await, Ok(()));

    configuration.write(&[good]);
    assert!(exporter.reload().await.contains("operations: 1 unchanged"));
    let page = exporter.metrics().await;
    assert_eq!((value(&page, SUCCESSFUL), value(&page, &requests("a"))), (Some(1.0), Some(1.0)));
    assert!(value(&page, READ_AT) > Some(read_at));
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_in_time_does_not_stop_the_exporter() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[slow("a", &wolkvox)]);
    let mut exporter = serve(&configuration).await;
    let token = configuration.path("a.token");
    std::fs::remove_file(&token).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&token).status().unwrap().success());
    for reason in ["could not be read within", "an earlier reload still waits"] {
        let response = exporter.ask_to_reload().await;
        assert_eq!(response.status, 500);
        assert!(response.text().contains(reason) && response.text().contains("named pipe"), "{}", response.text());
    }
    assert_eq!(exporter.value(SUCCESSFUL).await, Some(0.0));
    // When the pipe has a writer, the thread ends, and the next reload can read.
    std::fs::write(&token, "token-of-a").unwrap();
    std::fs::remove_file(&token).unwrap();
    std::fs::write(&token, "token-of-a").unwrap();
    let url = format!("{}/-/reload", exporter.url);
    let reloaded = async || http::request(Method::POST, &url, &[]).await.unwrap().status == 200;
    while !reloaded().await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(exporter.process.terminate(LIMIT).await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn the_page_of_the_configuration_has_no_secret_and_is_a_valid_configuration() {
    const SECRET: &str = "hu5h";
    let wolkvox = Wolkvox::start(healthy);
    let proxy = Closed::new().url().replacen("//", &format!("//me:{SECRET}-proxy@"), 1);
    let token = |name: &str| format!("{SECRET}-{name}");
    let configuration = Configuration::of(&[
        Operation { token: token("file"), ..slow("file", &wolkvox) },
        // Calls to this server go through the proxy.
        Operation {
            token: token("proxied"),
            base_url: "http://wolkvox.invalid".to_owned(),
            ..slow("proxied", &wolkvox)
        },
    ]);
    let mut text = std::fs::read_to_string(configuration.path("wolkvox.yml")).unwrap();
    text.push_str(
        "  - {name: variable, server: \"0010\", token_env: SUR_TOKEN, collectors: {skills: {interval: 1h}}}\n",
    );
    configuration.write_text(&text);
    let with_variables = |command: &mut std::process::Command| {
        command.env("SUR_TOKEN", token("variable")).env("HTTP_PROXY", &proxy).env("HTTPS_PROXY", &proxy);
        command.env("WOLKVOX_ALLOW_PLAIN_HTTP", "true");
    };
    let mut command = configuration.command();
    with_variables(command.args(["--web.enable-lifecycle", "--log.level", "trace"]));
    let mut exporter = Exporter::serve(&mut command).await;
    exporter.metrics_when("a failure through the proxy", |page| value(page, &attempt("proxied")).is_some()).await;

    let page = exporter.page("/config").await;
    for part in [
        format!("# Read from {:?}", configuration.path("wolkvox.yml")),
        format!("token_file: {:?}", configuration.path("file.token")),
        "token_env: \"SUR_TOKEN\"".to_owned(),
        "# Calls go through the proxy http://<secret>@127.0.0.1:".to_owned(),
        "interval: 1h".to_owned(),
    ] {
        assert!(page.contains(&part), "{part}: {page}");
    }
    assert!(exporter.page("/").await.contains("href=\"config\""));

    // The page is a valid configuration with the same content.
    let copy = configuration.path("copy.yml");
    std::fs::write(&copy, &page).unwrap();
    let mut check = exporter_with(&copy);
    with_variables(check.arg("check-config"));
    let (code, process) = run_to_end(&mut check).await;
    assert_eq!(code, Some(0), "{}", process.output());

    // Secrets in wrong places: of an address, of a key that does not exist, and of a file that has no token.
    let mut answers = exporter.reload().await;
    for (from, to) in [
        (
            "base_url: http://wolkvox.invalid",
            format!("base_url: http://me:{SECRET}-url@wolkvox.invalid/?token={SECRET}"),
        ),
        ("token_env: SUR_TOKEN", format!("token: {SECRET}-key")),
        ("token_env: SUR_TOKEN", format!("token_env: \"{SECRET} variable\"")),
        ("token_file: file.token", format!("token_file: {SECRET}-path")),
    ] {
        configuration.write_text(&text.replace(from, &to));
        let response = exporter.ask_to_reload().await;
        assert_eq!(response.status, 500, "{}", response.text());
        answers.push_str(response.text());
    }
    let pages = [page, exporter.page("/config").await, exporter.page("/").await, exporter.metrics().await];
    assert_eq!(exporter.process.terminate(LIMIT).await.unwrap().code(), Some(0));
    for (what, text) in pages.iter().map(|page| ("a page", page)).chain([("an answer", &answers)]) {
        assert!(!text.contains(SECRET), "a secret is in {what}: {text}");
    }
    let log = exporter.process.output();
    assert!(!log.contains(SECRET), "a secret is in the log: {log}");
}

fn exporter_with(file: &str) -> std::process::Command {
    let mut command = exporter();
    command.args(["--config.file", file]);
    command
}

#[tokio::test]
async fn the_demo_survives_sighup_and_shows_its_configuration() {
    let mut demo = exporter();
    demo.args(["demo", "--web.listen-address", "127.0.0.1:0", "--simulate.listen-address", "127.0.0.1:0"]);
    let mut exporter = Exporter::listening(&mut demo).await;
    exporter.process.signal(Signal::HUP);
    let line = exporter.process.wait_for_line(LIMIT, |line| line.contains("operations: 1 unchanged").then_some(()));
    assert_eq!(line.await, Ok(()));
    assert!(exporter.page("/config").await.contains("name: \"demo\""));
}

#[tokio::test]
async fn the_state_file_keeps_an_operation_that_was_removed() {
    let wolkvox = Wolkvox::start(|request| Reply::rows(&[skill("4173", 100 + request.number as u32 * 2)]));
    let [a, b] = ["a", "b"].map(|name| Operation::of_skills(name, &wolkvox.url()));
    let configuration = Configuration::of(&[a.clone(), b.clone()]);
    let state = configuration.path("state.json");
    let serve = async || {
        let mut command = configuration.command();
        Exporter::serve(command.args(["--web.enable-lifecycle", "--state.file", &state])).await
    };
    let inbound = r#"wolkvox_skill_inbound_calls_total{operation="a",skill_id="4173"}"#;
    let used = r#"wolkvox_api_quota_used{operation="a"}"#;
    let mut first = serve().await;
    let page = first.metrics_when("calls that are counted", |page| value(page, inbound) > Some(0.0)).await;
    let before = (value(&page, inbound), value(&page, used));
    configuration.write(std::slice::from_ref(&b));
    first.reload().await;
    first.metrics_when("one operation", |page| operations(page) == ["b"].into()).await;
    assert_eq!(first.process.terminate(LIMIT).await.unwrap().code(), Some(0));
    let saved = std::fs::read_to_string(&state).unwrap();
    assert!(saved.contains("\"a\""), "{saved}");

    // Another process starts without it, and a reload adds it.
    let second = serve().await;
    configuration.write(&[a, b]);
    second.reload().await;
    let page = second.metrics_when("the counter", |page| value(page, inbound).is_some()).await;
    assert!((value(&page, inbound), value(&page, used)) > before, "{before:?}");
}

/// Every counter of a page.
fn counters(page: &str) -> BTreeMap<String, f64> {
    let mut counters = BTreeMap::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let Some((series, value)) = line.rsplit_once(' ') else { continue };
        let name = series.split('{').next().unwrap_or_default();
        if ["_total", "_count", "_sum", "_bucket"].iter().any(|end| name.ends_with(end)) {
            counters.insert(series.to_owned(), value.parse().expect("a counter is a number"));
        }
    }
    counters
}

#[tokio::test]
async fn a_hundred_reloads_lose_no_scrape_no_count_and_make_no_call_twice() {
    let wolkvox = Wolkvox::start(|request| {
        let calls = 100 + request.number as u32;
        Reply::rows(&[skill("4173", calls)]).after(Duration::from_millis(40))
    });
    let [stays, changes, goes] = ["stays", "changes", "goes"].map(|name| Operation::of_skills(name, &wolkvox.url()));
    let changes_with = |more: &str| Operation { more: vec![more.to_owned()], ..changes.clone() };
    let good = [
        vec![stays.clone(), changes.clone(), goes.clone()],
        vec![stays.clone(), changes_with("targets: [{team: sur}]")],
        vec![goes.clone(), changes_with("licenses: 1000"), stays.clone()],
    ];
    let configuration = Configuration::of(&good[0]);
    let started = Clock::system();
    let start = started.instant();
    let exporter = serve(&configuration).await;
    exporter
        .metrics_when("the first polls", |page| {
            ["stays", "changes", "goes"].iter().all(|name| value(page, &attempt(name)).is_some())
        })
        .await;

    let (done, scrapes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (url, done, scrapes) = (exporter.url.clone(), Arc::clone(&done), Arc::clone(&scrapes));
            tokio::spawn(async move {
                let mut highest: BTreeMap<String, f64> = BTreeMap::new();
                while !done.load(Ordering::Relaxed) {
                    let response = http::get(&format!("{url}/metrics")).await;
                    assert_eq!(response.status, 200);
                    for (series, value) in counters(response.text()) {
                        let before = highest.insert(series.clone(), value).unwrap_or(0.0);
                        assert!(value >= before, "{series} fell from {before} to {value}");
                    }
                    assert_eq!(http::get(&format!("{url}/-/ready")).await.status, 200);
                    scrapes.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for round in 0..100_usize {
        if round % 2 == 0 {
            configuration.write(&good[round / 2 % good.len()]);
            exporter.reload().await;
        } else {
            configuration.write_text("operations: [{name: stays}]");
            assert_eq!(exporter.ask_to_reload().await.status, 500);
            exporter.process.signal(Signal::HUP);
        }
        if round % 10 == 9 {
            let before = wolkvox.count();
            until("more polls", || wolkvox.count() >= before + 2).await;
        }
    }
    done.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("every scrape was good");
    }
    assert!(scrapes.load(Ordering::Relaxed) >= 20, "{scrapes:?}");

    // No call is in flight any more when the numbers agree, because a call is counted before it is made, and the page
    // shows it after its answer.
    let quiet = |operation: &Operation| Operation {
        collectors: "{skills: {interval: 1d}, dnis: false}".to_owned(),
        ..operation.clone()
    };
    configuration.write(&[quiet(&stays), quiet(&changes), quiet(&goes)]);
    exporter.reload().await;
    let calls = |name: &str| {
        let token = format!("token-of-{name}");
        wolkvox.requests().iter().filter(|request| request.token() == token).count()
    };
    let elapsed = started.instant().duration_since(start).as_secs_f64();
    for name in ["stays", "changes", "goes"] {
        exporter.metrics_when(name, |page| value(page, &requests(name)) == Some(calls(name) as f64)).await;
        assert_eq!(wolkvox.most_in_flight(&format!("token-of-{name}")), 1, "{name}");
        // One poll a second. The first tick may be early, and one more poll may begin while this test compares.
        assert!(calls(name) as f64 <= elapsed + 3.0, "{name}: {} calls in {elapsed} s", calls(name));
    }
    let page = exporter.metrics().await;
    assert_eq!(value(&page, SUCCESSFUL), Some(1.0));
    drop(exporter);
}

#[tokio::test]
async fn an_operation_keeps_its_lock_when_its_server_or_its_name_changes() {
    let wolkvox = Wolkvox::start(|request| healthy(request).after(Duration::from_millis(300)));
    let other = Wolkvox::start(healthy);
    let many = |name: &str, url: &str| Operation {
        collectors: "{skills: {interval: 1s, skill_ids: [\"1\", \"2\", \"3\"]}, dnis: {interval: 1s}}".to_owned(),
        token: "token-of-one".to_owned(),
        ..Operation::of_skills(name, url)
    };
    let configuration = Configuration::of(&[many("one", &wolkvox.url())]);
    let exporter = serve(&configuration).await;
    for round in 0..6 {
        let before = wolkvox.count();
        until("a call", || wolkvox.count() > before).await;
        configuration.write(&[many(if round % 2 == 0 { "two" } else { "one" }, &wolkvox.url())]);
        exporter.reload().await;
    }
    assert_eq!(wolkvox.most_in_flight("token-of-one"), 1);
    // Another server gets no call before the answer of the one in flight, and the old one none after it.
    let before = wolkvox.count();
    until("a call in flight", || wolkvox.count() > before && wolkvox.in_flight("token-of-one") == 1).await;
    configuration.write(&[many("one", &other.url())]);
    exporter.reload().await;
    let last = wolkvox.count();
    until("polls of the other server", || other.count() >= 4).await;
    assert!(wolkvox.count() <= last + 1, "{} calls after {last}", wolkvox.count());
    assert_eq!(other.most_in_flight("token-of-one"), 1);
}
