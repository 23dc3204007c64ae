//! The adapter against the simulator, over HTTP.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod calling;
mod harness;
mod ours;
