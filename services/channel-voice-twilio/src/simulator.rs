//! Plays Twilio's calls and the people who make them: for tests, and for `weft simulate voice-twilio`.

mod callers;
mod calls;
mod control;
mod play;
mod pusher;
mod routes;
mod script;
mod simulation;

pub use callers::Plan;
pub use calls::Spoken;
pub use simulation::simulation;

use std::{
    collections::{BTreeSet, VecDeque},
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_util::sync::CancellationToken;
use url::Url;
use weft_channel::HttpTransport;
use weft_domain::Result;

/// The account that is simulated.
#[derive(Clone)]
pub struct Settings {
    /// Its SID.
    pub account_sid: String,
    /// What it signs in with, and what its webhooks are signed with.
    pub auth_token: String,
    /// Its number.
    pub number: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            account_sid: "AC00000000000000000000000000000002".to_owned(),
            auth_token: "simulated-auth-token".to_owned(),
            number: "+12025550110".to_owned(),
        }
    }
}

/// One account of Twilio with a number, and callers. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    settings: Settings,
    transport: HttpTransport,
    state: Mutex<State>,
    changes: watch::Sender<u64>,
    pushes: Notify,
}

/// All that the simulator knows.
#[derive(Default)]
struct State {
    base: String,
    webhook: Option<Url>,
    status: Option<Url>,
    recordings: BTreeSet<String>,
    spoken: Vec<Spoken>,
    pushes: VecDeque<(Url, Vec<(String, String)>)>,
    /// Whom our telephone is to be connected with does not answer.
    unanswered: bool,
    /// What the next call of ours is refused with.
    refusal: Option<u32>,
    last_webhook_error: Option<String>,
    last_id: u64,
}

impl Simulator {
    /// Makes a simulator that nobody calls yet.
    pub fn new(settings: Settings) -> Result<Self> {
        let client = weft_http::Client::new(weft_http::Settings {
            // webhooks of a laptop are on the loopback
            allow_private: true,
            ..weft_http::Settings::default()
        })?;
        Ok(Self(Arc::new(Inner {
            settings,
            transport: HttpTransport::new(client, "simulated-webhook"),
            state: Mutex::default(),
            changes: watch::Sender::new(0),
            pushes: Notify::new(),
        })))
    }

    /// Answers calls and brings webhooks until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let address = listener.local_addr()?;
        self.change(|state| state.base = format!("http://{address}"));
        let serving = axum::serve(listener, routes::router(self))
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        let (served, ()) = tokio::join!(serving, pusher::run(self, stop));
        served
    }

    /// What a webhook last failed with.
    pub fn last_webhook_error(&self) -> Option<String> {
        self.lock().last_webhook_error.clone()
    }

    /// Waits until somebody has said where calls are to be brought.
    pub async fn wait_until_connected(&self) {
        self.wait(|state| state.webhook.is_some().then_some(())).await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and tells those who wait.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.0.changes.send_modify(|count| *count += 1);
        self.0.pushes.notify_one();
        result
    }

    /// Waits until the state shows something.
    async fn wait<T>(&self, mut look: impl FnMut(&State) -> Option<T>) -> T {
        let mut changes = self.0.changes.subscribe();
        loop {
            changes.mark_unchanged();
            let found = look(&self.lock());
            if let Some(found) = found {
                return found;
            }
            // cannot fail: the sender lives in `self`
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

impl State {
    /// A new SID.
    fn next_sid(&mut self, prefix: &str) -> String {
        self.last_id += 1;
        format!("{prefix}{:032x}", self.last_id)
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("number", &self.0.settings.number).finish_non_exhaustive()
    }
}
