//! Plays Slack with one workspace and its people: for tests, and for `weft simulate slack`.

mod api;
mod changes;
mod check;
mod control;
mod events;
mod files;
mod play;
mod pusher;
mod simulation;
mod state;

pub use control::{Fault, Says};
pub use simulation::simulation;
pub use state::{Reaction, Sent};

use std::io;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_channel::simulation::{World, loopback_client, serve};
use weft_domain::Result;

use state::State;

/// The token that the simulated app has.
pub const TOKEN: &str = "xoxb-simulated-token";
/// The secret that the simulated app's calls are signed with.
pub const SECRET: &str = "simulated-signing-secret";
/// The simulated workspace.
pub const TEAM: &str = "T0SIMULATED";

/// Slack with one workspace, one app and its people. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    client: weft_http::Client,
    world: World<State>,
}

impl Simulator {
    /// Makes a workspace without people.
    pub fn new() -> Result<Self> {
        Ok(Self { client: loopback_client()?, world: World::default() })
    }

    /// Answers calls and delivers events until `stop`.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        self.world.lock().base = format!("http://{}", listener.local_addr()?);
        let routes = Router::new()
            .merge(api::router())
            .merge(files::router())
            .merge(control::router())
            .with_state(self.clone());
        serve(listener, routes, stop, pusher::run(self)).await
    }

    /// What the app wrote so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.world.lock().sent.all()
    }

    /// Waits until so many messages were sent in all, and gives them.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        self.world.wait(|state| state.sent.once(count)).await
    }

    /// Waits until one of the messages that were sent is so, and gives it.
    pub async fn wait_for_one_sent(&self, is_so: impl Fn(&Sent) -> bool) -> Sent {
        self.world.wait(|state| state.sent.iter().find(|sent| is_so(sent)).cloned()).await
    }

    /// The app's reactions as they are now, to its own messages and to those of others.
    pub fn reactions(&self) -> Vec<Reaction> {
        let state = self.world.lock();
        let all =
            state.reactions.iter().flat_map(|(place, names)| names.iter().map(move |name| (place, name)));
        let reaction = |((channel, ts), name): (&(String, String), &String)| Reaction {
            channel: channel.clone(),
            ts: ts.clone(),
            name: name.clone(),
        };
        all.map(reaction).collect()
    }
}
