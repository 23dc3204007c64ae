//! clamd, which looks for what is harmful in files.

use std::{path::PathBuf, time::Duration};

use futures::TryStreamExt as _;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    sync::Semaphore,
};
use weft_domain::{Error, ErrorCode, Result};

use crate::{blobs::ByteStream, config};

/// More than it ever says.
const MOST_SAID: u64 = 4096;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Clean,
    /// What it is called.
    Found(String),
}

/// Where clamd listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(String),
    Unix(PathBuf),
}

/// Asks clamd.
pub(crate) struct Scanner {
    address: Address,
    patience: Duration,
    turns: Semaphore,
}

impl Address {
    /// Reads `tcp://<host>:<port>` or `unix:<path>`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            return path.starts_with('/').then(|| Self::Unix(path.into()));
        }
        let host = text.strip_prefix("tcp://")?;
        let (name, port) = host.rsplit_once(':')?;
        (!name.is_empty() && port.parse::<u16>().is_ok()).then(|| Self::Tcp(host.to_owned()))
    }
}

impl Scanner {
    pub(crate) fn new(address: Address, limits: &config::Scanner) -> Self {
        let patience = Duration::from_secs(limits.timeout_seconds);
        Self { address, patience, turns: Semaphore::new(limits.at_once) }
    }

    /// Has it look into bytes. Whatever it does but say clearly what it found is an error, never "clean" (FL-4).
    pub(crate) async fn scan(&self, bytes: ByteStream) -> Result<Verdict> {
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        let asked = async {
            match &self.address {
                Address::Tcp(host) => ask(TcpStream::connect(host).await.map_err(away)?, bytes).await,
                Address::Unix(path) => ask(UnixStream::connect(path).await.map_err(away)?, bytes).await,
            }
        };
        tokio::time::timeout(self.patience, asked).await.map_err(away)?
    }
}

async fn ask(stream: impl AsyncRead + AsyncWrite, bytes: ByteStream) -> Result<Verdict> {
    let (from, mut to) = tokio::io::split(stream);
    let sent = send(&mut to, bytes).await;
    let mut said = Vec::new();
    let read = from.take(MOST_SAID).read_to_end(&mut said).await;
    // it hangs up on what it finds too large, and then says why
    if said.is_empty() {
        sent?;
        read.map_err(away)?;
    }
    verdict(&said)
}

/// Chunks with their lengths before them; one without length is the last.
async fn send(to: &mut (impl AsyncWrite + Unpin), mut bytes: ByteStream) -> Result<()> {
    to.write_all(b"zINSTREAM\0").await.map_err(away)?;
    while let Some(part) = bytes.try_next().await.map_err(Error::internal)? {
        let length = u32::try_from(part.len()).map_err(Error::internal)?;
        if length > 0 {
            to.write_all(&length.to_be_bytes()).await.map_err(away)?;
            to.write_all(&part).await.map_err(away)?;
        }
    }
    to.write_all(&[0; 4]).await.map_err(away)?;
    to.flush().await.map_err(away)
}

fn verdict(said: &[u8]) -> Result<Verdict> {
    let text = std::str::from_utf8(said).unwrap_or_default();
    let text = text.strip_suffix('\0').unwrap_or(text);
    if text == "stream: OK" {
        return Ok(Verdict::Clean);
    }
    let found = text.strip_prefix("stream: ").and_then(|rest| rest.strip_suffix(" FOUND"));
    match found.filter(|name| !name.is_empty() && !name.contains(['\0', '\n'])) {
        Some(name) => Ok(Verdict::Found(name.to_owned())),
        None => Err(away(format!("clamd said {text:?}"))),
    }
}

fn away(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorCode::Unavailable, "scanner_unavailable", "files cannot be looked into now")
        .with_source(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_clamd_says_clearly_counts() {
        assert_eq!(verdict(b"stream: OK\0").unwrap(), Verdict::Clean);
        assert_eq!(verdict(b"stream: Eicar-Test FOUND\0").unwrap(), Verdict::Found("Eicar-Test".to_owned()));
        for said in [
            "",
            "OK",
            "stream: OK stream: OK",
            "stream: ok",
            "stream:  FOUND",
            "INSTREAM size limit exceeded. ERROR",
            "stream: Heuristics.Limits.Exceeded ERROR",
            "stream: OK\n",
            "x stream: OK",
        ] {
            assert_eq!(verdict(said.as_bytes()).unwrap_err().reason(), "scanner_unavailable", "{said}");
        }
    }

    #[test]
    fn an_address_is_a_host_with_a_port_or_a_path() {
        assert_eq!(Address::read("tcp://clamd:3310"), Some(Address::Tcp("clamd:3310".to_owned())));
        assert_eq!(Address::read("tcp://[::1]:3310"), Some(Address::Tcp("[::1]:3310".to_owned())));
        assert_eq!(Address::read("unix:/run/clamd.ctl"), Some(Address::Unix("/run/clamd.ctl".into())));
        for wrong in ["clamd:3310", "tcp://clamd", "tcp://:3310", "unix:run", "http://clamd:3310", ""] {
            assert_eq!(Address::read(wrong), None, "{wrong}");
        }
    }
}
