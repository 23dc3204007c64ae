//! The fleet, tried as its users do.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod crash;
mod matrix;
mod power_cut;
mod spine;
mod tour;
mod webhooks;
mod wrong_input;
