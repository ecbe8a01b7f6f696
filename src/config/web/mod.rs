//! The web configuration: TLS, passwords, headers and the rate limit of the exporter's own pages.
//!
//! The file has the keys and meanings of Prometheus's exporter-toolkit, so that one file works for every exporter. Its
//! values are checked here; what the web server does with them belongs to `http`.
//!
//! - `tls`: the section `tls_server_config`; `pem`: certificates and keys; `client_auth`: certificates of clients;
//!   `algorithms`: versions, cipher suites and curves.
//! - `users`: `basic_auth_users`; `http_server`: `http_server_config`; `rate_limit`: `rate_limit`.
//! - `server_certificate`: the certificate only, for health checks.
//! - `source`: the files, so that a change of any of them is noticed.

mod algorithms;
mod client_auth;
mod http_server;
mod pem;
mod rate_limit;
mod server_certificate;
mod source;
mod tls;
mod users;

use std::path::Path;

use super::cursor::{Document, Field};
use super::errors::{ConfigError, ConfigErrors, Location};
use super::raw::{self, Value};
use source::Source;

pub use client_auth::{ClientAuth, ClientAuthType};
pub use http_server::HttpSettings;
pub use rate_limit::RateLimit;
pub use server_certificate::server_certificate;
pub use source::Fingerprint;
pub use tls::TlsSettings;
pub use users::{BasicAuthUsers, PasswordHash};

/// The keys of the file.
const KEYS: [&str; 4] = ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"];

/// A checked web configuration.
#[derive(Clone, Debug, Default)]
pub struct WebConfig {
    /// TLS; `None` serves plain HTTP.
    pub tls: Option<TlsSettings>,
    /// HTTP/2 and the headers of responses.
    pub http: HttpSettings,
    /// The users and the hashes of their passwords; without users, no password is needed.
    pub users: BasicAuthUsers,
    /// The rate of requests; `None` is no limit.
    pub rate_limit: Option<RateLimit>,
}

/// The result of reading a web configuration and the files that it names.
#[derive(Debug)]
pub struct WebConfigReading {
    /// The configuration, or all errors.
    pub config: Result<WebConfig, ConfigErrors>,
    /// Settings that are valid but do not have the effect that a reader could expect.
    pub warnings: Vec<ConfigError>,
    /// What was read.
    pub fingerprint: Fingerprint,
}

/// Reads and checks a web configuration and the files that it names. Relative paths start from its folder.
pub fn read(path: &Path) -> WebConfigReading {
    let source = Source::new(path);
    let mut result = parse(path, &source);
    let (warnings, fingerprint) = source.finish();
    if let Err(errors) = &result
        && errors.as_slice().is_empty()
    {
        // Each invalid value reports its error, so this is only a guard.
        let location = Location::File { file: path.display().to_string(), line: None, key: String::new() };
        result = Err(ConfigErrors::one(location, "invalid web configuration"));
    }
    WebConfigReading { config: result, warnings, fingerprint }
}

fn parse(path: &Path, source: &Source<'_>) -> Result<WebConfig, ConfigErrors> {
    let file = path.display().to_string();
    let file_error = |line, message: String| {
        ConfigErrors::one(Location::File { file: file.clone(), line, key: String::new() }, message)
    };
    let text = source.text_of(path).map_err(|problem| file_error(None, problem))?;
    let root = raw::parse(&text).map_err(|error| file_error(error.line, format!("invalid YAML: {}", error.message)))?;
    let document = Document::new(&file, &text);
    let config = sections(&document.root(&root), source);
    let errors = document.into_errors();
    match config {
        Some(config) if errors.is_empty() => Ok(config),
        _ => Err(ConfigErrors::many(errors)),
    }
}

/// All sections are read, also after an error in one of them.
fn sections(root: &Field<'_>, source: &Source<'_>) -> Option<WebConfig> {
    if matches!(root.value(), Value::Null) {
        return Some(WebConfig::default());
    }
    let section = root.section(&KEYS)?;
    let tls = section.optional("tls_server_config", |field| tls::read(field, source));
    let http = section.optional("http_server_config", http_server::read);
    let users = section.optional("basic_auth_users", |field| users::read(field, source));
    let rate_limit = section.optional("rate_limit", rate_limit::read);
    Some(WebConfig {
        tls: tls?,
        http: http?.unwrap_or_default(),
        users: users?.unwrap_or_default(),
        rate_limit: rate_limit?.flatten(),
    })
}

impl WebConfig {
    /// The protection of this configuration that `new` has no longer. While the exporter runs, protection is never
    /// switched off, because a file that is being written may end too early and is valid all the same.
    pub fn protection_missing_in(&self, new: &Self) -> Option<&'static str> {
        let client_auth = |config: &Self| config.tls.as_ref().map(|tls| tls.client_auth.clone()).unwrap_or_default();
        let (before, after) = (client_auth(self), client_auth(new));
        if self.tls.is_some() && new.tls.is_none() {
            Some("tls_server_config")
        } else if !self.users.is_empty() && new.users.is_empty() {
            Some("basic_auth_users")
        } else if before.kind != ClientAuthType::None && after.kind == ClientAuthType::None {
            Some("client_auth_type")
        } else if before.allowed_names.is_some() && after.allowed_names.is_none() {
            Some("client_allowed_sans")
        } else if self.rate_limit.is_some() && new.rate_limit.is_none() {
            Some("rate_limit")
        } else {
            None
        }
    }
}
