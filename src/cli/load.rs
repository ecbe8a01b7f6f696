//! Reads and checks the configuration for a subcommand.

use super::{Args, CliError};
use crate::collect::Plan;
use crate::config::{self, Config, Sources};

/// Reads and checks the configuration that the arguments name.
pub(super) fn load(args: &Args) -> Result<Config, CliError> {
    Ok(config::load(&Sources::from(args), &|name| std::env::var(name).ok())?)
}

/// The poll plans of all operations; an error if a plan exceeds its quota.
pub(super) fn plans(config: &Config) -> Result<Vec<Plan>, CliError> {
    let (mut plans, mut errors) = (Vec::new(), Vec::new());
    for operation in &config.operations {
        match Plan::of(operation).check() {
            Ok(plan) => plans.push(plan),
            Err(error) => errors.push(error.to_string()),
        }
    }
    if errors.is_empty() { Ok(plans) } else { Err(CliError::Configuration(errors.join("\n"))) }
}
