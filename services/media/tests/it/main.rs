//! Files from end to end: over gRPC behind the guard and over HTTP, on both databases.
#![expect(clippy::unwrap_used, reason = "a test")]

mod at_hand;
mod bucket;
mod delete;
mod download;
mod figures;
mod fleet;
mod history;
mod in_bucket;
mod messages;
mod previews;
mod resuming;
mod rig;
mod scanning;
mod sharing;
mod upload;
mod worker;
