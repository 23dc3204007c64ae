#![doc = include_str!("../README.md")]

mod account;
mod adapter;
mod config;
mod gate;
mod history;
mod http;
mod inbound;
mod live;
mod metering;
mod room;
mod service;
mod session;
mod shown;

pub use account::Account;
pub use adapter::{Webchat, descriptor};
pub use config::{Config, DEFAULTS};
pub use service::{Deps, Started, consumers, start};
