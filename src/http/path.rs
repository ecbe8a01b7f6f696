//! The path at which the metrics are served.

use std::fmt;
use std::str::FromStr;

/// A path that no other page has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetryPath(String);

/// The path cannot be used for the metrics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid telemetry path \"{path}\": expected {expected}")]
pub struct InvalidPath {
    path: String,
    expected: &'static str,
}

impl TelemetryPath {
    /// The path with its leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TelemetryPath {
    fn default() -> Self {
        Self("/metrics".to_owned())
    }
}

impl FromStr for TelemetryPath {
    type Err = InvalidPath;

    fn from_str(path: &str) -> Result<Self, InvalidPath> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
        let expected = if !path.starts_with('/') {
            "a path that starts with a slash, for example /metrics"
        } else if ["/", "/-", "/config"].contains(&path) || path.starts_with("/-/") {
            "a path other than the other pages of the exporter (/, /-/ and /config), for example /metrics"
        } else if !path.chars().all(plain) {
            "only letters, digits and the characters /-._~, for example /metrics"
        } else {
            return Ok(Self(path.to_owned()));
        };
        Err(InvalidPath { path: path.to_owned(), expected })
    }
}

impl fmt::Display for TelemetryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_is_accepted() {
        for path in ["/metrics", "/wolkvox/metrics", "/m", "/-metrics"] {
            assert_eq!(path.parse::<TelemetryPath>().unwrap().as_str(), path);
        }
    }

    #[test]
    fn a_path_of_another_page_or_a_pattern_is_refused() {
        for path in ["", "metrics", "/", "/-/ready", "/-", "/config", "/{all}", "/a b", "/*", "/métricas", "/m?x=1"] {
            assert!(path.parse::<TelemetryPath>().is_err(), "{path}");
        }
    }

    #[test]
    fn the_message_gives_an_example() {
        assert_eq!(
            "metrics".parse::<TelemetryPath>().unwrap_err().to_string(),
            "invalid telemetry path \"metrics\": expected a path that starts with a slash, for example /metrics"
        );
    }
}
