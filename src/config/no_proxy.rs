//! The list of hosts that are called without a proxy, as curl reads it, with ports as in Go.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// Whether an entry of the list is for this URL. Entries are separated by commas or white space. An entry of an unknown
/// form is for no URL, because the list may have been written for other programs.
pub(super) fn includes(list: &str, url: &Url) -> bool {
    list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty()).any(|entry| {
        let (host, port) = host_and_port(entry);
        port.is_none_or(|port| url.port_or_known_default() == Some(port)) && is_for(host, url)
    })
}

/// The host of an entry and its port, if it has one. Colons also separate the groups of an IPv6 address.
fn host_and_port(entry: &str) -> (&str, Option<u16>) {
    if entry.parse::<IpAddr>().is_ok() || entry.parse::<IpNet>().is_ok() {
        return (entry, None);
    }
    if let Some((host, port)) = entry.rsplit_once(':')
        && let Ok(port) = port.parse()
    {
        return (host, Some(port));
    }
    (entry, None)
}

fn is_for(host: &str, url: &Url) -> bool {
    let is_for_address = |address: IpAddr| {
        let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        host.parse() == Ok(address) || host.parse::<IpNet>().is_ok_and(|network| network.contains(&address))
    };
    match url.host() {
        _ if host == "*" => true,
        Some(Host::Ipv4(address)) => is_for_address(address.into()),
        Some(Host::Ipv6(address)) => is_for_address(address.into()),
        Some(Host::Domain(domain)) => is_for_domain(host, domain),
        None => false,
    }
}

/// `x` and `.x` are for x and its subdomains, `*.x` only for the subdomains.
fn is_for_domain(entry: &str, domain: &str) -> bool {
    let without_final_dot = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let (entry, domain) = (without_final_dot(entry), without_final_dot(domain));
    let (name, with_itself) = match entry.strip_prefix("*.") {
        Some(name) => (name, false),
        None => (entry.strip_prefix('.').unwrap_or(&entry), true),
    };
    match domain.strip_suffix(name) {
        Some("") => with_itself,
        Some(rest) => !name.is_empty() && rest.ends_with('.'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_direct(list: &str, url: &str) -> bool {
        includes(list, &Url::parse(url).unwrap())
    }

    #[test]
    fn a_name_is_for_the_host_and_its_subdomains_with_or_without_a_dot() {
        for entry in ["wolkvox.com", ".wolkvox.com", "WOLKVOX.com", "wolkvox.com.", ".wolkvox.com."] {
            for host in ["wolkvox.com", "wv0010.wolkvox.com", "a.b.wolkvox.com", "wv0010.wolkvox.com."] {
                assert!(is_direct(entry, &format!("https://{host}")), "{entry} {host}");
            }
            for host in ["notwolkvox.com", "wolkvox.com.example.com", "com", "example.com"] {
                assert!(!is_direct(entry, &format!("https://{host}")), "{entry} {host}");
            }
        }
    }

    #[test]
    fn an_asterisk_is_for_everything_or_for_the_subdomains_of_a_name() {
        for host in ["wolkvox.com", "10.0.0.7", "[2001:db8::1]"] {
            assert!(is_direct("a, *", &format!("https://{host}")), "{host}");
        }
        assert!(is_direct("*.wolkvox.com", "https://wv0010.wolkvox.com"));
        assert!(!is_direct("*.wolkvox.com", "https://wolkvox.com"));
        assert!(!is_direct("*.wolkvox.com", "https://notwolkvox.com"));
    }

    #[test]
    fn an_address_or_a_network_is_for_addresses_only() {
        for (entry, url, direct) in [
            ("10.0.0.7", "https://10.0.0.7", true),
            ("10.0.0.7", "https://10.0.0.70", false),
            ("10.0.0.7", "https://x10.0.0.7.example.com", false),
            ("10.0.0.0/8", "https://10.200.3.4", true),
            ("10.0.0.0/8", "https://11.0.0.1", false),
            ("10.0.0.0/99", "https://10.0.0.1", false),
            ("0.0.0.0/0", "https://10.0.0.1", true),
            ("0.0.0.0/0", "https://wolkvox.com", false),
            ("2001:db8::1", "https://[2001:db8::1]", true),
            ("[2001:db8::1]", "https://[2001:db8:0::1]", true),
            ("2001:db8::/32", "https://[2001:db8:ff::1]", true),
            ("2001:db8::/32", "https://[2001:db9::1]", false),
            ("::/0", "https://10.0.0.1", false),
        ] {
            assert_eq!(is_direct(entry, url), direct, "{entry} {url}");
        }
    }

    #[test]
    fn a_port_must_be_the_port_of_the_url() {
        for (entry, url, direct) in [
            ("wolkvox.com:443", "https://wv0010.wolkvox.com", true),
            ("wolkvox.com:443", "https://wv0010.wolkvox.com:8443", false),
            ("wolkvox.com:8443", "https://wv0010.wolkvox.com", false),
            ("wolkvox.com:80", "http://wv0010.wolkvox.com", true),
            ("10.0.0.7:443", "https://10.0.0.7", true),
            ("10.0.0.7:80", "https://10.0.0.7", false),
            ("10.0.0.0/8:443", "https://10.0.0.7", true),
            ("[2001:db8::1]:443", "https://[2001:db8::1]", true),
            ("[2001:db8::1]:80", "https://[2001:db8::1]", false),
            ("*:443", "https://wolkvox.com", true),
        ] {
            assert_eq!(is_direct(entry, url), direct, "{entry} {url}");
        }
    }

    #[test]
    fn entries_are_separated_by_commas_or_white_space() {
        for list in ["a,wolkvox.com", "a, wolkvox.com ,b", " wolkvox.com", "a wolkvox.com", "a\twolkvox.com,,"] {
            assert!(is_direct(list, "https://wv0010.wolkvox.com"), "{list:?}");
        }
        for list in ["", " ", ",", ".", "*.", "https://wolkvox.com", "wv*.wolkvox.com", "wolkvox.com:https", ":443"] {
            assert!(!is_direct(list, "https://wv0010.wolkvox.com"), "{list:?}");
        }
    }
}
