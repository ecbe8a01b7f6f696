//! `healthcheck`: asks a running exporter whether it is ready, for container health checks without a shell.

use std::error::Error as _;
use std::iter;
use std::time::Duration;

use super::CliError;

/// Shorter than what container engines grant a check.
const PATIENCE: Duration = Duration::from_secs(4);

/// Succeeds when `url` answers 200.
pub(super) async fn run(url: &str) -> Result<String, CliError> {
    let failed = |what: String| CliError::Run(format!("{url}: {what}"));
    // The exporter is on this machine: a proxy from the environment has no part in it.
    let builder = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
    // Plain http needs no certificates, so it works where none are installed.
    let builder = if url.starts_with("http://") { builder.tls_certs_only([]) } else { builder };
    let client = builder.build().map_err(|e| failed(e.to_string()))?;
    let response = client.get(url).send().await.map_err(|error| {
        // The error itself only repeats the address.
        let cause = iter::successors(error.source(), |cause| (*cause).source()).last().map(ToString::to_string);
        let cause = cause.unwrap_or_else(|| error.to_string());
        failed(if error.is_timeout() { "no answer in time".to_owned() } else { format!("no answer: {cause}") })
    })?;
    let status = response.status();
    let said = response.text().await.unwrap_or_default();
    if status.is_success() { Ok(said) } else { Err(failed(format!("{status}: {}", said.trim()))) }
}
