//! Plays Slack with one workspace and its people: for tests, and for `weft simulate slack`.

mod api;
mod check;
mod control;
mod events;
mod files;
mod play;
mod pusher;
mod simulation;
mod state;

pub use control::{Fault, Says};
pub use simulation::simulation;
pub use state::Sent;

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};
use tokio_util::sync::CancellationToken;
use url::Url;
use weft_domain::Error;

use pusher::Push;
use state::State;

/// The token that the simulated app has.
pub const TOKEN: &str = "xoxb-simulated-token";
/// The secret that the simulated app's calls are signed with.
pub const SECRET: &str = "simulated-signing-secret";
/// The simulated workspace.
pub const TEAM: &str = "T0SIMULATED";

/// Slack leaves out what is more in an hour.
const MOST_PUSHES: usize = 30_000;

/// Slack with one workspace, one app and its people. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    client: weft_http::Client,
    state: Mutex<State>,
    /// How many messages were sent, for those who wait for one.
    sent: watch::Sender<usize>,
    /// Where the app's console says to call, once somebody entered it.
    webhook: watch::Sender<Option<Url>>,
    pushes: mpsc::Sender<Push>,
    /// Taken by whoever serves.
    to_push: Mutex<Option<mpsc::Receiver<Push>>>,
}

impl Simulator {
    /// Makes a workspace without people.
    pub fn new() -> Result<Self, Error> {
        // webhooks of a laptop are on the loopback
        let http = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        let (pushes, to_push) = mpsc::channel(MOST_PUSHES);
        Ok(Self(Arc::new(Inner {
            client: weft_http::Client::new(http)?,
            state: Mutex::default(),
            sent: watch::Sender::new(0),
            webhook: watch::Sender::new(None),
            pushes,
            to_push: Mutex::new(Some(to_push)),
        })))
    }

    /// Answers calls and delivers events until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.lock().base = format!("http://{}", listener.local_addr()?);
        let routes = Router::new()
            .merge(api::router())
            .merge(files::router())
            .merge(control::router())
            .with_state(self.clone());
        let ended = stop.clone();
        let served = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
        let (served, _) = tokio::join!(served, ended.run_until_cancelled(pusher::run(self)));
        served
    }

    /// What the app wrote so far.
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

    /// Waits until somebody entered where to call.
    pub async fn wait_until_connected(&self) {
        let mut webhook = self.0.webhook.subscribe();
        drop(webhook.wait_for(Option::is_some).await);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, push: Push) {
        // fails when too many wait, or when nobody serves any more
        drop(self.0.pushes.try_send(push));
    }

    fn note_sent(&self, sent: Sent) {
        let mut state = self.lock();
        state.sent.push(sent);
        self.0.sent.send_replace(state.sent.len());
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").finish_non_exhaustive()
    }
}
