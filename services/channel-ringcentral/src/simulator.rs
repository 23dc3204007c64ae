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

use std::io;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::{
    HttpTransport,
    simulation::{World, serve, webhook_transport},
};
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
pub struct Simulator {
    transport: HttpTransport,
    world: World<State>,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new() -> Result<Self> {
        Ok(Self { transport: webhook_transport()?, world: World::default() })
    }

    /// Answers calls and brings events until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.world.lock().base = format!("http://{}", listener.local_addr()?);
        serve(listener, routes::router(self), stop, pusher::run(self)).await
    }
}
