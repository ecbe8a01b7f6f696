//! Where an operation's server is.

use std::net::IpAddr;

use reqwest::Url;

use super::values;

/// The address of a numbered server of wolkvox.
pub(super) fn of_server(server: &str) -> Result<Url, String> {
    let server = values::server(server)?;
    Url::parse(&format!("https://wv{server}.wolkvox.com")).map_err(|_| format!("{server:?} gives no host name"))
}

/// Scheme, host and port as they were written. Messages repeat nothing of it: an address may hold a password.
pub(super) fn parse(text: &str, allow_plain_http: bool) -> Result<Url, String> {
    const RIGHT: &str =
        "scheme, host and port are right, for example https://wv0010.wolkvox.com or http://127.0.0.1:9910";
    let url = Url::parse(text).map_err(|error| format!("no address ({error}): {RIGHT}"))?;
    let refused = |why: &str| Err(format!("{why}: {RIGHT}"));
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => {
            refused("the address holds a user name or password")
        }
        "http" | "https" if url.path() != "/" || url.query().is_some() || url.fragment().is_some() => {
            refused("the address holds more than a server, such as a path or a query")
        }
        "http" if !allow_plain_http && !is_loopback(&url) => {
            Err("plain http would show the token to everybody on the way: https is right; \
             --wolkvox.allow-plain-http allows it where the network is trusted"
                .to_owned())
        }
        "http" | "https" => Ok(url),
        _ => refused("the scheme is neither https nor http"),
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
    fn plain_http_is_for_loopback() {
        for address in ["http://127.0.0.1:9910", "http://127.8.8.8", "http://[::1]:9910", "http://localhost:9910"] {
            assert!(parse(address, false).is_ok(), "{address}");
        }
        for address in ["http://10.0.0.7:9910", "http://localhost.example.com", "http://[2001:db8::1]"] {
            assert!(parse(address, false).is_err(), "{address}");
            assert!(parse(address, true).is_ok(), "{address}");
        }
    }

    #[test]
    fn no_message_repeats_a_password() {
        for address in ["https://me:hush@example.com", "ftp://me:hush@example.com", "https://me:hush@exa mple.com"] {
            let message = parse(address, false).unwrap_err();
            assert!(!message.contains("hush"), "{message}");
        }
    }

    #[test]
    fn a_server_becomes_a_host_name() {
        assert_eq!(of_server("0010").unwrap().as_str(), "https://wv0010.wolkvox.com/");
        assert!(of_server("0010.example.com/").is_err());
    }
}
