//! The HTTP client: one call, its limits, and the errors before there is a response to parse.

use std::error::Error;
use std::future::ready;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use encoding_rs::{Encoding, UTF_8};
use futures_util::TryFutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use tower::util::MapResponseLayer;

use super::body::BodyReader;
use super::current_token::{CurrentToken, Reread};
use super::{ApiError, Query};
use crate::clock::Clock;
use crate::config::{Operation, Proxy, Token};
use crate::model::Reason;

/// Limits of one call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time for the whole call, including the connection and the body.
    pub total: Duration,
    /// Time for the connection alone, so that a firewall that drops packets is not mistaken for a slow report.
    pub connect: Duration,
    /// Bytes of the decompressed body.
    pub body: usize,
}

impl Default for Limits {
    /// The vendor's limits: 60 s per call, 256 MB per response.
    fn default() -> Self {
        Self { total: Duration::from_secs(60), connect: Duration::from_secs(10), body: 256 * 1024 * 1024 }
    }
}

/// An HTTP response with any status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// How long the server asked the client to wait.
    pub retry_after: Option<Duration>,
    /// The decompressed body, in UTF-8 if the server declared another character encoding.
    pub body: Vec<u8>,
}

/// Makes calls: to wolkvox over HTTP, or to a replacement for it.
pub trait Transport: Send + Sync {
    /// Makes one call.
    fn call<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>>;

    /// Must be called when wolkvox refused the token of the last call. True if there is another token now, so that the
    /// same call may succeed.
    fn token_was_refused(&self) -> BoxFuture<'_, bool> {
        Box::pin(ready(false))
    }

    /// Whether there is another token now than the one that wolkvox refused last.
    fn has_new_token(&self) -> BoxFuture<'_, bool> {
        Box::pin(ready(false))
    }

    /// Tokens that were used since the start, and must not be in a message.
    fn tokens(&self) -> Vec<Token> {
        Vec::new()
    }
}

/// The longest `Retry-After` that is accepted: a day, because after a day there is a new quota in any case.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes ring the crypto provider of TLS in this process. Call it once before the first [`Client`]; more calls do
/// nothing.
pub fn install_crypto_provider() {
    // It fails if a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// One operation's access to wolkvox.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base_url: Url,
    proxy: Option<Proxy>,
    token: Arc<CurrentToken>,
    limits: Limits,
    clock: Clock,
    /// Connections opened since the start. A call that opens none uses the connection of an earlier call.
    connections: Arc<AtomicU64>,
}

impl Client {
    /// A client for an operation. Fails only if the system has no usable TLS roots.
    ///
    /// [`install_crypto_provider`] must have been called before, because reqwest is built without a provider.
    pub fn new(operation: &Operation, limits: Limits, clock: Clock) -> Result<Self, reqwest::Error> {
        let base_url = operation.base_url.clone();
        let proxy = operation.proxy.clone();
        let builder = reqwest::Client::builder();
        let builder = match &proxy {
            Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy.expose().as_str())?),
            // Otherwise reqwest would read the variables itself.
            None => builder.no_proxy(),
        };
        // Plain http needs no certificates, so it must work where none are installed.
        let builder = if operation.uses_tls() { builder } else { builder.tls_certs_only([]) };
        let connections = Arc::new(AtomicU64::new(0));
        let opened = Arc::clone(&connections);
        let count_connections = MapResponseLayer::new(move |connection| {
            opened.fetch_add(1, Ordering::SeqCst);
            connection
        });
        let http = builder
            .connector_layer(count_connections)
            .user_agent(concat!("wolkvox_exporter/", env!("CARGO_PKG_VERSION")))
            .timeout(limits.total)
            .connect_timeout(limits.connect)
            // A redirect would send the token to another server.
            .redirect(Policy::none())
            // wolkvox closes idle connections after 5 s, and a call on a connection that is being closed fails.
            .pool_idle_timeout(Duration::from_secs(4))
            // `BodyReader` decompresses, also if another crate of this build enables the feature gzip of reqwest.
            .no_gzip()
            .build()?;
        Ok(Self { http, base_url, proxy, token: Arc::new(CurrentToken::new(operation)), limits, clock, connections })
    }

    async fn get(&self, query: &Query) -> Result<Response, ApiError> {
        self.token.refresh(Reread::IfChanged).await;
        let mut token = HeaderValue::from_str(self.token.for_call().expose()).map_err(|_| {
            ApiError::new(
                Reason::Unauthorized,
                "the token contains characters that are not allowed in an HTTP header; check it",
            )
        })?;
        token.set_sensitive(true);
        let connections = self.connections.load(Ordering::SeqCst);
        let response = self
            .http
            .get(self.url(query))
            .header("wolkvox-token", token)
            .header("accept", "application/json")
            .header("accept-encoding", "gzip")
            .send()
            .await
            .map_err(|error| {
                let is_reused = self.connections.load(Ordering::SeqCst) == connections;
                ApiError { is_stale_connection: is_reused && is_closed(&error), ..self.classify(&error) }
            })?;
        let status = response.status().as_u16();
        let retry_after = self.retry_after(response.headers());
        let encoding = declared_encoding(response.headers());
        let body = decode(self.body(response).await?, encoding).await?;
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

    /// Reads the body as a stream, so that an endless body needs no more memory than the limit.
    async fn body(&self, mut response: reqwest::Response) -> Result<Vec<u8>, ApiError> {
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        if announced > self.limits.body {
            return Err(self.too_large());
        }
        let is_gzip = is_gzip(response.headers());
        let limit = self.limits.body;
        let mut body = if is_gzip { BodyReader::gzip(limit) } else { BodyReader::plain(limit, announced) };
        let mut is_empty = true;
        while let Some(chunk) = response.chunk().await.map_err(|error| self.classify(&error))? {
            is_empty &= chunk.is_empty();
            body.push(&chunk).map_err(|error| self.unreadable(&error))?;
        }
        // A response without a body, for example a 304, may have the header too.
        if is_empty { Ok(Vec::new()) } else { body.finish().map_err(|error| self.unreadable(&error)) }
    }

    /// The body is too large, or is not the gzip that its header declares.
    fn unreadable(&self, error: &std::io::Error) -> ApiError {
        if error.kind() == ErrorKind::FileTooLarge {
            return self.too_large();
        }
        let host = self.base_url.host_str().unwrap_or_default();
        ApiError::new(Reason::Truncated, format!("the response from {host} is incomplete: {error}"))
    }

    fn too_large(&self) -> ApiError {
        let megabytes = self.limits.body / (1024 * 1024);
        ApiError::new(
            Reason::TooLarge,
            format!(
                "the response is larger than {megabytes} MiB, wolkvox's limit; check that base_url is a server of wolkvox"
            ),
        )
    }

    /// `Retry-After` in seconds or as a date.
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

    /// Converts an error of the HTTP client. The text of the outer error is left out, because it contains the URL.
    fn classify(&self, error: &reqwest::Error) -> ApiError {
        let host = self.base_url.host_str().unwrap_or_default();
        let causes = || std::iter::successors(error.source(), |cause| cause_of(*cause));
        if let Some(tls) = causes().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return ApiError::new(Reason::Tls, format!("no TLS connection to {host}: {tls}"));
        }
        let root = causes().last().map(|cause| format!(": {cause}")).unwrap_or_default();
        if error.is_connect() {
            let hint = match &self.proxy {
                Some(proxy) => format!("check the proxy {proxy}, and that its address is on wolkvox's allow-list"),
                None => "check that the address of this machine is on wolkvox's allow-list".to_owned(),
            };
            return ApiError::new(Reason::Connect, format!("no connection to {host}{root}; {hint}"));
        }
        if error.is_timeout() {
            let seconds = self.limits.total.as_secs();
            return ApiError::new(
                Reason::Timeout,
                format!("no complete response from {host} within {seconds} s; ask for fewer skills or shorter windows"),
            );
        }
        if error.is_body() || error.is_decode() {
            return ApiError::new(Reason::Truncated, format!("the response from {host} is incomplete{root}"));
        }
        ApiError::new(Reason::Connect, format!("no HTTP response from {host}{root}; check base_url and the proxy"))
    }
}

/// Whether the header `content-encoding` declares gzip.
fn is_gzip(headers: &HeaderMap) -> bool {
    let declared = headers.get(CONTENT_ENCODING).and_then(|declared| declared.to_str().ok()).unwrap_or_default().trim();
    ["gzip", "x-gzip"].iter().any(|gzip| declared.eq_ignore_ascii_case(gzip))
}

/// The character encoding that the header `content-type` declares.
fn declared_encoding(headers: &HeaderMap) -> Option<&'static Encoding> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let charset = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset")).map(|(_, value)| value);
    Encoding::for_label(charset.last()?.trim().trim_matches('"').as_bytes())
}

/// Converts a body to UTF-8. wolkvox sends UTF-8, so any other encoding is rare and may be slow.
async fn decode(body: Vec<u8>, encoding: Option<&'static Encoding>) -> Result<Vec<u8>, ApiError> {
    match encoding {
        Some(encoding) if encoding != UTF_8 && !body.is_ascii() => {
            let decode = move || encoding.decode(&body).0.into_owned().into_bytes();
            tokio::task::spawn_blocking(decode).await.map_err(|_| ApiError::internal("decoding the response panicked"))
        }
        _ => Ok(body),
    }
}

/// Whether the connection ended before the head of a response was complete. hyper does not say whether a part of the head
/// had arrived.
fn is_closed(error: &reqwest::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    // UnexpectedEof is a TLS connection that was closed without the message that announces it.
    const KINDS: [std::io::ErrorKind; 4] = [BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof];
    let mut causes = std::iter::successors(error.source(), |cause| cause_of(*cause));
    !error.is_connect()
        && causes.any(|cause| {
            cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message)
                || cause.downcast_ref::<std::io::Error>().is_some_and(|error| KINDS.contains(&error.kind()))
        })
}

/// The cause of an error. `source` of an I/O error skips the error that it wraps, so it is unwrapped here.
fn cause_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        return Some(inner);
    }
    error.source()
}

impl Transport for Client {
    fn call<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        Box::pin(self.get(query).map_err(|error| error.redacted(&self.token.all())))
    }

    fn token_was_refused(&self) -> BoxFuture<'_, bool> {
        Box::pin(self.token.refused())
    }

    fn has_new_token(&self) -> BoxFuture<'_, bool> {
        Box::pin(self.token.changed_since_refusal())
    }

    fn tokens(&self) -> Vec<Token> {
        self.token.all()
    }
}
