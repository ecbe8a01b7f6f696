//! Reads and checks the configuration for a subcommand.

use std::path::PathBuf;

use super::{Args, CliError};
use crate::collect::Plan;
use crate::config::web::{self, WebConfigReading};
use crate::config::{self, Config, Sources};

/// Reads and checks the configuration that the arguments name.
pub(super) fn load(args: &Args) -> Result<Config, CliError> {
    // A variable that is not UTF-8 gets other characters, so that it is refused as an invalid value and not ignored.
    let environment = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    Ok(config::load(&Sources::from(args), &environment)?)
}

/// The web configuration that the arguments name, with its path; `None` without the flag. It may be invalid.
pub(super) fn web_config(args: &Args) -> Option<(PathBuf, WebConfigReading)> {
    args.web.config_file().map(|path| (path.to_owned(), web::read(path)))
}

/// The same as [`load`] and [`web_config`]; an error contains the errors of both.
pub(super) fn all(args: &Args) -> Result<(Config, Option<(PathBuf, WebConfigReading)>), CliError> {
    let web_config = web_config(args);
    let web_errors = web_config.as_ref().and_then(|(_, reading)| reading.config.as_ref().err());
    match (load(args), web_errors) {
        (Ok(config), None) => Ok((config, web_config)),
        (Ok(_), Some(errors)) => Err(CliError::Configuration(errors.to_string())),
        (Err(error), None) => Err(error),
        (Err(error), Some(errors)) => Err(CliError::Configuration(format!("{error}\n{errors}"))),
    }
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
