//! How a subcommand ends badly, and the exit code for it.

use std::fmt;
use std::process::ExitCode;

use crate::collect::OverQuota;
use crate::config;

/// Why a subcommand ended badly.
#[derive(Debug)]
pub enum CliError {
    /// What the user wrote has to change first: exit code 2.
    Configuration(String),
    /// It was tried and did not work: exit code 1.
    Run(String),
}

impl CliError {
    /// Exit codes: 1 failed, 2 usage or configuration.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) => ExitCode::from(2),
            Self::Run(_) => ExitCode::from(1),
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(message) | Self::Run(message) => f.write_str(message),
        }
    }
}

impl From<config::ConfigErrors> for CliError {
    fn from(errors: config::ConfigErrors) -> Self {
        Self::Configuration(errors.to_string())
    }
}

impl From<OverQuota> for CliError {
    fn from(refused: OverQuota) -> Self {
        Self::Configuration(refused.to_string())
    }
}
