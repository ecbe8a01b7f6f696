//! `healthcheck`: requests the ready page of a running exporter, for container health checks without a shell.

use std::error::Error as _;
use std::iter;
use std::path::Path;
use std::time::Duration;

use reqwest::{StatusCode, Url};

use super::healthcheck_tls::{self, Trust};
use super::{Args, CliError, HealthcheckArgs};
use crate::config::web;

/// Shorter than the timeout of container engines for a health check.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Succeeds if the response has a status of success.
pub(super) async fn run(args: &Args, options: &HealthcheckArgs) -> Result<String, CliError> {
    let certificate = match args.web.config_file() {
        Some(path) => web::server_certificate(path).map_err(CliError::Run)?,
        None => None,
    };
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let url = options.url.clone().unwrap_or_else(|| args.ready_url(scheme));
    let failed = |problem: String| CliError::Run(format!("{url}: {problem}"));
    let parsed = Url::parse(&url).map_err(|error| failed(format!("invalid URL: {error}")))?;
    // A proxy from the environment is not used, because the exporter is on this machine.
    let builder = reqwest::Client::builder().no_proxy().timeout(TIMEOUT);
    let builder = if parsed.scheme() == "https" {
        let trust = match (&options.ca_file, certificate) {
            (Some(file), _) => Trust::Authorities(file),
            (None, Some(certificate)) => Trust::Certificate(certificate),
            (None, None) => Trust::System,
        };
        let client = options.client_cert_file.as_deref().zip(options.client_key_file.as_deref());
        builder.tls_backend_preconfigured(healthcheck_tls::client_config(trust, client).map_err(CliError::Run)?)
    } else {
        // Plain http must also work on a machine without CA certificates.
        builder.tls_certs_only([])
    };
    let client = builder.build().map_err(|e| failed(e.to_string()))?;
    let certificate_can_be_missing = parsed.scheme() == "https" && options.client_cert_file.is_none();
    let no_response = |error: reqwest::Error| failed(problem_of(&error, certificate_can_be_missing));
    let mut request = client.get(parsed);
    if let Some((user, file)) = options.user.as_ref().zip(options.password_file.as_deref()) {
        request = request.basic_auth(user, Some(password(file)?));
    }
    let response = request.send().await.map_err(no_response)?;
    let status = response.status();
    let body = response.text().await.map_err(no_response)?;
    if status.is_success() { Ok(body) } else { Err(failed(refusal(status, body.trim(), options))) }
}

fn password(file: &Path) -> Result<String, CliError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| CliError::Run(format!("--password-file {}: cannot read the file: {error}", file.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Why there is no response, and what to do.
fn problem_of(error: &reqwest::Error, certificate_can_be_missing: bool) -> String {
    if error.is_timeout() {
        return format!("no response within {} s", TIMEOUT.as_secs());
    }
    // The outer error only repeats the address.
    let cause = iter::successors(error.source(), |cause| (*cause).source()).last().map(ToString::to_string);
    let cause = cause.unwrap_or_else(|| error.to_string());
    if cause.contains("AnotherCertificate") {
        return "the exporter's certificate is not the one that --web.config.file names; is this its configuration?"
            .to_owned();
    }
    let advice = if cause.contains("CertificateRequired") || cause.contains("HandshakeFailure") {
        "; the exporter asks for a certificate: use --client-cert-file and --client-key-file"
    } else if cause.contains("UnknownIssuer") {
        "; name the exporter's configuration with --web.config.file, or its authority with --ca-file"
    } else if certificate_can_be_missing && !error.is_connect() {
        // In TLS 1.3 the exporter refuses a missing certificate only after the client has connected. When the exporter
        // then closes the connection, the reason is often lost.
        "; if the exporter asks for a certificate, use --client-cert-file and --client-key-file"
    } else {
        ""
    };
    format!("no response: {cause}{advice}")
}

fn refusal(status: StatusCode, body: &str, options: &HealthcheckArgs) -> String {
    let advice = match status {
        StatusCode::UNAUTHORIZED if options.user.is_none() => "; use --user and --password-file",
        StatusCode::UNAUTHORIZED => "; the exporter refuses this user or this password",
        StatusCode::BAD_REQUEST if options.url.is_none() => {
            "; name the exporter's configuration with --web.config.file"
        }
        _ => "",
    };
    format!("{status}: {body}{advice}")
}
