use std::collections::VecDeque;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue, Response},
    },
};

use crate::rig::{PATIENCE, Rig};

/// A client of the live socket.
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    pub(crate) put_back: VecDeque<Value>,
    /// Who came or went meanwhile: that is told at any time.
    pub(crate) people: VecDeque<Value>,
    /// What `hello` said.
    pub(crate) cursor: String,
}

/// How a socket ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Ended {
    pub(crate) goodbye: Option<String>,
    pub(crate) resume: Option<String>,
    pub(crate) code: Option<u16>,
}

type Refused = Response<Option<Vec<u8>>>;

pub(crate) async fn open(
    rig: &Rig,
    headers: &[(&'static str, &str)],
) -> Result<(WebSocketStream<TcpStream>, Response<Option<Vec<u8>>>), Box<Refused>> {
    let mut request = format!("ws://{}/v1/live", rig.address).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    let stream = TcpStream::connect(rig.address).await.unwrap();
    match tokio_tungstenite::client_async(request, stream).await {
        Ok(opened) => Ok(opened),
        Err(Error::Http(refused)) => Err(refused),
        Err(other) => panic!("{other}"),
    }
}

/// Why a socket is not opened.
pub(crate) async fn refusal(rig: &Rig, headers: &[(&'static str, &str)]) -> (u16, String) {
    let refused = open(rig, headers).await.expect_err("a refusal");
    let body: Value =
        serde_json::from_slice(refused.body().as_deref().unwrap_or_default()).unwrap_or_default();
    (refused.status().as_u16(), body["reason"].as_str().unwrap_or_default().to_owned())
}

impl Socket {
    pub(crate) async fn connect(rig: &Rig, token: &str) -> Self {
        weft_testkit::eventually("the gateway has read the bus", PATIENCE, async || {
            let opened = open(rig, &[("authorization", &format!("Bearer {token}"))]).await;
            Some(Self::greeted(opened.ok()?.0).await)
        })
        .await
    }

    pub(crate) async fn greeted(stream: WebSocketStream<TcpStream>) -> Self {
        let mut socket =
            Self { stream, put_back: VecDeque::new(), people: VecDeque::new(), cursor: String::new() };
        let hello = socket.next().await;
        assert_eq!(hello["type"], "hello");
        assert!(!hello["session_id"].as_str().unwrap().is_empty());
        socket.cursor = hello["cursor"].as_str().unwrap().to_owned();
        socket
    }

    /// Connected, and following all conversations.
    pub(crate) async fn following(rig: &Rig, token: &str) -> Self {
        let mut socket = Self::connect(rig, token).await;
        socket.follow(json!("all")).await;
        socket
    }

    pub(crate) async fn follow(&mut self, conversations: Value) {
        self.say(json!({"type": "subscribe", "conversations": conversations})).await;
        let answer = self.next_of("subscribed").await;
        assert_eq!(answer["conversations"], conversations);
    }

    pub(crate) async fn say(&mut self, frame: Value) {
        self.stream.send(Message::text(frame.to_string())).await.unwrap();
    }

    pub(crate) async fn say_raw(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// The next frame, pings aside.
    pub(crate) async fn next(&mut self) -> Value {
        self.next_unless_behind().await.expect("a client that keeps up")
    }

    /// The next frame, pings aside; none when the client was cut because it fell behind.
    pub(crate) async fn next_unless_behind(&mut self) -> Option<Value> {
        if let Some(frame) = self.put_back.pop_front() {
            return Some(frame);
        }
        loop {
            if let Some(frame) = self.next_unless_behind_or_about_people().await? {
                return Some(frame);
            }
        }
    }

    /// The next frame off the wire; within, none where it tells who came or went.
    pub(crate) async fn next_unless_behind_or_about_people(&mut self) -> Option<Option<Value>> {
        loop {
            match timeout(PATIENCE, self.stream.next())
                .await
                .expect("a frame in time")
                .expect("an open socket")
                .unwrap()
            {
                Message::Text(text) => {
                    let mut frame: Value = serde_json::from_str(&text).unwrap();
                    if frame["event"] != "attendance" {
                        return Some(Some(frame));
                    }
                    self.people.push_back(frame["data"].take());
                    return Some(None);
                }
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(Some(frame)) if frame.reason == "lagging" => return None,
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next frame of a type; others wait their turn.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        let mut before = VecDeque::new();
        let found = loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                break frame;
            }
            before.push_back(frame);
        };
        before.append(&mut self.put_back);
        self.put_back = before;
        found
    }

    /// Reads, which answers pings, until so many have come.
    pub(crate) async fn answer_pings(&mut self, number: usize) {
        let mut left = number;
        while left > 0 {
            let message = timeout(PATIENCE, self.stream.next()).await.expect("a ping in time");
            left -= usize::from(message.expect("an open socket").unwrap().is_ping());
        }
    }

    /// The number and the cursor of the next event.
    pub(crate) async fn next_event(&mut self) -> (u64, String) {
        let frame = self.next().await;
        assert_eq!(frame["type"], "event", "{frame}");
        (frame["data"]["message"]["seq"].as_u64().unwrap(), frame["cursor"].as_str().unwrap().to_owned())
    }

    /// Follows all from a cursor, and reads events, each the next one, until so many were seen or it is cut because it fell behind:
    /// then it comes again like anybody else.
    pub(crate) async fn go_on(&mut self, cursor: &mut String, seen: &mut u64, until: u64) {
        self.say(json!({"type": "resume", "cursor": cursor})).await;
        self.say(json!({"type": "subscribe", "conversations": "all"})).await;
        while *seen < until {
            let Some(frame) = self.next_unless_behind().await else { break };
            if frame["type"] != "event" {
                continue;
            }
            assert_eq!(frame["data"]["message"]["seq"], *seen);
            frame["cursor"].as_str().unwrap().clone_into(cursor);
            *seen += 1;
        }
    }

    /// Reads until the end, and gives the number of events on the way.
    pub(crate) async fn end(mut self) -> (u64, Ended) {
        let mut events = 0;
        let mut ended = Ended { goodbye: None, resume: None, code: None };
        while let Some(Ok(message)) = timeout(PATIENCE, self.stream.next()).await.expect("an end in time") {
            match message {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    events += u64::from(frame["type"] == "event");
                    if frame["type"] == "goodbye" {
                        ended.goodbye = frame["reason"].as_str().map(str::to_owned);
                        ended.resume = frame["resume"].as_str().map(str::to_owned);
                    }
                }
                Message::Close(frame) => ended.code = frame.map(|frame| frame.code.into()),
                _ => {}
            }
        }
        (events, ended)
    }
}
