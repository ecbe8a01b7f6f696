//! Errors of a configuration, and where they are.

use std::fmt;

use super::duration::InvalidDuration;
use crate::model::Collector;

/// All errors of a configuration; displays one error a line.
///
/// No error contains a secret: a value that could be a token is described, never quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

/// One error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where it is.
    pub location: Location,
    /// What is wrong and what the configuration expects.
    pub message: String,
}

/// Where an error is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In no single place.
    Everywhere,
    /// In a file.
    File {
        /// The path as the user gave it.
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
    /// In an environment variable without a flag.
    Variable(&'static str),
}

/// Why a value is not accepted. The location is added by the code that has read the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(String);

impl InvalidValue {
    /// The usual form of a message. The value is quoted, so it must not be a secret.
    pub(crate) fn new(what: &str, value: impl fmt::Display, expected: impl fmt::Display) -> Self {
        // Control characters are escaped, because a message is one line.
        Self(format!("invalid {what} {:?}: expected {expected}", value.to_string()))
    }

    /// A message without the value.
    pub(crate) fn without_value(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl From<InvalidDuration> for InvalidValue {
    fn from(error: InvalidDuration) -> Self {
        Self(error.to_string())
    }
}

/// The environment variable of a flag: `WOLKVOX_…` for flags about wolkvox, `WOLKVOX_EXPORTER_…` for flags of the
/// exporter; dots and dashes become underscores.
pub fn variable_of(flag: &str) -> String {
    let prefix = if flag.starts_with("wolkvox.") { "" } else { "WOLKVOX_EXPORTER_" };
    format!("{prefix}{}", flag.replace(['.', '-'], "_").to_uppercase())
}

impl ConfigErrors {
    /// The errors, in the order of the file.
    pub fn as_slice(&self) -> &[ConfigError] {
        &self.0
    }

    pub(super) fn one(location: Location, message: impl Into<String>) -> Self {
        Self(vec![ConfigError { location, message: message.into() }])
    }

    pub(super) fn many(errors: Vec<ConfigError>) -> Self {
        Self(errors)
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{error}")?;
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
                    write!(f, "{}: ", on_one_line(key))?;
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

/// The text with its control characters escaped: a key of a file can have any, and an error is one line.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { line.extend(c.escape_debug()) } else { line.push(c) }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_is_a_line_with_its_location() {
        let file = |line, key: &str| Location::File { file: "a.yml".into(), line, key: key.into() };
        let errors = [
            (file(Some(3), "operations[0].name"), "a.yml:3: operations[0].name: wrong"),
            (file(None, ""), "a.yml: wrong"),
            (file(Some(3), "operations[0].na\nm\u{1b}e ñ"), "a.yml:3: operations[0].na\\nm\\u{1b}e ñ: wrong"),
            (Location::Flag("wolkvox.token-file"), "--wolkvox.token-file (WOLKVOX_TOKEN_FILE): wrong"),
            (Location::Flag("poll.interval"), "--poll.interval (WOLKVOX_EXPORTER_POLL_INTERVAL): wrong"),
            (Location::Everywhere, "wrong"),
        ];
        for (location, text) in errors {
            assert_eq!(ConfigErrors::one(location, "wrong").to_string(), text);
        }
    }
}
