//! Plays Twilio's messages and the people behind the numbers: for tests, and for `weft simulate sms-twilio`.

mod control;
mod customers;
mod faults;
mod media;
mod messages;
mod play;
mod pusher;
mod refusal;
mod routes;
mod setup;
mod simulation;
mod state;

pub use customers::Content;
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

/// The account that is simulated.
#[derive(Clone)]
pub struct Settings {
    /// Its SID.
    pub account_sid: String,
    /// What it signs in with, and what its webhooks are signed with.
    pub auth_token: String,
    /// The other token, for webhooks alone.
    pub secondary_auth_token: String,
    /// Its number, on SMS and on WhatsApp.
    pub number: String,
    /// Its messaging service.
    pub messaging_service_sid: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            account_sid: "AC00000000000000000000000000000001".to_owned(),
            auth_token: "simulated-auth-token".to_owned(),
            secondary_auth_token: "simulated-next-auth-token".to_owned(),
            number: "+12025550100".to_owned(),
            messaging_service_sid: "MG00000000000000000000000000000001".to_owned(),
        }
    }
}

/// One account of Twilio, customers and faults. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    settings: Settings,
    transport: HttpTransport,
    state: Mutex<State>,
    /// Counts every change, for those who wait for one.
    changes: watch::Sender<u64>,
    /// Wakes the pusher.
    pushes: Notify,
}

impl Simulator {
    /// Makes a simulator without customers.
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

    /// Answers calls and pushes webhooks until `stop`.
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
        f.debug_struct("Simulator").field("number", &self.0.settings.number).finish_non_exhaustive()
    }
}
