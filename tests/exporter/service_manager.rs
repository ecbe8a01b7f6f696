//! The exporter tells the service manager that it is ready, stops and works. The test is the service manager.

use std::process::Command;

use tempfile::TempDir;
use tokio::net::UnixDatagram;

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation, until};
use crate::support::http;
use crate::support::process::Signal;
use crate::support::wolkvox::{Reply, Wolkvox, healthy};

/// The socket to which the exporter sends its messages.
struct ServiceManager {
    folder: TempDir,
    socket: UnixDatagram,
}

impl ServiceManager {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let socket = UnixDatagram::bind(folder.path().join("notify")).expect("the folder can be written to");
        Self { folder, socket }
    }

    /// The same exporter under this service manager.
    fn starts(&self, mut command: Command) -> Command {
        command.env("NOTIFY_SOCKET", self.folder.path().join("notify"));
        command
    }

    /// The lines of the next message.
    async fn message(&self) -> Vec<String> {
        let mut bytes = [0; 4096];
        let received = tokio::time::timeout(LIMIT, self.socket.recv(&mut bytes)).await;
        let length = received.expect("no message came").expect("the socket is open");
        String::from_utf8_lossy(&bytes[..length]).lines().map(str::to_owned).collect()
    }

    /// Reads messages until one has this line.
    async fn wait_for(&self, line: &str) {
        while !self.message().await.iter().any(|found| found == line) {}
    }
}

fn configuration(wolkvox: &Wolkvox) -> Configuration {
    Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())])
}

#[tokio::test]
async fn it_is_ready_when_it_listens_also_before_the_first_poll_has_ended() {
    let wolkvox = Wolkvox::start(|_| Reply::hang());
    let configuration = configuration(&wolkvox);
    let manager = ServiceManager::start();
    let exporter = Exporter::serve(&mut manager.starts(configuration.command())).await;
    assert_eq!(manager.message().await, ["READY=1", "STATUS=0 of 1 operations up"]);
    assert_eq!(http::get(&format!("{}/-/ready", exporter.url)).await.status, 503);
    exporter.page("/-/healthy").await;
}

#[tokio::test]
async fn the_status_says_how_many_operations_are_up() {
    let wolkvox = Wolkvox::start(healthy);
    let broken = Wolkvox::start(|_| Reply::http(500, &[], ""));
    let configuration = Configuration::of(&[
        Operation::of_skills("ventas", &wolkvox.url()),
        Operation::of_skills("soporte", &broken.url()),
    ]);
    let manager = ServiceManager::start();
    let _exporter = Exporter::serve(&mut manager.starts(configuration.command())).await;
    manager.wait_for("STATUS=1 of 2 operations up").await;
    broken.answers(healthy);
    manager.wait_for("STATUS=2 of 2 operations up").await;
}

/// The messages are the same for a configuration that is refused: the exporter works on with the previous one.
#[tokio::test]
async fn it_says_when_a_reload_begins_and_ends() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = configuration(&wolkvox);
    let manager = ServiceManager::start();
    let exporter = Exporter::serve(&mut manager.starts(configuration.command())).await;
    manager.wait_for("STATUS=1 of 1 operations up").await;
    let mut last = 0;
    for text in ["", "unknown_key: 1\n"] {
        let file = configuration.path("wolkvox.yml");
        let whole = std::fs::read_to_string(&file).expect("it is there") + text;
        std::fs::write(&file, whole).expect("the folder can be written to");
        exporter.process.signal(Signal::HUP);
        let begin = manager.message().await;
        assert_eq!(begin[0], "RELOADING=1", "{begin:?}");
        let time = begin[1].strip_prefix("MONOTONIC_USEC=").expect("systemd needs the time");
        let time: u64 = time.parse().expect("it is a number");
        assert!(time > last, "{time} is not after {last}");
        last = time;
        assert_eq!(manager.message().await, ["READY=1", "STATUS=1 of 1 operations up"]);
        let successful = exporter.value("wolkvox_exporter_config_last_reload_successful").await;
        assert_eq!(successful, Some(f64::from(u8::from(text.is_empty()))));
    }
}

#[tokio::test]
async fn it_says_that_it_stops() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = configuration(&wolkvox);
    let manager = ServiceManager::start();
    let mut exporter = Exporter::serve(&mut manager.starts(configuration.command())).await;
    let status = exporter.process.terminate(LIMIT).await.expect("it ends");
    assert!(status.success(), "{status}");
    manager.wait_for("STOPPING=1").await;
}

#[tokio::test]
async fn the_watchdog_hears_from_it_again_and_again() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = configuration(&wolkvox);
    let manager = ServiceManager::start();
    let mut command = manager.starts(configuration.command());
    let _exporter = Exporter::serve(command.env("WATCHDOG_USEC", "200000")).await;
    for _ in 0..5 {
        manager.wait_for("WATCHDOG=1").await;
    }
}

/// `WATCHDOG_PID` says which process the watchdog waits for. Without the variables nobody waits.
#[tokio::test]
async fn the_watchdog_of_another_process_and_no_watchdog_get_no_message() {
    for variables in [&[("WATCHDOG_USEC", "100000"), ("WATCHDOG_PID", "1")][..], &[]] {
        let wolkvox = Wolkvox::start(healthy);
        let configuration = configuration(&wolkvox);
        let manager = ServiceManager::start();
        let mut command = manager.starts(configuration.command());
        let mut exporter = Exporter::serve(command.envs(variables.iter().copied())).await;
        until("the polls of some seconds", || wolkvox.count() > 3).await;
        exporter.process.terminate(LIMIT).await.expect("it ends");
        let mut messages = Vec::new();
        while messages.last().is_none_or(|line| line != "STOPPING=1") {
            messages.extend(manager.message().await);
        }
        assert!(!messages.iter().any(|line| line.starts_with("WATCHDOG")), "{variables:?}: {messages:?}");
    }
}

/// A service manager that reads nothing, for example because the whole machine is busy.
#[tokio::test]
async fn a_socket_that_is_full_stops_nothing() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = configuration(&wolkvox);
    let manager = ServiceManager::start();
    let mut command = manager.starts(configuration.command());
    // The messages of the watchdog fill the socket soon.
    let mut exporter = Exporter::serve(command.env("WATCHDOG_USEC", "1000")).await;
    let full = exporter.process.wait_for_line(LIMIT, |line| line.contains("cannot notify").then_some(()));
    full.await.unwrap_or_else(|error| panic!("{error}"));
    let polls = wolkvox.count();
    until("more polls", || wolkvox.count() > polls + 1).await;
    exporter.metrics().await;
    let status = exporter.process.terminate(LIMIT).await.expect("it ends");
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn a_socket_that_is_not_there_is_named_in_the_log_and_stops_nothing() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = configuration(&wolkvox);
    let mut command = configuration.command();
    let mut exporter = Exporter::serve(command.env("NOTIFY_SOCKET", configuration.path("nowhere"))).await;
    let warned = exporter.process.wait_for_line(LIMIT, |line| line.contains("NOTIFY_SOCKET").then(|| line.to_owned()));
    let line = warned.await.unwrap_or_else(|error| panic!("{error}"));
    assert!(line.contains("level=warn") && line.contains("cannot notify the service manager"), "{line}");
    exporter.metrics_when("the first poll", |page| page.contains("wolkvox_up{operation=\"ventas\"} 1")).await;
}
