//! Proxies from the environment are used for wolkvox, but not for addresses of the same machine. A proxy that cannot be
//! used is refused, because calls around it would come from an address that wolkvox does not know.

use std::process::Command;

use crate::support::authority::Authority;
use crate::support::exporter::{Configuration, LIMIT, Operation};
use crate::support::process::{Process, exporter};
use crate::support::wolkvox::{Reply, Wolkvox, healthy};

/// A password, which no message may contain.
const SECRET: &str = "hu5h";

/// Runs a command until it ends, with these variables. Returns its exit code and its output.
async fn run(command: &mut Command, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut process = Process::spawn("it", command.envs(variables.iter().copied()));
    let status = process.wait(LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
    (status.code(), process.output())
}

/// Polls `base_url` once with these variables.
async fn probe(base_url: &str, variables: &[(&str, &str)]) -> (bool, String) {
    let mut command = exporter();
    command.args(["probe", "--wolkvox.allow-plain-http", "--no-collector.dnis", "--wolkvox.base-url", base_url]);
    let (code, output) = run(command.env("WOLKVOX_TOKEN", "sesame-0815"), variables).await;
    (code == Some(0), output)
}

#[tokio::test]
async fn a_server_on_this_machine_is_polled_without_the_proxy() {
    let wolkvox = Wolkvox::start(healthy);
    for proxy in ["http://127.0.0.1:1", "socks5://127.0.0.1:1"] {
        let variables = [("HTTP_PROXY", proxy), ("http_proxy", proxy), ("ALL_PROXY", proxy)];
        let (worked, output) = probe(&wolkvox.url(), &variables).await;
        assert!(worked, "{output}");
    }
}

#[tokio::test]
async fn a_server_on_another_machine_is_polled_through_the_proxy() {
    let proxy = Wolkvox::start(healthy);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        let before = proxy.count();
        let (worked, output) = probe("http://wolkvox.invalid", &[(variable, &proxy.url())]).await;
        assert!(worked && proxy.count() == before + 1, "{variable}: {output}");
    }
    let without_scheme = proxy.url().replace("http://", "");
    let (worked, output) = probe("http://wolkvox.invalid", &[("HTTP_PROXY", &without_scheme)]).await;
    assert!(worked, "{output}");
}

#[tokio::test]
async fn user_and_password_are_sent_to_the_proxy_and_shown_nowhere() {
    let proxy = Wolkvox::start(healthy);
    let with_password = proxy.url().replace("http://", &format!("http://me:{SECRET}%40@"));
    let (worked, output) = probe("http://wolkvox.invalid", &[("HTTP_PROXY", &with_password)]).await;
    assert!(worked, "{output}");
    // "me:hu5h@" in base64
    assert_eq!(proxy.requests()[0].headers.get("proxy-authorization").unwrap(), "Basic bWU6aHU1aEA=");
    assert!(!output.contains(SECRET), "{output}");

    let refused = "http://me:hu5h@127.0.0.1:1";
    let (worked, output) = probe("http://wolkvox.invalid", &[("HTTP_PROXY", refused)]).await;
    assert!(!worked && output.contains("check the proxy http://127.0.0.1:1 of HTTP_PROXY"), "{output}");
    assert!(!output.contains(SECRET), "{output}");
}

#[tokio::test]
async fn the_token_is_not_sent_to_the_proxy_of_an_https_server() {
    let proxy = Wolkvox::start(|_| Reply::http(403, &[], "no"));
    let authority = Authority::new("trusted");
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("authority.pem");
    std::fs::write(&roots, authority.pem()).unwrap();
    let roots = roots.display().to_string();
    let (worked, output) =
        probe("https://wolkvox.invalid", &[("HTTPS_PROXY", &proxy.url()), ("SSL_CERT_FILE", &roots)]).await;
    assert!(!worked && output.contains("of HTTPS_PROXY"), "{output}");
    let requests = proxy.requests();
    assert_eq!((requests.len(), requests[0].path.as_str()), (1, "wolkvox.invalid:443"));
    assert_eq!(requests[0].token(), "");
}

#[tokio::test]
async fn a_proxy_with_tls_is_used_for_a_server_without_tls() {
    let authority = Authority::new("trusted");
    let proxy = Wolkvox::start_tls(authority.acceptor("127.0.0.1", |_| {}), healthy);
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("authority.pem");
    std::fs::write(&roots, authority.pem()).unwrap();
    let roots = roots.display().to_string();
    let variables = [("HTTP_PROXY", proxy.url()), ("SSL_CERT_FILE", roots)];
    let (worked, output) =
        probe("http://wolkvox.invalid", &variables.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert!(worked && proxy.count() == 1, "{output}");
}

#[tokio::test]
async fn a_server_in_no_proxy_is_polled_without_the_proxy() {
    let (proxy, wolkvox) = (Wolkvox::start(healthy), Wolkvox::start(healthy));
    // This address leads to this machine too, but it is not one of the addresses that are never called by proxy.
    let base_url = wolkvox.url().replace("127.0.0.1", "0.0.0.0");
    let with_port = base_url.replace("http://", "");
    for (list, through_the_proxy) in [
        ("0.0.0.0", false),
        ("wolkvox.com, 0.0.0.0/8 ,x", false),
        (&with_port, false),
        ("*", false),
        ("0.0.0.0:80", true),
        ("127.0.0.0/8,*.0.0.0,localhost", true),
        ("", true),
    ] {
        for variable in ["NO_PROXY", "no_proxy"] {
            let before = (proxy.count(), wolkvox.count());
            let (worked, output) = probe(&base_url, &[("HTTP_PROXY", &proxy.url()), (variable, list)]).await;
            let (by_proxy, directly) = (proxy.count() - before.0, wolkvox.count() - before.1);
            assert!(worked, "{variable}={list}: {output}");
            assert_eq!((by_proxy, directly), if through_the_proxy { (1, 0) } else { (0, 1) }, "{variable}={list}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_be_used_is_refused_with_the_name_of_its_variable() {
    for (variable, proxy) in [
        ("HTTPS_PROXY", "socks5://me:hu5h@proxy:1080"),
        ("https_proxy", "http://me:hu5h@proxy:port"),
        ("ALL_PROXY", "me hu5h"),
        ("all_proxy", "http://me:hu5h@"),
    ] {
        for (subcommand, code) in [("serve", 2), ("probe", 2), ("check-config", 1)] {
            let mut command = exporter();
            command.args([subcommand, "--wolkvox.server", "0010"]).env("WOLKVOX_TOKEN", "sesame-0815");
            let (ended, output) = run(&mut command, &[(variable, proxy)]).await;
            assert_eq!(ended, Some(code), "{subcommand} with {variable}: {output}");
            assert!(output.contains(&format!("{variable}: invalid proxy: expected a URL")), "{output}");
            assert!(!output.contains(SECRET), "{output}");
            let (ended, output) = run(&mut command, &[(variable, proxy), ("NO_PROXY", "wolkvox.com:80")]).await;
            assert_eq!(ended, Some(code), "{subcommand} with {variable}: {output}");
        }
    }
}

#[tokio::test]
async fn the_proxy_of_several_operations_is_refused_once_and_together_with_other_errors() {
    let operations = ["a", "b"].map(|name| Operation::of_skills(name, "https://wolkvox.invalid"));
    let wrong =
        Operation { more: vec!["timezone: Bogota".to_owned()], ..Operation::of_skills("c", "https://c.invalid") };
    let configuration = Configuration::of(&[&operations[..], &[wrong]].concat());
    let command = &mut configuration.command();
    let (code, output) = run(command.arg("check-config"), &[("HTTPS_PROXY", "ftp://proxy")]).await;
    assert_eq!(code, Some(1), "{output}");
    assert_eq!(output.matches("HTTPS_PROXY: invalid proxy").count(), 1, "{output}");
    assert!(output.contains("invalid time zone"), "{output}");
}

#[tokio::test]
async fn check_config_shows_the_proxy_of_each_operation_without_its_password() {
    let operations = ["https://a.invalid", "https://b.invalid", "http://127.0.0.1:1"];
    let operations: Vec<_> = ["a", "b", "c"].into_iter().zip(operations).collect();
    let operations: Vec<_> = operations.into_iter().map(|(name, url)| Operation::of_skills(name, url)).collect();
    let configuration = Configuration::of(&operations);
    let variables = [("https_proxy", "http://me:hu5h@proxy:3128"), ("no_proxy", "b.invalid")];
    let (code, output) = run(configuration.command().arg("check-config"), &variables).await;
    assert_eq!(code, Some(0), "{output}");
    assert_eq!(output.matches("proxy     http://proxy:3128 of https_proxy").count(), 1, "{output}");
    assert!(!output.contains(SECRET), "{output}");
}
