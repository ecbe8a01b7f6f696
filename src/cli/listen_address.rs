//! Addresses to listen on: `:9909`, `127.0.0.1:9909`, `[::1]:9909`.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// A port, and a host or every address of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListenAddress {
    host: Option<Box<str>>,
    port: u16,
}

/// Why a text is not a [`ListenAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected host:port, such as :9909, 127.0.0.1:9909 or [::1]:9909, but {0}")]
pub struct InvalidListenAddress(&'static str);

impl ListenAddress {
    /// A host name or address, without brackets; `None` is every address of the machine, IPv4 and IPv6.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The port; 0 lets the system choose one.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port for a client on the same machine.
    pub fn from_here(&self) -> String {
        let host = match self.host().map(|host| (host, host.parse::<IpAddr>())) {
            None => "127.0.0.1".to_owned(),
            Some((_, Ok(IpAddr::V4(address)))) if address.is_unspecified() => "127.0.0.1".to_owned(),
            Some((_, Ok(IpAddr::V6(address)))) if address.is_unspecified() => format!("[{}]", Ipv6Addr::LOCALHOST),
            Some((_, Ok(IpAddr::V6(address)))) => format!("[{address}]"),
            Some((host, _)) => host.to_owned(),
        };
        format!("{host}:{}", self.port)
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self { host: Some(address.ip().to_string().into()), port: address.port() }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host() {
            None => write!(f, ":{}", self.port),
            Some(host) if host.contains(':') => write!(f, "[{host}]:{}", self.port),
            Some(host) => write!(f, "{host}:{}", self.port),
        }
    }
}

impl FromStr for ListenAddress {
    type Err = InvalidListenAddress;

    fn from_str(text: &str) -> Result<Self, InvalidListenAddress> {
        let invalid = InvalidListenAddress;
        let (host, port) = text.rsplit_once(':').ok_or(invalid("the port is missing"))?;
        // Without this check, a sign before the number would be accepted.
        let only_digits = port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|_| only_digits);
        let port = port.ok_or(invalid("the port is not a number from 0 to 65535"))?;
        let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        match in_brackets {
            Some(inner) if inner.parse::<Ipv6Addr>().is_ok() => Ok(Self { host: Some(inner.into()), port }),
            Some(_) => Err(invalid("the text in brackets is not an IPv6 address")),
            None if host.is_empty() => Ok(Self { host: None, port }),
            None if host.contains(':') => Err(invalid("an IPv6 address needs brackets")),
            None if host.chars().all(allowed) => Ok(Self { host: Some(host.into()), port }),
            None => Err(invalid("the host contains other characters than letters, digits, dots and dashes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parsed_address_is_written_as_it_was() {
        for text in [":9909", "0.0.0.0:9909", "127.0.0.1:0", "[::1]:9909", "[::]:80", "exporter.example.com:9909"] {
            assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn without_a_host_the_address_is_every_address() {
        let address: ListenAddress = ":9909".parse().unwrap();
        assert_eq!((address.host(), address.port()), (None, 9909));
    }

    #[test]
    fn a_client_on_the_same_machine_reaches_every_address_through_loopback() {
        for (text, reached) in [
            (":9909", "127.0.0.1:9909"),
            ("0.0.0.0:9909", "127.0.0.1:9909"),
            ("[::]:9909", "[::1]:9909"),
            ("[::1]:9909", "[::1]:9909"),
            ("10.0.0.7:9909", "10.0.0.7:9909"),
            ("example.com:9909", "example.com:9909"),
        ] {
            assert_eq!(text.parse::<ListenAddress>().unwrap().from_here(), reached, "{text}");
        }
    }

    #[test]
    fn an_error_says_what_is_wrong() {
        for (text, problem) in [
            ("9909", "the port is missing"),
            ("localhost", "the port is missing"),
            ("localhost:", "the port is not a number from 0 to 65535"),
            ("localhost:+80", "the port is not a number from 0 to 65535"),
            (":65536", "the port is not a number from 0 to 65535"),
            ("::1:9909", "an IPv6 address needs brackets"),
            ("[127.0.0.1]:9909", "the text in brackets is not an IPv6 address"),
            ("http//x:9909", "the host contains other characters than letters, digits, dots and dashes"),
        ] {
            let error = text.parse::<ListenAddress>().unwrap_err().to_string();
            assert!(error.ends_with(&format!("[::1]:9909, but {problem}")), "{text}: {error}");
        }
    }
}
