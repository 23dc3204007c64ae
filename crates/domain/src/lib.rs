#![doc = include_str!("../README.md")]

pub mod conversation;
pub mod delivery;
mod error;
pub mod id;
mod idempotency;
pub mod media_type;
pub mod partition;
pub mod permission;
mod time;
mod word;

pub use error::{Error, ErrorCode};
pub use id::TenantId;
pub use idempotency::Idempotency;
pub use permission::{Permission, Role};
pub use time::{Clock, SystemClock};
pub use word::parse_word;

/// What a fallible operation of Weft gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;
