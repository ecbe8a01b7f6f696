//! Versions of TLS, cipher suites and curves: what the file allows, as far as the TLS library has it.
//!
//! The names are those of Go. Go has older algorithms than the TLS library, rustls, has. A list may contain them, with a
//! warning, as long as something else remains.

use std::sync::Arc;

use rustls::crypto::ring::{cipher_suite, default_provider, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::version::{TLS12, TLS13};
use rustls::{ProtocolVersion, SupportedCipherSuite, SupportedProtocolVersion};

use super::source::Source;
use crate::config::cursor::{Field, Section};
use crate::config::errors::InvalidValue;
use crate::config::suggest::{alternatives, nearest};

/// What the file allows.
pub(super) struct Algorithms {
    pub(super) versions: Vec<&'static SupportedProtocolVersion>,
    pub(super) provider: Arc<CryptoProvider>,
}

/// Versions, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

const VERSIONS: [(&str, Version); 4] =
    [("TLS10", Version::Tls10), ("TLS11", Version::Tls11), ("TLS12", Version::Tls12), ("TLS13", Version::Tls13)];

/// `None` where the TLS library does not have it.
const SUITES: [(&str, Option<SupportedCipherSuite>); 13] = [
    ("TLS_AES_256_GCM_SHA384", Some(cipher_suite::TLS13_AES_256_GCM_SHA384)),
    ("TLS_AES_128_GCM_SHA256", Some(cipher_suite::TLS13_AES_128_GCM_SHA256)),
    ("TLS_CHACHA20_POLY1305_SHA256", Some(cipher_suite::TLS13_CHACHA20_POLY1305_SHA256)),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Some(cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384)),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Some(cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)),
    (
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        Some(cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
    ),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Some(cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Some(cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Some(cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256)),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", None),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", None),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", None),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", None),
];

/// The names of curves; `None` where the TLS library does not have it.
const CURVES: [(&str, Option<&dyn SupportedKxGroup>); 4] = [
    ("X25519", Some(kx_group::X25519)),
    ("CurveP256", Some(kx_group::SECP256R1)),
    ("CurveP384", Some(kx_group::SECP384R1)),
    ("CurveP521", None),
];

pub(super) fn read(section: &Section<'_>, source: &Source<'_>) -> Option<Algorithms> {
    let versions = versions(section, source);
    let suites = section.optional("cipher_suites", |field| supported(field, "cipher suite", &SUITES, source));
    let curves = section.optional("curve_preferences", |field| supported(field, "curve", &CURVES, source));
    let (mut versions, suites, curves) = (versions?, suites?, curves?);
    let mut provider = default_provider();
    if let Some(suites) = suites {
        // As in Go, the list applies to TLS 1.2 only.
        provider.cipher_suites.retain(|suite| suite.tls13().is_some());
        provider.cipher_suites.extend(suites.into_iter().filter(|suite| suite.tls13().is_none()));
        let has_suite =
            |version: ProtocolVersion| provider.cipher_suites.iter().any(|suite| suite.version().version == version);
        versions.retain(|version| has_suite(version.version));
        let field = section.get("cipher_suites")?;
        if versions.is_empty() {
            field.error(
                "invalid cipher_suites: with TLS 1.2 only, expected at least one suite of TLS 1.2 that the exporter has",
            );
            return None;
        }
        if !versions.contains(&&TLS12) && section.get("min_version").is_none() {
            source.warn(&field, "no suite of TLS 1.2 is left, so clients need TLS 1.3");
        }
    }
    if let Some(curves) = curves {
        if curves.is_empty() {
            section
                .get("curve_preferences")?
                .error("invalid curve_preferences: expected a curve that the exporter has");
            return None;
        }
        provider.kx_groups = curves;
    }
    Some(Algorithms { versions, provider: Arc::new(provider) })
}

fn versions(section: &Section<'_>, source: &Source<'_>) -> Option<Vec<&'static SupportedProtocolVersion>> {
    let min = section.optional("min_version", |field| field.parse_text(version));
    let max = section.optional("max_version", |field| field.parse_text(version));
    let min = min?.unwrap_or(Version::Tls12);
    let max = max?.unwrap_or(Version::Tls13);
    if let Some(field) = section.get("max_version") {
        if max < Version::Tls12 {
            field.error("invalid max_version: expected TLS12 or TLS13, because the exporter has no older version");
            return None;
        }
        if max < min {
            field.error("invalid max_version: expected a version that is not older than min_version");
            return None;
        }
    }
    if let Some(field) = section.get("min_version").filter(|_| min < Version::Tls12) {
        source.warn(&field, "the oldest version of the exporter is TLS 1.2, so older clients are refused all the same");
    }
    let all = [(Version::Tls12, &TLS12), (Version::Tls13, &TLS13)];
    Some(all.into_iter().filter(|(version, _)| (min..=max).contains(version)).map(|(_, version)| version).collect())
}

fn version(text: &str) -> Result<Version, InvalidValue> {
    let version = VERSIONS.iter().find(|(name, _)| *name == text).map(|(_, version)| *version);
    version.ok_or_else(|| InvalidValue::new("TLS version", text, "TLS12 or TLS13"))
}

/// The items of a list that the TLS library has. For others there is a warning.
fn supported<T: Copy>(
    field: &Field<'_>,
    what: &str,
    known: &[(&str, Option<T>)],
    source: &Source<'_>,
) -> Option<Vec<T>> {
    let expected = format!("at least one {what}, such as {}", known[0].0);
    let names: Vec<(&str, &str)> = known.iter().map(|(name, _)| (*name, *name)).collect();
    let parse = |item: &Field<'_>| {
        let name = item.parse_text(|text| one_of(text, what, &names).map(str::to_owned))?;
        let (_, value) = known.iter().find(|(known, _)| *known == name)?;
        if value.is_none() {
            source.warn(item, &format!("the exporter does not have the {what} {name}, so it is not used"));
        }
        Some((name, *value))
    };
    let items = field.parse_items(&expected, |first, second| first.0 == second.0, parse)?;
    Some(items.into_iter().filter_map(|(_, value)| value).collect())
}

fn one_of<T: Copy>(text: &str, what: &str, known: &[(&str, T)]) -> Result<T, InvalidValue> {
    if let Some((_, value)) = known.iter().find(|(name, _)| *name == text) {
        return Ok(*value);
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    Err(match nearest(text, names.iter().copied()) {
        Some(name) => InvalidValue::without_value(format!("invalid {what} {text:?}: did you mean {name}?")),
        None => InvalidValue::new(what, text, alternatives(&names)),
    })
}
