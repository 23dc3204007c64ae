#![doc = include_str!("../README.md")]

mod authority;
mod claims;
mod fleet;
mod keys;
mod principal;
mod published;
mod revocations;
mod rsa_signer;
mod times;
mod trusted_key;

pub use authority::Authority;
pub use claims::{ACCESS_TOKEN_LIFE, AUDIENCE, ISSUER};
pub use fleet::FleetIdentity;
pub use keys::{Keys, PublicKey, Signer};
pub use principal::{Principal, Subject};
pub use published::{Expected, PublishedKeys, TokenFault, VerifiedToken};
pub use revocations::Revocations;
pub use rsa_signer::RsaSigner;
pub use trusted_key::TrustedKey;
