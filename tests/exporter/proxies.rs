//! Proxies from the environment are used for wolkvox, but not for addresses of the same machine.

use std::process::{Command, Stdio};

use axum::http::{StatusCode, Uri};
use axum::{Router, serve};
use tokio::net::TcpListener;

use crate::support::process::{exporter, run};

const NO_RECORDS: &str = r#"{"code": "404", "error": null, "msg": "Validate dates entered", "data": null}"#;

/// Answers every request with "no records", both as a server and as a proxy. Returns host and port.
async fn wolkvox() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let router = Router::new().fallback(|_: Uri| async { (StatusCode::NOT_FOUND, NO_RECORDS) });
    tokio::spawn(async move { serve(listener, router).await });
    address
}

/// Polls `base_url` once with `proxy` in the environment. Returns whether that worked, and the output.
async fn probe(base_url: String, proxy: String) -> (bool, String) {
    let finished = tokio::task::spawn_blocking(move || {
        let mut command: Command = exporter();
        command.args(["probe", "--wolkvox.allow-plain-http", "--wolkvox.base-url", &base_url]).stdin(Stdio::null());
        command.env("WOLKVOX_TOKEN", "sesame-0815").env("HTTP_PROXY", &proxy).env("http_proxy", &proxy);
        run(&mut command, "")
    })
    .await
    .expect("the probe is run");
    (finished.status.success(), format!("{}{}", finished.stdout, finished.stderr))
}

#[tokio::test]
async fn a_server_on_this_machine_is_polled_without_the_proxy() {
    let (worked, output) = probe(format!("http://{}", wolkvox().await), "http://127.0.0.1:1".to_owned()).await;
    assert!(worked, "{output}");
}

#[tokio::test]
async fn a_server_on_another_machine_is_polled_through_the_proxy() {
    let (worked, output) = probe("http://wolkvox.invalid".to_owned(), format!("http://{}", wolkvox().await)).await;
    assert!(worked, "{output}");
}
