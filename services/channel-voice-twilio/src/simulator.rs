//! Plays Twilio's calls and the people who make them: for tests, and for `weft simulate voice-twilio`.

mod callers;
mod calls;
mod control;
mod play;
mod pusher;
mod routes;
mod script;
mod simulation;

pub use callers::Plan;
pub use calls::Spoken;
pub use simulation::simulation;

use std::{
    collections::{BTreeSet, VecDeque},
    io,
    sync::Arc,
};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;
use weft_channel::{
    HttpTransport,
    simulation::{Records, World, serve, webhook_transport},
};
use weft_domain::Result;

/// The account that is simulated.
#[derive(Clone)]
pub struct Settings {
    /// Its SID.
    pub account_sid: String,
    /// What it signs in with, and what its webhooks are signed with.
    pub auth_token: String,
    /// Its number.
    pub number: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            account_sid: "AC00000000000000000000000000000002".to_owned(),
            auth_token: "simulated-auth-token".to_owned(),
            number: "+12025550110".to_owned(),
        }
    }
}

/// One account of Twilio with a number, and callers. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    settings: Arc<Settings>,
    transport: HttpTransport,
    world: World<State>,
}

/// All that the simulator knows.
#[derive(Default)]
struct State {
    base: String,
    webhook: Option<Url>,
    status: Option<Url>,
    recordings: BTreeSet<String>,
    spoken: Records<Spoken>,
    pushes: VecDeque<(Url, Vec<(String, String)>)>,
    /// Whom our telephone is to be connected with does not answer.
    unanswered: bool,
    /// What the next call of ours is refused with.
    refusal: Option<u32>,
    last_webhook_error: Option<String>,
    last_id: u64,
}

impl Simulator {
    /// Makes a simulator that nobody calls yet.
    pub fn new(settings: Settings) -> Result<Self> {
        Ok(Self { settings: Arc::new(settings), transport: webhook_transport()?, world: World::default() })
    }

    /// Answers calls and brings webhooks until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.world.lock().base = format!("http://{}", listener.local_addr()?);
        serve(listener, routes::router(self), stop, pusher::run(self)).await
    }

    /// What a webhook last failed with.
    pub fn last_webhook_error(&self) -> Option<String> {
        self.world.lock().last_webhook_error.clone()
    }
}

impl State {
    /// A new SID.
    fn next_sid(&mut self, prefix: &str) -> String {
        self.last_id += 1;
        format!("{prefix}{:032x}", self.last_id)
    }
}
