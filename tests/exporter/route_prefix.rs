//! The exporter behind a reverse proxy: prefixes, redirects and links.

use url::Url;

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation, health_check};
use crate::support::http::{self, FullResponse};
use crate::support::wolkvox::{Wolkvox, healthy};

/// What users see before the exporter's own path.
const OUTSIDE: &str = "https://monitoring.example.com/cc/wolkvox/";

/// The exporter with these arguments.
async fn serve(arguments: &[&str]) -> (Exporter, Wolkvox, Configuration) {
    let wolkvox = Wolkvox::start(healthy);
    let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
    let exporter = Exporter::serve(configuration.command().args(arguments)).await;
    (exporter, wolkvox, configuration)
}

/// The URL of a link. `link` starts with its text, which ends with a quote.
fn link_target(page: &Url, link: &str) -> Url {
    let (link, _) = link.split_once('"').expect("a quote ends the link");
    page.join(link).expect("the link is a URL")
}

/// Follows every link of the overview page as a browser does that knows it as [`OUTSIDE`]. The proxy replaces that by
/// the path `inside`. Returns the paths at the exporter.
async fn follow_links(exporter: &Exporter, inside: &str) -> Vec<String> {
    let at_exporter = |url: &Url| {
        let rest = url.as_str().strip_prefix(OUTSIDE).unwrap_or_else(|| panic!("{url} is not below {OUTSIDE}"));
        format!("{inside}{rest}")
    };
    let shown = Url::parse(OUTSIDE).expect("it is a URL");
    let page = http::get(&format!("{}{}", exporter.url, at_exporter(&shown))).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let mut paths = Vec::new();
    for link in page.text().split("href=\"").skip(1) {
        let path = at_exporter(&link_target(&shown, link));
        // The link to the readiness works after the first poll.
        http::wait_until_ok(&format!("{}{path}", exporter.url), LIMIT).await.unwrap_or_else(|error| panic!("{error}"));
        paths.push(path);
    }
    assert!(paths.len() >= 3, "{}", page.text());
    paths
}

#[tokio::test]
async fn the_path_of_the_external_url_comes_before_all_pages() {
    let (exporter, ..) = serve(&["--web.external-url", OUTSIDE]).await;
    let get = async |path: &str| -> FullResponse { http::get(&format!("{}{path}", exporter.url)).await };
    let paths = follow_links(&exporter, "/cc/wolkvox/").await;
    assert!(paths.iter().any(|path| path == "/cc/wolkvox/metrics"), "{paths:?}");
    // The proxy and its health checks may use the root.
    for (from, to) in [("/", "cc/wolkvox/"), ("/cc/wolkvox", "wolkvox/")] {
        let response = get(from).await;
        assert_eq!((response.status, response.header("location")), (302, Some(to)), "{from}");
    }
    for path in ["/metrics", "/-/healthy", "/-/ready", "/cc/metrics"] {
        let response = get(path).await;
        assert_eq!(response.status, 404, "{path}");
        assert!(response.text().contains(" /cc/wolkvox/metrics,"), "{}", response.text());
    }
}

#[tokio::test]
async fn a_proxy_may_remove_or_replace_the_path() {
    let (exporter, ..) = serve(&["--web.external-url", OUTSIDE, "--web.route-prefix=/"]).await;
    follow_links(&exporter, "/").await;
    let (exporter, ..) = serve(&["--web.route-prefix=/inside", "--web.telemetry-path=/a/b"]).await;
    let paths = follow_links(&exporter, "/inside/").await;
    assert!(paths.iter().any(|path| path == "/inside/a/b"), "{paths:?}");
}

#[tokio::test]
async fn the_health_check_knows_the_prefix() {
    let (exporter, ..) = serve(&["--web.route-prefix=/inside"]).await;
    http::wait_until_ok(&format!("{}/inside/-/ready", exporter.url), LIMIT).await.unwrap();
    let address = exporter.url.trim_start_matches("http://");
    for (prefix, code) in [("/inside", 0), ("/other", 1)] {
        let (status, process) = health_check(&["--web.listen-address", address, "--web.route-prefix", prefix]).await;
        assert_eq!(status, Some(code), "{prefix}: {}", process.output());
    }
}
