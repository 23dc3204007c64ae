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
pub use sent::{CallRecord, ChatAction, Reaction, Sent, SentFile};
pub use settings::Settings;
pub use simulation::simulation;

use std::{io, sync::Arc};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::{
    HttpTransport,
    simulation::{World, webhook_transport},
};
use weft_domain::Result;

use state::State;

/// A Bot API with one bot, customers and faults. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    settings: Arc<Settings>,
    transport: HttpTransport,
    world: World<State>,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new(settings: Settings) -> Result<Self> {
        let world = World::new(State::new(settings.first_update_id));
        Ok(Self { settings: Arc::new(settings), transport: webhook_transport()?, world })
    }

    /// Answers calls and pushes webhooks until `stop`; then lets the calls in hand end.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let serving = server::serve(self, listener, stop.clone());
        let (served, _) = tokio::join!(serving, stop.run_until_cancelled(pusher::run(self)));
        served
    }

    fn now(&self) -> i64 {
        self.settings.clock.now().timestamp()
    }
}
