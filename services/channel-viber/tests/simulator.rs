//! The adapter and the simulator, against each other over HTTP.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::VecDeque;

use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
use bytes::BytesMut;
use futures::TryStreamExt as _;
use http::Method;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};
use weft_channel::{
    Adapter as _, Attachment, ConnectContext, Connected, Event, File, Files, HttpTransport, Inbound, Media,
    Outbound, ProviderCall, Receipt, SendError, SetupError, SimulationOptions, Transport as _, WebhookCall,
    delivery_report::State, plan::plan, read_account,
};
use weft_channel_viber::{
    Account, Viber,
    simulator::{Says, Simulator, TOKEN},
};
use weft_runtime::TaskSet;

const ADA: &str = "01234567890A=";

struct World {
    simulator: Simulator,
    base: String,
    account: Account,
    transport: HttpTransport,
    tasks: TaskSet,
}

impl World {
    async fn start() -> Self {
        let (simulator, tasks) = (Simulator::new().unwrap(), TaskSet::new("world"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve(listener, stop).await });
        let settings = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let transport = HttpTransport::new(weft_http::Client::new(settings).unwrap(), "viber");
        simulator.add_customer(ADA, "Ada");
        Self { simulator, account: account(&base, TOKEN), base, transport, tasks }
    }

    /// Connects with a webhook of ours that answers with these statuses first; what comes can be received.
    async fn connect(&self, answers: &[u16]) -> mpsc::UnboundedReceiver<WebhookCall> {
        let (calls, mut received) = mpsc::unbounded_channel();
        let answers = std::sync::Arc::new(std::sync::Mutex::new(VecDeque::from(answers.to_vec())));
        let take = async move |headers: HeaderMap, body: Bytes| {
            let call = WebhookCall {
                method: Method::POST,
                path_rest: String::new(),
                query: String::new(),
                headers,
                body,
                received_at: chrono::DateTime::from_timestamp(1_767_225_600, 0).unwrap(),
            };
            calls.send(call).unwrap();
            StatusCode::from_u16(answers.lock().unwrap().pop_front().unwrap_or(200)).unwrap()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/viber/chan_1", listener.local_addr().unwrap());
        let (router, stop) =
            (Router::new().route("/hooks/viber/chan_1", post(take)), self.tasks.stop_token());
        self.tasks.spawn("hook", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });
        let connected = self.try_connect(Some(url)).await.unwrap();
        assert_eq!(connected.title, "Acme");
        let greeting = received.recv().await.unwrap();
        assert_eq!(self.events(&greeting).len(), 0, "the call that tries the address");
        received
    }

    async fn try_connect(&self, webhook_url: Option<String>) -> Result<Connected, SetupError> {
        Viber.connect(&self.account, &ConnectContext { webhook_url }, &self.transport).await
    }

    /// Plans and sends, as the host does.
    async fn send(&self, message: Outbound, files: &Files) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { message_id: "msg_1".to_owned(), ..message };
        let mut receipts = Vec::new();
        for part in plan(&Viber.descriptor().capabilities, &message)?.parts {
            receipts.push(Viber.send(&self.account, &part, files, &self.transport).await?);
        }
        Ok(receipts)
    }

    async fn say(&self, to: &str, text: &str) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { thread_id: to.to_owned(), text: text.to_owned(), ..Outbound::default() };
        self.send(message, &Files::default()).await
    }

    /// Reads a call as the host would.
    fn events(&self, call: &WebhookCall) -> Vec<Inbound> {
        Viber.verify(&self.account, call).unwrap();
        Viber.receive(&self.account, call).unwrap().events
    }

    fn read(&self, call: &WebhookCall) -> Inbound {
        self.events(call).remove(0)
    }

    /// Calls the API as any program could.
    async fn call(&self, path: &str, body: Value) -> (u16, Value) {
        let call = ProviderCall::post(format!("{}{path}", self.base).parse().unwrap(), "test").json(body);
        let header = http::HeaderName::from_static("x-viber-auth-token");
        let reply = self.transport.call(call.header(header, TOKEN.parse().unwrap())).await.unwrap();
        (reply.status.as_u16(), reply.json().unwrap_or_default())
    }
}

fn account(base: &str, token: &str) -> Account {
    let object = |value: Value| value.as_object().cloned().unwrap();
    let settings = json!({"api_base": format!("{base}/pa"), "bot_name": "Acme"});
    read_account(&object(settings), &object(json!({"auth_token": token}))).unwrap()
}

#[tokio::test]
async fn a_customer_writes_is_answered_and_has_read_it() {
    let world = World::start().await;
    let mut calls = world.connect(&[]).await;
    world.simulator.customer_says(ADA, Says::Text("Hello".to_owned()));
    let event = world.read(&calls.recv().await.unwrap());
    assert!(matches!(&event.event, Some(Event::Message(message)) if message.text == "Hello"));
    let thread = event.thread.unwrap();
    assert_eq!(thread.title, "Ada");

    let receipts = world.say(&thread.id, "We are on it.").await.unwrap();
    let sent = world.simulator.wait_for_sent(1).await;
    assert_eq!(sent[0].message["text"], "We are on it.");
    let id = sent[0].message_token.to_string();
    assert_eq!(receipts[0].provider_message_ids, std::slice::from_ref(&id));
    for state in [State::Delivered, State::Read] {
        let report = world.read(&calls.recv().await.unwrap()).event;
        assert!(matches!(report, Some(Event::Report(report)) if report.id == id && report.state() == state));
    }
}

#[tokio::test]
async fn a_call_that_was_lost_is_delivered_again_with_its_key() {
    let world = World::start().await;
    let mut calls = world.connect(&[200, 503]).await;
    world.simulator.customer_says(ADA, Says::Opens("shop".to_owned()));
    let (first, second) = (calls.recv().await.unwrap(), calls.recv().await.unwrap());
    assert_eq!(world.read(&first).key, world.read(&second).key);
    let forged = WebhookCall { body: "{}".into(), ..second };
    assert!(Viber.verify(&world.account, &forged).is_err());
}

#[tokio::test]
async fn a_picture_is_fetched_where_it_is() {
    let world = World::start().await;
    let mut calls = world.connect(&[]).await;
    world.simulator.customer_says(ADA, Says::Picture("Look".to_owned()));
    let Some(Event::Message(message)) = world.read(&calls.recv().await.unwrap()).event else {
        unreachable!("a picture is a message")
    };
    let picture = Viber.fetch_media(&world.account, &message.media[0], &world.transport).await.unwrap();
    assert_eq!((message.text.as_str(), picture.mime.as_deref()), ("Look", Some("image/gif")));
    let bytes: BytesMut = picture.body.try_collect().await.unwrap();
    assert!(bytes.starts_with(b"GIF89a"));
    let gone = Media { reference: format!("{}/files/gone", world.base), ..message.media[0].clone() };
    assert_eq!(
        Viber.fetch_media(&world.account, &gone, &world.transport).await.unwrap_err().code(),
        "file_gone"
    );
}

#[tokio::test]
async fn files_go_by_link() {
    let world = World::start().await;
    let _calls = world.connect(&[]).await;
    world.simulator.customer_says(ADA, Says::Sticker(46_105));
    let attachment =
        Attachment { id: "file_1".to_owned(), name: "b.pdf".to_owned(), size: 4, ..Attachment::default() };
    let link = "https://files.example.org/b.pdf".parse().ok();
    let file =
        File { name: "b.pdf".to_owned(), mime: "application/pdf".to_owned(), bytes: "data".into(), link };
    let message =
        Outbound { thread_id: ADA.to_owned(), attachments: vec![attachment], ..Outbound::default() };
    world.send(message, &std::iter::once(("file_1".to_owned(), file)).collect()).await.unwrap();
    let sent = world.simulator.sent();
    assert_eq!(sent[0].message["media"], "https://files.example.org/b.pdf");
    assert_eq!(sent[0].message["size"], 4);
}

#[tokio::test]
async fn what_goes_wrong_is_said_in_plain_words() {
    let world = World::start().await;
    let code = async |to: &str| world.say(to, "Hi").await.unwrap_err().code().to_owned();
    assert_eq!(code(ADA).await, "account_invalid", "nobody said where to call");
    let _calls = world.connect(&[]).await;
    assert_eq!(code("stranger=").await, "recipient_gone");
    assert_eq!(code(ADA).await, "recipient_gone", "she has not written yet");
    world.simulator.customer_says(ADA, Says::Location(50.45, 30.52));
    world.simulator.throttle(1);
    assert_eq!(code(ADA).await, "throttled");
    world.say(ADA, "Hi").await.unwrap();
    world.simulator.customer_says(ADA, Says::Unsubscribes);
    assert_eq!(code(ADA).await, "recipient_gone");

    let nowhere = world.try_connect(None).await.unwrap_err();
    assert!(nowhere.to_string().contains("no address"), "{nowhere}");
    let insecure = world.try_connect(Some("http://hooks.example.com/a".to_owned())).await.unwrap_err();
    assert!(insecure.to_string().contains("cannot call this address"), "{insecure}");
    let stranger = World { account: account(&world.base, "wrong"), ..world };
    let refused = stranger.try_connect(Some("https://hooks.example.com/a".to_owned())).await.unwrap_err();
    assert!(matches!(refused, SetupError::Settings { field, .. } if field == "secrets.auth_token"));
}

#[tokio::test]
async fn the_simulator_refuses_what_the_real_one_refuses() {
    let world = World::start().await;
    let _calls = world.connect(&[]).await;
    world.simulator.customer_says(ADA, Says::Text("Hello".to_owned()));
    let table = [
        (json!({"type": "text", "text": ""}), 4),
        (json!({"type": "text", "text": "x".repeat(7001)}), 3),
        (json!({"type": "text", "text": "x", "sender": {"name": "A".repeat(29)}}), 3),
        (json!({"type": "picture", "media": "http://example.com/a.png"}), 3),
        (json!({"type": "video", "media": "https://example.com/a.mp4"}), 4),
        (json!({"type": "file", "media": "https://example.com/a", "size": 50_000_001, "file_name": "a"}), 3),
        (json!({"type": "file", "media": "https://example.com/a", "size": 1}), 4),
        (json!({"type": "contact", "contact": {"name": "Grace"}}), 4),
        (json!({"type": "location"}), 4),
        (json!({"type": "voice"}), 3),
    ];
    for (content, status) in table {
        let mut body = json!({"receiver": ADA, "sender": {"name": "Acme"}});
        body.as_object_mut().unwrap().extend(content.as_object().cloned().unwrap());
        let (http_status, answer) = world.call("/pa/send_message", body.clone()).await;
        assert_eq!((http_status, answer["status"].as_u64()), (200, Some(status)), "{body}");
    }
    let ask = async || world.call("/pa/get_user_details", json!({"id": ADA})).await.1["status"].as_u64();
    assert_eq!([ask().await, ask().await, ask().await], [Some(0), Some(0), Some(12)]);
    assert!(world.simulator.sent().is_empty());
}

#[tokio::test]
async fn it_can_be_driven_from_outside_and_plays_by_itself() {
    let world = World::start().await;
    let mut calls = world.connect(&[]).await;
    let path = format!("/simulator/customers/{ADA}/messages");
    assert_eq!(world.call(&path, json!({"text": "Hello"})).await.0, 201);
    assert_eq!(world.call(&path, json!("unsubscribes")).await.0, 201);
    assert_eq!(world.call("/simulator/throttle/0", json!({})).await.0, 204);
    calls.recv().await.unwrap();
    let gone = world.read(&calls.recv().await.unwrap());
    assert!(matches!(gone.event, Some(Event::Reachability(change)) if !change.reachable));

    let options = SimulationOptions {
        customers: 3,
        per_second: 1000.0,
        messages: Some(18),
        ..SimulationOptions::default()
    };
    world.simulator.play(options, world.tasks.stop_token()).await.unwrap();
    let mut threads = std::collections::BTreeSet::new();
    for _ in 0..18 {
        threads.insert(world.read(&calls.recv().await.unwrap()).thread.unwrap().id);
    }
    assert_eq!(threads.len(), 3);
}
