#![doc = include_str!("../README.md")]

mod config;
mod service;

pub mod bootstrap;

mod directory;
mod grpc;

mod app;

mod email;
mod keyring;
mod kind_form;
mod metering;
mod password_rules;
mod refresh_secret;
mod rights;
mod slug;
mod throttle;
mod token_use;

mod consumers;
mod jobs;

mod migration;
mod store;

pub use config::{Config, DEFAULTS, SignIn};
pub use migration::Migrator;
pub use service::{Deps, Started, consumers, start};
