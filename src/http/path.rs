//! Where the metrics are served.

use std::fmt;
use std::str::FromStr;

/// A path for the metrics that collides with no other page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetryPath(String);

/// Why a path cannot be used for the metrics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` cannot be the path of the metrics: {why}; write something like `/metrics`")]
pub struct BadPath {
    path: String,
    why: &'static str,
}

impl TelemetryPath {
    /// The path, with its leading slash.
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
    type Err = BadPath;

    fn from_str(path: &str) -> Result<Self, BadPath> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
        let why = if !path.starts_with('/') {
            "it does not start with a slash"
        } else if path == "/" {
            "the landing page is there"
        } else if path == "/-" || path.starts_with("/-/") || path == "/config" {
            "it belongs to the exporter's other pages"
        } else if !path.chars().all(plain) {
            "it has characters other than letters, digits and `/-._~`"
        } else {
            return Ok(Self(path.to_owned()));
        };
        Err(BadPath { path: path.to_owned(), why })
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
    fn a_plain_path_is_taken() {
        for path in ["/metrics", "/wolkvox/metrics", "/m", "/-metrics"] {
            assert_eq!(path.parse::<TelemetryPath>().unwrap().as_str(), path);
        }
    }

    #[test]
    fn a_path_that_would_collide_or_be_a_pattern_is_refused() {
        for path in ["", "metrics", "/", "/-/ready", "/-", "/config", "/{all}", "/a b", "/*", "/métricas", "/m?x=1"] {
            assert!(path.parse::<TelemetryPath>().is_err(), "{path}");
        }
    }

    #[test]
    fn the_message_says_what_would_be_right() {
        assert_eq!(
            "metrics".parse::<TelemetryPath>().unwrap_err().to_string(),
            "`metrics` cannot be the path of the metrics: it does not start with a slash; write something like `/metrics`"
        );
    }
}
