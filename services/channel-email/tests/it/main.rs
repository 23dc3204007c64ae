//! The adapter against mail servers: the simulated one, and Dovecot with Postfix.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod connecting;
mod reading;
mod real;
mod rig;
mod robots;
mod sending;
mod threads;
