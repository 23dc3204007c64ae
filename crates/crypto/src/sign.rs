//! Signatures over what leaves and comes back: signed URLs, visitors' tokens, webhooks.

use aws_lc_rs::hmac as legacy_hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;

use crate::{Error, SecretString, constant_time_eq, framing::frame, secret_key::SecretKey};

/// A key for signatures.
pub struct MacKey(SecretKey);

impl MacKey {
    pub(crate) fn new(key: SecretKey) -> Self {
        Self(key)
    }

    /// Makes a new key.
    pub fn generate() -> Self {
        Self(SecretKey::generate())
    }

    /// Reads it from a setting: 32 bytes in base64.
    pub fn from_base64(text: &SecretString) -> Result<Self, Error> {
        SecretKey::from_base64(text.expose_secret()).map(Self)
    }
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It was not made over these parts and this expiry with this key.
    #[error("wrong signature")]
    Wrong,
    /// It was right, and its time is over.
    #[error("expired signature")]
    Expired,
}

/// Signs `parts` until `expires` (whole seconds); the first part names the purpose. Base64url, 43 characters.
pub fn hmac_sign(key: &MacKey, parts: &[&[u8]], expires: DateTime<Utc>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(mac(key, parts, expires))
}

/// Checks what [`hmac_sign`] gave: first the signature, then, at `now`, the time.
pub fn hmac_verify(
    key: &MacKey,
    parts: &[&[u8]],
    expires: DateTime<Utc>,
    signature: &str,
    now: DateTime<Utc>,
) -> Result<(), SignatureError> {
    let given = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| SignatureError::Wrong)?;
    if !constant_time_eq(&given, &mac(key, parts, expires)) {
        return Err(SignatureError::Wrong);
    }
    if now.timestamp() >= expires.timestamp() {
        return Err(SignatureError::Expired);
    }
    Ok(())
}

fn mac(key: &MacKey, parts: &[&[u8]], expires: DateTime<Utc>) -> [u8; 32] {
    let expires = expires.timestamp().to_be_bytes();
    hmac_sha256(key.0.expose(), &[&frame(&[b"weft signed", &expires]), &frame(parts)])
}

/// HMAC-SHA256 of the pieces one after another, for formats that others have laid down (webhooks).
pub fn hmac_sha256(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length");
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().into()
}

/// The same with SHA-1, for formats laid down long ago: sound in an HMAC still, but for nothing new.
pub fn hmac_sha1(key: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
    let key = legacy_hmac::Key::new(legacy_hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let mut mac = legacy_hmac::Context::with_key(&key);
    for piece in pieces {
        mac.update(piece);
    }
    mac.sign().as_ref().to_vec()
}

#[cfg(test)]
mod tests;
