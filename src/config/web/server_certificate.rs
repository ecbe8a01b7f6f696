//! The certificate that a web configuration names, for a health check.

use std::path::Path;

use rustls::pki_types::CertificateDer;

use super::pem;
use super::source::Source;
use crate::config::cursor::{Document, Field};
use crate::config::raw::{self, Value};

/// The certificate of the server; `None` if the file configures no TLS. The other settings may be invalid, and the private
/// key is not read, because a health check needs neither.
pub fn server_certificate(path: &Path) -> Result<Option<CertificateDer<'static>>, String> {
    let file = path.display().to_string();
    let source = Source::new(path);
    let text = source.text_of(path).map_err(|problem| format!("{file}: {problem}"))?;
    let root = raw::parse(&text).map_err(|error| format!("{file}: invalid YAML: {}", error.message))?;
    let document = Document::new(&file, &text);
    let certificate = read(&document.root(&root), &source);
    certificate.ok_or_else(|| {
        let errors: Vec<String> = document.into_errors().iter().map(ToString::to_string).collect();
        errors.join("\n")
    })
}

/// The inner `None` is a configuration without TLS.
#[expect(clippy::option_option, reason = "no TLS and an invalid value are two different results")]
fn read(root: &Field<'_>, source: &Source<'_>) -> Option<Option<CertificateDer<'static>>> {
    if matches!(root.value(), Value::Null) {
        return Some(None);
    }
    // Not with a list of the known keys, because other keys are not checked here.
    let sections = root.entries("a web configuration")?;
    let tls = sections.iter().find(|(name, _)| *name == "tls_server_config").map(|(_, field)| field);
    let Some(tls) = tls.filter(|field| !matches!(field.value(), Value::Null)) else { return Some(None) };
    let Some(chain) = pem::read(&tls.section(&["cert", "cert_file"])?, "cert", "cert_file", source)? else {
        tls.error("missing key cert_file or cert: expected the server's certificate");
        return None;
    };
    chain.certificates()?.into_iter().next().map(Some)
}
