//! The TLS of `healthcheck`: the certificate that it trusts, and its own.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

/// Which certificate of the exporter is trusted.
pub(super) enum Trust<'a> {
    /// One that an authority of this file has signed, for the host of the URL.
    Authorities(&'a Path),
    /// This one, for every host.
    Certificate(CertificateDer<'static>),
    /// One that an authority of the system has signed.
    System,
}

/// TLS with this trust and, if there is one, this certificate and key of the client.
pub(super) fn client_config(trust: Trust<'_>, client: Option<(&Path, &Path)>) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Authorities(file) => {
            let failed = |problem: String| format!("--ca-file {}: {problem}", file.display());
            let mut roots = RootCertStore::empty();
            for certificate in certificates(file).map_err(failed)? {
                roots.add(certificate).map_err(|error| failed(error.to_string()))?;
            }
            let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            builder.build().map_err(|error| failed(error.to_string()))?
        }
        Trust::Certificate(certificate) => {
            Arc::new(Pinned { certificate, algorithms: provider.signature_verification_algorithms })
        }
        Trust::System => {
            let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(&provider));
            Arc::new(verifier.map_err(|error| format!("cannot use the CA certificates of the system: {error}"))?)
        }
    };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let Some((certificate, key)) = client else { return Ok(builder.with_no_client_auth()) };
    let chain = certificates(certificate)
        .map_err(|problem| format!("--client-cert-file {}: {problem}", certificate.display()))?;
    let failed = |problem: String| format!("--client-key-file {}: {problem}", key.display());
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| failed(problem_of(&error)))?;
    builder.with_client_auth_cert(chain, private).map_err(|error| failed(error.to_string()))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err("expected a certificate in PEM form".to_owned()),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(problem_of(&error)),
    }
}

fn problem_of(error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => format!("cannot read the file: {error}"),
        pem::Error::NoItemsFound => "expected an unencrypted private key in PEM form".to_owned(),
        _ => "expected a text in PEM form, but it is damaged".to_owned(),
    }
}

/// Trusts one certificate. The name of the host does not matter, because a health check uses loopback.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *certificate == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(AnotherCertificate)))))
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

/// The server has another certificate. The TLS library shows only the name of this type.
#[derive(Debug, thiserror::Error)]
#[error("the server's certificate is not the one that --web.config.file names")]
struct AnotherCertificate;
