//! The store's contract, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test")]

mod contract;
mod durable;
mod notes;
mod postgres;
