//! `check-config`: whether the configuration is right, and what it costs.

use std::fmt::Write as _;

use super::{Args, CliError, table};
use crate::collect::Plan;
use crate::config::{self, Config, Sources, duration};

/// Reads and checks the configuration that the arguments name.
pub(super) fn load(args: &Args) -> Result<Config, CliError> {
    Ok(config::load(&Sources::from(args), &|name| std::env::var(name).ok())?)
}

/// The plans of all operations, unless one costs more than its quota.
pub(super) fn plans(config: &Config) -> Result<Vec<Plan>, CliError> {
    let (mut plans, mut refused) = (Vec::new(), Vec::new());
    for operation in &config.operations {
        match Plan::of(operation).check() {
            Ok(plan) => plans.push(plan),
            Err(over) => refused.push(over.to_string()),
        }
    }
    if refused.is_empty() { Ok(plans) } else { Err(CliError::Configuration(refused.join("\n"))) }
}

/// What `check-config` prints.
pub(super) fn run(args: &Args) -> Result<String, CliError> {
    let config = load(args).map_err(|wrong| as_failed_check(&wrong))?;
    let plans = plans(&config).map_err(|wrong| as_failed_check(&wrong))?;
    let mut text = String::new();
    for (operation, plan) in config.operations.iter().zip(&plans) {
        let _ = writeln!(text, "operation {:?}", &*operation.name);
        let _ = writeln!(text, "  asks      {}", operation.base_url);
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
        let planned = plan.calls_per_day();
        let _ = match plan.quota {
            Some(quota) => {
                let share = planned as f64 * 100.0 / quota as f64;
                writeln!(text, "  {planned} of {quota} calls a day ({share:.1} % of the quota)")
            }
            None => writeln!(text, "  {planned} calls a day; the quota is unknown, set licenses to have it kept"),
        };
    }
    let count = config.operations.len();
    let _ = writeln!(text, "the configuration is right: {count} operation{}", if count == 1 { "" } else { "s" });
    Ok(text)
}

/// `check-config` was asked whether the configuration is right: "no" is its answer, 1, and not a wrong use of it.
fn as_failed_check(failed: &CliError) -> CliError {
    CliError::Run(failed.to_string())
}
