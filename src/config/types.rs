//! Types of single settings, which the types of collectors and operations contain.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

/// How often a collector polls and how long its values are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Time between the starts of two polls.
    pub interval: Duration,
    /// Age at which the values of the last successful poll are removed.
    pub max_age: Duration,
}

/// The `skill_id` that a report is requested for: `all`, or one id of digits, letters, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SkillSelection(pub Arc<str>);

/// A period of time that ends now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The label `window`: `today`, or the duration as the configuration writes it.
    pub label: Arc<str>,
    /// When the period starts.
    pub span: WindowSpan,
}

/// When a window starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowSpan {
    /// At the first moment of the local day.
    Today,
    /// This long ago.
    Rolling(Duration),
}

/// A wolkvox token. Its `Debug` form does not contain the secret.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// A token; the caller has removed surrounding white space.
    pub fn new(secret: String) -> Self {
        Self(SecretString::from(secret))
    }

    /// The secret: for the request header, and for keys derived from it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

impl SkillSelection {
    /// The selection of every skill.
    pub fn all() -> Self {
        Self(Arc::from("all"))
    }
}

impl Cadence {
    /// Polls every `interval` and exports values for three intervals.
    pub fn every(interval: Duration) -> Self {
        Self { interval, max_age: interval * 3 }
    }
}

impl Window {
    /// The current local day.
    pub fn today() -> Self {
        Self { label: Arc::from("today"), span: WindowSpan::Today }
    }

    /// The last `length`, with the label `label`.
    pub fn rolling(label: &str, length: Duration) -> Self {
        Self { label: Arc::from(label), span: WindowSpan::Rolling(length) }
    }
}
