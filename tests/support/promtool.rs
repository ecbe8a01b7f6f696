//! Questions to promtool.

use super::peers::PrometheusVersion;
use super::process::{Finished, run};

/// Runs promtool with `arguments`, and `input` as its standard input.
pub(crate) fn promtool(version: PrometheusVersion, arguments: &[&str], input: &str) -> Finished {
    run(version.promtool().args(arguments), input)
}

/// Has a page in text format 0.0.4 read and linted.
///
/// # Errors
/// What promtool finds: it cannot read the page, or a name or a help text breaks a convention.
pub(crate) fn check_metrics(version: PrometheusVersion, page: &str) -> Result<(), String> {
    let said = promtool(version, &["check", "metrics"], page);
    let findings = said.stdout + &said.stderr;
    if said.status.success() && findings.trim().is_empty() { Ok(()) } else { Err(findings) }
}
