//! The checked configuration that the rest of the program uses: all values are valid, all defaults are filled in.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use url::Url;

use super::collectors::CollectorSettings;
use super::proxy::Proxy;
use super::types::Token;
use crate::model::Targets;

/// Everything that polling needs.
#[derive(Clone, Debug)]
pub struct Config {
    /// The operations, in the order of the file; their names are unique.
    pub operations: Vec<Operation>,
    /// The file that they were read from; `None` for flags and environment variables.
    pub file: Option<PathBuf>,
    /// Where quota and counters survive a restart; `None` keeps them in memory only.
    pub state_file: Option<PathBuf>,
}

/// One operation of wolkvox, selected by its token.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The label `operation`.
    pub name: Arc<str>,
    /// Scheme, host and port; the API client adds the path.
    pub base_url: Url,
    /// The proxy that calls go through.
    pub proxy: Option<Proxy>,
    /// The token that selects the operation, as it was read at the start.
    pub token: Token,
    /// The file that the token was read from, which may get another token later. `None` for an environment variable.
    pub token_file: Option<PathBuf>,
    /// The environment variable that the token was read from. `None` for a file.
    pub token_variable: Option<Arc<str>>,
    /// Decides when a day begins.
    pub timezone: TimeZone,
    /// Paid licenses, 1,000 calls a day for each. `None` is unknown and sets no limit.
    pub licenses: Option<u32>,
    /// The collectors that poll, with their settings.
    pub collectors: CollectorSettings,
    /// The targets of the skills.
    pub targets: Arc<Targets>,
}

impl Operation {
    /// Whether calls need TLS: to the server, or to the proxy.
    pub fn uses_tls(&self) -> bool {
        self.base_url.scheme() == "https" || self.proxy.as_ref().is_some_and(Proxy::uses_tls)
    }

    /// Whether calls are made in the same way: to the same server, through the same proxy and with the same token.
    pub fn has_access_of(&self, other: &Self) -> bool {
        self.base_url == other.base_url
            && self.proxy == other.proxy
            && self.token == other.token
            && self.token_file == other.token_file
    }

    /// Keeps the token with which `earlier` was started, if both read it from the same file. Calls look at the file
    /// themselves, so another token in it changes nothing about the operation. A pipe has no second token for them.
    pub fn keep_token_of(&mut self, earlier: &Self) {
        if self.token_file == earlier.token_file && self.token_file.as_ref().is_some_and(|path| path.is_file()) {
            self.token = earlier.token.clone();
        }
    }
}
