//! A plain HTTP client like that of a scraper. It follows no redirects, uses no proxy and decompresses nothing.

use std::sync::LazyLock;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde_json::Value;

use super::process::POLL;

/// Longer than any response over loopback takes, also on a slow machine; shorter than the limit of a test's waits, so
/// that the failed test names the request.
const TIMEOUT: Duration = Duration::from_secs(240);

/// A complete response.
#[derive(Clone, Debug)]
pub(crate) struct FullResponse {
    /// The status code.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body as it was sent: compressed, if it was compressed.
    pub(crate) body: Vec<u8>,
}

impl FullResponse {
    /// The header's value. `None` if it is absent or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    ///
    /// # Panics
    /// When it is not UTF-8.
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("the body is UTF-8")
    }
}

/// Sends one request with these headers. The client adds only `Host`, `Accept: */*` and the length of a body.
///
/// # Errors
/// When there is no complete response.
pub(crate) async fn request(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
) -> Result<FullResponse, reqwest::Error> {
    let mut request = client().request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    Ok(FullResponse { status, headers, body: response.bytes().await?.to_vec() })
}

/// A GET with headers.
///
/// # Panics
/// When there is no complete response.
pub(crate) async fn get_with(url: &str, headers: &[(&str, &str)]) -> FullResponse {
    request(Method::GET, url, headers).await.unwrap_or_else(|error| panic!("GET {url}: {error:?}"))
}

/// A GET.
///
/// # Panics
/// As [`get_with`].
pub(crate) async fn get(url: &str) -> FullResponse {
    get_with(url, &[]).await
}

/// A POST of JSON.
///
/// # Panics
/// As [`get_with`].
pub(crate) async fn post_json(url: &str, body: &Value) -> FullResponse {
    let posted = post(url, "application/json", body.to_string()).await;
    posted.unwrap_or_else(|error| panic!("POST {url}: {error:?}"))
}

/// A POST of a body of this type.
///
/// # Errors
/// As [`request`].
pub(crate) async fn post(url: &str, content_type: &str, body: String) -> Result<FullResponse, reqwest::Error> {
    let response = client().post(url).header("content-type", content_type).body(body).send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(FullResponse { status, headers, body: response.bytes().await?.to_vec() })
}

/// Repeats a GET of `url` until the status is 200, and returns that response.
///
/// # Errors
/// When the time limit is reached. The message has the last response.
pub(crate) async fn wait_until_ok(url: &str, limit: Duration) -> Result<FullResponse, String> {
    let mut last = "no response".to_owned();
    let found = tokio::time::timeout(limit, async {
        loop {
            match request(Method::GET, url, &[]).await {
                Ok(response) if response.status == 200 => return response,
                Ok(response) => last = format!("{}: {}", response.status, String::from_utf8_lossy(&response.body)),
                Err(error) => last = format!("{error:?}"),
            }
            tokio::time::sleep(POLL).await;
        }
    })
    .await;
    found.map_err(|_| format!("{url} was not fine within {limit:?}; last: {last}"))
}

/// A new client for each call, because connections belong to a runtime and each test has its own runtime.
fn client() -> Client {
    static PROVIDER: LazyLock<()> = LazyLock::new(|| {
        // reqwest is built without a crypto provider, but needs one even for plain http. The code under test may have
        // installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    LazyLock::force(&PROVIDER);
    Client::builder()
        .no_proxy()
        .no_gzip()
        .redirect(Policy::none())
        // The tests use plain http. Reading the roots of the system takes a debug build half a second for each client.
        .tls_certs_only([])
        .timeout(TIMEOUT)
        .build()
        .expect("a client with these settings can be built")
}
