use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::times::Times;

pub(crate) const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// A name that a key set gives no key is nobody's.
const MOST_KEYS: usize = 1000;

/// The RSA keys that somebody else publishes (RFC 7517), to verify what they sign. Clones are the same keys: who
/// replaces them replaces them for all.
#[derive(Clone, Default)]
pub struct PublishedKeys(Arc<ArcSwap<HashMap<String, Published>>>);

struct Published {
    key: DecodingKey,
    endorsements: Option<Vec<String>>,
}

/// Who has to have signed a token, for whom, and when it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The audience.
    pub audience: &'a str,
    /// The present instant.
    pub now: DateTime<Utc>,
    /// How far clocks may differ.
    pub leeway: Duration,
}

/// A token that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedToken<C> {
    /// What it says.
    pub claims: C,
    /// What its key is good for, if the key set says: some keys speak for some services only.
    pub endorsements: Option<Vec<String>>,
}

/// Why a token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// It names a key that is not among these: they may have been replaced.
    UnknownKey,
    /// It does not hold any more, or not yet.
    OutOfDate,
    /// Anything else.
    Invalid,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct RsaKey {
    kid: String,
    kty: String,
    n: String,
    e: String,
    endorsements: Option<Vec<String>>,
}

impl PublishedKeys {
    /// Takes a key set (JSON) in place of the one before. Keys that are not RSA keys with a name are left out; where none is
    /// left, the ones before stay, and it is false.
    pub fn replace(&self, key_set: &[u8]) -> bool {
        let Ok(set) = serde_json::from_slice::<KeySet>(key_set) else { return false };
        let keys: HashMap<String, Published> =
            set.keys.into_iter().take(MOST_KEYS).filter_map(read).collect();
        let is_set = !keys.is_empty();
        if is_set {
            self.0.store(Arc::new(keys));
        }
        is_set
    }

    /// What a token says, if it was signed by one of these keys, as expected.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        expected: &Expected<'_>,
    ) -> Result<VerifiedToken<C>, TokenFault> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFault::Invalid)?;
        // the token chooses among these three, and never one that takes the key for a shared secret
        if !matches!(header.alg, Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512) {
            return Err(TokenFault::Invalid);
        }
        let kid = header.kid.ok_or(TokenFault::Invalid)?;
        let keys = self.0.load();
        let published = keys.get(&kid).ok_or(TokenFault::UnknownKey)?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[expected.issuer]);
        validation.set_audience(&[expected.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        // by our clock, below
        validation.validate_exp = false;
        let refused = |_| TokenFault::Invalid;
        let token = jsonwebtoken::decode::<Value>(token, &published.key, &validation).map_err(refused)?;
        let times: Times = serde_json::from_value(token.claims.clone()).map_err(|_| TokenFault::Invalid)?;
        if !times.hold_at(expected.now, expected.leeway) {
            return Err(TokenFault::OutOfDate);
        }
        let claims = serde_json::from_value(token.claims).map_err(|_| TokenFault::Invalid)?;
        Ok(VerifiedToken { claims, endorsements: published.endorsements.clone() })
    }
}

fn read(key: Value) -> Option<(String, Published)> {
    let key: RsaKey = serde_json::from_value(key).ok()?;
    if key.kty != "RSA" {
        return None;
    }
    let decoding = DecodingKey::from_rsa_components(&key.n, &key.e).ok()?;
    Some((key.kid, Published { key: decoding, endorsements: key.endorsements }))
}

impl fmt::Debug for PublishedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublishedKeys").field("keys", &self.0.load().len()).finish()
    }
}
