//! The adapter against mail servers: the simulated one, and Dovecot with Postfix.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod connecting;
mod contract;
mod gmail;
mod gmail_push;
mod golden;
mod reading;
mod real;
mod rig;
mod robots;
mod routed;
mod sending;
mod tap;
mod threads;
