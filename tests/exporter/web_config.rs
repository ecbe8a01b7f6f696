//! TLS, certificates of clients and passwords, as the web configuration says: every combination has the result that
//! Prometheus's exporter-toolkit documents.

use std::fmt::Write as _;

use rcgen::{CertificateParams, SanType};
use reqwest::Method;

use crate::support::authority::{Authority, Issued};
use crate::support::exporter::LIMIT;
use crate::support::http;
use crate::support::page::value;
use crate::support::peers::PrometheusVersion;
use crate::support::process::{exporter, run};
use crate::support::prometheus::Prometheus;
use crate::support::tls_client::{Http, TlsClient, basic};
use crate::support::web::{WebExporter, WebFiles, hash, indented};

/// The password of every user here. The log and the pages are searched for it.
const PASSWORD: &str = "hu5h-secreto";

/// The result of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Status(u16),
    /// The connection was refused in the handshake.
    NoTls,
}

const OK: Outcome = Outcome::Status(200);
const UNAUTHORIZED: Outcome = Outcome::Status(401);

fn outcome(result: Result<http::FullResponse, String>) -> Outcome {
    result.map_or(Outcome::NoTls, |response| Outcome::Status(response.status))
}

/// The certificate that a client shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// None.
    Nothing,
    /// One that the authority of `client_ca_file` has signed.
    Good,
    /// One that another authority has signed.
    Bad,
    /// One that the authority has signed, and that has expired.
    Expired,
}

/// The certificates of clients.
struct Clients {
    authority: Authority,
    good: Issued,
    bad: Issued,
    expired: Issued,
}

impl Clients {
    fn new() -> Self {
        let authority = Authority::new("the authority of the clients");
        let good = authority.issue("prometheus.example.com", |_| {});
        let bad = Authority::new("another authority").issue("prometheus.example.com", |_| {});
        let expired = authority.issue("prometheus.example.com", |parameters: &mut CertificateParams| {
            parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
            parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
        });
        Self { authority, good, bad, expired }
    }

    fn shown(&self, shown: Shown) -> Option<&Issued> {
        match shown {
            Shown::Nothing => None,
            Shown::Good => Some(&self.good),
            Shown::Bad => Some(&self.bad),
            Shown::Expired => Some(&self.expired),
        }
    }
}

/// The keys of TLS, and a user `ana` if `users` is set.
fn config(client_auth: &str, users: bool) -> String {
    let users = if users { format!("basic_auth_users:\n  ana: '{}'\n", hash(PASSWORD)) } else { String::new() };
    format!("tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n{client_auth}{users}")
}

/// Requests with each kind of credentials, and what they lead to when passwords are demanded.
fn credentials() -> [(&'static str, Option<String>, Outcome); 4] {
    [
        ("none", None, UNAUTHORIZED),
        ("good", Some(basic("ana", PASSWORD)), OK),
        ("bad", Some(basic("ana", "otro")), UNAUTHORIZED),
        ("unknown user", Some(basic("luis", PASSWORD)), UNAUTHORIZED),
    ]
}

fn header(authorization: Option<&String>) -> Vec<(&'static str, &str)> {
    authorization.map(|value| ("authorization", value.as_str())).into_iter().collect()
}

#[tokio::test]
async fn without_tls_only_the_password_counts() {
    for users in [false, true] {
        let files = WebFiles::new();
        let text = if users { format!("basic_auth_users: {{ana: '{}'}}\n", hash(PASSWORD)) } else { String::new() };
        let web = WebExporter::start(&files, &text, &[]).await;
        for (what, authorization, expected) in credentials() {
            let response =
                http::get_with(&format!("{}/metrics", web.exporter.url), &header(authorization.as_ref())).await;
            let expected = if users { expected } else { OK };
            assert_eq!(Outcome::Status(response.status), expected, "users {users}, credentials {what}");
            let demand = response.header("www-authenticate");
            assert_eq!(demand, (expected == UNAUTHORIZED).then_some("Basic"), "users {users}, credentials {what}");
        }
        // Neither TLS nor HTTP/2 is understood.
        for http in Http::ALL {
            assert!(web.client(&files, None).get(http, "/metrics", &[]).await.is_err(), "{http:?}");
        }
    }
}

#[tokio::test]
async fn every_page_needs_the_password() {
    let files = WebFiles::new();
    let text = format!("basic_auth_users: {{ana: '{}'}}\n", hash(PASSWORD));
    let mut web = WebExporter::start(&files, &text, &["--web.enable-lifecycle"]).await;
    let good = basic("ana", PASSWORD);
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/metrics"),
        (Method::HEAD, "/metrics"),
        (Method::GET, "/config"),
        (Method::GET, "/-/healthy"),
        (Method::GET, "/-/ready"),
        (Method::POST, "/-/reload"),
        (Method::PUT, "/-/reload"),
        (Method::GET, "/nowhere"),
        (Method::DELETE, "/metrics"),
    ] {
        let url = format!("{}{path}", web.exporter.url);
        let without = http::request(method.clone(), &url, &[]).await.unwrap();
        assert_eq!(without.status, 401, "{method} {path}");
        let with = http::request(method.clone(), &url, &[("authorization", &good)]).await.unwrap();
        assert_ne!(with.status, 401, "{method} {path}");
        assert!(!with.text().contains("hu5h"), "{method} {path}: {}", with.text());
    }
    // A reload without the password did not happen; the two with it did.
    web.exporter.process.terminate(LIMIT).await.unwrap();
    assert_eq!(web.lines_with("the configuration was reloaded"), 2, "{}", web.exporter.process.stderr());
}

/// One row for each authentication type: its name, whether it has authorities, and which certificates are accepted.
const CLIENT_AUTH: [(&str, bool, [bool; 4]); 7] = [
    // Nothing, good, bad, expired.
    ("", false, [true, true, true, true]),
    ("NoClientCert", false, [true, true, true, true]),
    ("RequestClientCert", false, [true, true, true, true]),
    ("RequireAnyClientCert", false, [false, true, true, true]),
    ("RequireClientCert", false, [false, true, true, true]),
    ("VerifyClientCertIfGiven", true, [true, true, false, false]),
    ("RequireAndVerifyClientCert", true, [false, true, false, false]),
];

#[tokio::test]
async fn certificates_and_passwords_are_checked_in_every_combination() {
    let clients = Clients::new();
    let mut cells = 0;
    for (kind, with_authorities, accepted) in CLIENT_AUTH {
        let mut client_auth = if kind.is_empty() { String::new() } else { format!("  client_auth_type: {kind}\n") };
        if with_authorities {
            client_auth.push_str("  client_ca_file: clients.pem\n");
        }
        for users in [false, true] {
            let files = WebFiles::new();
            files.write("clients.pem", &clients.authority.pem());
            let web = WebExporter::start(&files, &config(&client_auth, users), &[]).await;
            let shown = [Shown::Nothing, Shown::Good, Shown::Bad, Shown::Expired];
            for (shown, is_accepted) in shown.into_iter().zip(accepted) {
                let client = web.client(&files, clients.shown(shown));
                for http in Http::ALL {
                    for (what, authorization, with_password) in credentials() {
                        let found = outcome(client.get(http, "/metrics", &header(authorization.as_ref())).await);
                        let expected = match (is_accepted, users) {
                            (false, _) => Outcome::NoTls,
                            (true, true) => with_password,
                            (true, false) => OK,
                        };
                        assert_eq!(
                            found,
                            expected,
                            "client_auth_type {kind:?}, certificate {shown:?}, users {users}, credentials {what}, {http:?}\n{}",
                            web.exporter.process.stderr()
                        );
                        cells += 1;
                    }
                }
            }
        }
    }
    assert_eq!(cells, 7 * 2 * 4 * 2 * 4);
}

#[tokio::test]
async fn the_oldest_version_of_tls_that_is_allowed_is_accepted_with_a_certificate_of_the_client() {
    let clients = Clients::new();
    let files = WebFiles::new();
    files.write("clients.pem", &clients.authority.pem());
    let client_auth = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n";
    let web = WebExporter::start(&files, &config(client_auth, false), &[]).await;
    for (shown, expected) in [(Shown::Good, OK), (Shown::Bad, Outcome::NoTls), (Shown::Nothing, Outcome::NoTls)] {
        let client = TlsClient::of_tls12(&web.address, &files.authority, clients.shown(shown));
        for http in Http::ALL {
            assert_eq!(outcome(client.get(http, "/metrics", &[]).await), expected, "{shown:?} {http:?}");
        }
    }
    let files = WebFiles::new();
    let web = WebExporter::start(&files, &config("  min_version: TLS13\n", false), &[]).await;
    assert_eq!(outcome(web.client(&files, None).get(Http::One, "/metrics", &[]).await), OK);
    let old = TlsClient::of_tls12(&web.address, &files.authority, None);
    assert_eq!(outcome(old.get(Http::One, "/metrics", &[]).await), Outcome::NoTls);
}

#[tokio::test]
async fn only_allowed_names_of_a_certificate_are_accepted() {
    let authority = Authority::new("the authority of the clients");
    let named = |san: SanType| authority.issue("x.example.com", |parameters| parameters.subject_alt_names = vec![san]);
    let clients = [
        (named(SanType::DnsName("prometheus.example.com".try_into().unwrap())), OK),
        (named(SanType::IpAddress("10.1.2.3".parse().unwrap())), OK),
        (named(SanType::Rfc822Name("ops@example.com".try_into().unwrap())), OK),
        (named(SanType::URI("spiffe://example.com/prometheus".try_into().unwrap())), OK),
        (named(SanType::DnsName("other.example.com".try_into().unwrap())), Outcome::NoTls),
        (named(SanType::DnsName("PROMETHEUS.example.com".try_into().unwrap())), Outcome::NoTls),
        (named(SanType::IpAddress("10.1.2.4".parse().unwrap())), Outcome::NoTls),
        (authority.issue("x.example.com", |parameters| parameters.subject_alt_names.clear()), Outcome::NoTls),
    ];
    let files = WebFiles::new();
    files.write("clients.pem", &authority.pem());
    let text = config(
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n  client_allowed_sans:\n  \
         - prometheus.example.com\n  - 10.1.2.3\n  - ops@example.com\n  - spiffe://example.com/prometheus\n",
        false,
    );
    let web = WebExporter::start(&files, &text, &[]).await;
    for (index, (client, expected)) in clients.iter().enumerate() {
        let found = outcome(web.client(&files, Some(client)).get(Http::One, "/metrics", &[]).await);
        assert_eq!(found, *expected, "client {index}: {}", web.exporter.process.stderr());
    }
}

#[tokio::test]
async fn http2_can_be_switched_off() {
    let files = WebFiles::new();
    let text = config("", false) + "http_server_config: {http2: false}\n";
    let web = WebExporter::start(&files, &text, &[]).await;
    assert_eq!(outcome(web.client(&files, None).get(Http::One, "/metrics", &[]).await), OK);
    assert_eq!(outcome(web.client(&files, None).get(Http::Two, "/metrics", &[]).await), Outcome::NoTls);
}

#[tokio::test]
async fn headers_are_added_to_every_response() {
    let files = WebFiles::new();
    let text = config("", true)
        + "http_server_config:\n  headers:\n    Strict-Transport-Security: max-age=31536000\n    X-Frame-Options: deny\n    \
           X-Content-Type-Options: nosniff\n    X-XSS-Protection: '1; mode=block'\n    \
           Content-Security-Policy: default-src 'self'\n";
    let web = WebExporter::start(&files, &text, &[]).await;
    let client = web.client(&files, None);
    let good = basic("ana", PASSWORD);
    for http in Http::ALL {
        for (path, authorization, status) in
            [("/metrics", Some(&good), 200), ("/", Some(&good), 200), ("/x", Some(&good), 404), ("/metrics", None, 401)]
        {
            let response = client.get(http, path, &header(authorization)).await.unwrap();
            assert_eq!(response.status, status, "{path}");
            for (name, value) in [
                ("strict-transport-security", "max-age=31536000"),
                ("x-frame-options", "deny"),
                ("x-content-type-options", "nosniff"),
                ("x-xss-protection", "1; mode=block"),
                ("content-security-policy", "default-src 'self'"),
            ] {
                assert_eq!(response.header(name), Some(value), "{path} {http:?}");
            }
        }
    }
}

#[tokio::test]
async fn requests_over_the_rate_limit_are_refused() {
    let files = WebFiles::new();
    let web = WebExporter::start(&files, "rate_limit: {interval: 1h, burst: 3}\n", &[]).await;
    let url = format!("{}/-/healthy", web.exporter.url);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(http::get(&url).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
}

#[tokio::test]
async fn plain_http_at_the_tls_port_gets_an_answer_that_says_what_to_do() {
    let files = WebFiles::new();
    let web = WebExporter::start(&files, &config("", false), &[]).await;
    let response = http::get(&format!("{}/metrics", web.exporter.url)).await;
    assert_eq!(response.status, 400);
    assert!(response.text().contains("https://"), "{}", response.text());
}

#[tokio::test]
async fn neither_passwords_nor_hashes_nor_keys_are_shown_anywhere() {
    let files = WebFiles::new();
    let key = files.server.key_pem();
    let secret_line = key.lines().nth(1).expect("a key has lines").to_owned();
    let hash = hash(PASSWORD);
    let good = format!(
        "tls_server_config:\n  cert: |\n{}  key: |\n{}basic_auth_users:\n  ana: '{hash}'\n",
        indented(&files.server.certificate_pem()),
        indented(&key)
    );
    let mut web = WebExporter::start(&files, &good, &["--log.level=trace"]).await;
    let client = web.client(&files, None);
    let mut shown = String::new();
    for (user, password) in [("ana", PASSWORD), ("ana", "hu5h-otro"), ("hu5h-luis", PASSWORD)] {
        for path in ["/", "/metrics", "/x"] {
            let response = client.get(Http::Two, path, &[("authorization", &basic(user, password))]).await.unwrap();
            shown.push_str(response.text());
            let _ = write!(shown, "{:?}", response.headers);
        }
    }
    // Secrets in wrong places: a password in place of its hash, a key in place of the certificate, a broken key.
    for (broken, words) in [
        (good.replace(&hash, PASSWORD), "invalid password hash"),
        (good.replace("  cert: |\n", "  cert: hu5h-cert\n  min_version: |\n"), "cert"),
        (
            format!(
                "basic_auth_users: {{ana: 523572819046183}}\ntls_server_config: {{cert: '{secret_line}', key: [1]}}"
            ),
            "invalid type",
        ),
        (format!("a: '{secret_line}\nb: hu5h"), "invalid YAML"),
    ] {
        files.write("web.yml", &broken);
        web.wait_for_line(words).await;
        let check = run(exporter().arg("check-config").arg("--web.config.file").arg(files.path("web.yml")), "");
        shown.push_str(&check.stdout);
        shown.push_str(&check.stderr);
    }
    web.exporter.process.terminate(LIMIT).await.unwrap();
    shown.push_str(&web.exporter.process.output());
    for secret in ["hu5h", &hash, &secret_line, "523572819046183"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn every_prometheus_scrapes_with_a_certificate_and_a_password() {
    let clients = Clients::new();
    let files = WebFiles::new();
    files.write("clients.pem", &clients.authority.pem());
    let client_auth = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n";
    let web = WebExporter::start(&files, &config(client_auth, true), &[]).await;
    let job = |name: &str, more: &str| {
        format!(
            "  - job_name: {name}\n    scheme: https\n    static_configs: [{{targets: ['{}']}}]\n{more}",
            web.address
        )
    };
    let tls = |more: &str| format!("    tls_config: {{ca_file: authority.pem{more}}}\n");
    let password = "    basic_auth: {username: ana, password_file: password}\n";
    let config = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n{}{}{}{}",
        job("good", &(tls(", cert_file: client.pem, key_file: client.key") + password)),
        job("no-certificate", &(tls("") + password)),
        job("no-password", &tls(", cert_file: client.pem, key_file: client.key")),
        job("http1", &(tls(", cert_file: client.pem, key_file: client.key") + password + "    enable_http2: false\n")),
    );
    let (authority, certificate, key) = (files.authority.pem(), clients.good.certificate_pem(), clients.good.key_pem());
    let written =
        [("authority.pem", &*authority), ("client.pem", &*certificate), ("client.key", &*key), ("password", PASSWORD)];
    let check = async |version| {
        let prometheus = Prometheus::start_with_files(version, &config, &written).await;
        let expected = [("good", 1.0), ("http1", 1.0), ("no-certificate", 0.0), ("no-password", 0.0)];
        for (job, up) in expected {
            let query = format!("up{{job=\"{job}\"}} == {up}");
            prometheus.wait_for(&query, LIMIT).await.unwrap_or_else(|error| panic!("{version:?}: {error}"));
        }
        prometheus.stop().await.unwrap();
    };
    tokio::join!(check(PrometheusVersion::V2), check(PrometheusVersion::V3));
    let page = web.client(&files, Some(&clients.good));
    let page = page.get(Http::One, "/metrics", &[("authorization", &basic("ana", PASSWORD))]).await.unwrap();
    assert_eq!(value(page.text(), "wolkvox_exporter_web_config_last_reload_successful"), Some(1.0));
}
