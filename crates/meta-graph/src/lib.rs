#![doc = include_str!("../README.md")]

mod access;
mod callback;
mod escape;
pub mod fields;
pub mod hub;
pub mod messaging;
mod refusal;
mod stamp;

pub use access::{Access, result};
pub use callback::{Callback, set_callback};
pub use escape::escaped;
pub use refusal::{Refusal, explain};
pub use stamp::Stamp;
