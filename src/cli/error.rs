//! Errors of subcommands and their exit codes.

use std::fmt;
use std::process::ExitCode;

use crate::collect::OverQuota;
use crate::config;

/// Why a subcommand failed.
#[derive(Debug)]
pub enum CliError {
    /// Invalid flags or configuration: exit code 2.
    Configuration(String),
    /// The command failed: exit code 1.
    Run(String),
}

impl CliError {
    /// 1 for a failed command, 2 for invalid flags or configuration.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) => ExitCode::from(2),
            Self::Run(_) => ExitCode::from(1),
        }
    }
}

impl std::error::Error for CliError {}

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
    fn from(error: OverQuota) -> Self {
        Self::Configuration(error.to_string())
    }
}
