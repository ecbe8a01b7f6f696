//! A certificate authority whose certificates are made for a test.

use std::sync::Arc;

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate authority. It signs certificates for 127.0.0.1.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// An authority with this name.
    pub(crate) fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key can be made");
        Self(CertifiedIssuer::self_signed(parameters, key).expect("the parameters are valid"))
    }

    /// Its certificate, for `SSL_CERT_FILE`.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this name or address, and its key. `change` changes it.
    pub(crate) fn issue(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Issued {
        let mut parameters = CertificateParams::new([name.to_owned()]).expect("it is a name or an address");
        change(&mut parameters);
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = parameters.signed_by(&key, &self.0).expect("the parameters are valid");
        Issued { certificate, key }
    }

    /// The TLS of a server with this name or address. `change` changes its certificate.
    pub(crate) fn acceptor(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> TlsAcceptor {
        let issued = self.issue(name, change);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.expect("ring supports the default versions");
        let config = builder.with_no_client_auth().with_single_cert(vec![issued.certificate()], issued.key());
        TlsAcceptor::from(Arc::new(config.expect("the key is the certificate's")))
    }

    /// Its certificate.
    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }
}

/// A certificate and its key.
#[derive(Debug)]
pub(crate) struct Issued {
    certificate: Certificate,
    key: KeyPair,
}

impl Issued {
    /// The certificate.
    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.der().clone()
    }

    /// The key.
    pub(crate) fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()))
    }

    /// The certificate for a file.
    pub(crate) fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// The key for a file.
    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }
}
