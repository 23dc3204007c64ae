//! Plays Microsoft's side and its people: for tests, and for `weft simulate teams`.

mod activities;
mod connector;
mod control;
mod files;
mod login;
mod play;
mod pusher;
mod simulation;
mod state;

pub use control::{Fault, Says};
pub use pusher::Forgery;
pub use simulation::simulation;
pub use state::Sent;

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};
use tokio_util::sync::CancellationToken;
use url::Url;
use weft_auth::RsaSigner;
use weft_domain::Error;

use state::State;

/// The simulated bot.
pub const APP_ID: &str = "00000000-0000-4000-8000-0000000000bb";
/// Its secret.
pub const APP_SECRET: &str = "simulated-client-secret";
/// The organisation of its people.
pub const TENANT: &str = "00000000-0000-4000-8000-0000000000aa";

/// What is more is lost: nobody delivers it again.
const MOST_PUSHES: usize = 30_000;

/// The Bot Framework with one bot and its people. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    client: weft_http::Client,
    state: Mutex<State>,
    /// How many activities were sent, for those who wait for one.
    sent: watch::Sender<usize>,
    /// Where the portal says to call, once somebody entered it.
    webhook: watch::Sender<Option<Url>>,
    pushes: mpsc::Sender<Value>,
    /// Taken by whoever serves.
    to_push: Mutex<Option<mpsc::Receiver<Value>>>,
}

impl Simulator {
    /// Makes an organisation without people.
    pub fn new() -> Result<Self, Error> {
        // webhooks of a laptop are on the loopback
        let http = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let (pushes, to_push) = mpsc::channel(MOST_PUSHES);
        Ok(Self(Arc::new(Inner {
            client: weft_http::Client::new(http)?,
            state: Mutex::new(State::new(RsaSigner::generate("simulated-1")?)),
            sent: watch::Sender::new(0),
            webhook: watch::Sender::new(None),
            pushes,
            to_push: Mutex::new(Some(to_push)),
        })))
    }

    /// Answers calls and delivers activities until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.lock().base = format!("http://{}", listener.local_addr()?);
        let routes = Router::new()
            .merge(login::router())
            .merge(connector::router())
            .merge(files::router())
            .merge(control::router())
            .with_state(self.clone());
        let ended = stop.clone();
        let served = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
        let (served, _) = tokio::join!(served, ended.run_until_cancelled(pusher::run(self)));
        served
    }

    /// What the bot sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    /// Waits until so much was sent in all, and gives it.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        let mut total = self.0.sent.subscribe();
        // cannot fail: the sender lives in `self`
        drop(total.wait_for(|total| *total >= count).await);
        self.sent()
    }

    /// Waits until somebody entered where to call.
    pub async fn wait_until_connected(&self) {
        let mut webhook = self.0.webhook.subscribe();
        drop(webhook.wait_for(Option::is_some).await);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").finish_non_exhaustive()
    }
}
