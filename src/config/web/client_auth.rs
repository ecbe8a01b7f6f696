//! Certificates of clients: the keys `client_auth_type`, `client_ca` or `client_ca_file`, and `client_allowed_sans`.

use std::sync::Arc;

use rustls::RootCertStore;

use super::pem;
use super::source::Source;
use crate::config::cursor::{Field, Section};
use crate::config::errors::InvalidValue;
use crate::config::suggest::{alternatives, nearest};

/// Which certificates clients need.
#[derive(Clone, Debug, Default)]
pub struct ClientAuth {
    /// Whether a certificate is requested, required and verified.
    pub kind: ClientAuthType,
    /// The authorities that may have signed it.
    pub authorities: Option<Arc<RootCertStore>>,
    /// The certificate needs one of these as a Subject Alternative Name: a DNS name, an IP address, an e-mail address or
    /// a URI.
    pub allowed_names: Option<Arc<[String]>>,
}

/// The client authentication types of Go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthType {
    /// No certificate is requested.
    #[default]
    None,
    /// A certificate is requested, but not needed and not verified.
    Request,
    /// A certificate is needed, but not verified.
    RequireAny,
    /// A certificate is not needed. If the client sends one, it is verified.
    VerifyIfGiven,
    /// A certificate is needed and verified.
    RequireAndVerify,
}

/// The names of the types. The last one is an old name.
const TYPES: [(&str, ClientAuthType); 6] = [
    ("NoClientCert", ClientAuthType::None),
    ("RequestClientCert", ClientAuthType::Request),
    ("RequireAnyClientCert", ClientAuthType::RequireAny),
    ("VerifyClientCertIfGiven", ClientAuthType::VerifyIfGiven),
    ("RequireAndVerifyClientCert", ClientAuthType::RequireAndVerify),
    ("RequireClientCert", ClientAuthType::RequireAny),
];

impl ClientAuthType {
    /// Whether certificates are verified.
    pub fn verifies(self) -> bool {
        matches!(self, Self::VerifyIfGiven | Self::RequireAndVerify)
    }

    /// Whether a client without a certificate is refused.
    pub fn requires(self) -> bool {
        matches!(self, Self::RequireAny | Self::RequireAndVerify)
    }
}

pub(super) fn read(section: &Section<'_>, source: &Source<'_>) -> Option<ClientAuth> {
    let kind_field = section.get("client_auth_type");
    let kind = section.optional("client_auth_type", |field| field.parse_text(parse_type));
    let authorities = pem::read(section, "client_ca", "client_ca_file", source);
    let names_field = section.get("client_allowed_sans");
    let names = section.optional("client_allowed_sans", allowed_names);
    let kind = kind?.unwrap_or_default();
    let authorities = authorities?;
    let names = names?;
    let mut is_valid = true;
    match &authorities {
        Some(pem) if kind == ClientAuthType::None => {
            pem.field.error(
                "invalid combination: the certificates of clients are not verified without client_auth_type; set it, \
                 for example to RequireAndVerifyClientCert",
            );
            is_valid = false;
        }
        None if kind.verifies() => {
            let field = kind_field.as_ref().unwrap_or(section.field());
            field.error(
                "missing key client_ca_file or client_ca: expected the authorities of the clients' certificates",
            );
            is_valid = false;
        }
        _ => {}
    }
    if let Some(field) = names_field.filter(|_| kind == ClientAuthType::None) {
        field.error(
            "invalid combination: clients send no certificate without client_auth_type; set it, for example to \
             RequireAndVerifyClientCert",
        );
        is_valid = false;
    }
    let roots = match &authorities {
        Some(pem) => Some(pem.authorities()?),
        None => None,
    };
    if !is_valid {
        return None;
    }
    if let Some(field) = kind_field.filter(|_| kind != ClientAuthType::None && !kind.verifies()) {
        source.warn(
            &field,
            "certificates of clients are not verified, so anybody can make one; use RequireAndVerifyClientCert",
        );
    }
    Some(ClientAuth { kind, authorities: roots.map(Arc::new), allowed_names: names })
}

fn parse_type(text: &str) -> Result<ClientAuthType, InvalidValue> {
    if let Some((_, kind)) = TYPES.iter().find(|(name, _)| *name == text) {
        return Ok(*kind);
    }
    let names = TYPES[..5].iter().map(|(name, _)| *name).collect::<Vec<_>>();
    Err(match nearest(text, names.iter().copied()) {
        Some(name) => InvalidValue::without_value(format!("invalid client_auth_type {text:?}: did you mean {name}?")),
        None => InvalidValue::new("client_auth_type", text, alternatives(&names)),
    })
}

fn allowed_names(field: &Field<'_>) -> Option<Arc<[String]>> {
    const EXPECTED: &str = "at least one DNS name, IP address, e-mail address or URI of a client's certificate";
    let name = |text: &str| match text {
        "" => Err(InvalidValue::new("name", text, EXPECTED)),
        _ => Ok(text.to_owned()),
    };
    let names = field.parse_items(EXPECTED, |first, second| first == second, |item| item.parse_text(name))?;
    Some(Arc::from(names))
}
