//! A disk that takes no byte more while the exporter polls, and a kill at the end.

use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::figures::Figure;
use crate::support::exporter::{Configuration, Exporter, Operation, until};
use crate::support::page::value;
use crate::support::process::Signal;
use crate::support::wolkvox::{Reply, Wolkvox, healthy};

/// Calls that are written, and calls after the disk is full.
const CALLS: [usize; 2] = [5, 15];

const USED: &str = r#"wolkvox_api_quota_used{operation="ventas"}"#;

pub(crate) async fn measure() -> Vec<Figure> {
    let wolkvox = Wolkvox::start(healthy);
    let operation =
        Operation { more: vec!["licenses: 100".to_owned()], ..Operation::of_skills("ventas", &wolkvox.url()) };
    let configuration = Configuration::of(&[operation]);
    let state = configuration.path("state.json");
    let command = || {
        // A process that may write no byte more gets a signal, which would end it. On a full disk there is none.
        let exporter = configuration.command();
        let mut command = std::process::Command::new("env");
        command.arg("--ignore-signal=XFSZ").arg(exporter.get_program()).args(exporter.get_args()).env_clear();
        for (name, value) in exporter.get_envs() {
            command.envs(value.map(|value| (name, value)));
        }
        command.args(["--state.file", &state]);
        command
    };
    let mut exporter = Exporter::serve(&mut command()).await;
    until("calls that are written", || wolkvox.count() >= CALLS[0]).await;
    let pid = Pid::from_raw(exporter.process.id().cast_signed());
    let none = Rlimit { current: Some(0), maximum: None };
    prlimit(pid, Resource::Fsize, none).expect("the limit of a child can be set");
    let failed = "wolkvox_exporter_state_last_write_successful 0";
    exporter.metrics_when("a failed write", |page| page.contains(failed)).await;
    let full = wolkvox.count();
    until("calls without a disk", || wolkvox.count() >= full + CALLS[1]).await;
    exporter.process.signal(Signal::KILL);
    exporter.process.wait(Duration::from_secs(60)).await.expect("it was killed");
    let made = wolkvox.count() as f64;
    // The page has no calls of the second process, because its first poll does not end.
    wolkvox.answers(|_| Reply::hang());
    let restarted = Exporter::serve(&mut command()).await;
    let page = restarted.metrics_when("the quota", |page| value(page, USED).is_some()).await;
    let counted = value(&page, USED).unwrap_or_default();
    let what = "calls counted after `kill -9`, of the calls made";
    vec![
        Figure::new("full disk for the state file", what, "not measured", format!("{counted:.0} of {made:.0}"))
            .limited("not fewer than made", counted >= made),
    ]
}
