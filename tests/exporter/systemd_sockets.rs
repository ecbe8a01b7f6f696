//! `--web.systemd-socket`: the exporter serves the sockets that systemd passes, and says so if it cannot use them.
//!
//! A shell takes the place of systemd: it moves its standard input to descriptor 3 and becomes the exporter, so that
//! `LISTEN_PID` is the exporter's.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::http;
use crate::support::peers::systemd;
use crate::support::process::Process;
use crate::support::wolkvox::{Wolkvox, healthy};

/// Passes the standard input as the only socket.
const AS_SYSTEMD: &str = r#"exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@""#;

/// The exporter with `--web.systemd-socket`, started by a shell that runs `script`.
fn started_by(script: &str, configuration: &Configuration) -> Command {
    let exporter = configuration.command();
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(exporter.get_program()).args(exporter.get_args()).arg("--web.systemd-socket");
    command.env_clear().envs(exporter.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

fn configuration(wolkvox: &Wolkvox) -> Configuration {
    Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())])
}

#[tokio::test]
async fn it_serves_the_socket_that_is_passed_and_no_other() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = configuration(&wolkvox);
    let passed = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let url = format!("http://{}", passed.local_addr().expect("it is bound"));
    // The address of the flag is not used: it is taken, so listening on it would fail.
    let taken = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let mut command = started_by(AS_SYSTEMD, &configuration);
    command.arg(format!("--web.listen-address={}", taken.local_addr().expect("it is bound")));

    // The kernel accepts it before the exporter runs.
    let early = tokio::spawn({
        let url = format!("{url}/-/healthy");
        async move { http::get(&url).await.status }
    });
    let process = Process::spawn_with_input("the exporter", &mut command, Stdio::from(OwnedFd::from(passed)));
    assert_eq!(early.await.expect("it does not panic"), 200);
    let mut exporter = Exporter { process, url };
    exporter.metrics_when("the first poll", |page| page.contains("wolkvox_up{operation=\"ventas\"} 1")).await;
    let log = exporter.process.stderr();
    let listening: Vec<&str> = log.lines().filter(|line| line.contains("listening")).collect();
    assert_eq!(listening.len(), 1, "{log}");
    assert!(listening[0].contains(exporter.url.trim_start_matches("http://")), "{log}");
    let status = exporter.process.terminate(LIMIT).await.expect("it ends");
    assert!(status.success(), "{status}");
}

/// The exit code is 2 and the message says what is wrong.
async fn assert_refused(script: &str, input: Stdio, expected: &[&str]) {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = configuration(&wolkvox);
    let mut command = started_by(script, &configuration);
    let mut process = Process::spawn_with_input("the exporter", &mut command, input);
    let status = process.wait(LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
    let log = process.stderr();
    assert_eq!(status.code(), Some(2), "{log}");
    for words in expected {
        assert!(log.contains(words), "{words}: {log}");
    }
    assert_eq!(wolkvox.count(), 0, "nothing was polled");
}

#[tokio::test]
async fn without_a_passed_socket_it_says_how_to_start_it() {
    let expected = ["systemd passed no socket", "wolkvox_exporter.socket", "--web.listen-address"];
    assert_refused(r#"exec "$0" "$@""#, Stdio::null(), &expected).await;
    assert_refused(r#"LISTEN_PID=$$ LISTEN_FDS=0 exec "$0" "$@""#, Stdio::null(), &expected).await;
    // The sockets of another process, which has left its variables in the environment.
    let passed = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let of_another = r#"exec 3<&0 </dev/null; LISTEN_PID=1 LISTEN_FDS=1 exec "$0" "$@""#;
    assert_refused(of_another, Stdio::from(OwnedFd::from(passed)), &expected).await;
}

#[tokio::test]
async fn what_is_no_listening_tcp_socket_is_refused() {
    let expected = ["cannot use socket 1 of the 1", "expected a listening TCP socket (ListenStream="];
    let file = File::open("/dev/null").expect("it is always there");
    assert_refused(AS_SYSTEMD, Stdio::from(file), &expected).await;

    let (unix, _other_end) = std::os::unix::net::UnixStream::pair().expect("sockets can be made");
    assert_refused(AS_SYSTEMD, Stdio::from(OwnedFd::from(unix)), &expected).await;

    // As from a unit with Accept=yes.
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let _client = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
    let (connection, _) = listener.accept().expect("a client connects");
    let of_a_connection = [&expected[..], &["it is a connection", "without Accept=yes"]].concat();
    assert_refused(AS_SYSTEMD, Stdio::from(OwnedFd::from(connection)), &of_a_connection).await;

    let not_open = r#"exec 3<&- ; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@""#;
    assert_refused(not_open, Stdio::null(), &expected).await;
}

/// Two free ports of loopback. Another program may take them before they are used.
fn free_addresses() -> [String; 2] {
    let bound = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("loopback has free ports"));
    bound.map(|listener| listener.local_addr().expect("it is bound").to_string())
}

/// systemd-socket-activate starts the program at the first connection, as systemd does for a service that does not run.
#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn it_serves_all_sockets_of_systemd() {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = configuration(&wolkvox);
    let exporter = configuration.command();
    let (mut process, addresses) = loop {
        let addresses = free_addresses();
        let mut command = systemd("systemd-socket-activate", std::path::Path::new("/nonexistent"));
        command.args(addresses.iter().flat_map(|address| ["-l", address]));
        command.arg(exporter.get_program()).args(exporter.get_args()).arg("--web.systemd-socket");
        command.env("SYSTEMD_LOG_LEVEL", "info");
        let mut process = Process::spawn("systemd-socket-activate", &mut command);
        let listening = process.wait_for_line(LIMIT, |line| line.contains("Listening on").then_some(()));
        if listening.await.is_ok() {
            break (process, addresses);
        }
        assert!(process.output().contains("Address already in use"), "{}", process.output());
    };
    for address in &addresses {
        assert_eq!(http::get(&format!("http://{address}/-/healthy")).await.status, 200, "{address}");
    }
    let status = process.terminate(LIMIT).await.expect("it ends");
    assert!(status.success(), "{status}");
}
