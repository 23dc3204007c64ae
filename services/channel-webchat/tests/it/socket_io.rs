//! With the official client, run by node.

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};
use uuid::Uuid;
use weft_channel::{Event, delivery_report::State};
use weft_proto::conversation::v1::{Message, message};

use crate::rig::{Rig, config};

/// Where `make deps` puts the client.
const LIBRARIES: &str = "/usr/local/lib/weft-tests/node_modules";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/socket_io/page.js");
const BOTH: &str = "polling,websocket";
/// A page is a process of its own, which takes its time to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

struct Page {
    child: Child,
    says: ChildStdin,
    hears: Lines<BufReader<ChildStdout>>,
}

impl Page {
    fn open(rig: &Rig, transports: &str) -> Self {
        let client = Path::new(LIBRARIES).join("socket.io-client");
        assert!(client.is_dir(), "Socket.IO's client is not there: run `make deps`");
        let mut child = Command::new("node")
            .args([SCRIPT, &format!("http://{}", rig.address), &rig.path("socket.io/"), transports])
            .env("NODE_PATH", LIBRARIES)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is there: run `make deps`");
        let hears = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { says: child.stdin.take().unwrap(), hears, child }
    }

    async fn step(&mut self, step: Value) {
        self.says.write_all(format!("{step}\n").as_bytes()).await.unwrap();
    }

    async fn emit(&mut self, event: &str, body: Value) {
        self.step(json!({"emit": [event, body]})).await;
    }

    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.hears.next_line()).await.expect("something is heard");
        serde_json::from_str(&line.unwrap().expect("the page is open")).unwrap()
    }

    /// The body of the next event of this name; others before it do not matter.
    async fn hear(&mut self, event: &str) -> Value {
        loop {
            let mut heard = self.next().await;
            if heard[0] == event {
                return heard[1].take();
            }
        }
    }

    async fn leave(mut self) {
        self.step(json!({"end": true})).await;
        assert!(self.child.wait().await.unwrap().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_joins_writes_and_is_answered_over_every_transport() {
    let mut rig = Rig::new().await;
    for transports in [BOTH, "websocket", "polling"] {
        let mut page = Page::open(&rig, transports);
        page.hear("connect").await;
        assert_eq!(page.hear("connected").await["name"], "Museum");
        page.emit("join_session", json!({"name": "Ada", "email": "ada@example.org"})).await;
        let joined = page.hear("joined").await;
        assert_eq!((&joined["messages"], &joined["presence"]["agents"]), (&json!([]), &json!("available")));
        let id = Uuid::now_v7();
        page.step(json!({"emit": ["chat_message", {"client_id": id, "text": "hello"}], "ack": true})).await;
        assert_eq!(page.hear("called back").await, json!({"client_id": id}));
        let event = rig.next_inbound().await;
        let thread = event.thread.unwrap();
        assert_eq!(thread.contact.unwrap().name, "Ada");
        let Some(Event::Message(message)) = event.event else { panic!("a message") };
        assert_eq!(message.text, "hello");

        let session = crate::rig::Session {
            token: joined["session_token"].as_str().unwrap().to_owned(),
            visitor: joined["visitor_id"].as_str().unwrap().to_owned(),
            opened: joined.clone(),
        };
        assert_eq!(thread.id, rig.thread(&session), "the same thread as on our own socket");
        let mut ours = rig.socket(&session).await;
        let answered = rig.answer(&session, 2, "good day").await;
        let told = page.hear("bot_response").await;
        assert_eq!((&told["id"], &told["text"]), (&json!(answered), &json!("good day")));
        assert_eq!(ours.next().await["message"], told);
        assert!(matches!(rig.next_inbound().await.event, Some(Event::AttemptEnded(_))));
        page.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_takes_up_its_session_and_confirms_what_it_has_read() {
    let mut rig = Rig::new().await;
    let session = rig.visitor().await;
    let written = |seq: u64, direction: message::Direction| Message {
        id: format!("msg_{seq}"),
        seq,
        direction: direction.into(),
        text: format!("number {seq}"),
        ..Message::default()
    };
    let thread = vec![written(1, message::Direction::Inbound), written(2, message::Direction::Outbound)];
    rig.conversation.0.lock().unwrap().insert(rig.thread(&session), thread);
    let mut page = Page::open(&rig, BOTH);
    page.emit("join_session", json!({"session_token": session.token})).await;
    let joined = page.hear("joined").await;
    assert_eq!((&joined["session_token"], &joined["after_seq"]), (&json!(session.token), &json!(2)));
    assert_eq!((&joined["messages"][1]["text"], &joined["more"]), (&json!("number 2"), &json!(false)));
    page.emit("read", json!({"seq": 2})).await;
    let Some(Event::Report(report)) = rig.next_inbound().await.event else { panic!("a report") };
    assert_eq!((report.id.as_str(), report.state()), ("msg_2", State::Read));
    assert_eq!(page.hear("state").await, json!({"state": "read", "seq": 2}));
    page.step(json!({"emit": ["typing"]})).await;
    assert!(matches!(rig.next_inbound().await.event, Some(Event::Typing(_))));
    // many at once keep their order
    for number in 0..20 {
        page.emit("chat_message", json!(format!("{number}"))).await;
    }
    for number in 0..15 {
        let Some(Event::Message(message)) = rig.next_inbound().await.event else { panic!("a message") };
        assert_eq!(message.text, number.to_string());
    }
    page.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_by_an_error_event_and_the_page_stays() {
    let mut rig = Rig::new().await;
    let mut page = Page::open(&rig, BOTH);
    page.emit("chat_message", json!("too early")).await;
    assert_eq!(page.hear("error").await["reason"], "not_joined");
    for (body, reason) in [
        (json!({"session_token": "x.y"}), "invalid_session"),
        (json!({"shoe": 42}), "invalid_frame"),
        (json!({"email": "ada"}), "invalid_field"),
    ] {
        page.emit("join_session", body).await;
        assert_eq!(page.hear("error").await["reason"], reason);
    }
    page.emit("join_session", json!({})).await;
    page.hear("joined").await;
    for (body, field) in [
        (json!({"client_id": Uuid::now_v7(), "text": " "}), "text"),
        (json!({"client_id": "1", "text": "x"}), "client_id"),
    ] {
        page.emit("chat_message", body).await;
        assert_eq!(page.hear("error").await["field"], field);
    }
    page.emit("chat_message", json!("still here")).await;
    assert!(matches!(rig.next_inbound().await.event, Some(Event::Message(_))));
    rig.lifecycle.intake().stop();
    assert_eq!(page.hear("error").await["reason"], "going_away");
    page.hear("disconnect").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_catches_up_several_times_at_once_is_not_too_slow() {
    let rig = Rig::new().await;
    let session = rig.visitor().await;
    let written = |seq: u64| Message {
        id: format!("msg_{seq}"),
        seq,
        direction: message::Direction::Outbound.into(),
        text: "x".repeat(10_000),
        ..Message::default()
    };
    rig.conversation.0.lock().unwrap().insert(rig.thread(&session), (1..=100).map(written).collect());
    let mut page = Page::open(&rig, "polling");
    page.emit("join_session", json!({"session_token": session.token})).await;
    page.hear("joined").await;
    for _ in 0..3 {
        page.emit("catch_up", json!({"after_seq": 0})).await;
    }
    for _ in 0..3 {
        for seq in 1..=100 {
            assert_eq!(page.hear("bot_response").await["seq"], seq);
        }
        assert_eq!(page.hear("caught_up").await["more"], false);
    }
    page.leave().await;
}

/// What it would say at `debug` are the visitors' words, their tokens and their proofs.
#[test]
fn the_library_has_no_log() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    let mut found = 0;
    for package in lock.split("[[package]]") {
        if ["socketioxide", "engineioxide"].iter().any(|name| package.contains(&format!("name = \"{name}\"")))
        {
            assert!(!package.contains("\"tracing\""), "{package}");
            found += 1;
        }
    }
    assert_eq!(found, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_not_there_is_none_here_either() {
    let mut rig = Rig::with(config(), &[]).await;
    rig.channel = weft_domain::id::new();
    let mut page = Page::open(&rig, "polling");
    assert!(page.hear("connect_error").await.is_string());
}
