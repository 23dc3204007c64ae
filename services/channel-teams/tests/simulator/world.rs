use std::sync::Arc;

use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
use http::Method;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};
use weft_auth::PublishedKeys;
use weft_channel::{
    AccessTokens, AccountSettings as _, Adapter as _, AuthorizedTransport, Event, Files, HttpTransport,
    Inbound, MessageReceived, Outbound, ProviderCall, ProviderReply, Receipt, SendError, SimulationOptions,
    Transport as _, VerifyError, WebhookCall, change, plan::plan, read_account,
};
use weft_channel_teams::{
    Account, Teams,
    simulator::{APP_SECRET, Simulator, simulation},
};
use weft_channel_testkit::changing;
use weft_runtime::TaskSet;

pub(crate) const ADA: &str = "29:1Ada";
pub(crate) const HER_CONVERSATION: &str = "a:11Ada";

pub(crate) type Authorized = AuthorizedTransport<Teams, HttpTransport>;
pub(crate) type Calls = mpsc::UnboundedReceiver<Result<WebhookCall, VerifyError>>;

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) base: String,
    pub(crate) account: Account,
    pub(crate) keys: PublishedKeys,
    pub(crate) http: HttpTransport,
    pub(crate) transport: Authorized,
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
        let http = HttpTransport::new(weft_http::Client::new(settings).unwrap(), "teams");
        simulator.add_person(ADA, "Ada");
        let (mut account, keys) = (account(&base, APP_SECRET), PublishedKeys::default());
        account.keys_are(keys.clone());
        let transport = authorized(&account, &http);
        let world = Self { simulator, base, account, keys, http, transport, tasks };
        world.fetch_keys().await;
        world
    }

    /// Takes the published keys, as the host does.
    pub(crate) async fn fetch_keys(&self) {
        let metadata = self.get(self.account.keys_published_at().unwrap().as_str()).await;
        let set = self.get(metadata.get("jwks_uri").unwrap().as_str().unwrap()).await;
        assert!(self.keys.replace(set.to_string().as_bytes()));
    }

    pub(crate) async fn get(&self, url: &str) -> Value {
        self.http.call(ProviderCall::get(url.parse().unwrap(), "test")).await.unwrap().json().unwrap()
    }

    /// Enters a webhook of ours; what comes can be received, or why it was not believed.
    pub(crate) async fn listen(&self) -> Calls {
        let (calls, received) = mpsc::unbounded_channel();
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
            let verified = Teams.verify(&account, &call);
            calls.send(verified.map(|()| call)).unwrap();
            if verified.is_ok() { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/teams", listener.local_addr().unwrap());
        let (router, stop) = (Router::new().route("/hooks/teams", post(take)), self.tasks.stop_token());
        self.tasks.spawn("hook", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });
        assert_eq!(self.call("/simulator/webhook", "", json!({"url": url})).await.status, 204);
        received
    }

    /// Plans and sends, as the host does.
    pub(crate) async fn send(&self, message: Outbound, files: &Files) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { message_id: "msg_1".to_owned(), ..message };
        let mut receipts = Vec::new();
        for part in plan(&Teams.descriptor().capabilities, &message)?.parts {
            receipts.push(Teams.send(&self.account, &part, files, &self.transport).await?);
        }
        Ok(receipts)
    }

    pub(crate) async fn say(&self, to: &str, text: &str) -> Result<Vec<Receipt>, SendError> {
        let message = Outbound { thread_id: to.to_owned(), text: text.to_owned(), ..Outbound::default() };
        self.send(message, &Files::default()).await
    }

    /// Changes what was sent, as the host does.
    pub(crate) async fn change(&self, id: &str, what: change::Change) -> Result<(), SendError> {
        let change = changing(HER_CONVERSATION, &[id], what);
        Teams.change(&self.account, &change, &self.transport).await
    }

    pub(crate) fn read(&self, call: &WebhookCall) -> Vec<Inbound> {
        Teams.receive(&self.account, call).unwrap().events
    }

    /// Calls the simulator as any program could.
    pub(crate) async fn call(&self, path: &str, token: &str, body: Value) -> ProviderReply {
        let call = ProviderCall::post(format!("{}{path}", self.base).parse().unwrap(), "test").json(body);
        let bearer = format!("Bearer {token}").parse().unwrap();
        self.http.call(call.header(http::header::AUTHORIZATION, bearer)).await.unwrap()
    }
}

pub(crate) async fn believed(calls: &mut Calls) -> WebhookCall {
    calls.recv().await.unwrap().unwrap()
}

pub(crate) fn authorized(account: &Account, http: &HttpTransport) -> Authorized {
    AuthorizedTransport::new(
        Arc::new(Teams),
        account.clone(),
        "account".to_owned(),
        AccessTokens::new(),
        http.clone(),
    )
}

pub(crate) fn account(base: &str, secret: &str) -> Account {
    let settings = (simulation(SimulationOptions::default()).unwrap().settings)(base);
    read_account(&settings, json!({"app_secret": secret}).as_object().unwrap()).unwrap()
}

pub(crate) fn message(events: &[Inbound]) -> &MessageReceived {
    match events.first().and_then(|event| event.event.as_ref()) {
        Some(Event::Message(message)) => message,
        other => unreachable!("not a message: {other:?}"),
    }
}
