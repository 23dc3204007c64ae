use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::IntoResponse,
    routing::post,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};
use weft_channel::{
    Adapter as _, ConnectContext, Connected, Download, Files, HttpTransport, Inbound, Outbound, ProviderCall,
    ProviderReply, Receipt, SendError, SetupError, Transport, TransportError, WebhookCall, change,
    plan::plan, read_account,
};
use weft_channel_telegram::{
    Account, Telegram,
    simulator::{Settings, Simulator},
};
use weft_channel_testkit::changing;
use weft_runtime::TaskSet;

pub(crate) const ADA: i64 = 1_000_000_001;
pub(crate) const BOB: i64 = 1_000_000_002;

/// A simulator that is served, and the bot's account there.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) account: Account,
    pub(crate) base: String,
    pub(crate) transport: Hasty,
    pub(crate) tasks: TaskSet,
}

/// The real transport, which waits a shorter time.
pub(crate) struct Hasty(HttpTransport);

#[async_trait]
impl Transport for Hasty {
    async fn call(&self, call: ProviderCall) -> Result<ProviderReply, TransportError> {
        let patience = call.timeout.min(Duration::from_secs(3));
        self.0.call(call.timeout(patience)).await
    }

    async fn download(&self, call: ProviderCall, max_bytes: u64) -> Result<Download, TransportError> {
        self.0.download(call, max_bytes).await
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        let settings = Settings { second: Duration::from_millis(20), ..Settings::default() };
        let (token, tasks) = (settings.token.clone(), TaskSet::new("world"));
        let simulator = Simulator::new(settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve(listener, stop).await });
        let settings = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let client = weft_http::Client::new(settings).unwrap();
        Self {
            simulator,
            account: account(&base, &token),
            base,
            transport: Hasty(HttpTransport::new(client, "telegram")),
            tasks,
        }
    }

    pub(crate) async fn connect(&mut self, webhook_url: Option<String>) -> Result<Connected, SetupError> {
        let context = ConnectContext { webhook_url };
        let connected = Telegram.connect(&self.account, &context, &self.transport).await?;
        if let Some(secret) = connected.secrets_made.get("webhook_secret") {
            self.account.webhook_secret = Some(secret.clone());
        }
        Ok(connected)
    }

    /// Plans and sends, as the host does.
    pub(crate) async fn send(&self, message: &Outbound, files: &Files) -> Result<Vec<Receipt>, SendError> {
        let mut receipts = Vec::new();
        for part in plan(&Telegram.descriptor().capabilities, message)?.parts {
            receipts.push(Telegram.send(&self.account, &part, files, &self.transport).await?);
        }
        Ok(receipts)
    }

    pub(crate) async fn say(&self, chat: i64, text: &str) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { thread_id: chat.to_string(), text: text.to_owned(), ..Outbound::default() };
        self.send(&message, &Files::default()).await
    }

    /// Changes what was sent, as the host does.
    pub(crate) async fn change(&self, chat: i64, id: &str, what: change::Change) -> Result<(), SendError> {
        let change = changing(&chat.to_string(), &[id], what);
        Telegram.change(&self.account, &change, &self.transport).await
    }

    /// Calls a method as any program could.
    pub(crate) async fn call(&self, method: &str, parameters: Value) -> (u16, Value) {
        let url = format!("{}/bot{}/{method}", self.base, Settings::default().token);
        self.post(&url, parameters).await
    }

    pub(crate) async fn post(&self, url: &str, body: Value) -> (u16, Value) {
        let reply =
            self.transport.call(ProviderCall::post(url.parse().unwrap(), "test").json(body)).await.unwrap();
        (reply.status.as_u16(), reply.json().unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.base).parse().unwrap();
        self.transport.call(ProviderCall::get(url, "test")).await.unwrap().json().unwrap()
    }
}

pub(crate) fn account(base: &str, token: &str) -> Account {
    let object = |value: Value| value.as_object().cloned().unwrap();
    read_account(&object(json!({"api_base": base})), &object(json!({"bot_token": token}))).unwrap()
}

/// A webhook of ours that keeps what comes.
pub(crate) struct Hook {
    pub(crate) url: String,
    inner: Arc<HookInner>,
}

struct HookInner {
    calls: watch::Sender<Vec<WebhookCall>>,
    answers: Mutex<VecDeque<(u16, Option<&'static str>)>>,
}

impl Hook {
    pub(crate) async fn start(tasks: &TaskSet) -> Self {
        let inner = Arc::new(HookInner { calls: watch::Sender::new(Vec::new()), answers: Mutex::default() });
        let router = Router::new().route("/hooks/telegram/chan_1", post(take)).with_state(inner.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/telegram/chan_1", listener.local_addr().unwrap());
        let stop = tasks.stop_token();
        tasks.spawn("hook", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });
        Self { url, inner }
    }

    /// Answers the next calls like this instead of with 200; the second is `Retry-After`.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = (u16, Option<&'static str>)>) {
        self.inner.answers.lock().unwrap().extend(answers);
    }

    pub(crate) async fn wait_for(&self, count: usize) -> Vec<WebhookCall> {
        let mut calls = self.inner.calls.subscribe();
        calls.wait_for(|calls| calls.len() >= count).await.unwrap().clone()
    }

    /// Waits for so many calls and reads them as the host would.
    pub(crate) async fn events(&self, account: &Account, count: usize) -> Vec<Inbound> {
        let read = |call: &WebhookCall| {
            Telegram.verify(account, call).unwrap();
            Telegram.receive(account, call).unwrap().events
        };
        self.wait_for(count).await.iter().flat_map(read).collect()
    }
}

async fn take(State(hook): State<Arc<HookInner>>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let (status, retry_after) = hook.answers.lock().unwrap().pop_front().unwrap_or((200, None));
    let call = WebhookCall {
        method: Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers,
        body,
        received_at: chrono::DateTime::from_timestamp(1_767_225_600, 0).unwrap(),
    };
    hook.calls.send_modify(|calls| calls.push(call));
    let mut answer = HeaderMap::new();
    answer.extend(retry_after.map(|wait| (http::header::RETRY_AFTER, wait.parse().unwrap())));
    (StatusCode::from_u16(status).unwrap(), answer)
}

pub(crate) fn wrong_token() -> SecretString {
    "700000009:AAWrongWrongWrongWrongWrongWrong".to_owned().into()
}
