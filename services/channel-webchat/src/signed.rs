//! What a page is given to show again later: signed, so that nothing of it has to be kept here.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use weft_crypto::sign::{MacKey, SignatureError, hmac_sign, hmac_verify};
use weft_domain::{Error, Result};

/// All that is put into one is bounded, so none of ours comes near.
const LONGEST: usize = 2048;

/// Why something shown is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not ours, or was meant for something else.
    Wrong,
    /// It was ours, and its time is over.
    Expired,
}

/// Something with an end.
pub(crate) trait Expires {
    fn expires_at(&self) -> DateTime<Utc>;
}

/// The text of it: letters, digits, `-`, `_` and one dot.
pub(crate) fn seal<T: Serialize + Expires>(key: &MacKey, purpose: &[u8], what: &T) -> Result<String> {
    let body = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(what).map_err(Error::internal)?);
    let signature = hmac_sign(key, &[purpose, body.as_bytes()], what.expires_at());
    Ok(format!("{body}.{signature}"))
}

/// Reads what [`seal`] gave for this purpose.
pub(crate) fn open<T: DeserializeOwned + Expires>(
    key: &MacKey,
    purpose: &[u8],
    text: &str,
    now: DateTime<Utc>,
) -> Result<T, Fault> {
    let (body, signature) = text.split_once('.').filter(|_| text.len() <= LONGEST).ok_or(Fault::Wrong)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(body).map_err(|_| Fault::Wrong)?;
    let what: T = serde_json::from_slice(&bytes).map_err(|_| Fault::Wrong)?;
    match hmac_verify(key, &[purpose, body.as_bytes()], what.expires_at(), signature, now) {
        Ok(()) => Ok(what),
        Err(SignatureError::Wrong) => Err(Fault::Wrong),
        Err(SignatureError::Expired) => Err(Fault::Expired),
    }
}
