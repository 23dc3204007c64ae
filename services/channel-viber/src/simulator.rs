//! Plays Viber's REST API and its people: for tests, and for `weft simulate viber`.

mod api;
mod check;
mod customers;
mod play;
mod pusher;
mod simulation;

pub use customers::Says;
pub use simulation::simulation;

use std::{
    collections::{BTreeMap, VecDeque},
    io,
};

use axum::Router;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;
use weft_channel::{
    HttpTransport,
    simulation::{Records, World, serve, webhook_transport},
};
use weft_domain::Result;

use customers::Customer;

/// The token that the simulated bot has.
pub const TOKEN: &str = "simulated-viber-auth-token";

/// The API with one bot and its customers. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    transport: HttpTransport,
    world: World<State>,
}

#[derive(Default)]
struct State {
    customers: BTreeMap<String, Customer>,
    sent: Records<Sent>,
    /// Where the bot wants to be called.
    webhook: Option<Url>,
    /// What is still to be delivered, oldest first.
    pushes: VecDeque<Value>,
    /// How many of the next calls are too many.
    too_many: u32,
    tokens: u64,
    /// Where files of customers are.
    base: String,
}

/// A message that the bot sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// Its token.
    pub message_token: u64,
    /// To whom.
    pub receiver: String,
    /// The whole call.
    pub message: Value,
}

impl Simulator {
    /// Makes a simulator without customers.
    pub fn new() -> Result<Self> {
        Ok(Self { transport: webhook_transport()?, world: World::default() })
    }

    /// Answers calls and delivers webhooks until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.world.lock().base = format!("http://{}", listener.local_addr()?);
        let routes = Router::new().merge(api::router()).merge(customers::router()).with_state(self.clone());
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

    /// Refuses the next calls as too many.
    pub fn throttle(&self, calls: u32) {
        self.world.lock().too_many = calls;
    }
}

impl State {
    /// Tokens do not fit into a float.
    fn next_token(&mut self) -> u64 {
        self.tokens += 1;
        5_741_311_803_571_721_000 + self.tokens
    }
}
