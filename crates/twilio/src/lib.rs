#![doc = include_str!("../README.md")]

mod access;
mod connect;
pub mod errors;
mod fields;
mod media;
mod name;
mod signature;

pub use access::{Access, result};
pub use connect::{check_account, set_number};
pub use fields::Fields;
pub use media::fetch;
pub use name::is_sid;
pub use signature::{SIGNATURE, is_form, sign, verify};
pub use weft_channel::inbound::is_number;
