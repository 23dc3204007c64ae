#![doc = include_str!("../README.md")]

mod process;
mod relay;
mod revocations;
pub mod roster;
mod secrets;
mod settings;
pub mod simulate;

pub use process::{Plan, Process, migrate_everything, open_directory};
pub use settings::Settings;
