//! The address of an operation's server.

use std::net::IpAddr;

use url::Url;

use super::errors::InvalidValue;
use super::values;

/// The address of a numbered server of wolkvox.
pub(super) fn of_server(server: &str) -> Result<Url, InvalidValue> {
    let server = values::server(server)?;
    Url::parse(&format!("https://wv{server}.wolkvox.com"))
        .map_err(|_| InvalidValue::new("server", server, "a part of a host name"))
}

/// Scheme, host and port. Messages do not quote the address, because it can contain a password.
pub(super) fn parse(text: &str, allow_plain_http: bool) -> Result<Url, InvalidValue> {
    let invalid = |reason: &str| {
        InvalidValue::without_value(format!(
            "invalid URL: expected only scheme, host and port, such as https://wv0010.wolkvox.com or \
             http://127.0.0.1:9910, but {reason}"
        ))
    };
    let url = Url::parse(text).map_err(|error| invalid(&format!("it cannot be parsed ({error})")))?;
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => {
            Err(invalid("it contains a user name or a password"))
        }
        "http" | "https" if url.path() != "/" || url.query().is_some() || url.fragment().is_some() => {
            Err(invalid("it contains a path, a query or a fragment"))
        }
        "http" if !allow_plain_http && !is_loopback(&url) => Err(InvalidValue::without_value(
            "invalid URL: expected https, because plain http would show the token to everybody on the network; \
             if you trust the network, --wolkvox.allow-plain-http allows it",
        )),
        "http" | "https" => Ok(url),
        _ => Err(invalid("its scheme is neither https nor http")),
    }
}

/// Whether the server is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_allowed_to_loopback_only() {
        for address in ["http://127.0.0.1:9910", "http://127.8.8.8", "http://[::1]:9910", "http://localhost:9910"] {
            assert!(parse(address, false).is_ok(), "{address}");
        }
        for address in ["http://10.0.0.7:9910", "http://localhost.example.com", "http://[2001:db8::1]"] {
            assert!(parse(address, false).is_err(), "{address}");
            assert!(parse(address, true).is_ok(), "{address}");
        }
    }

    #[test]
    fn no_message_contains_a_password() {
        for address in ["https://me:hush@example.com", "ftp://me:hush@example.com", "https://me:hush@exa mple.com"] {
            let message = parse(address, false).unwrap_err().to_string();
            assert!(!message.contains("hush"), "{message}");
        }
    }

    #[test]
    fn a_server_becomes_a_host_name() {
        assert_eq!(of_server("0010").unwrap().as_str(), "https://wv0010.wolkvox.com/");
        assert!(of_server("0010.example.com/").is_err());
    }
}
