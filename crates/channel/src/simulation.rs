use std::io;

use futures::{future::BoxFuture, stream::BoxStream};
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weft_domain::Result;

/// How lively a simulated provider is.
#[derive(Clone, Copy, Debug)]
pub struct SimulationOptions {
    /// How many customers write.
    pub customers: u32,
    /// How many messages a second, of all together.
    pub per_second: f64,
    /// Ends after so many messages; none goes on until stopped.
    pub messages: Option<u64>,
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
