//! The proxy of an operation, from the environment variables that curl and other programs read too.
//!
//! An operation has one host, so whether its calls go through a proxy is decided once, and a proxy that cannot be used
//! is an error of the configuration. Otherwise the calls would go around it, from an address that wolkvox does not know.
//!
//! No message quotes a variable, because it may contain a user and a password.

use std::fmt;

use url::{ParseError, Url};

use super::errors::{ConfigError, InvalidValue, Location};
use super::{Environment, is_loopback, no_proxy};

/// For the scheme of the server, each in the order in which they are looked up.
const FOR_HTTP: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const FOR_HTTPS: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Hosts that are called without a proxy.
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// A proxy. It is displayed without its user and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    url: Url,
    variable: &'static str,
}

impl Proxy {
    /// The URL, which may contain a user and a password.
    pub fn expose(&self) -> &Url {
        &self.url
    }

    /// The proxy as it is displayed, with `<secret>` in place of a user and a password.
    pub(super) fn redacted(&self) -> String {
        let has_user = !self.url.username().is_empty() || self.url.password().is_some();
        let text = self.to_string();
        if has_user { text.replacen("://", "://<secret>@", 1) } else { text }
    }

    /// Whether the connection to the proxy itself uses TLS.
    pub(super) fn uses_tls(&self) -> bool {
        self.url.scheme() == "https"
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.url.scheme(), self.url.host_str().unwrap_or_default())?;
        if let Some(port) = self.url.port() {
            write!(f, ":{port}")?;
        }
        write!(f, " of {}", self.variable)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// The proxy for calls to `base_url`; `None` if they need none. An empty variable is the same as none.
pub(super) fn of(base_url: &Url, environment: Environment<'_>) -> Result<Option<Proxy>, ConfigError> {
    // A call to this machine would send the token to the proxy in plain http, and the proxy could not reach this
    // machine.
    if is_loopback(base_url) {
        return Ok(None);
    }
    let first = |names: &[&'static str]| {
        let mut set = names.iter().filter_map(|name| Some((*name, environment(name)?.trim().to_owned())));
        set.find(|(_, text)| !text.is_empty())
    };
    let Some((variable, text)) = first(if base_url.scheme() == "http" { &FOR_HTTP } else { &FOR_HTTPS }) else {
        return Ok(None);
    };
    if first(&EXCEPTIONS).is_some_and(|(_, list)| no_proxy::includes(&list, base_url)) {
        return Ok(None);
    }
    match parse(&text) {
        Ok(url) => Ok(Some(Proxy { url, variable })),
        Err(error) => Err(ConfigError { location: Location::Variable(variable), message: error.to_string() }),
    }
}

/// The URL of a proxy. Without a scheme it is plain http, as for curl.
fn parse(text: &str) -> Result<Url, InvalidValue> {
    let invalid = |reason: &str| {
        InvalidValue::without_value(format!(
            "invalid proxy: expected a URL such as http://proxy.example.com:3128, but {reason}"
        ))
    };
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let url = if text.contains("://") {
        Url::parse(text)
    } else if matches!(scheme.as_deref(), Some("http" | "https")) {
        return Err(invalid("it has no // after the scheme"));
    } else {
        Url::parse(&format!("http://{text}"))
    };
    let url = url.map_err(|error| match error {
        ParseError::EmptyHost => invalid("it has no host"),
        error => invalid(&format!("it cannot be parsed ({error})")),
    })?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        _ => Err(invalid("its scheme is neither http nor https; SOCKS proxies are not supported")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(base_url: &str, variables: &[(&str, &str)]) -> Result<Option<Proxy>, ConfigError> {
        let environment =
            |name: &str| variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned());
        of(&Url::parse(base_url).unwrap(), &environment)
    }

    const SERVER: &str = "https://wv0010.wolkvox.com";

    #[test]
    fn the_variable_of_the_scheme_comes_before_the_one_of_all_schemes() {
        let all =
            [("all_proxy", "e"), ("ALL_PROXY", "d"), ("https_proxy", "c"), ("HTTPS_PROXY", "b"), ("HTTP_PROXY", "a")];
        let chosen = |base_url, variables: &[_]| proxy(base_url, variables).unwrap().map(|proxy| proxy.to_string());
        assert_eq!(chosen(SERVER, &all).unwrap(), "http://b of HTTPS_PROXY");
        assert_eq!(chosen(SERVER, &all[..3]).unwrap(), "http://c of https_proxy");
        assert_eq!(chosen(SERVER, &all[..2]).unwrap(), "http://d of ALL_PROXY");
        assert_eq!(chosen("http://wv0010.wolkvox.com", &all).unwrap(), "http://a of HTTP_PROXY");
        assert_eq!(chosen("http://wv0010.wolkvox.com", &all[..4]).unwrap(), "http://d of ALL_PROXY");
        assert_eq!(chosen(SERVER, &all[4..]), None);
        let empty = [("HTTPS_PROXY", " "), ("https_proxy", ""), ("all_proxy", "e")];
        assert_eq!(chosen(SERVER, &empty).unwrap(), "http://e of all_proxy");
    }

    #[test]
    fn every_usual_form_of_a_proxy_is_accepted() {
        for (text, url) in [
            ("proxy.example.com:3128", "http://proxy.example.com:3128/"),
            ("proxy", "http://proxy/"),
            ("10.0.0.7:3128", "http://10.0.0.7:3128/"),
            ("http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128/"),
            ("HTTPS://proxy.example.com", "https://proxy.example.com/"),
            ("me:hush@proxy:3128", "http://me:hush@proxy:3128/"),
        ] {
            assert_eq!(parse(text).unwrap().as_str(), url);
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused_with_its_variable_and_without_its_content() {
        for (text, reason) in [
            ("socks5://me:hush@proxy:1080", "neither http nor https"),
            ("ftp://me:hush@proxy", "neither http nor https"),
            ("me:hush://proxy", "neither http nor https"),
            ("http://", "no host"),
            ("http://me:hush@:3128", "no host"),
            ("http:/me:hush@proxy", "no // after"),
            ("hush proxy", "cannot be parsed"),
            ("http://me:hush@proxy:port", "cannot be parsed"),
            ("me:hush", "cannot be parsed"),
        ] {
            let error = proxy(SERVER, &[("https_proxy", text)]).unwrap_err().to_string();
            assert!(error.starts_with("https_proxy: invalid proxy: expected a URL"), "{text}: {error}");
            assert!(error.contains(reason) && !error.contains("hush"), "{text}: {error}");
        }
    }

    #[test]
    fn a_proxy_that_is_not_used_is_not_checked() {
        let unusable = ("HTTPS_PROXY", "socks5://proxy:1080");
        for base_url in ["http://127.0.0.1:9910", "https://localhost", "https://[::1]"] {
            assert_eq!(proxy(base_url, &[unusable, ("HTTP_PROXY", "://")]), Ok(None), "{base_url}");
        }
        assert_eq!(proxy(SERVER, &[unusable, ("NO_PROXY", "wolkvox.com")]), Ok(None));
        assert_eq!(proxy(SERVER, &[unusable, ("NO_PROXY", ""), ("no_proxy", "*")]), Ok(None));
        assert!(proxy(SERVER, &[unusable, ("NO_PROXY", "example.com"), ("no_proxy", "*")]).is_err());
        assert!(proxy(SERVER, &[("HTTPS_PROXY", "proxy"), ("ALL_PROXY", "socks5://proxy")]).is_ok());
    }

    #[test]
    fn neither_display_nor_debug_shows_a_password() {
        let proxy = proxy(SERVER, &[("HTTPS_PROXY", "https://me:hush@proxy:3128")]).unwrap().unwrap();
        assert_eq!(proxy.to_string(), "https://proxy:3128 of HTTPS_PROXY");
        assert_eq!(format!("{proxy:?}"), "Proxy(https://proxy:3128 of HTTPS_PROXY)");
    }
}
