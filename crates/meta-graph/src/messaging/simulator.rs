//! Plays the graph and its people: for tests, and for `weft simulate`.

mod check;
mod content;
mod control;
mod customers;
mod faults;
mod files;
mod graph;
mod messages;
mod play;
mod pusher;
mod reactions;
mod refusal;
mod settings;
mod simulation;
mod state;
mod subscribe;

pub use content::Content;
pub use faults::{Fault, FaultKind};
pub use settings::{Media, Rules, Settings};
pub use simulation::{Cast, simulation};
pub use state::{Reaction, Sent, Shown};

use std::{io, sync::Arc};

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::simulation::{World, loopback_client, serve};
use weft_domain::Result;

use state::State;

/// A graph with one account, customers and faults. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    settings: Arc<Settings>,
    client: weft_http::Client,
    world: World<State>,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new(settings: Settings) -> Result<Self> {
        Ok(Self { settings: Arc::new(settings), client: loopback_client()?, world: World::default() })
    }

    /// Answers calls and pushes webhooks until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.world.lock().base = format!("http://{}", listener.local_addr()?);
        serve(listener, graph::router(self), stop, pusher::run(self)).await
    }

    fn now(&self) -> DateTime<Utc> {
        self.settings.clock.now()
    }
}
