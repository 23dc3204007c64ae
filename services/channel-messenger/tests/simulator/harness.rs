use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, Method, StatusCode},
    response::IntoResponse,
    routing::get,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};
use weft_channel::{
    Adapter as _, Author, ConnectContext, Connected, Event, Files, HttpTransport, Inbound, Outbound,
    ProviderCall, Receipt, SendError, SetupError, Transport as _, WebhookCall, author, change, plan::plan,
    read_account,
};
use weft_channel_messenger::{
    Account, Messenger,
    simulator::{Settings, Simulator, account, secrets, settings},
};
use weft_channel_testkit::changing;
use weft_domain::Clock;
use weft_runtime::TaskSet;

pub(crate) const ADA: &str = "7000000000000001";
pub(crate) const BOB: &str = "7000000000000002";

/// A simulator that is served, the business's account there, and a webhook of ours that keeps what comes.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) account: Account,
    pub(crate) transport: HttpTransport,
    pub(crate) clock: ManualClock,
    pub(crate) hook: Arc<Hook>,
    pub(crate) base: String,
    hook_url: String,
    _tasks: TaskSet,
}

/// A time that only passes when told to.
#[derive(Clone, Debug)]
pub(crate) struct ManualClock(Arc<Mutex<DateTime<Utc>>>);

impl ManualClock {
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

pub(crate) struct Hook {
    account: Account,
    calls: watch::Sender<Vec<WebhookCall>>,
    answers: Mutex<VecDeque<u16>>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let start = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let clock = ManualClock(Arc::new(Mutex::new(start)));
        let mut settings =
            Settings { second: Duration::from_millis(20), clock: Arc::new(clock.clone()), ..settings() };
        change(&mut settings);
        let tasks = TaskSet::new("world");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let account: Account = read_account(&account(&base), &secrets()).unwrap();
        let simulator = Simulator::new(settings).unwrap();
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve(listener, stop).await });

        let hook = Arc::new(Hook {
            account: account.clone(),
            calls: watch::Sender::new(Vec::new()),
            answers: Mutex::default(),
        });
        let router =
            Router::new().route("/hooks/messenger", get(take).post(take)).with_state(Arc::clone(&hook));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook_url = format!("http://{}/hooks/messenger/chan_1", listener.local_addr().unwrap());
        let stop = tasks.stop_token();
        tasks.spawn("hook", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });
        let http = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let transport = HttpTransport::new(weft_http::Client::new(http).unwrap(), "messenger");
        Self { simulator, account, transport, clock, hook, base, hook_url, _tasks: tasks }
    }

    pub(crate) async fn connected() -> Self {
        let world = Self::start().await;
        world.connect(&world.account).await.unwrap();
        world
    }

    pub(crate) async fn connect(&self, account: &Account) -> Result<Connected, SetupError> {
        let context = ConnectContext { webhook_url: Some(self.hook_url.clone()) };
        Messenger.connect(account, &context, &self.transport).await
    }

    /// Plans and sends, as the host does.
    pub(crate) async fn send(&self, message: &Outbound, files: &Files) -> Result<Vec<Receipt>, SendError> {
        let mut receipts = Vec::new();
        for part in plan(&Messenger.descriptor().capabilities, message)?.parts {
            receipts.push(Messenger.send(&self.account, &part, files, &self.transport).await?);
        }
        Ok(receipts)
    }

    pub(crate) async fn say(&self, thread: &str, text: &str) -> Result<String, SendError> {
        self.say_as(author::Kind::Agent, thread, text).await
    }

    pub(crate) async fn say_as(
        &self,
        kind: author::Kind,
        thread: &str,
        text: &str,
    ) -> Result<String, SendError> {
        let message = Outbound {
            message_id: "msg_01kdtvz0000000000000000000".to_owned(),
            thread_id: thread.to_owned(),
            text: text.to_owned(),
            author: Some(Author { kind: kind.into(), ..Author::default() }),
            ..Outbound::default()
        };
        let receipts = self.send(&message, &Files::default()).await?;
        Ok(receipts[0].provider_message_ids[0].clone())
    }

    /// Changes what was sent, as the host does.
    pub(crate) async fn change(&self, thread: &str, id: &str, what: change::Change) -> Result<(), SendError> {
        let change = changing(thread, &[id], what);
        Messenger.change(&self.account, &change, &self.transport).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let call = ProviderCall::get(format!("{}{path}", self.base).parse().unwrap(), "test");
        self.transport.call(call).await.unwrap().json().unwrap()
    }

    /// Calls an edge as any program could.
    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> (u16, Value) {
        let call = ProviderCall::post(format!("{}{path}", self.base).parse().unwrap(), "test").json(body);
        let bearer = format!("Bearer {token}").parse().unwrap();
        let reply = self.transport.call(call.header(http::header::AUTHORIZATION, bearer)).await.unwrap();
        (reply.status.as_u16(), reply.json().unwrap_or_default())
    }
}

impl Hook {
    /// Answers the next calls like this instead of with 200.
    pub(crate) fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.answers.lock().unwrap().extend(statuses);
    }

    pub(crate) async fn calls(&self, count: usize) -> Vec<WebhookCall> {
        let mut calls = self.calls.subscribe();
        calls.wait_for(|calls| calls.len() >= count).await.unwrap().clone()
    }

    /// Waits until so many events have come, each key counted once as the core does.
    pub(crate) async fn events(&self, count: usize) -> Vec<Inbound> {
        let mut calls = self.calls.subscribe();
        let read = |calls: &[WebhookCall]| {
            let mut events: Vec<Inbound> = Vec::new();
            for call in calls {
                Messenger.verify(&self.account, call).unwrap();
                for event in Messenger.receive(&self.account, call).unwrap().events {
                    if events.iter().all(|known| known.key != event.key) {
                        events.push(event);
                    }
                }
            }
            events
        };
        let enough = calls.wait_for(|calls| read(calls).len() >= count).await.unwrap();
        read(&enough)
    }
}

async fn take(
    State(hook): State<Arc<Hook>>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let call = WebhookCall {
        path_rest: String::new(),
        query: query.unwrap_or_default(),
        received_at: DateTime::UNIX_EPOCH,
        method,
        headers,
        body,
    };
    if Messenger.verify(&hook.account, &call).is_err() {
        return (StatusCode::UNAUTHORIZED, Bytes::new());
    }
    if call.method == Method::GET {
        return (StatusCode::OK, Messenger.receive(&hook.account, &call).unwrap().reply.body);
    }
    let status = hook.answers.lock().unwrap().pop_front().unwrap_or(200);
    if status == 200 {
        hook.calls.send_modify(|calls| calls.push(call));
    }
    (StatusCode::from_u16(status).unwrap(), Bytes::new())
}

pub(crate) fn text(event: &Inbound) -> &str {
    match &event.event {
        Some(Event::Message(message)) => &message.text,
        other => panic!("not a message: {other:?}"),
    }
}
