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

use std::io;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::{
    HttpTransport,
    simulation::{World, serve, webhook_transport},
};
use weft_domain::Result;

use state::State;

/// The token that the simulated account has.
pub const TOKEN: &str = "simulated-channel-access-token";
/// The secret that its calls are signed with.
pub const SECRET: &str = "simulated-channel-secret";

/// The Messaging API with one account and its customers. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    transport: HttpTransport,
    world: World<State>,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new() -> Result<Self> {
        Ok(Self { transport: webhook_transport()?, world: World::default() })
    }

    /// Answers calls and delivers webhooks until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let routes = Router::new().merge(api::router()).merge(control::router()).with_state(self.clone());
        serve(listener, routes, stop, pusher::run(self)).await
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.world.lock().sent.all()
    }

    /// Waits until so many messages were sent in all, and gives them.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        self.world.wait(|state| state.sent.once(count)).await
    }
}
