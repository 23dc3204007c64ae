//! Plays Viber's REST API and its people: for tests, and for `weft simulate viber`.

mod api;
mod check;
mod customers;
mod play;
mod pusher;
mod simulation;

pub use customers::Says;
pub use simulation::simulation;

use std::{
    collections::{BTreeMap, VecDeque},
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use serde::Serialize;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_util::sync::CancellationToken;
use url::Url;
use weft_channel::HttpTransport;
use weft_domain::Error;

use customers::Customer;

/// The token that the simulated bot has.
pub const TOKEN: &str = "simulated-viber-auth-token";

/// The API with one bot and its customers. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    transport: HttpTransport,
    state: Mutex<State>,
    /// How many messages were sent, for those who wait for one.
    sent: watch::Sender<usize>,
    /// Where the bot wants to be called.
    webhook: watch::Sender<Option<Url>>,
    /// What is still to be delivered, oldest first.
    to_push: Mutex<VecDeque<Value>>,
    /// Tells whoever serves that there is something.
    filled: Notify,
}

#[derive(Default)]
struct State {
    customers: BTreeMap<String, Customer>,
    sent: Vec<Sent>,
    /// How many of the next calls are too many.
    too_many: u32,
    tokens: u64,
    /// Where files of customers are.
    base: String,
}

/// A message that the bot sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// Its token.
    pub message_token: u64,
    /// To whom.
    pub receiver: String,
    /// The whole call.
    pub message: Value,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new() -> Result<Self, Error> {
        let client = weft_http::Client::new(weft_http::Settings {
            // webhooks of a laptop are on the loopback
            allow_private: true,
            ..weft_http::Settings::default()
        })?;
        Ok(Self(Arc::new(Inner {
            transport: HttpTransport::new(client, "simulated-webhook"),
            state: Mutex::default(),
            sent: watch::Sender::new(0),
            webhook: watch::Sender::new(None),
            to_push: Mutex::default(),
            filled: Notify::new(),
        })))
    }

    /// Answers calls and delivers webhooks until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.lock().base = format!("http://{}", listener.local_addr()?);
        let router = Router::new().merge(api::router()).merge(customers::router()).with_state(self.clone());
        let ended = stop.clone();
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        let (served, _) = tokio::join!(served, ended.run_until_cancelled(pusher::run(self)));
        served
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    /// Waits until so many messages were sent in all, and gives them.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        let mut total = self.0.sent.subscribe();
        // cannot fail: the sender lives in `self`
        drop(total.wait_for(|total| *total >= count).await);
        self.sent()
    }

    /// Waits until the bot has said where to call.
    pub async fn wait_until_connected(&self) {
        let mut webhook = self.0.webhook.subscribe();
        drop(webhook.wait_for(Option::is_some).await);
    }

    /// Refuses the next calls as too many.
    pub fn throttle(&self, calls: u32) {
        self.lock().too_many = calls;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Tokens do not fit into a float.
    fn next_token(&mut self) -> u64 {
        self.tokens += 1;
        5_741_311_803_571_721_000 + self.tokens
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").finish_non_exhaustive()
    }
}
