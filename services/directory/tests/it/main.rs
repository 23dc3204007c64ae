//! The directory, through its gRPC methods behind the guard, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test")]

mod api_tokens;
mod bootstrap;
mod channel_health;
mod channel_rotation;
mod channel_secrets;
mod channels;
mod keys;
mod rig;
mod sessions;
mod sign_in;
mod teams;
mod templates;
mod tenants;
mod users;
mod walls;
