//! The path before all pages, and the URL under which users reach the exporter.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// What both flags expect of a path.
const PATH_FORM: &str = "a path of letters, digits and the characters -._~ between slashes, for example /wolkvox";

/// A path before the paths of all pages (`--web.route-prefix`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoutePrefix {
    /// Empty, or with a slash at its start and none at its end.
    path: String,
}

/// The URL under which users reach the exporter, for example behind a reverse proxy (`--web.external-url`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalUrl {
    url: Url,
    path: RoutePrefix,
}

/// The path cannot be a prefix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid route prefix \"{0}\": expected {PATH_FORM}")]
pub struct InvalidRoutePrefix(String);

/// The URL cannot be the one of the exporter. It is not quoted, because it may contain a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid external URL: {0}; expected for example https://monitoring.example.com/wolkvox")]
pub struct InvalidExternalUrl(&'static str);

impl RoutePrefix {
    /// Whether there is no prefix.
    pub fn is_empty(&self) -> bool {
        self.path.is_empty()
    }

    /// The path of a page, with the prefix before it. `path` starts with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.path)
    }

    /// The overview page as a link from `/` and from the prefix without the slash at its end.
    ///
    /// Both links are relative, because a reverse proxy may have put another path before it.
    pub(super) fn redirects(&self) -> [(&str, String); 2] {
        let path = self.path.trim_start_matches('/');
        let last = path.rsplit('/').next().unwrap_or_default();
        [("/", format!("{path}/")), (&self.path, format!("{last}/"))]
    }
}

impl ExternalUrl {
    /// The prefix of all pages if no other one is set.
    pub fn path(&self) -> &RoutePrefix {
        &self.path
    }
}

impl FromStr for RoutePrefix {
    type Err = InvalidRoutePrefix;

    /// Slashes at both ends are optional, as in Prometheus. `/` is no prefix.
    fn from_str(text: &str) -> Result<Self, InvalidRoutePrefix> {
        let path = text.trim_matches('/');
        if path.is_empty() && !text.is_empty() {
            return Ok(Self::default());
        }
        // Clients resolve `.` and `..` before they send a path.
        let is_plain = |part: &str| {
            !["", ".", ".."].contains(&part) && part.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
        };
        if path.split('/').all(is_plain) {
            Ok(Self { path: format!("/{path}") })
        } else {
            Err(InvalidRoutePrefix(text.to_owned()))
        }
    }
}

impl FromStr for ExternalUrl {
    type Err = InvalidExternalUrl;

    fn from_str(text: &str) -> Result<Self, InvalidExternalUrl> {
        let invalid = InvalidExternalUrl;
        let url = Url::parse(text).map_err(|_| invalid("it is not a URL"))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(invalid("its scheme is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it contains a user or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it has something after its path"));
        }
        let path =
            url.path().parse().map_err(|_| invalid("its path has other characters than letters, digits, /-._~"))?;
        Ok(Self { url, path })
    }
}

impl fmt::Display for RoutePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "/" } else { &self.path })
    }
}

impl fmt::Display for ExternalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Always with a slash at its end, because the links of the overview page are relative.
        write!(f, "{}/", self.url.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> RoutePrefix {
        text.parse().unwrap()
    }

    #[test]
    fn slashes_at_both_ends_are_optional() {
        for text in ["/wolkvox/v1", "wolkvox/v1", "/wolkvox/v1/", "//wolkvox/v1/"] {
            assert_eq!(prefix(text).join("/metrics"), "/wolkvox/v1/metrics", "{text}");
        }
        assert!(prefix("/").is_empty());
        assert_eq!(prefix("/").join("/metrics"), "/metrics");
    }

    #[test]
    fn a_path_with_a_pattern_or_dots_is_refused() {
        for text in ["", "/{all}", "/a//b", "/a b", "/*", "/..", "/a/./b", "/número", "/a?x=1", "/a%20b"] {
            assert!(text.parse::<RoutePrefix>().is_err(), "{text}");
        }
        assert_eq!(
            "/a b".parse::<RoutePrefix>().unwrap_err().to_string(),
            "invalid route prefix \"/a b\": expected a path of letters, digits and the characters -._~ between slashes, \
             for example /wolkvox"
        );
    }

    #[test]
    fn both_redirects_lead_to_the_overview_page_also_behind_another_path() {
        let base = |path: &str| Url::parse(&format!("https://x/outside{path}")).unwrap();
        for text in ["/wolkvox", "/a/b"] {
            let prefix = prefix(text);
            for (from, link) in prefix.redirects() {
                assert_eq!(base(from).join(&link).unwrap(), base(&prefix.join("/")), "{from} -> {link}");
            }
        }
    }

    #[test]
    fn the_path_of_the_external_url_is_the_prefix() {
        for (text, path, shown) in [
            ("https://example.com", "/", "https://example.com/"),
            ("https://example.com/", "/", "https://example.com/"),
            ("http://example.com:8080/wolkvox/", "/wolkvox", "http://example.com:8080/wolkvox/"),
            ("https://example.com/a/b", "/a/b", "https://example.com/a/b/"),
        ] {
            let url: ExternalUrl = text.parse().unwrap();
            assert_eq!((url.path().to_string(), url.to_string()), (path.to_owned(), shown.to_owned()), "{text}");
        }
    }

    #[test]
    fn other_urls_are_refused_with_the_reason_and_without_the_password() {
        for (text, reason) in [
            ("example.com/wolkvox", "it is not a URL"),
            ("ftp://example.com", "neither http nor https"),
            ("https://me:hush@example.com", "a user or a password"),
            ("https://example.com/?a=hush", "after its path"),
            ("https://example.com/a#hush", "after its path"),
            ("https://example.com/a%20hush", "other characters"),
        ] {
            let message = text.parse::<ExternalUrl>().unwrap_err().to_string();
            assert!(message.contains(reason) && !message.contains("hush"), "{text}: {message}");
        }
    }
}
