//! A server whose replies the test defines byte by byte, so it can also send broken HTTP.
//!
//! The simulator answers as wolkvox does. This server also answers as wolkvox's proxies and outages could.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use reqwest::Url;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use wolkvox_exporter::clock::Clock;

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Its number at this server, from 1.
    pub(crate) number: usize,
    /// Its number on its connection, from 1.
    pub(crate) on_connection: usize,
    /// The time at which its head was complete.
    pub(crate) at: Instant,
    /// Its path, `/api/v2/real_time.php`.
    pub(crate) path: String,
    /// Its query, not decoded.
    pub(crate) query: String,
    /// Its headers, with names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
}

impl Request {
    /// The token, empty when there is none.
    pub(crate) fn token(&self) -> &str {
        self.headers.get("wolkvox-token").map_or("", String::as_str)
    }

    /// The parameters of the query, decoded.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let url = Url::parse(&format!("http://wolkvox.invalid/?{}", self.query)).expect("a query makes a URL");
        url.query_pairs().into_owned().collect()
    }

    /// A parameter of the query, empty when there is none.
    pub(crate) fn parameter(&self, name: &str) -> String {
        let value = self.parameters().into_iter().find(|(key, _)| key == name).map(|(_, value)| value);
        value.unwrap_or_default()
    }

    /// The requested report, such as `skills`.
    pub(crate) fn report(&self) -> String {
        self.parameter("api")
    }
}

/// One step of a reply.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Waits for this time.
    Wait(Duration),
    /// Sends these bytes.
    Send(Bytes),
    /// Sends these bytes repeatedly, with a pause between, until the client closes the connection.
    Forever(Bytes, Duration),
    /// Waits until the client closes the connection.
    Hang,
    /// Ends the connection at once, without the message by which TLS announces it.
    Abandon,
    /// The same with a reset of TCP.
    Reset,
    /// Closes every connection of the server, also this one, and refuses new ones until [`Wolkvox::listen_again`].
    StopListening,
}

/// How the last reply to a connection left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Open, or closed as usual.
    Usual,
    Abandoned,
    Reset,
}

/// The reply to a request, in steps.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    steps: Vec<Step>,
    closes: bool,
}

impl Reply {
    /// A well-formed response, after which the connection stays open.
    pub(crate) fn http(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut text = head(status, headers);
        let _ = write!(text, "content-length: {}\r\n\r\n", body.len());
        let bytes: Vec<u8> = text.into_bytes().into_iter().chain(body.iter().copied()).collect();
        Self { steps: vec![Step::Send(bytes.into())], closes: false }
    }

    /// The same in chunks, as wolkvox sends its responses.
    pub(crate) fn chunked(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let mut bytes = head(status, headers).into_bytes();
        bytes.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
        for chunk in body.as_ref().chunks(7) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        Self { steps: vec![Step::Send(bytes.into())], closes: false }
    }

    /// wolkvox's envelope. The status is the HTTP status and the code in the envelope.
    pub(crate) fn envelope(status: u16, msg: &str, data: &str) -> Self {
        let json = [("content-type", "application/json; charset=utf-8")];
        Self::http(status, &json, envelope(status, msg, data))
    }

    /// Rows, each a JSON object.
    pub(crate) fn rows(rows: &[String]) -> Self {
        Self::envelope(200, "some records were found", &format!("[{}]", rows.join(",")))
    }

    /// These steps, after which the connection is closed.
    pub(crate) fn steps(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), closes: true }
    }

    /// The same, after which the connection stays open.
    pub(crate) fn stays_open(mut self) -> Self {
        self.closes = false;
        self
    }

    /// These bytes, after which the connection is closed.
    pub(crate) fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::steps([Step::Send(bytes.into())])
    }

    /// No response at all.
    pub(crate) fn hang() -> Self {
        Self::steps([Step::Hang])
    }

    /// The same, later.
    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.steps.insert(0, Step::Wait(wait));
        self
    }
}

/// The head of a response, without its empty last line, so that headers can be added.
pub(crate) fn head(status: u16, headers: &[(&str, &str)]) -> String {
    let mut text = format!("HTTP/1.1 {status} Status\r\n");
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text
}

/// wolkvox's envelope as JSON.
pub(crate) fn envelope(code: u16, msg: &str, data: &str) -> String {
    format!(r#"{{"code": "{code}", "error": null, "msg": "{msg}", "data": {data}}}"#)
}

/// A row of the report `skills`: calls of the day are `inbound`, of which 90 % are answered.
pub(crate) fn skill(id: &str, inbound: u32) -> String {
    let (answered, abandoned) = (inbound * 9 / 10, inbound / 10);
    format!(
        r#"{{"skill_id": "{id}", "skill_name": "Atención  \"Ñ\"", "calls_in_queue_now": "2", "stat_inbound": "{inbound}",
        "stat_answer": "{answered}", "stat_abandon": "{abandoned}", "service_level_10seg": "70.00 %",
        "service_level_20seg": "80.00 %", "service_level_30seg": "85.00 %", "by_abandon": "10.00 %"}}"#
    )
}

/// A row of the report `skill_6`, calls by DNIS.
pub(crate) fn number(dnis: &str) -> String {
    format!(
        r#"{{"dnis": "{dnis}", "inbound_calls": "100", "answer_calls": "90", "abandon_calls": "10",
        "service_level_10seg": "70 %", "service_level_20seg": "80 %", "service_level_30seg": "85 %",
        "abandon": "10 %", "asa": "12.5", "ata": "00:01:05"}}"#
    )
}

/// A row of the report `agents_kpi`: one day of an agent. The day has eight digits. `name` and `dni` are JSON, so that
/// they can be other types than strings.
pub(crate) fn agent(id: &str, name: &str, dni: &str, day: &str) -> String {
    format!(
        r#"{{"agent_id": "{id}", "agent_name": {name}, "agent_dni": {dni}, "stats": [{{"date": "{day}", "points": "1,250",
        "hits": "4", "calls": "37", "aht_time": "00:06:01", "acw_time": "00:00:40", "occupancy": "35 %",
        "login_time": "07:30:00"}}]}}"#
    )
}

/// A row of the report `chat_9`: a chat that agent 7 transferred. `SKILL` as receiver means a transfer to a skill.
pub(crate) fn transfer(conn_id: &str, receiver: &str, at: &str) -> String {
    format!(
        r#"{{"conn_id": "{conn_id}", "transfer_agent_id": "7", "transfer_agent_name": "A", "receiver_agent_id": "8",
        "receiver_agent_name": "{receiver}", "channel": "chat", "date": "{at}"}}"#
    )
}

/// A row of the report `diagram_1_3`: an option of a menu.
pub(crate) fn option(rp_id: &str, option: &str) -> String {
    format!(r#"{{"rp_id": "{rp_id}", "calls": "12", "time": "00:03:00", "cod_opc_menu": "{option}"}}"#)
}

/// The reply of a healthy wolkvox: one row of the requested report. A row of `skills` has the requested skill, or 4173.
/// Rows with a time have the end of the requested window.
pub(crate) fn healthy(request: &Request) -> Reply {
    let id = match request.parameter("skill_id") {
        id if id == "all" => "4173".to_owned(),
        id => id,
    };
    let until = request.parameter("date_end");
    Reply::rows(&[match request.report().as_str() {
        "skills" => skill(&id, 100),
        "agents_kpi" => agent("12999", r#""Menphy Halland""#, r#""9274658220""#, until.get(..8).unwrap_or_default()),
        "chat_9" => transfer("c-1", "SKILL", &until),
        "diagram_1_3" => option("3001", "Ventas"),
        "skill_6" => number("6015550101"),
        _ => any_row(&id, &until),
    }])
}

/// A row with the fields of all rows above, for a report that has no row of its own here. It is enough for a report with
/// one of these fields as its key.
fn any_row(skill_id: &str, until: &str) -> String {
    let rows = [
        skill(skill_id, 100),
        number("6015550101"),
        agent("12999", r#""Menphy Halland""#, "null", until.get(..8).unwrap_or_default()),
        transfer("c-1", "SKILL", until),
        option("3001", "Ventas"),
    ];
    let fields = rows.each_ref().map(|row| row.trim_start_matches('{').trim_end_matches('}'));
    format!("{{{}}}", fields.join(","))
}

type Script = Arc<dyn Fn(&Request) -> BoxFuture<'static, Reply> + Send + Sync>;

fn at_once(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Script {
    Arc::new(move |request| Box::pin(ready(script(request))))
}

/// Requests of one token in flight: the current and the highest number.
#[derive(Clone, Copy, Debug, Default)]
struct InFlight {
    now: usize,
    most: usize,
}

/// The state that the server and the test share.
struct Shared {
    clock: Clock,
    script: Mutex<Script>,
    tls: Mutex<Option<TlsAcceptor>>,
    connections: Mutex<Vec<Instant>>,
    requests: Mutex<Vec<Request>>,
    in_flight: Mutex<BTreeMap<String, InFlight>>,
    stop_listening: Notify,
    listen_again: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An address on loopback where nothing listens, so connections are refused.
pub(crate) struct Closed {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Closed {
    /// Reserves an address.
    pub(crate) fn new() -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    fn at(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket can be made");
        // The address may be that of a server whose connections have just been closed.
        socket.set_reuseaddr(true).expect("a new socket has options");
        socket.bind(address).expect("loopback has a free port, and nobody else takes the port of a server");
        let address = socket.local_addr().expect("a bound socket has an address");
        Self { socket, address }
    }

    fn listen(self) -> TcpListener {
        self.socket.listen(1024).expect("a bound socket can listen")
    }

    /// The value for `base_url`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts to listen at the address. `script` returns the reply to a request.
    pub(crate) fn open(self, script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Wolkvox {
        self.open_with(None, at_once(script))
    }

    fn open_with(self, tls: Option<TlsAcceptor>, script: Script) -> Wolkvox {
        let address = self.address;
        let listener = self.listen();
        let shared = Arc::new(Shared {
            clock: Clock::system(),
            script: Mutex::new(script),
            tls: Mutex::new(tls),
            connections: Mutex::default(),
            requests: Mutex::default(),
            in_flight: Mutex::default(),
            stop_listening: Notify::new(),
            listen_again: Notify::new(),
        });
        let serving = tokio::spawn(serve(listener, address, Arc::clone(&shared)));
        Wolkvox { address, shared, serving }
    }
}

/// Accepts connections. While it does not listen, the address stays reserved.
async fn serve(mut listener: TcpListener, address: SocketAddr, shared: Arc<Shared>) {
    loop {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = shared.stop_listening.notified() => break,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else { return };
            lock(&shared.connections).push(shared.clock.instant());
            connections.spawn(connection(stream, Arc::clone(&shared)));
            while connections.try_join_next().is_some() {}
        }
        drop(listener);
        let closed = Closed::at(address);
        connections.shutdown().await;
        shared.listen_again.notified().await;
        listener = closed.listen();
    }
}

/// A server on loopback. It and its connections end when the value is dropped.
pub(crate) struct Wolkvox {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Wolkvox {
    /// Starts the server. `script` returns the reply to each request.
    pub(crate) fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Closed::new().open(script)
    }

    /// Starts the server. `script` returns the reply to each request when it is known.
    pub(crate) fn start_async(script: impl Fn(&Request) -> BoxFuture<'static, Reply> + Send + Sync + 'static) -> Self {
        Closed::new().open_with(None, Arc::new(script))
    }

    /// Starts the server with TLS.
    pub(crate) fn start_tls(tls: TlsAcceptor, script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Closed::new().open_with(Some(tls), at_once(script))
    }

    /// Changes the replies to later requests.
    pub(crate) fn answers(&self, script: impl Fn(&Request) -> Reply + Send + Sync + 'static) {
        *lock(&self.shared.script) = at_once(script);
    }

    /// Changes the TLS of later connections.
    pub(crate) fn use_tls(&self, tls: TlsAcceptor) {
        *lock(&self.shared.tls) = Some(tls);
    }

    /// The value for `base_url`.
    pub(crate) fn url(&self) -> String {
        let scheme = if lock(&self.shared.tls).is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The times at which connections were accepted.
    pub(crate) fn connections(&self) -> Vec<Instant> {
        lock(&self.shared.connections).clone()
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).clone()
    }

    /// The number of requests so far.
    pub(crate) fn count(&self) -> usize {
        lock(&self.shared.requests).len()
    }

    /// Listens again after [`Step::StopListening`].
    pub(crate) fn listen_again(&self) {
        self.shared.listen_again.notify_one();
    }

    /// The number of requests of a token in flight, which means from the end of the request to the last part of the
    /// response.
    pub(crate) fn in_flight(&self, token: &str) -> usize {
        lock(&self.shared.in_flight).get(token).copied().unwrap_or_default().now
    }

    /// The highest number of requests of a token that were in flight at the same time.
    pub(crate) fn most_in_flight(&self, token: &str) -> usize {
        lock(&self.shared.in_flight).get(token).copied().unwrap_or_default().most
    }
}

impl Drop for Wolkvox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A request that is in flight until this is dropped.
struct InFlightGuard<'a>(&'a Shared, String);

impl<'a> InFlightGuard<'a> {
    fn begin(shared: &'a Shared, token: &str) -> Self {
        let mut all = lock(&shared.in_flight);
        let guard = all.entry(token.to_owned()).or_default();
        guard.now += 1;
        guard.most = guard.most.max(guard.now);
        Self(shared, token.to_owned())
    }
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        if let Some(guard) = lock(&self.0.in_flight).get_mut(&self.1) {
            guard.now -= 1;
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Errors of a connection are ignored, because the test checks the client.
    let _ = stream.set_nodelay(true);
    let tls = lock(&shared.tls).clone();
    let _ = match tls {
        None => {
            let mut stream = stream;
            let end = conversation(&mut stream, &shared).await;
            end.and_then(|end| reset_if(end, &stream))
        }
        Some(tls) => match tls.accept(stream).await {
            Ok(mut stream) => {
                let end = conversation(&mut stream, &shared).await;
                end.and_then(|end| reset_if(end, stream.get_ref().0))
            }
            Err(error) => Err(error),
        },
    };
}

/// Makes the kernel reset the connection when the stream is dropped.
fn reset_if(end: End, stream: &TcpStream) -> std::io::Result<()> {
    if end == End::Reset { stream.set_zero_linger() } else { Ok(()) }
}

async fn conversation(stream: impl AsyncRead + AsyncWrite, shared: &Shared) -> std::io::Result<End> {
    let (reader, mut writer) = tokio::io::split(stream);
    let mut reader = BufReader::new(reader);
    let mut on_connection = 0;
    while let Some(request) = next_request(&mut reader, shared, on_connection + 1).await? {
        on_connection = request.on_connection;
        let mut guard = Some(InFlightGuard::begin(shared, request.token()));
        let script = Arc::clone(&lock(&shared.script));
        let mut closes = false;
        let sent = async {
            let reply = script(&request).await;
            closes = reply.closes;
            let is_sent = |step: &Step| matches!(step, Step::Send(_) | Step::Forever(..));
            let last = reply.steps.iter().rposition(is_sent);
            for (place, step) in reply.steps.iter().enumerate() {
                if Some(place) == last {
                    // Ends before the bytes are sent, because the client may send its next request at once.
                    guard.take();
                }
                match step {
                    Step::Wait(time) => tokio::time::sleep(*time).await,
                    Step::Hang => std::future::pending().await,
                    Step::Abandon => return Ok(End::Abandoned),
                    Step::Reset => return Ok(End::Reset),
                    Step::Send(bytes) => {
                        writer.write_all(bytes).await?;
                        writer.flush().await?;
                    }
                    Step::Forever(bytes, pause) => loop {
                        writer.write_all(bytes).await?;
                        writer.flush().await?;
                        tokio::time::sleep(*pause).await;
                    },
                    Step::StopListening => shared.stop_listening.notify_one(),
                }
            }
            Ok::<_, std::io::Error>(End::Usual)
        };
        let end = tokio::select! {
            sent = sent => sent?,
            () = closed_by_client(&mut reader) => return Ok(End::Usual),
        };
        drop(guard);
        if end != End::Usual {
            return Ok(end);
        }
        if closes {
            writer.shutdown().await?;
            return Ok(End::Usual);
        }
    }
    Ok(End::Usual)
}

/// Resolves when the client has closed the connection.
async fn closed_by_client(reader: &mut BufReader<impl AsyncRead + Unpin>) {
    if matches!(reader.fill_buf().await, Ok(bytes) if !bytes.is_empty()) {
        std::future::pending::<()>().await;
    }
}

/// The next request; `None` at the end of the connection.
async fn next_request(
    reader: &mut BufReader<impl AsyncRead + Unpin>,
    shared: &Shared,
    on_connection: usize,
) -> std::io::Result<Option<Request>> {
    let mut first = String::new();
    if reader.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let target = first.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut requests = lock(&shared.requests);
    let request = Request {
        number: requests.len() + 1,
        on_connection,
        at: shared.clock.instant(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
    };
    requests.push(request.clone());
    Ok(Some(request))
}
