//! `healthcheck`: requests the ready page of a running exporter, for container health checks without a shell.

use std::error::Error as _;
use std::iter;
use std::time::Duration;

use super::CliError;

/// Shorter than the timeout of container engines for a health check.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Succeeds if the response of `url` has a status of success.
pub(super) async fn run(url: &str) -> Result<String, CliError> {
    let failed = |problem: String| CliError::Run(format!("{url}: {problem}"));
    // A proxy from the environment is not used, because the exporter is on this machine.
    let builder = reqwest::Client::builder().no_proxy().timeout(TIMEOUT);
    // Plain http must also work on a machine without CA certificates.
    let builder = if url.starts_with("http://") { builder.tls_certs_only([]) } else { builder };
    let client = builder.build().map_err(|e| failed(e.to_string()))?;
    let response = client.get(url).send().await.map_err(|error| {
        // The outer error only repeats the address.
        let cause = iter::successors(error.source(), |cause| (*cause).source()).last().map(ToString::to_string);
        let cause = cause.unwrap_or_else(|| error.to_string());
        failed(if error.is_timeout() {
            format!("no response within {} s", TIMEOUT.as_secs())
        } else {
            format!("no response: {cause}")
        })
    })?;
    let status = response.status();
    let body = response.text().await.unwrap_or_default();
    if status.is_success() { Ok(body) } else { Err(failed(format!("{status}: {}", body.trim()))) }
}
