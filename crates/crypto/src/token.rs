//! Tokens for programs (`weft_<kind>_…`) and unguessable strings. Only their SHA-256 is stored.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{Rng, RngExt, distr::Alphanumeric};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A token for programs. It is shown once, to who made it.
#[derive(Clone)]
pub struct ApiSecret {
    kind: String,
    text: SecretString,
}

/// What was given cannot be one of our tokens: mistyped, cut, or something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no token of ours: it is mistyped or cut")]
pub struct Malformed;

const PREFIX: &str = "weft_";
/// 62^43 is just above 2^256.
const RANDOM: usize = 43;
/// 62^6 is above 2^32.
const CHECKSUM: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes a new token; `kind` is a few lower-case letters or digits.
pub fn generate(kind: &str) -> ApiSecret {
    let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + kind.len() + 1 + RANDOM + CHECKSUM));
    text.push_str(PREFIX);
    text.push_str(kind);
    text.push('_');
    text.extend(rand::rng().sample_iter(Alphanumeric).take(RANDOM).map(char::from));
    let checksum = checksum(&text);
    text.push_str(&checksum);
    ApiSecret { kind: kind.to_owned(), text: text.as_str().into() }
}

/// Reads a token and checks its checksum, so that a typo costs no look-up.
pub fn parse(text: &str) -> Result<ApiSecret, Malformed> {
    let (kind, body) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')).ok_or(Malformed)?;
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if kind.is_empty() || !kind.bytes().all(lower) {
        return Err(Malformed);
    }
    if body.len() != RANDOM + CHECKSUM || !body.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Malformed);
    }
    let (signed, given) = text.split_at_checked(text.len() - CHECKSUM).ok_or(Malformed)?;
    if given != checksum(signed) {
        return Err(Malformed);
    }
    Ok(ApiSecret { kind: kind.to_owned(), text: text.into() })
}

impl ApiSecret {
    /// What kind of token it is.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What is stored and looked up.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.text)
    }
}

impl ExposeSecret<str> for ApiSecret {
    fn expose_secret(&self) -> &str {
        self.text.expose_secret()
    }
}

/// A new unguessable string for refresh tokens and the like: 256 bits, base64url, 43 characters.
pub fn random_secret() -> SecretString {
    let mut bytes = Zeroizing::new([0; 32]);
    rand::rng().fill_bytes(bytes.as_mut_slice());
    BASE64_URL_SAFE_NO_PAD.encode(bytes).into()
}

/// What is stored of a random secret: its SHA-256. Not for passwords.
pub fn hash(secret: &SecretString) -> [u8; 32] {
    Sha256::digest(secret.expose_secret().as_bytes()).into()
}

/// CRC-32 (IEEE) of what goes before, in base 62, the highest digit first.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = ['0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        let index = usize::try_from(rest % 62).unwrap_or_default();
        *digit = BASE62.get(index).copied().unwrap_or_default().into();
        rest /= 62;
    }
    digits.iter().collect()
}

#[cfg(test)]
mod tests;
