//! The adapter against the simulator, over real connections.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod calls;
mod changing;
mod harness;
mod sending;
mod webhooks;
