//! What the automation service owes, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod answers;
mod assigning;
mod auto_replies;
mod availability;
mod business_hours;
mod hands;
mod news;
mod outages;
mod replicas;
mod rig;
mod talks;
mod team;
mod tenants;
mod walls;
