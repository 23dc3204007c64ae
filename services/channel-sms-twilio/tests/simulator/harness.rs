use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, Method},
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};
use weft_channel::{
    AccountSettings as _, Adapter as _, ConnectContext, Connected, Files, HttpTransport, Inbound, Outbound,
    ProviderCall, Receipt, SendError, SetupError, Transport as _, VerifyError, WebhookCall, plan::plan,
    read_account,
};
use weft_channel_sms_twilio::{
    Account, SmsTwilio,
    simulator::{Settings, Simulator},
};
use weft_runtime::TaskSet;

pub(crate) const ADA: &str = "+12025550143";
pub(crate) const ANA: &str = "whatsapp:+12025550144";

/// A simulator that is served, our webhook, and the account that connects both.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) account: Account,
    pub(crate) transport: HttpTransport,
    pub(crate) base: String,
    hook: String,
    calls: watch::Sender<Vec<WebhookCall>>,
    _tasks: Arc<TaskSet>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(json!({})).await
    }

    pub(crate) async fn start_with(change: Value) -> Self {
        let tasks = TaskSet::new("world");
        let simulator = Simulator::new(Settings::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve(listener, stop).await });

        let calls = watch::Sender::new(Vec::new());
        let router = Router::new().route("/hooks/sms-twilio/chan_1", post(take)).with_state(calls.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook = format!("http://{}/hooks/sms-twilio/chan_1", listener.local_addr().unwrap());
        let stop = tasks.stop_token();
        tasks.spawn("hook", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });

        let settings = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let client = weft_http::Client::new(settings).unwrap();
        let mut account = account(&base, change);
        account.reached_at(&hook);
        let transport = HttpTransport::new(client, "sms-twilio");
        Self { simulator, account, transport, base, hook, calls, _tasks: Arc::new(tasks) }
    }

    pub(crate) async fn connect(&self) -> Result<Connected, SetupError> {
        let context = ConnectContext { webhook_url: Some(self.hook.clone()) };
        SmsTwilio.connect(&self.account, &context, &self.transport).await
    }

    /// Plans and sends, as the host does.
    pub(crate) async fn send(&self, message: &Outbound, files: &Files) -> Result<Vec<Receipt>, SendError> {
        let mut receipts = Vec::new();
        for part in plan(&SmsTwilio.descriptor().capabilities, message)?.parts {
            receipts.push(SmsTwilio.send(&self.account, &part, files, &self.transport).await?);
        }
        Ok(receipts)
    }

    pub(crate) async fn say(&self, to: &str, text: &str) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { thread_id: to.to_owned(), text: text.to_owned(), ..Outbound::default() };
        self.send(&message, &Files::default()).await
    }

    /// Waits until everything was brought; gives what the host would make of it.
    pub(crate) async fn events(&self) -> Vec<Result<Inbound, VerifyError>> {
        self.simulator.wait_until_delivered().await;
        let calls = self.calls.send_replace(Vec::new());
        let read = |call: &WebhookCall| match SmsTwilio.verify(&self.account, call) {
            Ok(()) => SmsTwilio.receive(&self.account, call).unwrap().events.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        };
        calls.iter().flat_map(read).collect()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> u16 {
        let url = format!("{}{path}", self.base).parse().unwrap();
        self.transport.call(ProviderCall::post(url, "test").json(body)).await.unwrap().status.as_u16()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.base).parse().unwrap();
        self.transport.call(ProviderCall::get(url, "test")).await.unwrap().json().unwrap()
    }
}

fn account(base: &str, change: Value) -> Account {
    let own = Settings::default();
    let mut settings = json!({
        "account_sid": own.account_sid, "from_number": own.number, "whatsapp_sender": own.number,
        "api_base": base, "messaging_api_base": base,
    });
    let mut secrets = json!({"auth_token": own.auth_token, "secondary_auth_token": own.secondary_auth_token});
    for (name, value) in change.as_object().cloned().unwrap() {
        let part = if name.ends_with("_token") { &mut secrets } else { &mut settings };
        part.as_object_mut().unwrap().insert(name, value);
    }
    let object = |value: Value| value.as_object().cloned().unwrap();
    read_account(&object(settings), &object(secrets)).unwrap()
}

async fn take(
    State(calls): State<watch::Sender<Vec<WebhookCall>>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> &'static str {
    let call = WebhookCall {
        method: Method::POST,
        path_rest: String::new(),
        query: query.unwrap_or_default(),
        headers,
        body,
        received_at: chrono::DateTime::from_timestamp(1_767_225_600, 0).unwrap(),
    };
    calls.send_modify(|calls| calls.push(call));
    "<Response/>"
}
