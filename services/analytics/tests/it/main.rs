//! What the analytics service owes, on SQLite with the embedded bus and on PostgreSQL with JetStream.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod figures;
mod overview;
mod rebuild;
mod repeats;
mod rig;
mod rows;
mod story;
mod tenants;
