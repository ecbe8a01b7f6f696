//! The subcommands that belong to the web configuration: `healthcheck` with TLS, passwords and certificates, and
//! `hash-password`.

use crate::support::authority::Authority;
use crate::support::exporter::eventually;
use crate::support::process::{Finished, exporter, run};
use crate::support::tls_client::basic;
use crate::support::web::{WebExporter, WebFiles, hash};

/// Runs a health check of an exporter, on a machine without CA certificates.
fn health_check(web: &WebExporter, files: &WebFiles, arguments: &[&str]) -> Finished {
    let mut command = exporter();
    command.args(["healthcheck", "--web.listen-address", &web.address]).args(arguments);
    command.current_dir(files.path("")).env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
    run(&mut command, "")
}

/// Repeats a health check until it succeeds, because a busy machine may need longer than its time limit.
async fn healthy(web: &WebExporter, files: &WebFiles, arguments: &[&str]) {
    eventually(&format!("{arguments:?} succeeds"), async || {
        let finished = health_check(web, files, arguments);
        let may_be_slow = finished.stderr.contains("no response within") || finished.stderr.contains("not ready");
        assert!(finished.status.success() || may_be_slow, "{arguments:?}: {finished:?}");
        finished.status.success()
    })
    .await;
}

/// The messages of a health check that fails.
fn failure(web: &WebExporter, files: &WebFiles, arguments: &[&str]) -> String {
    let finished = health_check(web, files, arguments);
    assert_eq!(finished.status.code(), Some(1), "{arguments:?}: {finished:?}");
    finished.stderr
}

const CONFIG: &str = "--web.config.file=web.yml";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_health_check_trusts_the_certificate_of_the_web_configuration() {
    let files = WebFiles::new();
    let text = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n";
    let web = WebExporter::start(&files, text, &[]).await;
    healthy(&web, &files, &[CONFIG]).await;
    // The private key is not needed, and other settings may be broken at the moment.
    files.write("other.yml", "tls_server_config: {cert_file: server.pem, key_file: nowhere}\nrate_limit: 1\n");
    healthy(&web, &files, &["--web.config.file=other.yml"]).await;
    let url = format!("--url=https://{}/-/healthy", web.address);
    healthy(&web, &files, &[&url, "--ca-file=authority.pem"]).await;

    let message = failure(&web, &files, &[]);
    assert!(message.contains("400 Bad Request") && message.contains("--web.config.file"), "{message}");
    let another = Authority::new("another authority").issue("127.0.0.1", |_| {});
    files.write_client("another", &another);
    files.write("another.yml", "tls_server_config: {cert_file: another.pem, key_file: another.key}\n");
    let message = failure(&web, &files, &["--web.config.file=another.yml"]);
    assert!(message.contains("is not the one that --web.config.file names"), "{message}");
    let message = failure(&web, &files, &[&url, "--ca-file=another.pem"]);
    assert!(message.contains("UnknownIssuer") && message.contains("--ca-file"), "{message}");
    let message = failure(&web, &files, &["--web.config.file=nowhere.yml"]);
    assert!(message.contains("nowhere.yml: cannot read the file"), "{message}");
    let message = failure(&web, &files, &[&url, "--ca-file=web.yml"]);
    assert!(message.contains("--ca-file web.yml: expected a certificate in PEM form"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_health_check_can_show_a_password_and_a_certificate() {
    let files = WebFiles::new();
    let authority = Authority::new("the authority of the clients");
    files.write("clients.pem", &authority.pem());
    files.write_client("client", &authority.issue("health.example.com", |_| {}));
    files.write("password", "hu5h-clave\n");
    files.write("wrong", "hu5h-otra\n");
    let text = format!(
        "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  client_auth_type: \
         RequireAndVerifyClientCert\n  client_ca_file: clients.pem\nbasic_auth_users: {{ana: '{}'}}\n",
        hash("hu5h-clave")
    );
    let web = WebExporter::start(&files, &text, &[]).await;
    let certificate = ["--client-cert-file=client.pem", "--client-key-file=client.key"];
    let password = ["--user=ana", "--password-file=password"];
    healthy(&web, &files, &[&[CONFIG], &certificate[..], &password[..]].concat()).await;

    let message = failure(&web, &files, &[&[CONFIG], &password[..]].concat());
    assert!(message.contains("use --client-cert-file and --client-key-file"), "{message}");
    let message = failure(&web, &files, &[&[CONFIG], &certificate[..]].concat());
    assert!(message.contains("401 Unauthorized") && message.contains("use --user and --password-file"), "{message}");
    let wrong = ["--user=ana", "--password-file=wrong"];
    let message = failure(&web, &files, &[&[CONFIG], &certificate[..], &wrong[..]].concat());
    assert!(message.contains("refuses this user or this password") && !message.contains("hu5h"), "{message}");
    let message = failure(&web, &files, &[CONFIG, "--user=ana", "--password-file=nowhere"]);
    assert!(message.contains("--password-file nowhere: cannot read the file"), "{message}");
    let mismatch = ["--client-cert-file=client.pem", "--client-key-file=server.key"];
    let message = failure(&web, &files, &[&[CONFIG], &mismatch[..]].concat());
    assert!(message.contains("--client-key-file server.key"), "{message}");
    for half in ["--user=ana", "--password-file=password", "--client-cert-file=client.pem"] {
        assert_eq!(health_check(&web, &files, &[half]).status.code(), Some(2), "{half}");
    }
}

fn hash_password(arguments: &[&str], input: &str) -> Finished {
    run(exporter().arg("hash-password").args(arguments), input)
}

#[tokio::test]
async fn a_printed_hash_works_in_a_web_configuration() {
    let files = WebFiles::new();
    let printed = hash_password(&["--cost=4"], "hu5h clave ñ:\n");
    assert!(printed.status.success() && printed.stderr.is_empty(), "{printed:?}");
    let text = format!("basic_auth_users: {{ana: '{}'}}\n", printed.stdout.trim());
    let web = WebExporter::start(&files, &text, &[]).await;
    for (password, status) in [("hu5h clave ñ:", 200), ("hu5h clave ñ", 401)] {
        let url = format!("{}/-/healthy", web.exporter.url);
        let response = crate::support::http::get_with(&url, &[("authorization", &basic("ana", password))]).await;
        assert_eq!(response.status, status, "{password}");
    }
    // Each hash has a salt of its own, and the usual cost.
    let [first, second] = ["", ""].map(|_| hash_password(&[], "clave\n").stdout);
    assert!(first.starts_with("$2b$10$") && first != second, "{first} {second}");
}

#[test]
fn a_password_that_cannot_be_used_is_refused_and_not_shown() {
    for (input, words) in [("", "it is empty"), ("\n", "it is empty"), (&"hu5h".repeat(19), "at most 72 bytes")] {
        let finished = hash_password(&[], input);
        assert_eq!(finished.status.code(), Some(1), "{finished:?}");
        assert!(finished.stderr.contains(words) && !finished.stderr.contains("hu5h"), "{finished:?}");
        assert!(finished.stdout.is_empty(), "{finished:?}");
    }
    assert_eq!(hash_password(&["--cost=3"], "clave\n").status.code(), Some(2));
}
