#![doc = include_str!("../README.md")]

mod accept;
mod channels;
mod client;
mod exchange;
mod guard;
mod keys;
mod metering;
mod raw;
mod revocations;
mod server;
mod status;
mod tls;
mod validate;

pub use accept::{
    Accepted, Anybody, CLIENT_ADDRESS, Caller, IDEMPOTENCY_KEY, REPLAYED, accept, accept_anybody,
    accept_service, reply,
};
pub use channels::Channels;
pub use client::{Client, ClientAuth};
pub use exchange::{EdgeCaller, Exchange};
pub use guard::Guard;
pub use keys::{fetch_keys, keep_keys};
pub use raw::RawClient;
pub use revocations::follow_revocations;
pub use server::Server;
pub use status::{error, status};
pub use tls::Tls;
pub use validate::validate;
