//! What the user wrote, and what the program may rely on.
//!
//! There are two ways to configure: a file for any number of operations, or flags and environment for one. Either way
//! [`load`] gives [`checked`] values, which is all that the rest of the program sees; whatever can be wrong is found on
//! the way, never later, and all of it at once.
//!
//! - `raw`: the file as a tree of values with their lines; `reading`: walking through it while noting what is wrong.
//! - `file`, `collectors`, `targets`: the sections of the file; `single`: the one operation of flags and environment.
//! - `values`, `base_url`, `token`, `hours`, `duration`: what single values may hold, whatever way they came.

pub mod checked;
pub mod duration;

mod base_url;
mod collectors;
mod cursor;
mod errors;
mod file;
mod hours;
mod raw;
mod single;
mod suggest;
mod targets;
mod token;
mod values;

use std::path::PathBuf;

pub(crate) use base_url::is_loopback;
pub use checked::{Cadence, Config, Operation, SkillSelection, Token, Window, WindowSpan};
pub use collectors::{
    AgentsKpiSettings, CollectorSettings, DnisMask, DnisSettings, IvrSettings, SkillsSettings, TimeUnit,
    TransfersSettings,
};
pub use errors::{ConfigError, ConfigErrors, Location, variable_of};
pub use single::SingleOperation;

/// Looks up an environment variable: the process's own, or a test's.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where the configuration comes from: what flags and their environment variables gave, not yet checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// `--config.file`
    pub file: Option<PathBuf>,
    /// The one operation that needs no file.
    pub operation: SingleOperation,
    /// `--wolkvox.allow-plain-http`: the one flag of an operation that the file leaves to the command line.
    pub allow_plain_http: bool,
    /// `--state.file`
    pub state_file: Option<PathBuf>,
}

/// Reads and checks the configuration. Reads files, but asks `environment` for variables (tokens only).
pub fn load(sources: &Sources, environment: Environment<'_>) -> Result<Config, ConfigErrors> {
    let operations = match &sources.file {
        Some(path) => {
            refuse_mixture(&sources.operation)?;
            file::read(path, sources.allow_plain_http, environment)?
        }
        None if nothing_given(&sources.operation, environment) => {
            return Err(ConfigErrors::one(
                Location::Everywhere,
                "nothing to poll is configured: name a file with --config.file (WOLKVOX_EXPORTER_CONFIG_FILE), \
                 or set WOLKVOX_SERVER and WOLKVOX_TOKEN for one operation, \
                 or run `wolkvox_exporter demo`, which needs neither",
            ));
        }
        None => vec![single::read(&sources.operation, sources.allow_plain_http, environment)?],
    };
    Ok(Config { operations, state_file: sources.state_file.clone() })
}

fn nothing_given(operation: &SingleOperation, environment: Environment<'_>) -> bool {
    operation.given().is_empty() && environment(single::TOKEN_VARIABLE).is_none_or(|token| token.is_empty())
}

/// A flag next to a file would have to mean all operations or the first one: whoever writes it may expect either.
fn refuse_mixture(operation: &SingleOperation) -> Result<(), ConfigErrors> {
    const RIGHT: &str = "is for one operation without a file, but --config.file (WOLKVOX_EXPORTER_CONFIG_FILE) is given \
                         too: write it into the file, or leave the file out";
    let refused = |location| ConfigError { location, message: RIGHT.to_owned() };
    let mut findings: Vec<_> = operation.given().into_iter().map(|flag| refused(Location::Flag(flag))).collect();
    findings.extend(operation.collectors.iter().map(|(name, _)| refused(Location::Collector(*name))));
    if findings.is_empty() { Ok(()) } else { Err(ConfigErrors::many(findings)) }
}
