use std::io;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// Lines and literals longer than these end a conversation.
const LONGEST_LINE: u64 = 64 * 1024;
const LONGEST_LITERAL: usize = 60_000_000;

/// A conversation in lines.
pub(super) struct Words(BufReader<TcpStream>);

impl Words {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    /// The next line without its end; none when the other side has gone.
    pub(super) async fn line(&mut self) -> Option<String> {
        let bytes = self.bytes().await?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The next line as it came.
    pub(super) async fn bytes(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let read = (&mut self.0).take(LONGEST_LINE).read_until(b'\n', &mut line).await.ok()?;
        (read > 0).then_some(line)
    }

    /// So many bytes.
    pub(super) async fn literal(&mut self, size: usize) -> Option<Vec<u8>> {
        if size > LONGEST_LITERAL {
            return None;
        }
        let mut bytes = vec![0; size];
        self.0.read_exact(&mut bytes).await.ok()?;
        Some(bytes)
    }

    pub(super) async fn say(&mut self, line: &str) -> io::Result<()> {
        self.send(format!("{line}\r\n").as_bytes()).await
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes).await
    }
}
