//! Reads and checks the configuration for a subcommand.

use super::{Args, CliError};
use crate::collect::Plan;
use crate::config::{self, Config, Sources};

/// Reads and checks the configuration that the arguments name.
pub(super) fn load(args: &Args) -> Result<Config, CliError> {
    // A variable that is not UTF-8 gets other characters, so that it is refused as an invalid value and not ignored.
    let environment = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    Ok(config::load(&Sources::from(args), &environment)?)
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
