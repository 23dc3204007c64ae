#![doc = include_str!("../README.md")]

mod config;
mod service;

mod compliance;
mod grpc;
mod metering;

mod app;

mod chain;
mod outside;
pub mod verify;

mod consumers;
mod jobs;

mod migration;
mod store;

pub use app::erase_person::run as erase_person;
pub use chain::checkpoint::public_key;
pub use config::{Config, DEFAULTS};
pub use migration::Migrator;
pub use service::{Deps, NAME, Started, consumers, start};
