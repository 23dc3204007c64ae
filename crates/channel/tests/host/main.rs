//! The host with everything real around it: bus, gRPC to the directory and the media service, HTTP from and to a provider.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod access;
mod accounts;
mod changes;
mod channel_log;
mod fleet;
mod incoming;
mod media;
mod orders;
mod people;
mod polling;
mod provider;
mod rig;
mod rotation;
mod spool;
mod templates;
mod to_all;
mod toy;
mod troubled_orders;
