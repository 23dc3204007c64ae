//! Plays the Messaging API and its people: for tests, and for `weft simulate line`.

mod api;
mod check;
mod control;
mod play;
mod pusher;
mod simulation;
mod state;

pub use control::{Fault, Says};
pub use simulation::simulation;
pub use state::Sent;

use std::{
    collections::VecDeque,
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_util::sync::CancellationToken;
use weft_channel::HttpTransport;
use weft_domain::Error;

use state::State;

/// The token that the simulated account has.
pub const TOKEN: &str = "simulated-channel-access-token";
/// The secret that its calls are signed with.
pub const SECRET: &str = "simulated-channel-secret";

/// The Messaging API with one account and its customers. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    transport: HttpTransport,
    state: Mutex<State>,
    /// How many messages were sent, for those who wait for one.
    sent: watch::Sender<usize>,
    /// Whether somebody said where to call.
    connected: watch::Sender<bool>,
    /// What is still to be delivered, oldest first.
    to_push: Mutex<VecDeque<serde_json::Value>>,
    /// Tells whoever serves that there is something.
    filled: Notify,
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
            connected: watch::Sender::new(false),
            to_push: Mutex::default(),
            filled: Notify::new(),
        })))
    }

    /// Answers calls and delivers webhooks until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let router = Router::new().merge(api::router()).merge(control::router()).with_state(self.clone());
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

    /// Waits until somebody said where to call.
    pub async fn wait_until_connected(&self) {
        let mut connected = self.0.connected.subscribe();
        drop(connected.wait_for(|connected| *connected).await);
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
