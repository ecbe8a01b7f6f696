//! A client over TLS, for HTTP/1 and HTTP/2, whose certificates the test chooses.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use hyper::body::{Body as _, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls::version::TLS12;
use rustls::{ALL_VERSIONS, ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::authority::{Authority, Issued};
use super::http::FullResponse;

/// Less than a page, in bytes.
const SMALL_WINDOW: u32 = 512;

/// Only TLS 1.2.
const OLD_VERSION: &[&SupportedProtocolVersion] = &[&TLS12];

/// The version of HTTP that a client offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Http {
    /// HTTP/1.1.
    One,
    /// HTTP/2.
    Two,
}

impl Http {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::One, Self::Two];
}

/// What a client trusts and shows.
#[derive(Clone)]
pub(crate) struct TlsClient {
    config: ClientConfig,
    address: String,
}

/// An open connection.
pub(crate) struct TlsConnection {
    sender: Sender,
    /// Drives the connection. It ends when the connection is closed.
    pub(crate) driver: JoinHandle<Result<(), hyper::Error>>,
    address: String,
}

enum Sender {
    One(http1::SendRequest<String>),
    Two(http2::SendRequest<String>),
}

impl TlsClient {
    /// Trusts `authority` and connects to `address`. Shows the certificate of `client`, if there is one.
    pub(crate) fn new(address: &str, authority: &Authority, client: Option<&Issued>) -> Self {
        Self::with(address, authority, client, true)
    }

    /// The same, but offers only TLS 1.2.
    pub(crate) fn of_tls12(address: &str, authority: &Authority, client: Option<&Issued>) -> Self {
        Self::with(address, authority, client, false)
    }

    fn with(address: &str, authority: &Authority, client: Option<&Issued>, tls13: bool) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate()).expect("it is a certificate");
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_protocol_versions(if tls13 { ALL_VERSIONS } else { OLD_VERSION });
        let builder = builder.expect("ring supports these versions").with_root_certificates(roots);
        let mut config = match client {
            Some(issued) => builder
                .with_client_auth_cert(vec![issued.certificate()], issued.key())
                .expect("the key is the certificate's"),
            None => builder.with_no_client_auth(),
        };
        // Otherwise a resumed session would hide that a certificate is verified.
        config.resumption = rustls::client::Resumption::disabled();
        Self { config, address: address.to_owned() }
    }

    /// The TLS stream of a new connection. With TLS 1.3 the server may still refuse the certificate of the client.
    pub(crate) async fn stream(&self, http: Http) -> Result<TlsStream<TcpStream>, String> {
        let mut config = self.config.clone();
        config.alpn_protocols = vec![if http == Http::One { b"http/1.1".to_vec() } else { b"h2".to_vec() }];
        let stream = TcpStream::connect(&self.address).await.map_err(|error| format!("connect: {error}"))?;
        let name = ServerName::try_from("127.0.0.1").expect("it is an address");
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, stream).await.map_err(|error| format!("handshake: {error}"))
    }

    /// A connection of HTTP/2 whose client accepts only a few bytes of a response before it reads them.
    pub(crate) async fn connect_with_small_window(&self) -> Result<TlsConnection, String> {
        let stream = TokioIo::new(self.stream(Http::Two).await?);
        let mut builder = http2::Builder::new(TokioExecutor::new());
        let handshake = builder.initial_stream_window_size(SMALL_WINDOW).handshake(stream).await;
        let (sender, connection) = handshake.map_err(|error| format!("start: {error:?}"))?;
        Ok(TlsConnection {
            sender: Sender::Two(sender),
            driver: tokio::spawn(connection),
            address: self.address.clone(),
        })
    }

    /// A new connection.
    pub(crate) async fn connect(&self, http: Http) -> Result<TlsConnection, String> {
        let stream = TokioIo::new(self.stream(http).await?);
        let failed = |error: hyper::Error| format!("start: {error:?}");
        let address = self.address.clone();
        match http {
            Http::One => {
                let (sender, connection) = http1::handshake(stream).await.map_err(failed)?;
                Ok(TlsConnection { sender: Sender::One(sender), driver: tokio::spawn(connection), address })
            }
            Http::Two => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.map_err(failed)?;
                Ok(TlsConnection { sender: Sender::Two(sender), driver: tokio::spawn(connection), address })
            }
        }
    }

    /// One GET over a new connection.
    pub(crate) async fn get(&self, http: Http, path: &str, headers: &[(&str, &str)]) -> Result<FullResponse, String> {
        self.connect(http).await?.get(path, headers).await
    }
}

impl TlsConnection {
    /// One GET. Returns after the head; the body is not read.
    pub(crate) async fn head_of(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Response<Incoming>, String> {
        let failed = |error: hyper::Error| format!("request: {error:?}");
        let uri = match &self.sender {
            Sender::One(_) => path.to_owned(),
            Sender::Two(_) => format!("https://{}{path}", self.address),
        };
        let mut request = Request::builder().uri(uri);
        if matches!(self.sender, Sender::One(_)) {
            request = request.header("host", &self.address);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(String::new()).expect("the parts are valid");
        match &mut self.sender {
            Sender::One(sender) => {
                sender.ready().await.map_err(failed)?;
                sender.send_request(request).await.map_err(failed)
            }
            Sender::Two(sender) => {
                sender.ready().await.map_err(failed)?;
                sender.send_request(request).await.map_err(failed)
            }
        }
    }

    /// One GET and its whole response.
    pub(crate) async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<FullResponse, String> {
        let response = self.head_of(path, headers).await?;
        let (head, mut body) = response.into_parts();
        let mut bytes = Vec::new();
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            let frame = frame.map_err(|error| format!("body: {error:?}"))?;
            bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        }
        Ok(FullResponse { status: head.status.as_u16(), headers: head.headers, body: bytes })
    }
}

/// The header `Authorization` for a user and a password.
pub(crate) fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}
