#![doc = include_str!("../README.md")]

mod client_address;
mod connection;
mod edge;
mod json;
mod limits;
mod metering;
mod probes;
mod problem;
mod serve;
mod status;

pub use client_address::ClientAddress;
pub use edge::Edge;
pub use json::Json;
pub use limits::Limits;
pub use probes::{local_only, probes};
pub use problem::{FieldError, Problem, Result};
pub use serve::serve;
