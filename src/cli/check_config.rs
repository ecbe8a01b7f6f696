//! `check-config`: validates the configuration and prints its cost in calls.

use std::fmt::Write as _;

use super::{Args, CliError, load, table};
use crate::config::duration;

/// The output of `check-config`.
pub(super) fn run(args: &Args) -> Result<String, CliError> {
    let (config, web_config) = load::all(args).map_err(|error| failed_check(&error))?;
    let plans = load::plans(&config).map_err(|error| failed_check(&error))?;
    let mut text = String::new();
    for (operation, plan) in config.operations.iter().zip(&plans) {
        let _ = writeln!(text, "operation {:?}", &*operation.name);
        let _ = writeln!(text, "  URL       {}", operation.base_url);
        if let Some(proxy) = &operation.proxy {
            let _ = writeln!(text, "  proxy     {proxy}");
        }
        let _ = writeln!(text, "  time zone {}", operation.timezone.iana_name().unwrap_or("fixed offset"));
        let mut lines = table::with_columns(&["  collector", ">every", ">calls a poll", ">calls a day"]);
        for line in &plan.lines {
            lines.add_row([
                format!("  {}", line.collector),
                duration::text(line.interval),
                line.calls_per_poll.to_string(),
                line.calls_per_day.to_string(),
            ]);
        }
        let _ = writeln!(text, "{lines}");
        for line in plan.lines.iter().filter(|line| !line.services_times.is_empty()) {
            let seconds: Vec<String> = line.services_times.iter().map(ToString::to_string).collect();
            let _ = writeln!(
                text,
                "  {} asks for the service level within {} s: a call has at most one such threshold",
                line.collector,
                seconds.join(", ")
            );
        }
        let planned = plan.calls_per_day();
        let _ = match plan.quota {
            Some(quota) => {
                let share = planned as f64 * 100.0 / quota as f64;
                writeln!(text, "  {planned} of {quota} calls a day ({share:.1} % of the quota)")
            }
            None => writeln!(text, "  {planned} calls a day; without licenses, the quota is unknown and not enforced"),
        };
    }
    if let Some((path, reading)) = &web_config {
        for warning in &reading.warnings {
            let _ = writeln!(text, "warning: {warning}");
        }
        let _ = writeln!(text, "the web configuration {} is valid", path.display());
    }
    let count = config.operations.len();
    let _ = writeln!(text, "the configuration is valid: {count} operation{}", if count == 1 { "" } else { "s" });
    Ok(text)
}

/// An invalid configuration gives exit code 1 here, because the command itself was used correctly.
fn failed_check(error: &CliError) -> CliError {
    CliError::Run(error.to_string())
}
