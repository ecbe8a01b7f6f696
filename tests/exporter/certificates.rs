//! Plain http works on a machine without CA certificates, such as a minimal container.
#![cfg(feature = "simulator")]

use std::time::Duration;

use crate::support::process::{Process, exporter, run};

const LIMIT: Duration = Duration::from_secs(300);

/// The exporter where no certificates are installed.
fn without_certificates(arguments: &[&str]) -> std::process::Command {
    let mut command = exporter();
    command.args(arguments).env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
    command
}

#[tokio::test]
async fn the_demo_and_its_health_check_need_no_certificates() {
    let here = ["demo", "--web.listen-address=127.0.0.1:0", "--simulate.listen-address=127.0.0.1:0"];
    let mut demo = Process::spawn("the demo", &mut without_certificates(&here));
    let address = |line: &str| line.trim().strip_suffix("an overview, for people").map(|url| url.trim().to_owned());
    let url = demo.wait_for_line(LIMIT, address).await.unwrap();
    let health = format!("--url={url}-/healthy");
    let mut last = String::new();
    let healthy = async {
        loop {
            let health = health.clone();
            let check = move || run(&mut without_certificates(&["healthcheck", &health]), "");
            let finished = tokio::task::spawn_blocking(check).await.unwrap();
            if finished.status.success() {
                return;
            }
            // On a busy machine a health check can reach its time limit of a few seconds. Other failures end the test.
            assert!(finished.stderr.contains("in time"), "{}", finished.stderr);
            last = finished.stderr;
        }
    };
    assert!(tokio::time::timeout(LIMIT, healthy).await.is_ok(), "{last}");
}
