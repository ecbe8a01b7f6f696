//! Reads and checks the configuration.
//!
//! There are two ways to configure: a file for any number of operations, or flags and environment variables for one.
//! [`load`] turns both into the same checked types, and the rest of the program uses only these. It reports all errors
//! at once.
//!
//! - `types`, `operation`: the checked configuration.
//! - `raw`: the file as a tree of values with their lines; `cursor`: reads the tree and collects errors.
//! - `file`, `collectors`, `targets`: the sections of the file; `single`: one operation from flags and variables.
//! - `values`, `base_url`, `token`, `hours`, `duration`: checks of single values, wherever they come from.
//! - `difference`: what another configuration changes. `effective`, `setting`: the configuration in use as a text.
//! - `proxy`, `no_proxy`: the proxy of an operation, from environment variables.

pub mod collectors;
pub mod duration;
pub mod web;

mod base_url;
mod cursor;
mod difference;
mod effective;
mod errors;
mod file;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod hours;
mod no_proxy;
mod operation;
mod proxy;
mod raw;
mod setting;
mod single;
mod suggest;
mod targets;
mod token;
mod types;
mod values;

use std::path::PathBuf;

pub(crate) use base_url::is_loopback;
pub use collectors::CollectorSettings;
pub use difference::Difference;
pub use errors::{ConfigError, ConfigErrors, InvalidValue, Location, variable_of};
pub use operation::{Config, Operation};
pub use proxy::Proxy;
pub use single::SingleOperation;
pub(crate) use token::read_again as read_token_again;
pub use types::{Cadence, SkillSelection, Token, Window, WindowSpan};

/// Looks up an environment variable; tests pass their own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The sources of the configuration: the values of flags and their environment variables, not yet checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// `--config.file`
    pub file: Option<PathBuf>,
    /// The operation that is configured without a file.
    pub operation: SingleOperation,
    /// `--wolkvox.allow-plain-http`: the only flag of an operation that is valid with a file too.
    pub allow_plain_http: bool,
    /// `--state.file`
    pub state_file: Option<PathBuf>,
}

/// Reads and checks the configuration. `environment` is used only for tokens and proxies.
pub fn load(sources: &Sources, environment: Environment<'_>) -> Result<Config, ConfigErrors> {
    let operations = match &sources.file {
        Some(path) => {
            reject_flags_with_file(&sources.operation)?;
            file::read(path, sources.allow_plain_http, environment)?
        }
        None if is_unconfigured(&sources.operation, environment) => {
            return Err(ConfigErrors::one(
                Location::Everywhere,
                "no operation is configured: name a file with --config.file (WOLKVOX_EXPORTER_CONFIG_FILE), \
                 or set WOLKVOX_SERVER and WOLKVOX_TOKEN for one operation, \
                 or run `wolkvox_exporter demo`, which needs no configuration",
            ));
        }
        None => vec![single::read(&sources.operation, sources.allow_plain_http, environment)?],
    };
    Ok(Config { operations, file: sources.file.clone(), state_file: sources.state_file.clone() })
}

fn is_unconfigured(operation: &SingleOperation, environment: Environment<'_>) -> bool {
    operation.used_flags().is_empty() && environment(single::TOKEN_VARIABLE).is_none_or(|token| token.is_empty())
}

/// Flags of one operation are rejected together with a file, because it would be unclear which operation they apply to.
fn reject_flags_with_file(operation: &SingleOperation) -> Result<(), ConfigErrors> {
    const MESSAGE: &str = "invalid combination: this flag configures one operation without a file, but --config.file \
                           (WOLKVOX_EXPORTER_CONFIG_FILE) is set too; set the value in the file, or remove --config.file";
    let error = |location| ConfigError { location, message: MESSAGE.to_owned() };
    let mut errors: Vec<_> = operation.used_flags().into_iter().map(|flag| error(Location::Flag(flag))).collect();
    errors.extend(operation.collectors.iter().map(|(name, _)| error(Location::Collector(*name))));
    if errors.is_empty() { Ok(()) } else { Err(ConfigErrors::many(errors)) }
}
