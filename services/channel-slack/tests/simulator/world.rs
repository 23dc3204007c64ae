use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router, body::Bytes, http::HeaderMap, http::StatusCode, response::IntoResponse as _, routing::post,
};
use http::Method;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};
use weft_channel::{
    Adapter as _, ConnectContext, Connected, Event, Files, HttpTransport, Inbound, MessageReceived, Outbound,
    ProviderCall, Receipt, SendError, SetupError, Transport as _, WebhookCall, change, plan::plan,
    read_account,
};
use weft_channel_slack::{
    Account, Slack,
    simulator::{SECRET, Simulator, TEAM, TOKEN},
};
use weft_channel_testkit::changing;
use weft_runtime::TaskSet;

pub(crate) const ADA: &str = "U0ADA00001";

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) base: String,
    pub(crate) account: Account,
    pub(crate) transport: HttpTransport,
    pub(crate) tasks: TaskSet,
}

impl World {
    pub(crate) async fn start() -> Self {
        let (simulator, tasks) = (Simulator::new().unwrap(), TaskSet::new("world"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve(listener, stop).await });
        let settings = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let transport = HttpTransport::new(weft_http::Client::new(settings).unwrap(), "slack");
        simulator.add_person(ADA, "Ada");
        let account = account(&base, json!({"bot_token": TOKEN, "signing_secret": SECRET}), TEAM);
        Self { simulator, account, base, transport, tasks }
    }

    /// Enters a webhook of ours that answers with these statuses after the greeting; what comes can be received.
    pub(crate) async fn listen(&self, answers: &[u16]) -> mpsc::UnboundedReceiver<WebhookCall> {
        let (calls, received) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(VecDeque::from(answers.to_vec())));
        let account = self.account.clone();
        let take = async move |headers: HeaderMap, body: Bytes| {
            let call = WebhookCall {
                method: Method::POST,
                path_rest: String::new(),
                query: String::new(),
                headers,
                body,
                received_at: chrono::Utc::now(),
            };
            Slack.verify(&account, &call).unwrap();
            let reply = Slack.receive(&account, &call).unwrap().reply;
            if String::from_utf8_lossy(&call.body).contains("url_verification") {
                return reply.body.into_response();
            }
            calls.send(call).unwrap();
            StatusCode::from_u16(answers.lock().unwrap().pop_front().unwrap_or(200)).unwrap().into_response()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/slack", listener.local_addr().unwrap());
        let (router, stop) = (Router::new().route("/hooks/slack", post(take)), self.tasks.stop_token());
        self.tasks.spawn("hook", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });
        assert_eq!(self.call("/simulator/webhook", "", json!({"url": url})).await.0, 204);
        received
    }

    pub(crate) async fn connect(&self) -> Result<Connected, SetupError> {
        let webhook_url = Some("https://weft.example/hooks/slack/chan_1".to_owned());
        Slack.connect(&self.account, &ConnectContext { webhook_url }, &self.transport).await
    }

    /// Plans and sends, as the host does.
    pub(crate) async fn send(&self, message: Outbound, files: &Files) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { message_id: "msg_1".to_owned(), ..message };
        let mut receipts = Vec::new();
        for part in plan(&Slack.descriptor().capabilities, &message)?.parts {
            receipts.push(Slack.send(&self.account, &part, files, &self.transport).await?);
        }
        Ok(receipts)
    }

    pub(crate) async fn say(&self, to: &str, text: &str) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { thread_id: to.to_owned(), text: text.to_owned(), ..Outbound::default() };
        self.send(message, &Files::default()).await
    }

    /// Changes a post, as the host does.
    pub(crate) async fn change(&self, id: &str, what: change::Change) -> Result<(), SendError> {
        let (channel, _) = id.split_once(':').unwrap();
        self.change_in(channel, &[id], what).await
    }

    /// Changes what became of a message of a thread.
    pub(crate) async fn change_in(
        &self,
        thread: &str,
        ids: &[&str],
        what: change::Change,
    ) -> Result<(), SendError> {
        Slack.change(&self.account, &changing(thread, ids, what), &self.transport).await
    }

    /// Reads a call as the host would.
    pub(crate) fn read(&self, call: &WebhookCall) -> Vec<Inbound> {
        Slack.verify(&self.account, call).unwrap();
        Slack.receive(&self.account, call).unwrap().events
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let call = ProviderCall::get(format!("{}{path}", self.base).parse().unwrap(), "test");
        self.transport.call(call).await.unwrap().json().unwrap()
    }

    /// Calls the simulator as any program could.
    pub(crate) async fn call(&self, path: &str, token: &str, body: Value) -> (u16, Value) {
        let call = ProviderCall::post(format!("{}{path}", self.base).parse().unwrap(), "test").json(body);
        let bearer = format!("Bearer {token}").parse().unwrap();
        let reply = self.transport.call(call.header(http::header::AUTHORIZATION, bearer)).await.unwrap();
        (reply.status.as_u16(), reply.json().unwrap_or_default())
    }
}

pub(crate) fn account(base: &str, secrets: Value, team_id: &str) -> Account {
    let object = |value: Value| value.as_object().cloned().unwrap();
    let settings = json!({"api_base": format!("{base}/api"), "team_id": team_id});
    read_account(&object(settings), &object(secrets)).unwrap()
}

pub(crate) fn message(events: &[Inbound]) -> &MessageReceived {
    match events.first().and_then(|event| event.event.as_ref()) {
        Some(Event::Message(message)) => message,
        other => unreachable!("not a message: {other:?}"),
    }
}
