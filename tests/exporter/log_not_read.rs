//! A log that nobody reads does not stop the exporter.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::support::exporter::{Configuration, LIMIT, Operation};
use crate::support::http;
use crate::support::page::value;
use crate::support::process::{POLL, Signal};
use crate::support::wolkvox::{Wolkvox, healthy};

/// Kills the process when the test ends early.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_full_pipe_as_standard_error_it_serves_counts_lost_lines_and_ends() {
    let wolkvox = Wolkvox::start(healthy);
    let operations: Vec<_> = (0..50).map(|n| Operation::of_skills(&format!("operation-{n}"), &wolkvox.url())).collect();
    let configuration = Configuration::of(&operations);
    let (log, writer) = std::io::pipe().unwrap();
    rustix::pipe::fcntl_setpipe_size(&log, 4096).unwrap();
    let mut command = configuration.command();
    command.args(["serve", "--log.level", "trace", "--web.listen-address", "127.0.0.1:0"]);
    let mut exporter = Killed(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(writer).spawn().unwrap());
    drop(command);
    // Its log is read until it names the address, and then never again.
    let mut lines = BufReader::with_capacity(16, log).lines();
    let address = lines.find_map(|line| Some(line.unwrap().split_once("message=listening address=")?.1.to_owned()));
    let address = address.expect("it listens").split(' ').next().unwrap().to_owned();
    let metrics = format!("http://{address}/metrics");
    // The queue has place for some time. Afterwards lines are lost, and it still serves and polls.
    let lost = async {
        loop {
            let page = http::get(&metrics).await;
            if value(page.text(), "wolkvox_exporter_log_lines_dropped_total") > Some(100.0) {
                return page;
            }
            tokio::time::sleep(POLL).await;
        }
    };
    let page = tokio::time::timeout(LIMIT, lost).await.expect("lines are lost and counted");
    assert_eq!(value(page.text(), r#"wolkvox_up{operation="operation-49"}"#), Some(1.0));
    let healthy = http::get(&format!("http://{address}/-/healthy")).await;
    assert_eq!(healthy.status, 200);
    rustix::process::kill_process(rustix::process::Pid::from_child(&exporter.0), Signal::TERM).unwrap();
    let ended = tokio::time::timeout(LIMIT, async {
        loop {
            if let Some(status) = exporter.0.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(POLL).await;
        }
    });
    assert!(ended.await.expect("SIGTERM ends it").success());
    drop(lines);
}
