use chrono::DateTime;
use weft_crypto::{
    ExposeSecret, SecretString,
    sign::{MacKey, hmac_sign},
};

/// The refresh token that follows `predecessor`. It is derived, so that a client whose answer was lost can be given the same
/// one again although no token is stored; who has only the database, only the key, or only an old token cannot make it.
pub(crate) fn successor(key: &MacKey, predecessor: &SecretString, salt: &str) -> SecretString {
    let parts: [&[u8]; 3] = [b"refresh token", predecessor.expose_secret().as_bytes(), salt.as_bytes()];
    hmac_sign(key, &parts, DateTime::UNIX_EPOCH).into()
}
