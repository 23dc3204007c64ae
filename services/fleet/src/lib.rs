#![doc = include_str!("../README.md")]

mod process;
mod relay;
pub mod roster;
mod secrets;
mod settings;
pub mod simulate;

pub use process::{Plan, Process, migrate_everything, open_directory};
pub use settings::Settings;
