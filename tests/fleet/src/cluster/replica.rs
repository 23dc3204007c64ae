use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use weft_testkit::{Daemon, free_port};

use super::environment::Environment;

/// How long a replica has to stop; its own watchdog gives up before.
const PATIENCE: Duration = Duration::from_secs(45);

/// One process of a service.
pub struct Replica {
    /// The service and a number, like `conversation-2`.
    pub name: String,
    /// Where it answers HTTP.
    pub http: SocketAddr,
    /// Where its probes and metrics are.
    pub admin: SocketAddr,
    /// Where it answers other services.
    pub rpc: Option<SocketAddr>,
    pub(super) daemon: Daemon,
    pub(super) folder: PathBuf,
}

impl Replica {
    pub(super) fn new(service: &str, name: String, called: bool, environment: &Environment) -> Self {
        let local = || SocketAddr::from(([127, 0, 0, 1], free_port()));
        let daemon = Daemon::new(&name, environment.binary(), &["run", service], &environment.log(&name));
        let folder = environment.folder_of(&name);
        let mut replica =
            Self { http: local(), admin: local(), rpc: called.then(local), name, daemon, folder };
        let variables = environment.of_replica(service, &replica);
        replica.daemon = replica.daemon.variables(variables);
        replica
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.daemon.pid()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.daemon.log()
    }

    pub(super) async fn start(&mut self, besides: &[(&str, &str)]) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        let address = self.admin;
        let up = self.daemon.start(besides, async || is_ready(address).await.unwrap_or(false)).await;
        let last = || self.daemon.log().lines().rev().take(5).collect::<Vec<_>>().join("\n");
        ensure!(up, "{} does not start; it said, the newest first:\n{}", self.name, last());
        Ok(())
    }

    pub(super) async fn stop(&mut self) -> Result<()> {
        if self.daemon.pid().is_none() || self.daemon.exit_status().is_some() {
            return Ok(());
        }
        let status = self.daemon.terminate(PATIENCE).await;
        let status =
            status.with_context(|| format!("{} still runs {PATIENCE:?} after SIGTERM", self.name))?;
        ensure!(status.success(), "{} ended with {status}", self.name);
        Ok(())
    }
}

async fn is_ready(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: replica\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer.starts_with(b"HTTP/1.1 200"))
}
