use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{net::TcpStream, time::timeout};

use crate::{Client, Error, Refusal, guard::Guard};

impl Client {
    /// Opens a connection for another protocol than HTTP, guarded like a call: the host's addresses are checked, and the one
    /// that was checked is connected to. The port has to be among `ports`, unless private networks are open.
    pub async fn dial(&self, host: &str, port: u16, ports: &[u16]) -> Result<TcpStream, Error> {
        self.guard.check_port(port, ports)?;
        let wait = self.settings.connect_timeout;
        let addresses = timeout(wait, self.addresses(host)).await.map_err(unreachable)??;
        connect(&self.guard, addresses, port, wait).await
    }

    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Error> {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() {
            return Err(Refusal::NoHost.into());
        }
        match bare.parse() {
            Ok(literal) => Ok(vec![literal]),
            Err(_) => (self.lookup)(bare.to_owned()).await.map_err(unreachable),
        }
    }
}

async fn connect(
    guard: &Guard,
    addresses: Vec<IpAddr>,
    port: u16,
    wait: Duration,
) -> Result<TcpStream, Error> {
    // one bad address among good ones is an attack, not a spare
    for address in &addresses {
        guard.check_address(*address)?;
    }
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in addresses {
        match timeout(wait, TcpStream::connect(SocketAddr::new(address, port))).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true).map_err(unreachable)?;
                return Ok(stream);
            }
            Ok(Err(error)) => failed = error,
            Err(late) => failed = io::Error::new(io::ErrorKind::TimedOut, late),
        }
    }
    Err(unreachable(failed))
}

fn unreachable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Unreachable(Box::new(error))
}
