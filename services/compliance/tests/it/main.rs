//! The audit log from the bus to the export, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test")]

mod chain;
mod checkpoints;
mod rig;
mod tampering;
mod walls;
