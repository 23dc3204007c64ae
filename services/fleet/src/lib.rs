#![doc = include_str!("../README.md")]

pub mod access;
mod admin;
mod figures;
pub mod nats;
mod process;
mod relay;
pub mod roster;
mod secrets;
mod settings;
pub mod simulate;

pub use process::{Plan, Process, audit_public_key, migrate_everything, open_compliance, open_directory};
pub use settings::Settings;
