#![doc = include_str!("../README.md")]

mod app;
mod blobs;
mod config;
mod content;
mod grpc;
mod http;
mod jobs;
mod link;
mod migration;
mod service;
mod store;

pub use config::{Config, DEFAULTS, S3, Storage};
pub use migration::Migrator;
pub use service::{Deps, Started, consumers, start};
