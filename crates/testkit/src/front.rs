use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// One address before the replicas of a service: each connection goes to the next one that takes it.
///
/// What a `Service` is in Kubernetes: connections are dealt out, not requests, and nothing is read of what they carry.
pub struct Front {
    address: SocketAddr,
    behind: watch::Sender<Vec<SocketAddr>>,
    _accepting: JoinSet<()>,
}

impl Front {
    /// Listens at `127.0.0.1:port`; connections are closed at once while nobody is behind.
    pub async fn start(port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let (behind, replicas) = watch::channel(Vec::new());
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, replicas));
        Ok(Self { address, behind, _accepting: accepting })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who takes new connections from now on; those there are stay.
    pub fn send_to(&self, replicas: Vec<SocketAddr>) {
        self.behind.send_replace(replicas);
    }
}

async fn accept(listener: TcpListener, replicas: watch::Receiver<Vec<SocketAddr>>) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let now = replicas.borrow().clone();
        let turn = next.fetch_add(1, Ordering::Relaxed);
        connections.spawn(carry(client, now, turn));
    }
}

async fn carry(mut client: TcpStream, replicas: Vec<SocketAddr>, turn: usize) {
    for address in replicas.iter().cycle().skip(turn % replicas.len().max(1)).take(replicas.len()) {
        let Ok(mut server) = TcpStream::connect(address).await else { continue };
        // either side's failure ends both
        drop((client.set_nodelay(true), server.set_nodelay(true)));
        drop(copy_bidirectional(&mut client, &mut server).await);
        return;
    }
}
