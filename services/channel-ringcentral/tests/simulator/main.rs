//! The adapter against the simulator, over HTTP.
#![expect(clippy::unwrap_used, reason = "a test")]

mod connecting;
mod harness;
mod polling;
mod receiving;
mod sending;
mod subscription;
