//! Plays the Cloud API and its people: for tests, and for `weft simulate whatsapp`.

mod check;
mod content;
mod control;
mod customers;
mod faults;
mod graph;
mod media;
mod messages;
mod play;
mod pusher;
mod refusal;
mod settings;
mod simulation;
mod state;
mod subscribe;
mod templates;

pub use content::{Content, FileContent};
pub use faults::{Fault, FaultKind};
pub use settings::Settings;
pub use simulation::simulation;
pub use state::{Sent, Shown};

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_util::sync::CancellationToken;
use weft_domain::Error;

use state::State;

/// A Graph API with one business number, customers and faults. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    settings: Settings,
    client: weft_http::Client,
    state: Mutex<State>,
    /// Counts every change, for those who wait for one.
    changes: watch::Sender<u64>,
    /// Wakes the pusher.
    queued: Notify,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        // webhooks of a laptop are on the loopback
        let http = weft_http::Settings { allow_private: true, ..weft_http::Settings::default() };
        Ok(Self(Arc::new(Inner {
            settings,
            client: weft_http::Client::new(http)?,
            state: Mutex::new(State::with(templates::samples())),
            changes: watch::Sender::new(0),
            queued: Notify::new(),
        })))
    }

    /// Answers calls and pushes webhooks until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let base = format!("http://{}", listener.local_addr()?);
        let routes = graph::router(self, base);
        let serving = axum::serve(listener, routes).with_graceful_shutdown(stop.clone().cancelled_owned());
        let (served, ()) = tokio::join!(serving.into_future(), pusher::run(self, stop));
        served
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and tells those who wait.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.0.changes.send_modify(|count| *count += 1);
        self.0.queued.notify_one();
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

    fn now(&self) -> DateTime<Utc> {
        self.0.settings.clock.now()
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
