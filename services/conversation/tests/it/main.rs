//! What the conversation service owes, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod adapter;
mod agent;
mod apart;
mod assignments;
mod attempts;
mod changes;
mod directory;
mod files;
mod follow_ups;
mod intake;
mod lifecycle;
mod lists;
mod log;
mod lost_orders;
mod media;
mod moves;
mod our_changes;
mod passing_on;
mod people;
mod poison;
mod reactions;
mod reports;
mod rig;
mod send;
mod snooze;
mod templates;
mod tenants;
mod texts;
mod threads;
mod written;
