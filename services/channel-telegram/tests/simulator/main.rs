//! The adapter against the simulator, over real connections.
#![expect(clippy::unwrap_used, reason = "a test")]

mod calls;
mod changing;
mod control;
mod harness;
mod polling;
mod sending;
mod webhooks;
