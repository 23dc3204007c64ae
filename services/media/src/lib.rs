#![doc = include_str!("../README.md")]

mod app;
mod blobs;
mod config;
mod consumers;
mod content;
mod grpc;
mod http;
mod jobs;
mod link;
mod migration;
mod picture;
mod previews;
mod scanner;
mod service;
mod store;
mod worker;

pub use config::{Config, DEFAULTS, Previews, S3, Scanner, Storage};
pub use migration::Migrator;
pub use service::{Deps, Started, consumers, start};
pub use worker::{Worker, worker};
