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
    Adapter as _, Attachment, ConnectContext, Connected, Event, File, Files, HttpTransport, Inbound,
    Outbound, ProviderCall, Receipt, SendError, SetupError, SimulationOptions, Transport as _, WebhookCall,
    attachment, plan::plan, read_account,
};
use weft_channel_line::{
    Account, Line,
    simulator::{Fault, SECRET, Says, Simulator, TOKEN},
};
use weft_runtime::TaskSet;

const ADA: &str = "Ua11111111111111111111111111111111";
const GROUP: &str = "Ca22222222222222222222222222222222";

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
        let transport = HttpTransport::new(weft_http::Client::new(settings).unwrap(), "line");
        simulator.add_customer(ADA, "Ada");
        Self { simulator, account: account(&base, TOKEN), base, transport, tasks }
    }

    /// Connects with a webhook of ours that answers with these statuses first; what comes can be received.
    async fn connect(&self, answers: &[u16]) -> mpsc::UnboundedReceiver<WebhookCall> {
        let (calls, received) = mpsc::unbounded_channel();
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
        let url = format!("http://{}/hooks/line/chan_1", listener.local_addr().unwrap());
        let (router, stop) = (Router::new().route("/hooks/line/chan_1", post(take)), self.tasks.stop_token());
        self.tasks.spawn("hook", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });
        let connected = self.try_connect(Some(url)).await.unwrap();
        assert_eq!((connected.title.as_str(), connected.username.as_deref()), ("Acme", Some("@acme")));
        received
    }

    async fn try_connect(&self, webhook_url: Option<String>) -> Result<Connected, SetupError> {
        Line.connect(&self.account, &ConnectContext { webhook_url }, &self.transport).await
    }

    /// Plans and sends, as the host does.
    async fn send(&self, message: Outbound, files: &Files) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { message_id: "msg_1".to_owned(), ..message };
        let mut receipts = Vec::new();
        for part in plan(&Line.descriptor().capabilities, &message)?.parts {
            receipts.push(Line.send(&self.account, &part, files, &self.transport).await?);
        }
        Ok(receipts)
    }

    async fn say(&self, to: &str, text: &str) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { thread_id: to.to_owned(), text: text.to_owned(), ..Outbound::default() };
        self.send(message, &Files::default()).await
    }

    /// Reads what comes next as the host would.
    fn read(&self, call: &WebhookCall) -> Inbound {
        Line.verify(&self.account, call).unwrap();
        Line.receive(&self.account, call).unwrap().events.remove(0)
    }

    /// Calls the API as any program could.
    async fn call(&self, path: &str, body: Value) -> (u16, Value) {
        let call = ProviderCall::post(format!("{}{path}", self.base).parse().unwrap(), "test").json(body);
        let bearer = format!("Bearer {TOKEN}").parse().unwrap();
        let reply = self.transport.call(call.header(http::header::AUTHORIZATION, bearer)).await.unwrap();
        (reply.status.as_u16(), reply.json().unwrap_or_default())
    }
}

fn account(base: &str, token: &str) -> Account {
    let object = |value: Value| value.as_object().cloned().unwrap();
    let settings = json!({"api_base": base, "data_base": base, "mark_as_read": true});
    read_account(&object(settings), &object(json!({"channel_access_token": token, "channel_secret": SECRET})))
        .unwrap()
}

#[tokio::test]
async fn a_customer_writes_and_is_answered() {
    let world = World::start().await;
    let mut calls = world.connect(&[]).await;
    world.simulator.customer_says(ADA, Says::Text("Hello".to_owned()));
    let call = calls.recv().await.unwrap();
    let event = world.read(&call);
    assert!(matches!(&event.event, Some(Event::Message(message)) if message.text == "Hello"));

    let thread = event.thread.unwrap().id;
    let receipts = world.say(&thread, "We are on it.").await.unwrap();
    let sent = world.simulator.wait_for_sent(1).await;
    assert_eq!(receipts[0].provider_message_ids, [sent[0].id.clone()]);
    assert_eq!(sent[0].message["text"], "We are on it.");

    Line.typing(&world.account, &thread, &world.transport).await.unwrap();
    Line.typing(&world.account, GROUP, &world.transport).await.unwrap();
    assert_eq!(world.simulator.typing(), [ADA], "groups show no typing");
    for read in Line.receive(&world.account, &call).unwrap().calls {
        world.transport.call(read).await.unwrap();
    }
    assert_eq!(world.simulator.marked_as_read().len(), 1);
}

#[tokio::test]
async fn a_call_that_was_lost_is_delivered_again_with_its_key() {
    let world = World::start().await;
    let mut calls = world.connect(&[503]).await;
    world.simulator.customer_says(ADA, Says::Follow);
    let (first, second) = (calls.recv().await.unwrap(), calls.recv().await.unwrap());
    assert_eq!(world.read(&first).key, world.read(&second).key);
    assert!(String::from_utf8_lossy(&second.body).contains("\"isRedelivery\":true"));
    let forged = WebhookCall { body: "{\"events\":[]}".into(), ..second };
    assert!(Line.verify(&world.account, &forged).is_err());
}

#[tokio::test]
async fn a_repeated_push_goes_once() {
    let world = World::start().await;
    let (first, second) = (world.say(ADA, "Hi").await.unwrap(), world.say(ADA, "Hi").await.unwrap());
    assert_eq!(first, second);
    assert_eq!(world.simulator.sent().len(), 1);
}

#[tokio::test]
async fn a_film_is_fetched_when_it_is_prepared() {
    let world = World::start().await;
    let mut calls = world.connect(&[]).await;
    world.simulator.customer_says(ADA, Says::Video);
    let Some(Event::Message(message)) = world.read(&calls.recv().await.unwrap()).event else {
        unreachable!("a film is a message")
    };
    let fetch = || Line.fetch_media(&world.account, &message.media[0], &world.transport);
    assert_eq!(fetch().await.unwrap_err().code(), "unreachable");
    let film = fetch().await.unwrap();
    assert_eq!(film.mime.as_deref(), Some("video/mp4"));
    let bytes: BytesMut = film.body.try_collect().await.unwrap();
    assert!(bytes.starts_with(b"\0\0\0\x18ftyp"));
}

#[tokio::test]
async fn pictures_and_files_go_by_link() {
    let world = World::start().await;
    let attached = |kind: attachment::Kind, id: &str| Attachment {
        id: id.to_owned(),
        name: id.to_owned(),
        kind: kind.into(),
        size: 4,
        ..Attachment::default()
    };
    let file = |name: &str, mime: &str| {
        let link = format!("https://files.example.org/{name}").parse().ok();
        (name.to_owned(), File { name: name.to_owned(), mime: mime.to_owned(), bytes: "data".into(), link })
    };
    let files: Files = [file("a.png", "image/png"), file("b.pdf", "application/pdf")].into_iter().collect();
    let message = Outbound {
        thread_id: ADA.to_owned(),
        attachments: vec![
            attached(attachment::Kind::Image, "a.png"),
            attached(attachment::Kind::File, "b.pdf"),
        ],
        ..Outbound::default()
    };
    let receipts = world.send(message, &files).await.unwrap();
    assert_eq!(receipts[1].warnings.len(), 1);
    let sent = world.simulator.sent();
    assert_eq!(sent[0].message["originalContentUrl"], "https://files.example.org/a.png");
    assert_eq!(sent[1].message["text"], "b.pdf\nhttps://files.example.org/b.pdf");
}

#[tokio::test]
async fn what_goes_wrong_is_said_in_plain_words() {
    let world = World::start().await;
    assert_eq!(
        world.say("Ub44444444444444444444444444444444", "Hi").await.unwrap_err().code(),
        "unknown_recipient"
    );
    for (fault, code) in [
        (Fault::RateLimit, "throttled"),
        (Fault::MonthlyLimit, "monthly_limit"),
        (Fault::ServerError, "unreachable"),
    ] {
        world.simulator.fail_next(fault);
        assert_eq!(world.say(ADA, "Hi").await.unwrap_err().code(), code);
    }
    let nowhere = world.try_connect(None).await.unwrap_err();
    assert!(nowhere.to_string().contains("no address"), "{nowhere}");
    let insecure = world.try_connect(Some("http://hooks.example.com/a".to_owned())).await.unwrap_err();
    assert!(insecure.to_string().contains("Invalid webhook endpoint URL"), "{insecure}");

    let stranger = World { account: account(&world.base, "wrong"), ..world };
    let refused = stranger.try_connect(None).await.unwrap_err();
    assert!(matches!(refused, SetupError::Settings { field, .. } if field == "secrets.channel_access_token"));
}

#[tokio::test]
async fn the_simulator_refuses_what_the_real_one_refuses() {
    let world = World::start().await;
    let push = |message: Value| json!({"to": ADA, "messages": [message]});
    let quick_replies = vec![json!({}); 14];
    let table = [
        (json!({"to": ADA, "messages": []}), "messages"),
        (push(json!({"type": "text", "text": ""})), "messages[0].text"),
        (push(json!({"type": "text", "text": "𠮷".repeat(2501)})), "messages[0].text"),
        (
            push(json!({"type": "text", "text": "a", "quickReply": {"items": quick_replies}})),
            "messages[0].quickReply.items",
        ),
        (
            push(json!({"type": "image", "originalContentUrl": "http://example.com/a.png"})),
            "messages[0].originalContentUrl",
        ),
        (
            push(json!({"type": "video", "originalContentUrl": "https://example.com/a.mp4"})),
            "messages[0].previewImageUrl",
        ),
        (push(json!({"type": "location", "title": "a"})), "messages[0].address"),
        (push(json!({"type": "file"})), "messages[0].type"),
    ];
    for (body, property) in table {
        let (status, answer) = world.call("/v2/bot/message/push", body).await;
        assert_eq!((status, answer["details"][0]["property"].as_str()), (400, Some(property)));
    }
    let odd = json!({"chatId": ADA, "loadingSeconds": 7});
    assert_eq!(world.call("/v2/bot/chat/loading/start", odd).await.0, 400);
    assert!(world.simulator.sent().is_empty());
}

#[tokio::test]
async fn it_can_be_driven_from_outside_and_plays_by_itself() {
    let world = World::start().await;
    let mut calls = world.connect(&[]).await;
    let path = format!("/simulator/customers/{ADA}/messages");
    assert_eq!(world.call(&path, json!({"text": "Hello"})).await.0, 201);
    assert_eq!(world.call(&path, json!("unfollow")).await.0, 201);
    assert_eq!(world.call("/simulator/faults", json!("rate_limit")).await.0, 204);
    calls.recv().await.unwrap();
    let blocked = world.read(&calls.recv().await.unwrap());
    assert!(matches!(blocked.event, Some(Event::Reachability(change)) if !change.reachable));

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
