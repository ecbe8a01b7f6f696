//! What is wrong with a configuration, and where.

use std::fmt;

use crate::model::Collector;

/// Everything that was found wrong; displays one finding a line.
///
/// No finding holds a secret: what could be a token is described, never quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where it was found.
    pub location: Location,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Where a finding was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In no single location.
    Everywhere,
    /// In a file.
    File {
        /// The path as it was given.
        file: String,
        /// The line, from 1.
        line: Option<u64>,
        /// The path of the key, such as `operations[1].server`; empty for the file as a whole.
        key: String,
    },
    /// In a flag, given by its name without dashes, or in its environment variable.
    Flag(&'static str),
    /// In the flag that switches a collector, or in its environment variable.
    Collector(Collector),
    /// In an environment variable that is no flag.
    Variable(&'static str),
}

/// The environment variable of a flag: what is wolkvox's is named `WOLKVOX_…`, what is the exporter's own
/// `WOLKVOX_EXPORTER_…`; dots and dashes are underscores.
pub fn variable_of(flag: &str) -> String {
    let prefix = if flag.starts_with("wolkvox.") { "" } else { "WOLKVOX_EXPORTER_" };
    format!("{prefix}{}", flag.replace(['.', '-'], "_").to_uppercase())
}

impl ConfigErrors {
    /// The findings, in the order of the file.
    pub fn findings(&self) -> &[ConfigError] {
        &self.0
    }

    pub(super) fn one(location: Location, message: impl Into<String>) -> Self {
        Self(vec![ConfigError { location, message: message.into() }])
    }

    pub(super) fn many(findings: Vec<ConfigError>) -> Self {
        Self(findings)
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Location::Everywhere => {}
            Location::File { file, line, key } => {
                f.write_str(file)?;
                if let Some(line) = line {
                    write!(f, ":{line}")?;
                }
                f.write_str(": ")?;
                if !key.is_empty() {
                    write!(f, "{key}: ")?;
                }
            }
            Location::Flag(flag) => write!(f, "--{flag} ({}): ", variable_of(flag))?,
            Location::Collector(name) => {
                let flag = format!("collector.{name}");
                write!(f, "--[no-]{flag} ({}): ", variable_of(&flag))?;
            }
            Location::Variable(name) => write!(f, "{name}: ")?,
        }
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_is_a_line_that_says_where() {
        let file = |line, key: &str| Location::File { file: "a.yml".into(), line, key: key.into() };
        let errors = [
            (file(Some(3), "operations[0].name"), "a.yml:3: operations[0].name: wrong"),
            (file(None, ""), "a.yml: wrong"),
            (Location::Flag("wolkvox.token-file"), "--wolkvox.token-file (WOLKVOX_TOKEN_FILE): wrong"),
            (Location::Flag("poll.interval"), "--poll.interval (WOLKVOX_EXPORTER_POLL_INTERVAL): wrong"),
            (Location::Everywhere, "wrong"),
        ];
        for (location, text) in errors {
            assert_eq!(ConfigErrors::one(location, "wrong").to_string(), text);
        }
    }
}
