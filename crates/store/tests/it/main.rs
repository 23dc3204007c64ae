//! The store's contract, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test")]

mod again;
mod audit;
mod contract;
mod durable;
mod measuring;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
mod notes;
mod postgres;
mod secured;
