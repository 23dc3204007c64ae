#![doc = include_str!("../README.md")]

mod aead;
mod blind_index;
mod data_key;
mod error;
mod framing;
mod kek;
mod key_file;
pub mod password;
mod sealer;
mod secret_key;
pub mod sign;
mod signing_key;
pub mod token;

pub use blind_index::{IndexKey, blind_index};
pub use data_key::DataKey;
pub use error::Error;
pub use kek::{Kek, KeyContext};
pub use sealer::{Place, Sealer};
pub use secrecy::{ExposeSecret, SecretBox, SecretString};
pub use signing_key::{SigningKey, is_signed_by};

/// Bytes that are not shown and are zeroed on drop.
pub type SecretBytes = SecretBox<Vec<u8>>;

/// Whether two byte strings are equal, in a time that tells nothing about where they differ (only their lengths).
pub fn constant_time_eq(one: &[u8], other: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(one, other).into()
}
