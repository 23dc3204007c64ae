#![doc = include_str!("../README.md")]

mod accepted;
mod account;
mod adapter;
mod admit;
mod attendance;
mod config;
mod desk;
mod ear;
mod file_link;
mod form;
mod gate;
mod history;
mod hours;
mod http;
mod identity;
mod inbound;
mod live;
mod metering;
mod room;
mod service;
mod session;
mod shown;
mod signed;
pub mod simulator;
mod socket_io;
mod talk;
mod tell_read;
mod upload;
mod visitor_fields;
mod write;

pub use account::Account;
pub use adapter::{Webchat, descriptor};
pub use config::{Config, DEFAULTS};
pub use form::Question;
pub use hours::Hours;
pub use service::{Deps, Started, consumers, start};
