//! The messages about CA certificates name the variable that leads to none, if the server has https.

use crate::support::authority::Authority;
use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::page::value;
use crate::support::process::{Process, exporter};
use crate::support::wolkvox::{Wolkvox, healthy};

#[tokio::test]
async fn a_file_or_folder_without_certificates_is_named_if_the_server_has_https() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("empty.pem"), "").unwrap();
    std::fs::write(path("other.pem"), "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n").unwrap();
    std::fs::create_dir(path("folder")).unwrap();
    for (variables, named) in [
        (vec![("SSL_CERT_FILE", path("missing.pem"))], vec!["missing.pem\"", "cannot be read (No such file"]),
        (vec![("SSL_CERT_FILE", path("empty.pem"))], vec!["empty.pem\"", "contains no valid certificate"]),
        (vec![("SSL_CERT_FILE", path("other.pem"))], vec!["other.pem\"", "contains no valid certificate"]),
        (vec![("SSL_CERT_FILE", path("folder"))], vec!["folder\"", "cannot be read (Is a directory"]),
        (vec![("SSL_CERT_DIR", path("missing"))], vec!["missing\"", "cannot be read (No such file"]),
        (vec![("SSL_CERT_DIR", path("folder"))], vec!["folder\"", "no file with a valid certificate"]),
        (
            vec![("SSL_CERT_FILE", path("empty.pem")), ("SSL_CERT_DIR", format!("{}:{}", path("folder"), path("no")))],
            vec!["empty.pem\"", "folder\"", "no\""],
        ),
    ] {
        let mut command = exporter();
        command.args(["serve", "--wolkvox.server", "0010", "--web.listen-address", "127.0.0.1:0"]);
        command.env("WOLKVOX_TOKEN", "sesame-0815").envs(variables.iter().map(|(name, value)| (name, value)));
        let mut serve = Process::spawn("the exporter", &mut command);
        let status = serve.wait(LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
        let output = serve.output();
        assert_eq!(status.code(), Some(1), "{output}");
        for words in named.iter().chain(variables.iter().map(|(name, _)| name)) {
            assert!(output.contains(words), "{words} is not in: {output}");
        }
    }
}

#[tokio::test]
async fn a_file_without_certificates_beside_a_good_folder_is_a_warning_if_the_server_has_https() {
    let authority = Authority::new("trusted");
    let wolkvox = Wolkvox::start_tls(authority.acceptor("127.0.0.1", |_| {}), healthy);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("authority.pem"), authority.pem()).unwrap();
    for (url, warnings) in [(wolkvox.url(), 1), ("http://127.0.0.1:1".to_owned(), 0)] {
        let configuration = Configuration::of(&[Operation::of_skills("ventas", &url)]);
        let mut command = configuration.command();
        command.env("SSL_CERT_FILE", "/nonexistent/ca.pem").env("SSL_CERT_DIR", folder.path());
        let exporter = Exporter::serve(&mut command).await;
        let attempt = r#"wolkvox_collector_last_attempt_timestamp_seconds{operation="ventas",collector="skills"}"#;
        let page = exporter.metrics_when("a poll", |page| value(page, attempt).is_some()).await;
        let up = if warnings == 1 { 1.0 } else { 0.0 };
        assert_eq!(value(&page, r#"wolkvox_up{operation="ventas"}"#), Some(up), "{page}");
        let log = exporter.process.stderr();
        let found = log.lines().filter(|line| line.contains("warn") && line.contains("/nonexistent/ca.pem")).count();
        assert_eq!(found, warnings, "{log}");
        assert_eq!(log.matches("SSL_CERT_DIR").count(), 0, "{log}");
    }
}
