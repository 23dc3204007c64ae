//! Plays Microsoft's side and its people: for tests, and for `weft simulate teams`.

mod activities;
mod changes;
mod connector;
mod control;
mod files;
mod login;
mod play;
mod pusher;
mod simulation;
mod state;

pub use control::{Fault, Says};
pub use pusher::Forgery;
pub use simulation::simulation;
pub use state::Sent;

use std::io;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_auth::RsaSigner;
use weft_channel::simulation::{World, loopback_client, serve};
use weft_domain::Result;

use state::State;

/// The simulated bot.
pub const APP_ID: &str = "00000000-0000-4000-8000-0000000000bb";
/// Its secret.
pub const APP_SECRET: &str = "simulated-client-secret";
/// The organisation of its people.
pub const TENANT: &str = "00000000-0000-4000-8000-0000000000aa";

/// The Bot Framework with one bot and its people. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    client: weft_http::Client,
    world: World<State>,
}

impl Simulator {
    /// Makes an organisation without people.
    pub fn new() -> Result<Self> {
        let state = State::new(RsaSigner::generate("simulated-1")?);
        Ok(Self { client: loopback_client()?, world: World::new(state) })
    }

    /// Answers calls and delivers activities until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.world.lock().base = format!("http://{}", listener.local_addr()?);
        let routes = Router::new()
            .merge(login::router())
            .merge(connector::router())
            .merge(files::router())
            .merge(control::router())
            .with_state(self.clone());
        serve(listener, routes, stop, pusher::run(self)).await
    }

    /// What the bot sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.world.lock().sent.all()
    }

    /// Waits until so much was sent in all, and gives it.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        self.world.wait(|state| state.sent.once(count)).await
    }

    /// Waits until one of the activities that were sent is so, and gives it.
    pub async fn wait_for_one_sent(&self, is_so: impl Fn(&Sent) -> bool) -> Sent {
        self.world.wait(|state| state.sent.iter().find(|sent| is_so(sent)).cloned()).await
    }
}
