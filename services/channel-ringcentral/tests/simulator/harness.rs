use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse as _, Response},
    routing::post,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};
use weft_channel::{
    AccessTokens, AccountSettings as _, Adapter as _, AuthorizedTransport, ConnectContext, Connected, Event,
    Files, HttpTransport, Inbound, MessageReceived, Outbound, PollContext, Polled, ProviderCall, Receipt,
    SendError, SetupError, Transport as _, WebhookCall, plan::plan, read_account,
};
use weft_channel_ringcentral::{
    Account, Ringcentral,
    simulator::{CLIENT_ID, CLIENT_SECRET, Content, JWT, NUMBER, Simulator},
};
use weft_runtime::TaskSet;

pub(crate) const ADA: &str = "+12025550143";
pub(crate) const BEN: &str = "+12025550144";

/// What our webhook is asked with and how it answers.
#[derive(Clone)]
struct Hook {
    account: Arc<Mutex<Account>>,
    calls: watch::Sender<Vec<WebhookCall>>,
    /// It answers nothing else than this, when something is wrong with us.
    broken: Arc<Mutex<Option<StatusCode>>>,
}

/// A simulator that is served, our webhook, and the account that connects both.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) base: String,
    url: String,
    hook: Hook,
    http: HttpTransport,
    tokens: AccessTokens,
    _tasks: Arc<TaskSet>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(json!({})).await
    }

    pub(crate) async fn start_with(change: Value) -> Self {
        let tasks = TaskSet::new("world");
        let simulator = Simulator::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve(listener, stop).await });

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/ringcentral/chan_1", listener.local_addr().unwrap());
        let mut account = account(&base, change);
        account.reached_at(&url);
        let hook = Hook {
            account: Arc::new(Mutex::new(account)),
            calls: watch::Sender::new(Vec::new()),
            broken: Arc::default(),
        };
        let router = Router::new().route("/hooks/ringcentral/chan_1", post(take)).with_state(hook.clone());
        let stop = tasks.stop_token();
        tasks.spawn("hook", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });

        let settings = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let http = HttpTransport::new(weft_http::Client::new(settings).unwrap(), "ringcentral");
        Self { simulator, base, url, hook, http, tokens: AccessTokens::new(), _tasks: Arc::new(tasks) }
    }

    pub(crate) async fn connected() -> Self {
        let world = Self::start().await;
        world.connect().await.unwrap();
        world
    }

    pub(crate) fn account(&self) -> Account {
        self.hook.account.lock().unwrap().clone()
    }

    fn transport(&self) -> AuthorizedTransport<Ringcentral, HttpTransport> {
        let adapter = Arc::new(Ringcentral);
        let key = "chan_1:1".to_owned();
        AuthorizedTransport::new(adapter, self.account(), key, self.tokens.clone(), self.http.clone())
    }

    /// Connects, and keeps the secrets that it made, as the host does.
    pub(crate) async fn connect(&self) -> Result<Connected, SetupError> {
        self.connect_at(Some(self.url.clone())).await
    }

    pub(crate) async fn connect_at(&self, webhook_url: Option<String>) -> Result<Connected, SetupError> {
        let context = ConnectContext { webhook_url };
        let connected = Ringcentral.connect(&self.account(), &context, &self.transport()).await?;
        if let Some(made) = connected.secrets_made.get("webhook_validation_token") {
            self.hook.account.lock().unwrap().webhook_validation_token = Some(made.clone());
        }
        Ok(connected)
    }

    /// From now on our webhook answers only this, or properly again.
    pub(crate) fn break_hook(&self, status: Option<StatusCode>) {
        *self.hook.broken.lock().unwrap() = status;
    }

    pub(crate) async fn poll(&self, state: Option<&str>) -> Result<Polled, SendError> {
        self.poll_at(state, Utc::now()).await
    }

    pub(crate) async fn poll_at(&self, state: Option<&str>, now: DateTime<Utc>) -> Result<Polled, SendError> {
        let context = PollContext { state: state.map(str::to_owned), now };
        Ringcentral.poll(&self.account(), &context, &self.transport()).await
    }

    /// Plans and sends, as the host does.
    pub(crate) async fn send(&self, message: &Outbound, files: &Files) -> Result<Vec<Receipt>, SendError> {
        let mut receipts = Vec::new();
        for part in plan(&Ringcentral.descriptor().capabilities, message)?.parts {
            receipts.push(Ringcentral.send(&self.account(), &part, files, &self.transport()).await?);
        }
        Ok(receipts)
    }

    pub(crate) async fn say(&self, to: &str, text: &str) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { thread_id: to.to_owned(), text: text.to_owned(), ..Outbound::default() };
        self.send(&message, &Files::default()).await
    }

    pub(crate) fn customer(&self, number: &str, content: Content) -> String {
        self.simulator.customer(number, &content).unwrap()
    }

    /// Waits until everything was brought; gives what the host would make of it.
    pub(crate) async fn events(&self) -> Vec<Inbound> {
        self.simulator.wait_until_delivered().await;
        let calls = self.hook.calls.send_replace(Vec::new());
        let account = self.account();
        calls.iter().flat_map(|call| Ringcentral.receive(&account, call).unwrap().events).collect()
    }

    pub(crate) async fn fetch(&self, message: &MessageReceived) -> Vec<u8> {
        use futures::TryStreamExt as _;
        let media = message.media.first().unwrap();
        let file = Ringcentral.fetch_media(&self.account(), media, &self.transport()).await.unwrap();
        let chunks: Vec<Bytes> = file.body.try_collect().await.unwrap();
        chunks.concat()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> u16 {
        let url = format!("{}{path}", self.base).parse().unwrap();
        self.http.call(ProviderCall::post(url, "test").json(body)).await.unwrap().status.as_u16()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.base).parse().unwrap();
        self.http.call(ProviderCall::get(url, "test")).await.unwrap().json().unwrap()
    }
}

/// The message of an event, new or changed.
pub(crate) fn message(event: &Inbound) -> MessageReceived {
    match event.event.clone().unwrap() {
        Event::Message(message) => message,
        Event::Edited(edited) => edited.message.unwrap(),
        _ => MessageReceived::default(),
    }
}

pub(crate) fn keys(events: &[Inbound]) -> Vec<String> {
    events.iter().map(|event| event.key.clone()).collect()
}

fn account(base: &str, change: Value) -> Account {
    let mut settings = json!({
        "client_id": CLIENT_ID, "from_number": NUMBER, "api_base": base, "media_base": base,
    });
    let mut secrets = json!({"client_secret": CLIENT_SECRET, "jwt": JWT});
    for (name, value) in change.as_object().cloned().unwrap() {
        let part = if secrets.get(&name).is_some() { &mut secrets } else { &mut settings };
        part.as_object_mut().unwrap().insert(name, value);
    }
    let object = |value: Value| value.as_object().cloned().unwrap();
    read_account(&object(settings), &object(secrets)).unwrap()
}

async fn take(State(hook): State<Hook>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(status) = *hook.broken.lock().unwrap() {
        return status.into_response();
    }
    let call = WebhookCall {
        method: Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers,
        body,
        received_at: Utc::now(),
    };
    let account = hook.account.lock().unwrap().clone();
    if Ringcentral.verify(&account, &call).is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let reply = Ringcentral.receive(&account, &call).unwrap().reply;
    hook.calls.send_modify(|calls| calls.push(call));
    let mut response = (reply.status, reply.headers, reply.body).into_response();
    response.headers_mut().insert("content-type", reply.content_type.parse().unwrap());
    response
}
