//! Plays the Bot API and its people: for tests, and for `weft simulate telegram`.

mod answer;
mod chat;
mod content;
mod control;
mod customers;
mod faults;
mod files;
mod methods;
mod parameters;
mod play;
mod pusher;
mod routes;
mod sent;
mod server;
mod settings;
mod simulation;
mod state;
mod updates;
mod webhook;

pub use content::{Content, FileContent};
pub use faults::{Fault, FaultKind};
pub use sent::{CallRecord, ChatAction, Sent, SentFile};
pub use settings::Settings;
pub use simulation::simulation;

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_util::sync::CancellationToken;
use weft_channel::HttpTransport;
use weft_domain::Error;

use state::State;

/// A Bot API with one bot, customers and faults. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    settings: Settings,
    transport: HttpTransport,
    state: Mutex<State>,
    /// Counts every change, for those who wait for one.
    changes: watch::Sender<u64>,
    /// Wakes the pusher.
    updates: Notify,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let client = weft_http::Client::new(weft_http::Settings {
            // webhooks of a laptop are on the loopback
            allow_private: true,
            ..weft_http::Settings::default()
        })?;
        let state = State::new(settings.first_update_id);
        Ok(Self(Arc::new(Inner {
            transport: HttpTransport::new(client, "simulated-webhook"),
            state: Mutex::new(state),
            changes: watch::Sender::new(0),
            updates: Notify::new(),
            settings,
        })))
    }

    /// Answers calls and pushes webhooks until `stop`; then lets the calls in hand end.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let pushing = pusher::run(self, stop.clone());
        let (served, ()) = tokio::join!(server::serve(self, listener, stop.clone()), pushing);
        served
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and tells those who wait.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.0.changes.send_modify(|count| *count += 1);
        self.0.updates.notify_one();
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

    fn now(&self) -> i64 {
        self.0.settings.clock.now().timestamp()
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
