//! Certificates and private keys in PEM form, from a file or from the web configuration itself.
//!
//! No message quotes a value, because it could be a key.

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::source::Source;
use crate::config::cursor::{Field, Section};
use crate::config::raw::Value;

/// A value in PEM form, and the key that it comes from.
pub(super) struct Pem<'a> {
    /// The key of the configuration.
    pub(super) field: Field<'a>,
    text: Vec<u8>,
}

/// The value of the key `inline`, or the content of the file that the key `file` names. The inner `None` means that
/// neither key is set, the outer one that an error was reported.
#[expect(clippy::option_option, reason = "a key that is left out and an invalid value are two different results")]
pub(super) fn read<'a>(
    section: &Section<'a>,
    inline: &str,
    file: &str,
    source: &Source<'_>,
) -> Option<Option<Pem<'a>>> {
    match (section.get(file), section.get(inline)) {
        (None, None) => Some(None),
        (Some(_), Some(field)) => {
            field.error(format!("invalid combination: use either {file} or {inline}, not both"));
            None
        }
        (Some(field), None) => {
            let text = match field.value() {
                Value::Text(path) if !path.is_empty() => field_content(&field, path, source)?,
                Value::Text(_) => return empty(&field, "the path of a file"),
                _ => return field.type_error("the path of a file"),
            };
            Some(Some(Pem { field, text }))
        }
        (None, Some(field)) => {
            let text = match field.value() {
                Value::Text(text) if !text.is_empty() => text.as_bytes().to_vec(),
                Value::Text(_) => return empty(&field, "a text in PEM form"),
                _ => return field.type_error("a text in PEM form"),
            };
            Some(Some(Pem { field, text }))
        }
    }
}

fn field_content(field: &Field<'_>, path: &str, source: &Source<'_>) -> Option<Vec<u8>> {
    source.content_of(path).map_err(|problem| field.error(problem)).ok()
}

fn empty<T>(field: &Field<'_>, expected: &str) -> Option<T> {
    field.error(format!("invalid empty value: expected {expected}"));
    None
}

impl Pem<'_> {
    /// The certificates, in their order; at least one.
    pub(super) fn certificates(&self) -> Option<Vec<CertificateDer<'static>>> {
        match certificates(&self.text) {
            Ok(certificates) => Some(certificates),
            Err(problem) => {
                self.field.error(problem);
                None
            }
        }
    }

    /// The first private key.
    pub(super) fn private_key(&self) -> Option<PrivateKeyDer<'static>> {
        let problem = match PrivateKeyDer::from_pem_slice(&self.text) {
            Ok(key) => return Some(key),
            Err(_) if contains(&self.text, b"ENCRYPTED") => {
                "it is encrypted; remove the password from the key, and protect its file by permissions"
            }
            Err(pem::Error::NoItemsFound) => "there is none",
            Err(_) => "it is damaged",
        };
        self.field
            .error(format!("invalid private key: expected an unencrypted private key in PEM form, but {problem}"));
        None
    }

    /// The certificates as authorities.
    pub(super) fn authorities(&self) -> Option<RootCertStore> {
        let mut roots = RootCertStore::empty();
        for (index, certificate) in self.certificates()?.into_iter().enumerate() {
            if roots.add(certificate).is_err() {
                let number = index + 1;
                self.field.error(format!(
                    "invalid CA certificate: expected certificates of authorities, but certificate {number} is damaged"
                ));
                return None;
            }
        }
        Some(roots)
    }
}

/// The certificates of a text in PEM form, or what is wrong with it.
pub(super) fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let problem = match CertificateDer::pem_slice_iter(text).collect::<Result<Vec<_>, _>>() {
        Ok(certificates) if !certificates.is_empty() => return Ok(certificates),
        Ok(_) => "there is none",
        Err(_) => "it is damaged",
    };
    Err(format!("invalid certificate: expected one or more certificates in PEM form, but {problem}"))
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}
