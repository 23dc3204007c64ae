//! Plays RingCentral, one extension of it and the people who write and call: for tests, and for `weft simulate ringcentral`.

mod auth;
mod calls;
mod control;
mod customers;
mod events;
mod faults;
mod files;
mod limits;
mod messages;
mod play;
mod pusher;
mod refusal;
mod routes;
mod simulation;
mod state;
mod store;
mod subscriptions;

pub use customers::{Content, Ending};
pub use faults::{Fault, FaultKind, Oddities};
pub use simulation::simulation;
pub use state::Sent;

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
use weft_domain::Result;

use state::State;

/// The client's id.
pub const CLIENT_ID: &str = "client-id-example";
/// Its secret.
pub const CLIENT_SECRET: &str = "client-secret-example";
/// What the extension's user signs in with.
pub const JWT: &str = "simulated-jwt-of-the-extension";
/// The extension's number.
pub const NUMBER: &str = "+12025550100";
/// A telephone of the extension, to be called first.
pub const DESK: &str = "+12025550101";
const ACCOUNT: &str = "80900010";
const EXTENSION: &str = "62900010001";

/// One extension, customers and faults. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    transport: HttpTransport,
    state: Mutex<State>,
    /// Counts every change, for those who wait for one.
    changes: watch::Sender<u64>,
    /// Wakes the pusher.
    pushes: Notify,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new() -> Result<Self> {
        let client = weft_http::Client::new(weft_http::Settings {
            // webhooks of a laptop are on the loopback
            allow_private: true,
            ..weft_http::Settings::default()
        })?;
        Ok(Self(Arc::new(Inner {
            transport: HttpTransport::new(client, "simulated-webhook"),
            state: Mutex::default(),
            changes: watch::Sender::new(0),
            pushes: Notify::new(),
        })))
    }

    /// Answers calls and brings events until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let address = listener.local_addr()?;
        self.change(|state| state.base = format!("http://{address}"));
        let serving = axum::serve(listener, routes::router(self))
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        let (served, ()) = tokio::join!(serving, pusher::run(self, stop));
        served
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

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("number", &NUMBER).finish_non_exhaustive()
    }
}
