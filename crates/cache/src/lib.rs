#![doc = include_str!("../README.md")]

mod breaker;
mod cache;
mod connect;
mod kept;
mod key;
mod limiter;
mod local;
mod metering;
mod own_ttl;
mod quota;
mod remote;
mod settings;

pub use cache::Cache;
pub use key::Key;
pub use quota::{Decision, Quota};
pub use settings::RedisSettings;
