//! What the simulators of providers share, and how `weft simulate` runs them.

pub mod control;
mod records;
mod serve;
mod webhooks;
mod world;

pub use records::Records;
pub use serve::serve;
pub use webhooks::{loopback_client, webhook_transport};
pub use world::World;

use std::{io, sync::Arc, time::Duration};

use futures::{future::BoxFuture, stream::BoxStream};
use serde_json::{Map, Value};
use tokio::{
    net::TcpListener,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use weft_domain::{Error, Result};

use crate::script::{Character, Line, Script};

/// How lively a simulated provider is.
#[derive(Clone, Debug)]
pub struct SimulationOptions {
    /// How many customers write.
    pub customers: u32,
    /// How many messages a second, of all together.
    pub per_second: f64,
    /// Ends after so many messages; none goes on until stopped.
    pub messages: Option<u64>,
    /// Who they are and what they say.
    pub script: Arc<Script>,
}

impl Default for SimulationOptions {
    fn default() -> Self {
        Self { customers: 5, per_second: 0.5, messages: None, script: Arc::default() }
    }
}

/// One thing that a customer does.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// Which customer, from 0.
    pub customer: u64,
    /// The customer did nothing before.
    pub is_first: bool,
    /// Who that is; several customers may be the same.
    pub character: &'a Character,
    /// What is done.
    pub line: &'a Line,
}

impl SimulationOptions {
    /// Lets the customers of this kind of channel take turns, each through the lines again and again.
    pub async fn play(
        &self,
        kind: &str,
        stop: CancellationToken,
        mut say: impl FnMut(Turn<'_>) -> Result<()>,
    ) -> Result<()> {
        let pause = Duration::try_from_secs_f64(1.0 / self.per_second)
            .ok()
            .filter(|pause| !pause.is_zero())
            .ok_or_else(|| Error::invalid_field("per_second", "it must be more than 0"))?;
        let people: Vec<_> = self.script.people_on(kind).collect();
        if people.is_empty() {
            let message = format!("nobody in it is on `{kind}`: name that among somebody's `channels`");
            return Err(Error::invalid_field("script", message));
        }
        let mut ticks = interval(pause);
        // a busy machine catches up, so that the rate holds
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let customers = u64::from(self.customers.max(1));
        for number in 0..self.messages.unwrap_or(u64::MAX) {
            if stop.run_until_cancelled(ticks.tick()).await.is_none() {
                return Ok(());
            }
            let (customer, turn) = (number % customers, number / customers);
            let character = in_turn(&people, customer).copied();
            if let Some((character, line)) = character.and_then(|it| Some((it, in_turn(&it.lines, turn)?))) {
                say(Turn { customer, is_first: turn == 0, character, line })?;
            }
        }
        Ok(())
    }
}

fn in_turn<T>(all: &[T], number: u64) -> Option<&T> {
    all.get(usize::try_from(number).unwrap_or_default().checked_rem(all.len())?)
}

/// A provider that is played, with the account that connects to it.
pub struct Simulation {
    /// The kind of channel that connects to it.
    pub kind: &'static str,
    /// Where it listens unless told otherwise.
    pub listen: &'static str,
    /// People enter the webhook's address in the provider's console: it takes it at `POST /simulator/webhook` as `{"url"}`.
    pub webhook_by_hand: bool,
    /// The account's settings, given the address it listens at.
    pub settings: fn(&str) -> Map<String, Value>,
    /// The account's secrets.
    pub secrets: Map<String, Value>,
    /// Answers calls and delivers webhooks until stopped.
    pub serve: Serve,
    /// Lets customers write until stopped, once somebody listens to them.
    pub play: Play,
    /// What was said, for people to read: one line for each message that reached a customer.
    pub transcript: BoxStream<'static, String>,
}

/// Answers calls until stopped.
pub type Serve = Box<dyn FnOnce(TcpListener, CancellationToken) -> BoxFuture<'static, io::Result<()>> + Send>;
/// Lets customers write until stopped.
pub type Play = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, Result<()>> + Send>;

/// The fields of an object.
pub fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// A picture of one pixel.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0,
    1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[cfg(test)]
mod tests;
