use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Method, header},
    response::IntoResponse,
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};
use weft_channel::{
    AccountSettings as _, Adapter as _, ConnectContext, Connected, Event, HttpTransport, SetupError,
    WebhookCall, read_account,
};
use weft_channel_voice_twilio::{
    Account, VoiceTwilio,
    simulator::{Settings, Simulator},
};
use weft_runtime::TaskSet;

pub(crate) const ADA: &str = "+12025550143";

/// A simulator that is served, and our webhook, which answers as the adapter says.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) account: Account,
    pub(crate) transport: HttpTransport,
    hook: String,
    heard: watch::Receiver<Vec<Event>>,
    _tasks: Arc<TaskSet>,
}

#[derive(Clone)]
struct Hook {
    account: Account,
    heard: watch::Sender<Vec<Event>>,
}

impl World {
    pub(crate) async fn start(change: Value) -> Self {
        let tasks = TaskSet::new("world");
        let simulator = Simulator::new(Settings::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (served, stop) = (simulator.clone(), tasks.stop_token());
        tasks.spawn("simulator", async move { served.serve(listener, stop).await });

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hook = format!("http://{}/hooks/voice-twilio/chan_1", listener.local_addr().unwrap());
        let mut account = account(&base, change);
        account.reached_at(&hook);
        let (told, heard) = watch::channel(Vec::new());
        let path = "/hooks/voice-twilio/chan_1";
        let router = Router::new()
            .route(path, post(take))
            .route(&format!("{path}/{{*rest}}"), post(take))
            .with_state(Hook { account: account.clone(), heard: told });
        let stop = tasks.stop_token();
        tasks.spawn("hook", async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
        });
        let settings = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let transport = HttpTransport::new(weft_http::Client::new(settings).unwrap(), "voice-twilio");
        Self { simulator, account, transport, hook, heard, _tasks: Arc::new(tasks) }
    }

    pub(crate) async fn connect(&self) -> Result<Connected, SetupError> {
        let context = ConnectContext { webhook_url: Some(self.hook.clone()) };
        VoiceTwilio.connect(&self.account, &context, &self.transport).await
    }

    /// Waits until the host has heard of what `fits`.
    pub(crate) async fn until(&self, fits: impl Fn(&[Event]) -> bool) -> Vec<Event> {
        let mut heard = self.heard.clone();
        heard.wait_for(|events| fits(events)).await.unwrap().clone()
    }
}

fn account(base: &str, change: Value) -> Account {
    let own = Settings::default();
    let mut settings = json!({"account_sid": own.account_sid, "from_number": own.number, "api_base": base});
    let mut secrets = json!({"auth_token": own.auth_token});
    for (name, value) in change.as_object().cloned().unwrap() {
        let part = if name.ends_with("_token") { &mut secrets } else { &mut settings };
        part.as_object_mut().unwrap().insert(name, value);
    }
    let object = |value: Value| value.as_object().cloned().unwrap();
    read_account(&object(settings), &object(secrets)).unwrap()
}

async fn take(
    State(hook): State<Hook>,
    rest: Option<Path<String>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let call = WebhookCall {
        method: Method::POST,
        path_rest: rest.map(|Path(rest)| rest).unwrap_or_default(),
        query: query.unwrap_or_default(),
        headers,
        body,
        received_at: chrono::DateTime::from_timestamp(1_767_225_600, 0).unwrap(),
    };
    VoiceTwilio.verify(&hook.account, &call).unwrap();
    let received = VoiceTwilio.receive(&hook.account, &call).unwrap();
    let events = received.events.into_iter().filter_map(|event| event.event);
    hook.heard.send_modify(|heard| heard.extend(events));
    ([(header::CONTENT_TYPE, received.reply.content_type.into_owned())], received.reply.body)
}
