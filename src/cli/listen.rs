//! Opens the sockets of the servers.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

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
        listeners.extend(bind_all(address).await.map_err(failed)?);
    }
    let addresses = listeners.iter().map(TcpListener::local_addr).collect::<io::Result<Vec<_>>>();
    Ok((listeners, addresses.map_err(|error| CliError::Run(error.to_string()))?))
}

/// Listens on an address. Without a host this is every IPv6 and IPv4 address of the machine.
async fn bind_all(address: &ListenAddress) -> io::Result<Vec<TcpListener>> {
    let first = bind(address).await?;
    let local = first.local_addr()?;
    if address.host().is_none() && local.is_ipv6() && ipv6_excludes_ipv4() {
        let second = bind_to(SocketAddr::from((Ipv4Addr::UNSPECIFIED, local.port())))?;
        return Ok(vec![first, second]);
    }
    Ok(vec![first])
}

/// Whether a socket for every IPv6 address leaves out IPv4 on this machine. Usually it does not.
fn ipv6_excludes_ipv4() -> bool {
    std::fs::read_to_string("/proc/sys/net/ipv6/bindv6only").is_ok_and(|text| text.trim() == "1")
}

/// Listens with one socket. Without a host this is every address, or every IPv4 address if the machine has no IPv6.
pub(super) async fn bind(address: &ListenAddress) -> io::Result<TcpListener> {
    let Some(host) = address.host() else {
        let every_address = SocketAddr::from((Ipv6Addr::UNSPECIFIED, address.port()));
        return match bind_to(every_address) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                bind_to(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())))
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
