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
    /// Where quota and counters survive a restart; `None` keeps them in memory only.
    pub state_file: Option<PathBuf>,
}

/// One operation of wolkvox, selected by its token.
#[derive(Clone, Debug)]
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
}
