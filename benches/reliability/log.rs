//! A log in a pipe that nobody reads.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, kill_process};

use crate::figures::Figure;
use crate::measure::clients::{now, scrapes};
use crate::measure::requests::text;
use crate::support::exporter::{Configuration, LIMIT, Operation};
use crate::support::http;
use crate::support::page::value;
use crate::support::process::{POLL, Signal};
use crate::support::wolkvox::{Wolkvox, healthy};

const REQUESTS: usize = 200;

/// The time in which SIGTERM must end the exporter.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// A pipe of one page, the smallest one.
const PIPE_BYTES: usize = 4096;

/// Kills the process at the end.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) async fn measure() -> Vec<Figure> {
    let wolkvox = Wolkvox::start(healthy);
    let operations: Vec<_> = (0..50).map(|n| Operation::of_skills(&format!("operation-{n}"), &wolkvox.url())).collect();
    let configuration = Configuration::of(&operations);
    let (log, writer) = std::io::pipe().expect("a pipe can be made");
    rustix::pipe::fcntl_setpipe_size(&log, PIPE_BYTES).expect("a pipe can have the size of a page");
    let mut command = configuration.command();
    command.args(["serve", "--log.level", "trace", "--web.listen-address", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(writer);
    let mut exporter = Killed(command.spawn().expect("the exporter can be started"));
    // The command has the other end of the pipe.
    drop(command);
    // Read until it names its address, and then never again.
    let mut lines = BufReader::with_capacity(16, log).lines().map_while(Result::ok);
    let address = lines.find_map(|line| Some(line.split_once("message=listening address=")?.1.to_owned()));
    let address = address.expect("it listens").split(' ').next().unwrap_or_default().to_owned();
    let metrics = format!("http://{address}/metrics");
    let lost = async {
        while value(http::get(&metrics).await.text(), "wolkvox_exporter_log_lines_dropped_total") < Some(100.0) {
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(LIMIT, lost).await.expect("lines are lost");
    let pages = scrapes(&metrics, REQUESTS, Duration::from_millis(20)).await;
    let health = scrapes(&format!("http://{address}/-/healthy"), REQUESTS, Duration::from_millis(20)).await;
    let start = now();
    kill_process(Pid::from_child(&exporter.0), Signal::TERM).expect("it runs");
    let ended = async {
        while exporter.0.try_wait().expect("a child can be waited for").is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let has_ended = tokio::time::timeout(STOP_LIMIT * 2, ended).await.is_ok();
    let took = now().saturating_duration_since(start);
    let fault = "log in a pipe that nobody reads";
    let took_text = if has_ended { text(took) } else { "never".to_owned() };
    vec![
        Figure::new(fault, "`/metrics` answered", "none after some seconds", pages.share())
            .limited("all", pages.are_answered()),
        Figure::new(fault, "`/-/healthy` answered", "none after some seconds", health.share())
            .limited("all", health.are_answered()),
        Figure::new(fault, "SIGTERM ends it after", "never", took_text).limited("5 s", took <= STOP_LIMIT),
    ]
}
