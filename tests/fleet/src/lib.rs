#![doc = include_str!("../README.md")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "what only tests use")]

mod binary;
mod client;
mod cluster;
mod fleet;
mod flood;
mod live;
mod provider;
mod unthrottled;

pub use binary::Weft;
pub use client::Client;
pub use cluster::{Cluster, ClusterOptions, Disks, Links, Replica};
pub use fleet::{Engines, Fleet, PASSWORD};
pub use flood::{Flood, Kept};
pub use live::Live;
pub use provider::Provider;
pub use unthrottled::UNTHROTTLED;
