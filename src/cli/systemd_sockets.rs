//! The listening sockets that systemd passes to the exporter, for `--web.systemd-socket`.
//!
//! systemd opens the sockets of a `.socket` unit before it starts the service. Their descriptors start at 3, and
//! `LISTEN_FDS` has their number.

use std::io;
use std::net::{self, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;

use listenfd::ListenFd;
use tokio::net::TcpListener;

use super::CliError;

/// What to do if there is no socket that can be used.
const ADVICE: &str = "start the exporter through wolkvox_exporter.socket, or leave out --web.systemd-socket to listen \
                      on --web.listen-address";

/// Takes all passed sockets; also returns their addresses. It removes `LISTEN_FDS` and `LISTEN_PID` from the
/// environment, so that no other program takes the sockets too. Must be called before host names are looked up,
/// because that may read the environment in another thread.
pub(super) fn take() -> Result<(Vec<TcpListener>, Vec<SocketAddr>), CliError> {
    let mut passed = ListenFd::from_env();
    if passed.len() == 0 {
        return Err(CliError::Configuration(format!(
            "--web.systemd-socket is set, but systemd passed no socket (LISTEN_FDS); {ADVICE}"
        )));
    }
    let mut listeners = Vec::new();
    let mut addresses = Vec::new();
    for index in 0..passed.len() {
        let socket = passed.take_tcp_listener(index).and_then(|socket| {
            let socket = socket.ok_or(io::ErrorKind::NotFound)?;
            let address = socket.local_addr()?;
            Ok((listening(socket)?, address))
        });
        let (listener, address) = socket.map_err(|error| {
            CliError::Configuration(format!(
                "cannot use socket {} of the {} that systemd passed: {error}; expected a listening TCP socket \
                 (ListenStream=PORT or ADDRESS:PORT, without Accept=yes); {ADVICE}",
                index + 1,
                passed.len()
            ))
        })?;
        listeners.push(listener);
        addresses.push(address);
    }
    Ok((listeners, addresses))
}

/// The socket for the runtime. An error if it is a connection, as a unit with `Accept=yes` passes.
fn listening(socket: net::TcpListener) -> io::Result<TcpListener> {
    let socket = TcpStream::from(OwnedFd::from(socket));
    if socket.peer_addr().is_ok() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a connection"));
    }
    let socket = net::TcpListener::from(OwnedFd::from(socket));
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket)
}
