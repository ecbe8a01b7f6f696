//! The Subject Alternative Names of a certificate, as texts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_cert::Certificate;
use x509_cert::der::{self, Decode as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// The DNS names, IP addresses, e-mail addresses and URIs of a certificate; an error if it cannot be read.
pub(super) fn of(certificate: &[u8]) -> Result<Vec<String>, der::Error> {
    let certificate = Certificate::from_der(certificate)?;
    let Some((_, SubjectAltName(names))) = certificate.tbs_certificate().get_extension::<SubjectAltName>()? else {
        return Ok(Vec::new());
    };
    Ok(names.iter().filter_map(text).collect())
}

fn text(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) | GeneralName::Rfc822Name(name) | GeneralName::UniformResourceIdentifier(name) => {
            Some(name.to_string())
        }
        GeneralName::IpAddress(address) => address_text(address.as_bytes()),
        _ => None,
    }
}

fn address_text(bytes: &[u8]) -> Option<String> {
    let address = match bytes.len() {
        4 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        16 => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
        _ => return None,
    };
    Some(address.to_canonical().to_string())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SanType};

    use super::*;

    #[test]
    fn every_kind_of_name_is_read_as_text() {
        let mut parameters = CertificateParams::default();
        parameters.subject_alt_names = vec![
            SanType::DnsName("prometheus.example.com".try_into().unwrap()),
            SanType::IpAddress("10.0.0.1".parse().unwrap()),
            SanType::IpAddress("2001:db8::1".parse().unwrap()),
            SanType::Rfc822Name("ops@example.com".try_into().unwrap()),
            SanType::URI("spiffe://example.com/prometheus".try_into().unwrap()),
            SanType::OtherName((vec![1, 3, 6, 1], "other".to_owned().into())),
        ];
        let certificate = parameters.self_signed(&KeyPair::generate().unwrap()).unwrap();
        assert_eq!(
            of(certificate.der()).unwrap(),
            ["prometheus.example.com", "10.0.0.1", "2001:db8::1", "ops@example.com", "spiffe://example.com/prometheus"]
        );
    }

    #[test]
    fn a_certificate_without_names_has_none_and_a_damaged_one_is_an_error() {
        let certificate = CertificateParams::default().self_signed(&KeyPair::generate().unwrap()).unwrap();
        assert!(of(certificate.der()).unwrap().is_empty());
        assert!(of(&certificate.der()[..100]).is_err());
    }
}
