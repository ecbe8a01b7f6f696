//! What the web configuration may contain. Every accepted file is also accepted by promtool, so that the same file works
//! for other exporters.

use std::fmt::Write as _;

use wolkvox_exporter::config::web::{self, ClientAuthType, WebConfigReading};

use crate::support::authority::Authority;
use crate::support::peers::PrometheusVersion;
use crate::support::process::{exporter, run};
use crate::support::promtool::promtool;
use crate::support::web::{WebFiles, hash, indented};

/// The start of every secret in these files. No message contains it.
const SECRET: &str = "hu5h";

/// A bcrypt hash. promtool looks only at its form.
const HASH: &str = "$2y$10$hu5hgDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

const PAIR: &str = "cert_file: server.pem, key_file: server.key";

/// Files besides those of [`WebFiles`].
fn files() -> WebFiles {
    let files = WebFiles::new();
    let another = Authority::new("another authority").issue("127.0.0.1", |_| {});
    files.write_client("another", &another);
    files.write("empty.pem", "");
    files.write("damaged.pem", "-----BEGIN CERTIFICATE-----\nhu5h*\n-----END CERTIFICATE-----\n");
    let not_x509 = "-----BEGIN CERTIFICATE-----\naHU1aA==\n-----END CERTIFICATE-----\n";
    files.write("not-x509.pem", not_x509);
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\naHU1aA==\n-----END ENCRYPTED PRIVATE KEY-----\n";
    files.write("encrypted.key", encrypted);
    files.write("both.pem", &format!("{}{}", files.server.key_pem(), files.server.certificate_pem()));
    files
}

fn read(files: &WebFiles, text: &str) -> WebConfigReading {
    files.write("web.yml", text);
    web::read(&files.path("web.yml"))
}

/// The messages without the path of the file.
fn messages(files: &WebFiles, messages: impl IntoIterator<Item = String>) -> Vec<String> {
    let folder = files.path("");
    let folder = folder.display().to_string();
    let short = |message: String| message.replace(&folder, "").replace(folder.trim_end_matches('/'), "<folder>");
    messages.into_iter().map(short).collect()
}

/// An accepted file: the versions of promtool that know its keys, the text, and the warnings.
struct Valid {
    promtool: &'static [PrometheusVersion],
    text: String,
    warnings: &'static [&'static str],
}

fn valid(text: impl Into<String>) -> Valid {
    Valid { promtool: &PrometheusVersion::ALL, text: text.into(), warnings: &[] }
}

/// With keys that version 2.42 does not know.
fn newer(text: impl Into<String>) -> Valid {
    Valid { promtool: &[PrometheusVersion::V3], ..valid(text) }
}

fn warned(text: impl Into<String>, warnings: &'static [&'static str]) -> Valid {
    Valid { warnings, ..valid(text) }
}

fn inline(pem: &str) -> String {
    format!("|\n{}", indented(pem))
}

#[expect(clippy::too_many_lines, reason = "it is one table")]
fn valid_files(files: &WebFiles) -> Vec<Valid> {
    let client = |kind: &str| format!("tls_server_config: {{{PAIR}, client_auth_type: {kind}}}\n");
    let verified = |kind: &str| {
        format!("tls_server_config: {{{PAIR}, client_auth_type: {kind}, client_ca_file: authority.pem}}\n")
    };
    let (certificate, key) = (inline(&files.server.certificate_pem()), inline(&files.server.key_pem()));
    vec![
        valid(""),
        valid("# nothing\n"),
        valid("tls_server_config:\nhttp_server_config:\nbasic_auth_users:\n"),
        valid(format!("tls_server_config: {{{PAIR}}}\n")),
        valid("tls_server_config: {cert_file: both.pem, key_file: both.pem}\n"),
        valid(format!(
            "tls_server_config: {{cert_file: {}, key_file: {}}}\n",
            files.path("server.pem").display(),
            files.path("server.key").display()
        )),
        newer(format!("tls_server_config:\n  cert: {certificate}  key: {key}")),
        newer(format!("tls_server_config:\n  cert_file: server.pem\n  key: {key}")),
        newer(format!(
            "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  client_auth_type: \
             RequireAndVerifyClientCert\n  client_ca: {}",
            inline(&files.authority.pem())
        )),
        valid(client("NoClientCert")),
        warned(
            client("RequestClientCert"),
            &[
                "web.yml:1: tls_server_config.client_auth_type: certificates of clients are not verified, so anybody can \
               make one; use RequireAndVerifyClientCert",
            ],
        ),
        warned(
            client("RequireAnyClientCert"),
            &[
                "web.yml:1: tls_server_config.client_auth_type: certificates of clients are not verified, so anybody can \
               make one; use RequireAndVerifyClientCert",
            ],
        ),
        warned(
            client("RequireClientCert"),
            &[
                "web.yml:1: tls_server_config.client_auth_type: certificates of clients are not verified, so anybody can \
               make one; use RequireAndVerifyClientCert",
            ],
        ),
        valid(verified("VerifyClientCertIfGiven")),
        valid(verified("RequireAndVerifyClientCert")),
        newer(format!(
            "tls_server_config: {{{PAIR}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: authority.pem, \
             client_allowed_sans: [a.example.com, 10.0.0.1, a@example.com, 'spiffe://a/b']}}\n"
        )),
        valid(format!("tls_server_config: {{{PAIR}, min_version: TLS12, max_version: TLS13}}\n")),
        valid(format!("tls_server_config: {{{PAIR}, min_version: TLS12, max_version: TLS12}}\n")),
        valid(format!("tls_server_config: {{{PAIR}, min_version: TLS13}}\n")),
        warned(
            format!("tls_server_config: {{{PAIR}, min_version: TLS10}}\n"),
            &[
                "web.yml:1: tls_server_config.min_version: the oldest version of the exporter is TLS 1.2, so older clients \
               are refused all the same",
            ],
        ),
        valid(
            "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  prefer_server_cipher_suites: false\n  \
             cipher_suites:\n  - TLS_AES_128_GCM_SHA256\n  - TLS_AES_256_GCM_SHA384\n  - TLS_CHACHA20_POLY1305_SHA256\n  \
             - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n  - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\n  \
             - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\n  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n  \
             - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n  - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256\n  \
             curve_preferences: [CurveP256, CurveP384, X25519]\n",
        ),
        warned(
            "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  curve_preferences: [CurveP521, \
                 CurveP256]\n  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n  - \
                 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA\n  - TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA\n  - \
                 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA\n  - TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA\n",
            &[
                "web.yml:7: tls_server_config.cipher_suites[1]: the exporter does not have the cipher suite \
                 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, so it is not used",
                "web.yml:8: tls_server_config.cipher_suites[2]: the exporter does not have the cipher suite \
                 TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, so it is not used",
                "web.yml:9: tls_server_config.cipher_suites[3]: the exporter does not have the cipher suite \
                 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, so it is not used",
                "web.yml:10: tls_server_config.cipher_suites[4]: the exporter does not have the cipher suite \
                 TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, so it is not used",
                "web.yml:4: tls_server_config.curve_preferences[0]: the exporter does not have the curve CurveP521, so \
                 it is not used",
            ],
        ),
        warned(
            format!("tls_server_config: {{{PAIR}, cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]}}\n"),
            &[
                "web.yml:1: tls_server_config.cipher_suites[0]: the exporter does not have the cipher suite \
                 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, so it is not used",
                "web.yml:1: tls_server_config.cipher_suites: no suite of TLS 1.2 is left, so clients need TLS 1.3",
            ],
        ),
        valid("http_server_config: {http2: false}\n"),
        valid(
            "http_server_config:\n  headers:\n    Content-Security-Policy: default-src 'self'\n    \
             Strict-Transport-Security: ''\n    X-Content-Type-Options: nosniff\n    X-Frame-Options: sameorigin\n    \
             X-XSS-Protection: '0'\n",
        ),
        valid("basic_auth_users: {}\n"),
        valid(format!("basic_auth_users:\n  ana: {HASH}\n  Luis Pérez: {}\n  '17': {HASH}\n", hash("x"))),
        warned(
            format!("basic_auth_users: {{ana: {}}}\n", HASH.replace("$10$", "$15$")),
            &[
                "web.yml:1: basic_auth_users.ana: the cost of this hash is so high that a comparison takes seconds; 10 is \
               usual",
            ],
        ),
        newer("rate_limit: {interval: 1s, burst: 20}\n"),
        newer("rate_limit: {interval: 1h30m, burst: 1}\n"),
        newer("rate_limit: {interval: 100ms, burst: 2147483647}\n"),
        newer("rate_limit: {interval: 0, burst: 20}\n"),
        newer("rate_limit: {interval: 0s}\n"),
    ]
}

#[test]
fn valid_files_are_accepted_with_their_warnings() {
    let files = files();
    for Valid { text, warnings, .. } in valid_files(&files) {
        let reading = read(&files, &text);
        if let Err(errors) = &reading.config {
            panic!("{text}{errors}");
        }
        let found = messages(&files, reading.warnings.iter().map(ToString::to_string));
        assert_eq!(found, warnings, "{text}");
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn promtool_accepts_every_valid_file() {
    let files = files();
    for Valid { text, promtool: versions, .. } in valid_files(&files) {
        files.write("web.yml", &text);
        let path = files.path("web.yml").display().to_string();
        for version in PrometheusVersion::ALL {
            let check = promtool(version, &["check", "web-config", &path], "");
            assert_eq!(check.status.success(), versions.contains(&version), "{version:?}: {text}{check:?}");
        }
    }
}

/// Refused texts, and all their messages.
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn invalid_files() -> Vec<(String, Vec<&'static str>)> {
    let tls = |more: &str| format!("tls_server_config: {{{PAIR}{more}}}\n");
    let hash_error = "invalid password hash: expected a bcrypt hash that begins with $2a$, $2b$ or $2y$, as \
                      `wolkvox_exporter hash-password` prints it";
    let hash_error: &'static str = Box::leak(format!("web.yml:1: basic_auth_users.ana: {hash_error}").into_boxed_str());
    vec![
        (
            "- a\n".into(),
            vec![
                "web.yml:1: invalid type: expected a section with the keys tls_server_config, http_server_config, \
             basic_auth_users and rate_limit, found a list",
            ],
        ),
        (
            "tls_server_confg: {}\nbasic_auth: {}\n".into(),
            vec![
                "web.yml:1: tls_server_confg: unknown key \"tls_server_confg\": did you mean tls_server_config?",
                "web.yml:2: basic_auth: unknown key \"basic_auth\": did you mean basic_auth_users?",
            ],
        ),
        ("a: \"hu5h\nb: 1\n".into(), vec!["web.yml:2: invalid YAML: invalid indentation in multiline quoted scalar"]),
        (
            "rate_limit: {}\nrate_limit: {}\n".into(),
            vec!["web.yml:2: rate_limit: duplicate key \"rate_limit\": it is already on line 1"],
        ),
        // All errors at once.
        (
            "tls_server_config:\n  cert_file: nowhere.pem\n  min_version: TLS14\nhttp_server_config:\n  http2: 1\n\
             basic_auth_users:\n  ana: hu5h\nrate_limit: {interval: 5}\n"
                .into(),
            vec![
                "web.yml:2: tls_server_config.cert_file: cannot read the file \"nowhere.pem\": No such file or directory \
                 (os error 2); a relative path starts from <folder>, the folder of the file",
                "web.yml:2: tls_server_config: missing key key_file or key: expected the path of the certificate's private \
                 key, or its text in PEM form",
                "web.yml:3: tls_server_config.min_version: invalid TLS version \"TLS14\": expected TLS12 or TLS13",
                "web.yml:5: http_server_config.http2: invalid type: expected true or false, found a number",
                "web.yml:7: basic_auth_users.ana: invalid password hash: expected a bcrypt hash that begins with $2a$, \
                 $2b$ or $2y$, as `wolkvox_exporter hash-password` prints it",
                "web.yml:8: rate_limit.interval: invalid duration \"5\": expected a unit, 5s for seconds or 5m for minutes",
            ],
        ),
        // The certificate and its key.
        (
            "tls_server_config: {}\n".into(),
            vec![
                "web.yml:1: tls_server_config: missing key cert_file or cert: expected the path of the server's certificate, \
             or its text in PEM form",
                "web.yml:1: tls_server_config: missing key key_file or key: expected the path of the certificate's private \
             key, or its text in PEM form",
            ],
        ),
        (
            "tls_server_config: {cert_file: '', key_file: 1}\n".into(),
            vec![
                "web.yml:1: tls_server_config.cert_file: invalid empty value: expected the path of a file",
                "web.yml:1: tls_server_config.key_file: invalid type: expected the path of a file, found a number",
            ],
        ),
        (
            "tls_server_config: {cert: '', key: [hu5h]}\n".into(),
            vec![
                "web.yml:1: tls_server_config.cert: invalid empty value: expected a text in PEM form",
                "web.yml:1: tls_server_config.key: invalid type: expected a text in PEM form, found a list",
            ],
        ),
        (
            tls(", cert: hu5h, key: hu5h"),
            vec![
                "web.yml:1: tls_server_config.cert: invalid combination: use either cert_file or cert, not both",
                "web.yml:1: tls_server_config.key: invalid combination: use either key_file or key, not both",
            ],
        ),
        (
            "tls_server_config: {cert_file: server.pem, key_file: another.key}\n".into(),
            vec![
                "web.yml:1: tls_server_config.key_file: invalid private key: expected the key of the server's certificate, but \
             it belongs to another one",
            ],
        ),
        (
            "tls_server_config: {cert_file: empty.pem, key_file: server.pem}\n".into(),
            vec![
                "web.yml:1: tls_server_config.cert_file: invalid certificate: expected one or more certificates in PEM form, \
             but there is none",
                "web.yml:1: tls_server_config.key_file: invalid private key: expected an unencrypted private key in PEM form, \
             but there is none",
            ],
        ),
        (
            "tls_server_config: {cert_file: damaged.pem, key_file: encrypted.key}\n".into(),
            vec![
                "web.yml:1: tls_server_config.cert_file: invalid certificate: expected one or more certificates in PEM form, \
             but it is damaged",
                "web.yml:1: tls_server_config.key_file: invalid private key: expected an unencrypted private key in PEM form, \
             but it is encrypted; remove the password from the key, and protect its file by permissions",
            ],
        ),
        (
            "tls_server_config: {cert_file: not-x509.pem, key_file: server.key}\n".into(),
            vec![
                "web.yml:1: tls_server_config.cert_file: invalid certificate: expected an X.509 certificate, but the first one \
             is damaged",
            ],
        ),
        (
            "tls_server_config: {cert_file: ., key_file: server.key}\n".into(),
            vec![
                "web.yml:1: tls_server_config.cert_file: cannot read the file \".\": it is not a regular file; a relative path \
             starts from <folder>, the folder of the file",
            ],
        ),
        // Certificates of clients.
        (
            tls(", client_auth_type: RequireAndVerifyClientCerts"),
            vec![
                "web.yml:1: tls_server_config.client_auth_type: invalid client_auth_type \"RequireAndVerifyClientCerts\": did \
             you mean RequireAndVerifyClientCert?",
            ],
        ),
        (
            tls(", client_auth_type: always"),
            vec![
                "web.yml:1: tls_server_config.client_auth_type: invalid client_auth_type \"always\": expected NoClientCert, \
             RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert",
            ],
        ),
        (
            tls(", client_auth_type: VerifyClientCertIfGiven"),
            vec![
                "web.yml:1: tls_server_config.client_auth_type: missing key client_ca_file or client_ca: expected the \
             authorities of the clients' certificates",
            ],
        ),
        (
            tls(", client_ca_file: authority.pem"),
            vec![
                "web.yml:1: tls_server_config.client_ca_file: invalid combination: the certificates of clients are not \
             verified without client_auth_type; set it, for example to RequireAndVerifyClientCert",
            ],
        ),
        (
            tls(", client_auth_type: RequireAndVerifyClientCert, client_ca_file: empty.pem"),
            vec![
                "web.yml:1: tls_server_config.client_ca_file: invalid certificate: expected one or more certificates in PEM \
             form, but there is none",
            ],
        ),
        (
            tls(", client_auth_type: RequireAndVerifyClientCert, client_ca_file: not-x509.pem"),
            vec![
                "web.yml:1: tls_server_config.client_ca_file: invalid CA certificate: expected certificates of authorities, \
             but certificate 1 is damaged",
            ],
        ),
        (
            tls(", client_allowed_sans: [a]"),
            vec![
                "web.yml:1: tls_server_config.client_allowed_sans: invalid combination: clients send no certificate without \
             client_auth_type; set it, for example to RequireAndVerifyClientCert",
            ],
        ),
        (
            tls(
                ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: authority.pem, client_allowed_sans: []",
            ),
            vec![
                "web.yml:1: tls_server_config.client_allowed_sans: invalid empty list: expected at least one DNS name, IP \
             address, e-mail address or URI of a client's certificate",
            ],
        ),
        // Algorithms.
        (
            tls(", max_version: TLS11"),
            vec![
                "web.yml:1: tls_server_config.max_version: invalid max_version: expected TLS12 or TLS13, because the exporter \
             has no older version",
            ],
        ),
        (
            tls(", min_version: TLS13, max_version: TLS12"),
            vec![
                "web.yml:1: tls_server_config.max_version: invalid max_version: expected a version that is not older than \
             min_version",
            ],
        ),
        (
            tls(", max_version: TLS12, cipher_suites: [TLS_AES_128_GCM_SHA256]"),
            vec![
                "web.yml:1: tls_server_config.cipher_suites: invalid cipher_suites: with TLS 1.2 only, expected at least one \
             suite of TLS 1.2 that the exporter has",
            ],
        ),
        (
            tls(", cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256]"),
            vec![
                "web.yml:1: tls_server_config.cipher_suites[0]: invalid cipher suite \"TLS_RSA_WITH_AES_128_GCM_SHA256\": did \
             you mean TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256?",
            ],
        ),
        (
            tls(", curve_preferences: [CurveP521]"),
            vec![
                "web.yml:1: tls_server_config.curve_preferences: invalid curve_preferences: expected a curve that the exporter \
             has",
            ],
        ),
        (
            tls(", curve_preferences: [X25519, brainpool, X25519]"),
            vec![
                "web.yml:1: tls_server_config.curve_preferences[1]: invalid curve \"brainpool\": expected X25519, CurveP256, \
             CurveP384 or CurveP521",
                "web.yml:1: tls_server_config.curve_preferences[2]: duplicate entry X25519: it is the same as \
             tls_server_config.curve_preferences[0]",
            ],
        ),
        (
            tls(", prefer_server_cipher_suites: maybe"),
            vec![
                "web.yml:1: tls_server_config.prefer_server_cipher_suites: invalid type: expected true or false, found a text",
            ],
        ),
        // Headers.
        (
            "http_server_config: {headers: {X-Frame-Options: allow, X-Content-Type-Options: '', Server: x}}\n".into(),
            vec![
                "web.yml:1: http_server_config.headers.Server: unknown key \"Server\": expected Content-Security-Policy, \
             Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options or X-XSS-Protection",
                "web.yml:1: http_server_config.headers.X-Content-Type-Options: invalid X-Content-Type-Options \"\": expected \
             nosniff",
                "web.yml:1: http_server_config.headers.X-Frame-Options: invalid X-Frame-Options \"allow\": expected deny or \
             sameorigin",
            ],
        ),
        (
            "http_server_config: {headers: {X-XSS-Protection: \"0\\r\\nX: y\"}}\n".into(),
            vec![
                "web.yml:1: http_server_config.headers.X-XSS-Protection: invalid X-XSS-Protection \"0\\r\\nX: y\": expected one \
             line of printable ASCII characters",
            ],
        ),
        // Users. Only what is wrong is named, never the value.
        ("basic_auth_users: {ana: hu5h}\n".into(), vec![hash_error]),
        (format!("basic_auth_users: {{ana: {}}}\n", HASH.replace("$2y$", "$1$")), vec![hash_error]),
        (format!("basic_auth_users: {{ana: {}}}\n", HASH.replace("$10$", "$3$")), vec![hash_error]),
        (format!("basic_auth_users: {{ana: {}}}\n", HASH.replace("$10$", "$32$")), vec![hash_error]),
        (format!("basic_auth_users: {{ana: {}}}\n", &HASH[..59]), vec![hash_error]),
        (
            "basic_auth_users: {ana: 5235}\n".into(),
            vec![
                "web.yml:1: basic_auth_users.ana: invalid type: expected a bcrypt hash, as `wolkvox_exporter hash-password` \
             prints it, found a number",
            ],
        ),
        (
            "basic_auth_users: [ana]\n".into(),
            vec![
                "web.yml:1: basic_auth_users: invalid type: expected a section of users and the bcrypt hashes of their \
             passwords, found a list",
            ],
        ),
        (
            format!("basic_auth_users:\n  'a:b': {HASH}\n  ana: {HASH}\n  ana: {HASH}\n"),
            vec![
                "web.yml:2: basic_auth_users.a:b: invalid user name: expected a name without a colon, because clients could \
             not send it",
                "web.yml:4: basic_auth_users.ana: duplicate key \"ana\": it is already on line 3",
            ],
        ),
        // The rate limit.
        (
            "rate_limit: {interval: 1s}\n".into(),
            vec![
                "web.yml:1: rate_limit: missing key burst: expected at least 1, because otherwise every request is refused",
            ],
        ),
        (
            "rate_limit: {interval: 1d, burst: -1}\n".into(),
            vec![
                "web.yml:1: rate_limit.interval: invalid interval \"1d\": expected a duration in hours, minutes, seconds or \
             milliseconds, such as 1s",
                "web.yml:1: rate_limit.burst: invalid number \"-1\": expected a whole number from 0 to 2147483647",
            ],
        ),
    ]
}

#[test]
fn invalid_files_are_refused_with_all_their_messages() {
    let files = files();
    let mut differences = String::new();
    for (text, expected) in invalid_files() {
        let reading = read(&files, &text);
        let found = match &reading.config {
            Ok(_) => vec!["accepted".to_owned()],
            Err(errors) => messages(&files, errors.as_slice().iter().map(ToString::to_string)),
        };
        if found != expected {
            let _ = writeln!(differences, "{text}{}\n", found.join("\n"));
        }
        let shown = format!("{:?}", reading.config);
        assert!(!shown.contains(SECRET), "{shown}");
    }
    assert!(differences.is_empty(), "found, but not expected:\n{differences}");
}

#[test]
fn a_missing_file_is_named() {
    let reading = web::read("nowhere/web.yml".as_ref());
    let message = reading.config.expect_err("there is no file").to_string();
    assert_eq!(message, "nowhere/web.yml: cannot read the file: No such file or directory (os error 2)");
}

#[test]
fn the_debug_form_of_a_configuration_contains_no_secret() {
    let files = files();
    let text = format!("tls_server_config: {{{PAIR}}}\nbasic_auth_users: {{ana: {HASH}}}\n");
    let config = read(&files, &text).config.unwrap();
    let shown = format!("{config:?}");
    assert!(shown.contains("ana") && !shown.contains(SECRET) && !shown.contains("PRIVATE"), "{shown}");
    assert_eq!(config.tls.unwrap().client_auth.kind, ClientAuthType::None);
}

#[test]
fn the_program_does_not_start_with_an_invalid_file_and_reports_all_errors() {
    let files = files();
    files.write("web.yml", "basic_auth_users: {ana: hu5h}\nrate_limit: {interval: 1s}\n");
    files.write("wolkvox.yml", "operations: []\n");
    for (command, code) in [("serve", 2), ("check-config", 1)] {
        let mut program = exporter();
        program.arg(command).arg("--config.file").arg(files.path("wolkvox.yml"));
        let finished = run(program.env("WOLKVOX_EXPORTER_WEB_CONFIG_FILE", files.path("web.yml")), "");
        assert_eq!(finished.status.code(), Some(code), "{command}: {finished:?}");
        for words in ["invalid empty list", "invalid password hash", "missing key burst"] {
            assert!(finished.stderr.contains(words), "{command}: {finished:?}");
        }
        assert!(!finished.stderr.contains(SECRET), "{command}: {finished:?}");
    }
}
