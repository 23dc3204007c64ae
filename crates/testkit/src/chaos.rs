use std::{
    io::{Error, ErrorKind, Result},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
    time::sleep,
};

/// A TCP proxy on a free port that can do to connections what networks do.
pub struct ChaosProxy {
    port: u16,
    mode: watch::Sender<Mode>,
    _tasks: JoinSet<()>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Pass,
    Delay(Duration),
    Stall,
    Cut,
}

impl ChaosProxy {
    /// Starts a proxy that passes everything on to `target` (`host:port`).
    pub async fn start(target: impl Into<String>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("127.0.0.1 has a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let (mode, modes) = watch::channel(Mode::Pass);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target.into(), modes));
        Self { port, mode, _tasks: tasks }
    }

    /// Where clients connect, as `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Passes everything on again; what was stalled goes out first.
    pub fn pass(&self) {
        self.mode.send_replace(Mode::Pass);
    }

    /// Holds every piece back for this long, in both directions.
    pub fn delay(&self, by: Duration) {
        self.mode.send_replace(Mode::Delay(by));
    }

    /// Keeps connections open and passes nothing.
    pub fn stall(&self) {
        self.mode.send_replace(Mode::Stall);
    }

    /// Closes all connections, and every new one at once.
    pub fn cut(&self) {
        self.mode.send_replace(Mode::Cut);
    }
}

async fn accept(listener: TcpListener, target: String, modes: watch::Receiver<Mode>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(carry(client, target.clone(), modes.clone()));
    }
}

async fn carry(client: TcpStream, target: String, modes: watch::Receiver<Mode>) {
    if *modes.borrow() == Mode::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // either side's failure ends both
    drop(tokio::try_join!(pump(from_client, to_server, modes.clone()), pump(from_server, to_client, modes)));
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut modes: watch::Receiver<Mode>,
) -> Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = tokio::select! {
            count = from.read(&mut buffer) => count?,
            _ = cut(modes.clone()) => return Err(ErrorKind::ConnectionAborted.into()),
        };
        gate(&mut modes).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        to.write_all(buffer.get(..count).unwrap_or_default()).await?;
    }
}

async fn cut(mut modes: watch::Receiver<Mode>) {
    // an error says that the proxy is gone: the same as cut
    drop(modes.wait_for(|mode| *mode == Mode::Cut).await);
}

async fn gate(modes: &mut watch::Receiver<Mode>) -> Result<()> {
    loop {
        let mode = *modes.borrow_and_update();
        match mode {
            Mode::Pass => return Ok(()),
            Mode::Delay(by) => {
                sleep(by).await;
                return Ok(());
            }
            Mode::Cut => return Err(ErrorKind::ConnectionAborted.into()),
            Mode::Stall => modes.changed().await.map_err(Error::other)?,
        }
    }
}
