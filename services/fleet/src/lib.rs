#![doc = include_str!("../README.md")]

pub mod access;
mod admin;
pub mod channels;
pub mod compose;
pub mod deployment;
pub mod events;
mod figures;
pub mod k8s;
pub mod nats;
pub mod place;
mod process;
pub mod rebuild;
mod relay;
pub mod roster;
mod secrets;
mod settings;
pub mod simulate;

pub use process::{Plan, Process, audit_public_key, migrate_everything, open_compliance, open_directory};
pub use settings::{Reader, Settings};
