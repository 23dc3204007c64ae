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

use std::{io, sync::Arc};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::{
    HttpTransport,
    simulation::{World, serve, webhook_transport},
};
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
pub struct Simulator {
    settings: Arc<Settings>,
    transport: HttpTransport,
    world: World<State>,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new(settings: Settings) -> Result<Self> {
        Ok(Self { settings: Arc::new(settings), transport: webhook_transport()?, world: World::default() })
    }

    /// Answers calls and pushes webhooks until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.world.lock().base = format!("http://{}", listener.local_addr()?);
        serve(listener, routes::router(self), stop, pusher::run(self)).await
    }
}
