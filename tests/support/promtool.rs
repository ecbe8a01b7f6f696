//! Checks with promtool.

use super::peers::PrometheusVersion;
use super::process::{Finished, run};

/// Runs promtool with `arguments`, and `input` as its standard input.
pub(crate) fn promtool(version: PrometheusVersion, arguments: &[&str], input: &str) -> Finished {
    run(version.promtool().args(arguments), input)
}

/// Checks a page in text format 0.0.4.
///
/// # Errors
/// The findings of promtool: a syntax error, or a name or help text that breaks a convention.
pub(crate) fn check_metrics(version: PrometheusVersion, page: &str) -> Result<(), String> {
    let output = promtool(version, &["check", "metrics"], page);
    let findings = output.stdout + &output.stderr;
    if output.status.success() && findings.trim().is_empty() { Ok(()) } else { Err(findings) }
}
