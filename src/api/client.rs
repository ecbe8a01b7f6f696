//! The HTTP client: one call, its limits, and what can go wrong before there is an answer to read.

use std::error::Error;
use std::time::Duration;

use futures_util::TryFutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;

use super::{ApiError, Query};
use crate::clock::Clock;
use crate::config::{Token, is_loopback};
use crate::model::Reason;

/// How long and how large an answer may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the whole call, connecting and body included.
    pub total: Duration,
    /// For the connection alone, so that a dropped packet at a firewall is told apart from a slow report.
    pub connect: Duration,
    /// Bytes of the body after decompression.
    pub body: usize,
}

impl Default for Limits {
    /// The vendor's: 60 s a call, 256 MB an answer.
    fn default() -> Self {
        Self { total: Duration::from_secs(60), connect: Duration::from_secs(10), body: 256 * 1024 * 1024 }
    }
}

/// An answer as it came, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status of HTTP.
    pub status: u16,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Duration>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// From so many bytes on a body is given [`ROOM`].
const LARGE: usize = 256 * 1024;

/// Room for a body of 60,000 rows, taken at once: address space, and memory only as far as it is written to. So it is not
/// copied while it grows, and since glibc gives more than 32 MiB back to the system as soon as they are free, no thread
/// keeps the room of one answer for the next while other threads receive theirs.
const ROOM: usize = 40 * 1024 * 1024;

/// Whatever can be asked: wolkvox over HTTP, or something that answers like it.
pub trait Transport: Send + Sync {
    /// Makes one call.
    fn call<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>>;
}

/// The longest wish to be left alone that is believed: a day, after which the quota is new in any case.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes ring the crypto provider of TLS in this process. Call it once before the first [`Client`]; more calls do nothing.
pub fn install_crypto_provider() {
    // It fails if a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// One operation's access to wolkvox.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base_url: Url,
    token: Token,
    limits: Limits,
    clock: Clock,
}

impl Client {
    /// A client for the operation of `token`. Fails only if the system has no usable TLS roots.
    ///
    /// [`install_crypto_provider`] must have been called before, because reqwest is built without a provider.
    pub fn new(base_url: Url, token: Token, limits: Limits, clock: Clock) -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder();
        // HTTPS_PROXY and its like are the way out of the network. What is on this machine no proxy can reach, and the
        // token would go to it in plain http.
        let builder = if is_loopback(&base_url) { builder.no_proxy() } else { builder };
        // Plain http needs no certificates, so it works where none are installed.
        let builder = if base_url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
        let http = builder
            .user_agent(concat!("wolkvox_exporter/", env!("CARGO_PKG_VERSION")))
            .timeout(limits.total)
            .connect_timeout(limits.connect)
            // The token header would go along to wherever a redirect points.
            .redirect(Policy::none())
            // wolkvox closes idle connections after 5 s; using one at that moment would fail the call.
            .pool_idle_timeout(Duration::from_secs(4))
            .build()?;
        Ok(Self { http, base_url, token, limits, clock })
    }

    async fn get(&self, query: &Query) -> Result<Response, ApiError> {
        let mut token = HeaderValue::from_str(self.token.expose()).map_err(|_| {
            ApiError::new(Reason::Unauthorized, "the token holds characters that no HTTP header may hold")
        })?;
        token.set_sensitive(true);
        let response = self
            .http
            .get(self.url(query))
            .header("wolkvox-token", token)
            .header("accept", "application/json")
            .send()
            .await
            .map_err(|error| self.failure(&error))?;
        let status = response.status().as_u16();
        let retry_after = self.retry_after(response.headers());
        let body = self.body(response).await?;
        Ok(Response { status, retry_after, body })
    }

    fn url(&self, query: &Query) -> Url {
        let mut url = self.base_url.clone();
        url.set_path(&format!("/api/v2/{}", query.endpoint.file));
        url.query_pairs_mut()
            .append_pair("api", query.endpoint.api)
            .extend_pairs(query.parameters.iter().map(|(name, value)| (*name, &**value)));
        url
    }

    /// Reads the body as a stream, so that an endless one costs no more memory than the limit.
    async fn body(&self, mut response: reqwest::Response) -> Result<Vec<u8>, ApiError> {
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        if announced > self.limits.body {
            return Err(self.too_large());
        }
        let mut body = Vec::with_capacity(if announced < LARGE { announced } else { announced.max(ROOM) });
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failure(&error))? {
            if body.len() + chunk.len() > self.limits.body {
                return Err(self.too_large());
            }
            if body.len() + chunk.len() >= LARGE && body.capacity() < ROOM {
                body.reserve_exact(ROOM - body.len());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn too_large(&self) -> ApiError {
        let megabytes = self.limits.body / (1024 * 1024);
        ApiError::new(
            Reason::TooLarge,
            format!("the answer is larger than {megabytes} MiB, more than wolkvox ever sends"),
        )
    }

    /// Seconds or a date.
    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        let wait = if let Ok(seconds) = value.parse() {
            Duration::from_secs(seconds)
        } else {
            let then = Timestamp::try_from(httpdate::parse_http_date(value).ok()?).ok()?;
            Duration::try_from(then.duration_since(self.clock.wall())).ok()?
        };
        Some(wait.min(MAX_RETRY_AFTER))
    }

    /// Names the class of what went wrong on the way. The error's own text is left out: it holds the URL.
    fn failure(&self, error: &reqwest::Error) -> ApiError {
        let host = self.base_url.host_str().unwrap_or_default();
        let causes = || std::iter::successors(error.source(), |cause| cause_of(*cause));
        if let Some(tls) = causes().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return ApiError::new(Reason::Tls, format!("no TLS connection with {host}: {tls}"));
        }
        let root = causes().last().map(|cause| format!(": {cause}")).unwrap_or_default();
        if error.is_connect() {
            let hint = "is this address, or that of the proxy in HTTPS_PROXY, on wolkvox's allow-list?";
            return ApiError::new(Reason::Connect, format!("no connection to {host}{root}; {hint}"));
        }
        if error.is_timeout() {
            let seconds = self.limits.total.as_secs();
            return ApiError::new(Reason::Timeout, format!("{host} gave no whole answer within {seconds} s"));
        }
        if error.is_body() || error.is_decode() {
            return ApiError::new(Reason::Truncated, format!("the answer of {host} broke off{root}"));
        }
        ApiError::new(Reason::Connect, format!("{host} gave no answer in HTTP{root}"))
    }
}

/// The next error inwards; an I/O error hides the one that it wraps.
fn cause_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        return Some(inner);
    }
    error.source()
}

impl Transport for Client {
    fn call<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        Box::pin(self.get(query).map_err(|error| error.redacted(&self.token)))
    }
}
