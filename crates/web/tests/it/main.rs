#![expect(missing_docs, reason = "a test")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod client_address;
mod edge;
mod json;
mod probes;
mod problem;
mod server;
mod slow_peers;
mod stopping;
mod support;
