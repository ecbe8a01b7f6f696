//! The output of child processes is collected, they can be ended, and they end with their test.

use std::process::Command;
use std::time::Duration;

use crate::support::process::{Process, Signal, Stream, exporter, run};

const LIMIT: Duration = Duration::from_secs(300);

/// A script that waits for a signal must use a busy loop, because a shell that is starting a program may lose the
/// signal.
fn shell(script: &str) -> Process {
    Process::spawn("the shell", Command::new("sh").args(["-c", script]))
}

#[tokio::test]
async fn a_line_is_found_on_either_stream() {
    let mut child = shell("echo port=7; echo ready >&2; exec sleep 600");
    let port = child.wait_for_line(LIMIT, |line| line.strip_prefix("port=")?.parse::<u16>().ok()).await.unwrap();
    let ready = child.wait_for_line(LIMIT, |line| (line == "ready").then_some(())).await;
    assert_eq!((port, ready), (7, Ok(())));
    assert_eq!((child.stdout().as_str(), child.stderr().as_str()), ("port=7\n", "ready\n"));
    assert!(child.lines().contains(&(Stream::Err, "ready".to_owned())));
}

#[tokio::test]
async fn a_wait_ends_with_the_child_and_returns_its_output() {
    let mut child = shell("echo no such file >&2; exit 3");
    let error = child.wait_for_line(LIMIT, |line| (line == "ready").then_some(())).await.unwrap_err();
    assert!(error.contains("ended") && error.contains("no such file"), "{error}");
    assert_eq!(child.wait(LIMIT).await.unwrap().code(), Some(3));
}

#[tokio::test]
async fn a_child_can_handle_the_signal_to_end() {
    let mut child = shell("trap 'echo bye; exit 5' TERM; echo ready; while :; do :; done");
    child.wait_for_line(LIMIT, |line| (line == "ready").then_some(())).await.unwrap();
    assert_eq!(child.terminate(LIMIT).await.unwrap().code(), Some(5));
    assert!(child.stdout().contains("bye"));
}

#[tokio::test]
async fn a_signal_reaches_the_child() {
    let mut child = shell("trap 'echo reload' USR1; echo ready; while :; do :; done");
    child.wait_for_line(LIMIT, |line| (line == "ready").then_some(())).await.unwrap();
    child.signal(Signal::USR1);
    child.wait_for_line(LIMIT, |line| (line == "reload").then_some(())).await.unwrap();
}

#[tokio::test]
async fn a_dropped_child_is_killed_and_reaped() {
    let child = shell("exec sleep 600");
    let entry = format!("/proc/{}", child.id());
    assert!(std::fs::exists(&entry).unwrap());
    drop(child);
    assert!(!std::fs::exists(&entry).unwrap());
}

#[test]
fn a_tool_gets_its_input_and_returns_both_streams() {
    let page = "x".repeat(1 << 20);
    let finished = run(Command::new("sh").args(["-c", "wc -c; echo done >&2; exit 4"]), &page);
    assert_eq!(finished.status.code(), Some(4));
    assert_eq!((finished.stdout.trim(), finished.stderr.trim()), ("1048576", "done"));
}

#[test]
fn the_exporter_under_test_does_not_inherit_its_variables() {
    let environment: Vec<_> = exporter().get_envs().map(|(name, _)| name.to_owned()).collect();
    assert!(environment.iter().all(|name| !name.to_string_lossy().starts_with("WOLKVOX")), "{environment:?}");
}
