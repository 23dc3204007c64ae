use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// A NATS connection that says what it likes and hears every refusal, which a client library keeps to itself.
pub(crate) struct Wire {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
}

impl Wire {
    /// Signs in with the seed of a user.
    pub(crate) async fn connect(port: u16, seed: &str) -> Self {
        let (read, write) = TcpStream::connect(("127.0.0.1", port)).await.unwrap().into_split();
        let mut wire = Self { read: BufReader::new(read), write };
        let info: Value = serde_json::from_str(wire.line().await.strip_prefix("INFO ").unwrap()).unwrap();
        let pair = KeyPair::from_seed(seed.trim()).unwrap();
        let signature = pair.sign(info["nonce"].as_str().unwrap().as_bytes()).unwrap();
        let hello = json!({
            "nkey": pair.public_key(), "sig": BASE64_URL_SAFE_NO_PAD.encode(signature),
            "verbose": false, "pedantic": false, "headers": true, "lang": "test", "version": "0",
        });
        assert_eq!(wire.refusal(&format!("CONNECT {hello}\r\n")).await, None, "a known user is let in");
        wire
    }

    /// Whether the server refuses to take a message for this subject.
    pub(crate) async fn refuses_publish(&mut self, subject: &str) -> bool {
        let refusal = self.refusal(&format!("PUB {subject} 2\r\n{{}}\r\n")).await;
        self.is_about("Publish", subject, refusal)
    }

    /// Whether the server refuses to let these subjects be heard.
    pub(crate) async fn refuses_subscribe(&mut self, subject: &str) -> bool {
        let refusal = self.refusal(&format!("SUB {subject} 1\r\n")).await;
        let refused = self.is_about("Subscription", subject, refusal);
        assert_eq!(self.refusal("UNSUB 1\r\n").await, None);
        refused
    }

    fn is_about(&self, what: &str, subject: &str, refusal: Option<String>) -> bool {
        let Some(words) = refusal else { return false };
        let expected = format!("'Permissions Violation for {what} to \"{subject}\"'");
        assert_eq!(words, expected, "a refusal for another reason");
        true
    }

    /// What the server has against these words.
    async fn refusal(&mut self, words: &str) -> Option<String> {
        self.write.write_all(format!("{words}PING\r\n").as_bytes()).await.unwrap();
        let mut refusal = None;
        loop {
            let line = self.line().await;
            match line.split_once(' ').unwrap_or((&line, "")) {
                ("PONG", _) => return refusal,
                ("-ERR", words) => refusal = Some(words.to_owned()),
                _ => {}
            }
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.read.read_line(&mut line).await.unwrap() > 0, "the server has hung up");
        line.trim_end().to_owned()
    }
}
