//! TLS to the server, and a key instead of a password.

use std::path::PathBuf;

use futures::{FutureExt, StreamExt};
use nkeys::KeyPair;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use weft_bus::{Bus, Settings, Stream};
use weft_domain::{Error, ErrorCode};
use weft_testkit::{Certificates, Nats, TempDir, temp_dir};

use crate::rig::{PATIENCE, event};

struct Secured {
    nats: Nats,
    ours: Certificates,
    theirs: Certificates,
    seed: String,
    folder: TempDir,
}

/// A server that answers over TLS only, to clients with a certificate of ours and the one key.
async fn secured() -> Secured {
    let folder = temp_dir();
    let (ours, theirs) =
        (Certificates::new(folder.path(), "ours"), Certificates::new(folder.path(), "theirs"));
    let server = ours.issue(&["127.0.0.1"]);
    let key = KeyPair::new_user();
    let nats = Nats::start_with(&format!(
        "tls {{ cert_file: {:?}, key_file: {:?}, ca_file: {:?}, verify: true }}\n\
         authorization {{ users: [ {{ nkey: {key} }} ] }}",
        server.cert_file,
        server.key_file,
        ours.ca_file(),
        key = key.public_key(),
    ))
    .await;
    Secured { nats, ours, theirs, seed: key.seed().unwrap(), folder }
}

impl Secured {
    fn settings(&self) -> Settings {
        let client = self.ours.issue(&["conversation"]);
        Settings {
            ca_file: Some(self.ours.ca_file()),
            cert_file: Some(client.cert_file),
            key_file: Some(client.key_file),
            nkey: Some(self.seed.clone().into()),
            inbox_prefix: Some("_INBOX_conversation".into()),
            connect_timeout_ms: 1_500,
            ..Settings::at(self.nats.url())
        }
    }
}

async fn refused(settings: Settings) -> Error {
    Bus::connect(&settings).await.expect_err("nobody is let in like this")
}

#[tokio::test]
async fn a_client_with_our_certificates_and_the_key_is_let_in() {
    let secured = secured().await;
    let file = secured.folder.path().join("conversation.nk");
    std::fs::write(&file, format!("{}\n", secured.seed)).unwrap();
    for settings in [secured.settings(), Settings { nkey: None, nkey_file: Some(file), ..secured.settings() }]
    {
        let bus = Bus::connect(&settings).await.unwrap();
        bus.migrate(&[]).await.unwrap();
        bus.publish(Stream::In, event("1", "k")).await.unwrap();
        bus.close().await;
    }
}

#[tokio::test]
async fn a_server_of_another_authority_is_refused_with_the_reason() {
    let secured = secured().await;
    let error = refused(Settings { ca_file: Some(secured.theirs.ca_file()), ..secured.settings() }).await;
    assert_eq!((error.code(), error.reason()), (ErrorCode::Precondition, "bus_refused"), "{error}");
    assert!(error.message().contains("UnknownIssuer"), "{error}");
}

#[tokio::test]
async fn a_client_without_tls_or_without_our_certificate_is_refused() {
    let secured = secured().await;
    let none = Settings { cert_file: None, key_file: None, ..secured.settings() };
    refused(none.clone()).await;
    let stranger = secured.theirs.issue(&["conversation"]);
    let strange = Settings {
        cert_file: Some(stranger.cert_file),
        key_file: Some(stranger.key_file),
        ..secured.settings()
    };
    refused(strange).await;
    refused(Settings { ca_file: None, ..none }).await;
    let answer = ask_in_plain(secured.nats.port(), "CONNECT {\"verbose\":true}\r\nPING\r\n").await;
    assert!(!answer.contains("PONG"), "{answer}");
}

#[tokio::test]
async fn an_unknown_key_is_refused_with_the_reason() {
    let secured = secured().await;
    let seed = KeyPair::new_user().seed().unwrap();
    let strange = Settings { nkey: Some(seed.into()), ..secured.settings() };
    let error = refused(strange).await;
    assert_eq!(error.reason(), "bus_refused", "{error}");
    assert!(error.message().contains("does not know this user or key"), "{error}");
    let error = refused(Settings { nkey: None, ..secured.settings() }).await;
    assert_eq!(error.reason(), "bus_refused", "{error}");
    let nowhere = PathBuf::from("/nowhere/conversation.nk");
    let error = refused(Settings { nkey: None, nkey_file: Some(nowhere), ..secured.settings() }).await;
    assert_eq!(error.reason(), "bus_key_unreadable");
    assert!(error.message().contains("/nowhere/conversation.nk"), "{error}");
}

#[tokio::test]
async fn answers_come_to_the_services_own_inbox() {
    let nats = Nats::start().await;
    let settings = Settings { inbox_prefix: Some("_INBOX_media".into()), ..Settings::at(nats.url()) };
    let watcher = async_nats::connect(nats.url()).await.unwrap();
    let mut shared = watcher.subscribe("_INBOX.>").await.unwrap();
    let mut own = watcher.subscribe("_INBOX_media.>").await.unwrap();
    watcher.flush().await.unwrap();
    let bus = Bus::connect(&settings).await.unwrap();
    bus.migrate(&[]).await.unwrap();
    watcher.flush().await.unwrap();
    assert!(timeout(PATIENCE, own.next()).await.expect("an answer in time").is_some());
    assert!(shared.next().now_or_never().is_none());
}

/// All that the server says to these words until it hangs up.
async fn ask_in_plain(port: u16, words: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    connection.write_all(words.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // It hangs up with or without a word.
    drop(timeout(PATIENCE, connection.read_to_end(&mut answer)).await.expect("the server hangs up"));
    String::from_utf8_lossy(&answer).into_owned()
}
