//! Opens the sockets of the servers.

use std::io;
use std::net::{Ipv6Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, lookup_host};

use super::{CliError, ListenAddress};

/// Connections that may wait until they are accepted.
const BACKLOG: u32 = 1024;

/// Listens on all addresses; also returns the addresses, with the ports that the system has chosen.
pub(super) async fn listen(addresses: &[ListenAddress]) -> Result<(Vec<TcpListener>, Vec<SocketAddr>), CliError> {
    let mut listeners = Vec::new();
    for address in addresses {
        let failed = |error: io::Error| {
            CliError::Run(format!("cannot listen on {address}: {error}; choose another with --web.listen-address"))
        };
        listeners.push(bind(address).await.map_err(failed)?);
    }
    let addresses = listeners.iter().map(TcpListener::local_addr).collect::<io::Result<Vec<_>>>();
    Ok((listeners, addresses.map_err(|error| CliError::Run(error.to_string()))?))
}

/// Listens on one address. Without a host this is every address, or every IPv4 address if the machine has no IPv6.
pub(super) async fn bind(address: &ListenAddress) -> io::Result<TcpListener> {
    let Some(host) = address.host() else {
        let every_address = SocketAddr::from((Ipv6Addr::UNSPECIFIED, address.port()));
        return match bind_to(every_address) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                bind_to(SocketAddr::from(([0, 0, 0, 0], address.port())))
            }
            result => result,
        };
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for candidate in lookup_host((host, address.port())).await? {
        match bind_to(candidate) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn bind_to(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    // Otherwise a restart would have to wait until the system closes the connections of the previous process.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
