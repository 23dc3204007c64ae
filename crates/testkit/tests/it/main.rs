//! The servers of tests, tested.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod chaos;
mod daemons;
mod postgres;
mod servers;
mod with_servers;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Says `question` to a server and reads until `end` was answered.
async fn ask(port: u16, question: &str, end: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(question.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let count = stream.read_buf(&mut answer).await.unwrap();
        let text = String::from_utf8_lossy(&answer);
        if count == 0 || text.contains(end) {
            return text.into_owned();
        }
    }
}

async fn is_listening(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).await.is_ok()
}
