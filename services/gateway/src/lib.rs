#![doc = include_str!("../README.md")]

mod config;
mod edge;
mod http;
mod live;
mod metering;
mod openapi;
mod service;
mod state;

pub use config::{Config, DEFAULTS, LiveConfig, Rate, RatesConfig};
pub use edge::around;
pub use service::{Deps, Started, consumers, start};
