//! The configuration as the rest of the program sees it: every value possible, every default filled in.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::collectors::CollectorSettings;
use crate::model::Targets;

/// Everything that polling needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// The operations, in the order of the file; their names are unique.
    pub operations: Vec<Operation>,
    /// Where quota and counters survive a restart; `None` keeps them in memory only.
    pub state_file: Option<PathBuf>,
}

/// One operation: one token's view of wolkvox.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The label `operation`.
    pub name: Arc<str>,
    /// Scheme, host and port; the path is the client's business.
    pub base_url: Url,
    /// What wolkvox knows the operation by.
    pub token: Token,
    /// Where its clocks are.
    pub timezone: TimeZone,
    /// Paid licences: a thousand calls a day each. `None` is unknown, no limit is enforced.
    pub licenses: Option<u32>,
    /// What to poll.
    pub collectors: CollectorSettings,
    /// What it promised per skill.
    pub targets: Arc<Targets>,
}

/// How often a collector polls and how long its values are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Between the starts of two polls.
    pub interval: Duration,
    /// Age at which the last good values are no longer shown.
    pub max_age: Duration,
}

/// What is asked for in a report that takes a `skill_id`: `all`, or one id of digits, letters, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SkillSelection(pub Arc<str>);

/// A stretch of time that ends now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The label `window`: `today`, or the duration as it was written.
    pub label: Arc<str>,
    /// Where it starts.
    pub span: WindowSpan,
}

/// Where a window starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowSpan {
    /// Field the first moment of the local day.
    Today,
    /// This long ago.
    Rolling(Duration),
}

/// A wolkvox token. Shows itself to nobody but the client that sends it.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// A token as it was read, surrounding white space removed by the caller.
    pub fn new(secret: String) -> Self {
        Self(SecretString::from(secret))
    }

    /// The token itself: for the request header, and for keys derived from it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

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
    /// Polls every `interval`; values are shown for three of them.
    pub fn every(interval: Duration) -> Self {
        Self { interval, max_age: interval * 3 }
    }
}

impl Window {
    /// The running local day.
    pub fn today() -> Self {
        Self { label: Arc::from("today"), span: WindowSpan::Today }
    }

    /// The last `length`, shown under `label`.
    pub fn rolling(label: &str, length: Duration) -> Self {
        Self { label: Arc::from(label), span: WindowSpan::Rolling(length) }
    }
}
