#![doc = include_str!("../README.md")]

mod config;
mod service;

mod desk;
mod grpc;
mod metering;
mod show;

mod app;
mod jobs;

mod migration;
mod store;

pub use config::{Config, DEFAULTS};
pub use migration::Migrator;
pub use service::{Deps, NAME, Started, start};
