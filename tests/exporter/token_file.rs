//! A token file that is replaced while the exporter runs is read again. A file without a usable token changes nothing.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation, until};
use crate::support::page::value;
use crate::support::process::{Process, exporter};
use crate::support::wolkvox::{Reply, Request, Wolkvox, healthy};

/// The start of every token of these tests.
const SECRET: &str = "hu5h";
const OLD: &str = "hu5h-old-3d1f7a90c25e4b86a7d0e91c44f2b653";
const NEW: &str = "hu5h-new-b653c44f2e91d0a7864b5e0c29a7f1d3";

const REFUSAL: &str = "PLEASE VALIDATE TOKEN";

/// An operation with the token [`OLD`] that polls skills every `interval`.
fn operation(wolkvox: &Wolkvox, interval: &str) -> Operation {
    Operation {
        token: OLD.to_owned(),
        collectors: format!("{{skills: {{interval: {interval}}}, dnis: false}}"),
        ..Operation::of_skills("ventas", &wolkvox.url())
    }
}

/// Replaces a file as a careful program does: the path has the old content until it has the new one.
fn replace(file: &Path, content: impl AsRef<[u8]>) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, content).expect("the folder can be written to");
    std::fs::rename(beside, file).expect("the file can be replaced");
}

fn token_file(configuration: &Configuration) -> PathBuf {
    configuration.path("ventas.token").into()
}

/// The reply of a wolkvox that accepts only `token`.
fn only(token: &str, request: &Request) -> Reply {
    if request.token() == token { healthy(request) } else { Reply::envelope(403, REFUSAL, "null") }
}

fn calls_with(wolkvox: &Wolkvox, token: &str) -> usize {
    wolkvox.requests().iter().filter(|request| request.token() == token).count()
}

/// The number of lines of the log with these words.
fn lines_with(exporter: &Exporter, words: &str) -> usize {
    exporter.process.stderr().lines().filter(|line| line.contains(words)).count()
}

async fn wait_for_line(exporter: &mut Exporter, words: &str) -> String {
    let found = exporter.process.wait_for_line(LIMIT, |line| line.contains(words).then(|| line.to_owned())).await;
    found.unwrap_or_else(|error| panic!("{error}"))
}

fn failures(page: &str) -> Option<f64> {
    value(page, r#"wolkvox_api_request_failures_total{operation="ventas",endpoint="skills",reason="unauthorized"}"#)
}

fn attempts(page: &str) -> Option<f64> {
    value(page, r#"wolkvox_api_requests_total{operation="ventas",endpoint="skills"}"#)
}

fn used(page: &str) -> Option<f64> {
    value(page, r#"wolkvox_api_quota_used{operation="ventas"}"#)
}

fn success(page: &str) -> Option<f64> {
    value(page, r#"wolkvox_collector_success{operation="ventas",collector="skills"}"#)
}

#[tokio::test]
async fn a_replaced_token_is_used_without_a_failed_call() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[operation(&wolkvox, "1s")]);
    let mut exporter = Exporter::serve(&mut configuration.command()).await;
    until("a call with the old token", || calls_with(&wolkvox, OLD) > 0).await;

    replace(&token_file(&configuration), format!("{NEW}\n"));
    until("calls with the new token", || calls_with(&wolkvox, NEW) > 1).await;
    wait_for_line(&mut exporter, "the token was read again").await;
    let page = exporter.metrics_when("a good poll", |page| success(page) == Some(1.0)).await;
    assert_eq!(failures(&page).filter(|count| *count > 0.0), None, "{page}");
    assert_eq!(lines_with(&exporter, "the token was read again"), 1);
    assert!(!exporter.process.output().contains(SECRET), "{}", exporter.process.output());
}

#[tokio::test]
async fn a_mounted_secret_of_kubernetes_is_read_again_when_its_link_changes() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[operation(&wolkvox, "1s")]);
    // The file is a link into the folder `..data`, which is a link to a folder with the time in its name.
    let path = |name: &str| PathBuf::from(configuration.path(name));
    for (folder, token) in [("..2026_11_28", OLD), ("..2026_11_29", NEW)] {
        std::fs::create_dir(path(folder)).unwrap();
        std::fs::write(path(folder).join("token"), token).unwrap();
    }
    symlink("..2026_11_28", path("..data")).unwrap();
    std::fs::remove_file(token_file(&configuration)).unwrap();
    symlink("..data/token", token_file(&configuration)).unwrap();
    let _exporter = Exporter::serve(&mut configuration.command()).await;
    until("a call with the old token", || calls_with(&wolkvox, OLD) > 0).await;

    symlink("..2026_11_29", path("..data_tmp")).unwrap();
    std::fs::rename(path("..data_tmp"), path("..data")).unwrap();
    until("a call with the new token", || calls_with(&wolkvox, NEW) > 0).await;
}

/// Runs an exporter that polls once in this test. During its first call, which is refused, its token file gets
/// `content`. Returns the server and the page after the poll.
async fn refused_while_the_file_changes(status: u16, content: &str) -> (Wolkvox, String) {
    let wolkvox = Wolkvox::start(|_| Reply::hang());
    let configuration = Configuration::of(&[operation(&wolkvox, "1h")]);
    let (file, content) = (token_file(&configuration), content.to_owned());
    wolkvox.answers(move |request| {
        if request.number == 1 {
            replace(&file, &content);
        }
        if request.token() == NEW { healthy(request) } else { Reply::envelope(status, REFUSAL, "null") }
    });
    let exporter = Exporter::serve(&mut configuration.command()).await;
    let page = exporter.metrics_when("the end of the poll", |page| success(page).is_some() && is_ended(page)).await;
    let output = exporter.process.output();
    assert!(!output.contains(SECRET), "{output}");
    (wolkvox, page)
}

fn is_ended(page: &str) -> bool {
    let attempt = r#"wolkvox_collector_last_attempt_timestamp_seconds{operation="ventas",collector="skills"}"#;
    value(page, attempt).is_some()
}

#[tokio::test]
async fn a_refused_call_is_made_once_more_if_the_file_has_another_token() {
    for status in [401, 403] {
        let (wolkvox, page) = refused_while_the_file_changes(status, NEW).await;
        let tokens: Vec<String> = wolkvox.requests().iter().map(|request| request.token().to_owned()).collect();
        assert_eq!(tokens, [OLD, NEW], "{status}");
        assert_eq!(success(&page), Some(1.0), "{status}: {page}");
        assert_eq!((failures(&page), attempts(&page), used(&page)), (Some(1.0), Some(2.0), Some(2.0)), "{status}");
    }
}

#[tokio::test]
async fn a_refused_call_is_not_repeated_with_the_same_token_or_for_ever() {
    for (content, calls) in [(OLD, 1), ("", 1), ("hu5h two words", 1), ("hu5h-that-is-refused-too", 2)] {
        let (wolkvox, page) = refused_while_the_file_changes(403, content).await;
        assert_eq!(wolkvox.count(), calls, "{content:?}");
        assert_eq!(success(&page), Some(0.0), "{content:?}: {page}");
        assert_eq!((failures(&page), used(&page)), (Some(calls as f64), Some(calls as f64)), "{content:?}");
    }
}

#[tokio::test]
async fn a_file_without_a_usable_token_changes_nothing_and_is_logged_once() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[operation(&wolkvox, "1s")]);
    let mut exporter = Exporter::serve(&mut configuration.command()).await;
    until("a call with the old token", || calls_with(&wolkvox, OLD) > 0).await;
    let file = token_file(&configuration);

    let remove = || std::fs::remove_file(&file).unwrap();
    let put = |content: &[u8]| replace(&file, content);
    let spoils: [(&str, &dyn Fn()); 6] = [
        ("cannot read the token file: No such file", &remove),
        ("the token file is empty", &|| put(b"\n")),
        ("the token file contains white space", &|| put(b"hu5h two")),
        ("the token file is longer than", &|| put(SECRET.repeat(2000).as_bytes())),
        ("the token file is not a text file", &|| put(b"hu5h\xff")),
        ("the token file is not a regular file", &|| {
            remove();
            std::fs::create_dir(&file).unwrap();
        }),
    ];
    for (problem, spoil) in spoils {
        spoil();
        let line = wait_for_line(&mut exporter, problem).await;
        assert!(line.contains("warn") && line.contains("operation=ventas"), "{line}");
        let before = calls_with(&wolkvox, OLD);
        until("more calls with the old token", || calls_with(&wolkvox, OLD) > before + 1).await;
        assert_eq!(lines_with(&exporter, problem), 1, "{}", exporter.process.stderr());
    }
    std::fs::remove_dir(&file).unwrap();
    std::fs::write(&file, OLD).unwrap();
    wait_for_line(&mut exporter, "it contains the same token").await;
    replace(&file, NEW);
    until("a call with the new token", || calls_with(&wolkvox, NEW) > 0).await;
    let page = exporter.metrics().await;
    assert_eq!(failures(&page).filter(|count| *count > 0.0), None, "{page}");
    assert!(!exporter.process.output().contains(SECRET), "{}", exporter.process.output());
}

#[tokio::test]
async fn messages_show_neither_the_new_token_nor_the_old_one() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[operation(&wolkvox, "1s")]);
    let mut command = configuration.command();
    let mut exporter = Exporter::serve(command.args(["--log.level", "trace"])).await;
    until("a call with the old token", || calls_with(&wolkvox, OLD) > 0).await;
    replace(&token_file(&configuration), NEW);
    until("a call with the new token", || calls_with(&wolkvox, NEW) > 0).await;

    wolkvox.answers(|_| Reply::envelope(500, &format!("NOT {OLD} AND NOT {}", NEW.to_uppercase()), "null"));
    let line = wait_for_line(&mut exporter, "NOT […] AND NOT […]").await;
    assert!(line.contains("poll failed"), "{line}");
    let page = exporter.page("/").await;
    assert!(page.contains("NOT […] AND NOT […]"), "{page}");
    for shown in [page, exporter.metrics().await, exporter.process.output()] {
        assert!(!shown.to_lowercase().contains(SECRET), "{shown}");
    }
}

#[tokio::test]
async fn a_new_token_ends_the_wait_after_a_refusal() {
    let wolkvox = Wolkvox::start(|request| only(NEW, request));
    let configuration = Configuration::of(&[operation(&wolkvox, "1h")]);
    let exporter = Exporter::serve(&mut configuration.command()).await;
    exporter.metrics_when("a refusal", |page| failures(page) == Some(1.0) && success(page) == Some(0.0)).await;
    // Without the new token the next call would come after ten hours.
    replace(&token_file(&configuration), NEW);
    let page = exporter.metrics_when("a good poll", |page| success(page) == Some(1.0)).await;
    assert_eq!((failures(&page), used(&page)), (Some(1.0), Some(2.0)));
}

#[tokio::test]
async fn a_token_from_a_pipe_or_a_variable_is_not_read_again() {
    let wolkvox = Wolkvox::start(|_| Reply::envelope(403, REFUSAL, "null"));
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let writer = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::write(pipe, OLD))
    };
    let url = wolkvox.url();
    let probe = |what: &str, configure: &dyn Fn(&mut std::process::Command)| {
        let mut command = exporter();
        command.args(["probe", "--wolkvox.base-url", &url, "--no-collector.dnis"]);
        configure(&mut command);
        Process::spawn(what, &mut command)
    };
    let mut from_pipe = probe("a probe with a pipe", &|command| {
        command.arg("--wolkvox.token-file").arg(&pipe);
    });
    assert_eq!(from_pipe.wait(LIMIT).await.unwrap().code(), Some(1), "{}", from_pipe.output());
    writer.join().unwrap().unwrap();
    let mut from_variable = probe("a probe with a variable", &|command| {
        command.env("WOLKVOX_TOKEN", OLD);
    });
    assert_eq!(from_variable.wait(LIMIT).await.unwrap().code(), Some(1), "{}", from_variable.output());
    assert_eq!((wolkvox.count(), calls_with(&wolkvox, OLD)), (2, 2));
}
