//! The section `tls_server_config`.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::sign::CertifiedKey;
use rustls::{Error, SupportedProtocolVersion};

use super::algorithms;
use super::client_auth::{self, ClientAuth};
use super::pem::{self, Pem};
use super::source::Source;
use crate::config::cursor::{Field, Section};

const KEYS: [&str; 13] = [
    "cert",
    "key",
    "client_ca",
    "cert_file",
    "key_file",
    "client_auth_type",
    "client_ca_file",
    "client_allowed_sans",
    "min_version",
    "max_version",
    "cipher_suites",
    "prefer_server_cipher_suites",
    "curve_preferences",
];

/// TLS of the web server.
#[derive(Clone)]
pub struct TlsSettings {
    /// The certificate, the certificates between it and its authority, and its key.
    pub certificate: Arc<CertifiedKey>,
    /// Which certificates clients need.
    pub client_auth: ClientAuth,
    /// The allowed versions of TLS.
    pub versions: Vec<&'static SupportedProtocolVersion>,
    /// The allowed cipher suites and curves, in the order of preference.
    pub provider: Arc<CryptoProvider>,
    /// Whether the order of the server's cipher suites is stronger than that of the client's.
    pub prefer_server_order: bool,
}

impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the certificate and its key.
        f.debug_struct("TlsSettings")
            .field("client_auth", &self.client_auth)
            .field("versions", &self.versions)
            .finish_non_exhaustive()
    }
}

pub(super) fn read(field: &Field<'_>, source: &Source<'_>) -> Option<TlsSettings> {
    let section = field.section(&KEYS)?;
    let certificate = certificate(&section, source);
    let client_auth = client_auth::read(&section, source);
    let algorithms = algorithms::read(&section, source);
    let prefer_server_order = section.optional("prefer_server_cipher_suites", Field::boolean);
    let algorithms = algorithms?;
    Some(TlsSettings {
        certificate: certificate?,
        client_auth: client_auth?,
        versions: algorithms.versions,
        provider: algorithms.provider,
        prefer_server_order: prefer_server_order?.unwrap_or(true),
    })
}

fn certificate(section: &Section<'_>, source: &Source<'_>) -> Option<Arc<CertifiedKey>> {
    let chain = required(section, "cert", "cert_file", "the path of the server's certificate", source);
    let key = required(section, "key", "key_file", "the path of the certificate's private key", source);
    let (chain, key) = (chain?, key?);
    let (certificates, private) = (chain.certificates(), key.private_key());
    match CertifiedKey::from_der(certificates?, private?, &ring::default_provider()) {
        Ok(certified) => Some(Arc::new(certified)),
        Err(Error::InconsistentKeys(_)) => {
            key.field.error(
                "invalid private key: expected the key of the server's certificate, but it belongs to another one",
            );
            None
        }
        Err(Error::InvalidCertificate(_)) => {
            chain.field.error("invalid certificate: expected an X.509 certificate, but the first one is damaged");
            None
        }
        Err(_) => {
            key.field.error(
                "invalid private key: expected RSA of at least 2048 bits, ECDSA with P-256 or P-384, or Ed25519",
            );
            None
        }
    }
}

fn required<'a>(
    section: &Section<'a>,
    inline: &str,
    file: &str,
    expected: &str,
    source: &Source<'_>,
) -> Option<Pem<'a>> {
    let pem = pem::read(section, inline, file, source)?;
    if pem.is_none() {
        section.field().error(format!("missing key {file} or {inline}: expected {expected}, or its text in PEM form"));
    }
    pem
}
