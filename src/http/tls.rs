//! The TLS of the web server, from the web configuration.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, ServerConfig, SignatureScheme,
};

use super::certificate_names;
use crate::config::web::{ClientAuth, ClientAuthType, TlsSettings};

/// The name of HTTP/2 in a handshake.
pub(super) const HTTP2: &[u8] = b"h2";

/// The settings as the TLS library needs them. Sessions that clients resume belong to one such value, so after a reload
/// every client is verified again.
pub(super) fn server_config(settings: &TlsSettings, http2: bool) -> Result<ServerConfig, String> {
    let provider = Arc::clone(&settings.provider);
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&settings.versions);
    let builder = builder.map_err(|error| format!("invalid tls_server_config: {error}"))?;
    let builder = match ClientVerifier::of(settings).map_err(|error| format!("invalid client_ca_file: {error}"))? {
        Some(verifier) => builder.with_client_cert_verifier(Arc::new(verifier)),
        None => builder.with_no_client_auth(),
    };
    let certificate = SingleCertAndKey::from((*settings.certificate).clone());
    let mut config = builder.with_cert_resolver(Arc::new(certificate));
    config.ignore_client_order = settings.prefer_server_order;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if http2 {
        config.alpn_protocols.insert(0, HTTP2.to_vec());
    }
    Ok(config)
}

/// Verifies certificates of clients as the authentication type says.
#[derive(Debug)]
struct ClientVerifier {
    settings: ClientAuth,
    /// Verifies that an authority signed the certificate, for the types that verify.
    by_authority: Option<Arc<dyn ClientCertVerifier>>,
    hints: Vec<DistinguishedName>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientVerifier {
    /// `None` if no certificate is requested.
    fn of(settings: &TlsSettings) -> Result<Option<Self>, VerifierBuilderError> {
        let client_auth = settings.client_auth.clone();
        if client_auth.kind == ClientAuthType::None {
            return Ok(None);
        }
        let provider = &settings.provider;
        let authorities = client_auth.authorities.clone();
        let hints = authorities.as_ref().map(|roots| roots.subjects()).unwrap_or_default();
        let by_authority = match authorities.filter(|_| client_auth.kind.verifies()) {
            Some(roots) => Some(WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(provider)).build()?),
            None => None,
        };
        let algorithms = provider.signature_verification_algorithms;
        Ok(Some(Self { settings: client_auth, by_authority, hints, algorithms }))
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.settings.kind.requires()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if let Some(by_authority) = &self.by_authority {
            by_authority.verify_client_cert(certificate, intermediates, now)?;
        }
        if let Some(allowed) = &self.settings.allowed_names {
            let names = certificate_names::of(certificate)
                .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
            if !names.iter().any(|name| allowed.contains(name)) {
                let error = OtherError(Arc::new(NotAllowed));
                return Err(Error::InvalidCertificate(CertificateError::Other(error)));
            }
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The certificate was verified, but its names are not allowed.
#[derive(Debug, thiserror::Error)]
#[error("the certificate has none of the names in client_allowed_sans")]
struct NotAllowed;
