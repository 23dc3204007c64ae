use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{TokenFault, published::MAX_TOKEN_BYTES, times::Times};

/// A key that somebody gave us by hand, to verify the tokens they sign. It fixes the algorithm, whatever a token says.
#[derive(Clone)]
pub struct TrustedKey {
    key: DecodingKey,
    algorithm: Algorithm,
}

impl TrustedKey {
    /// A secret that both sides have (HS256).
    pub fn shared(secret: &[u8]) -> Self {
        Self { key: DecodingKey::from_secret(secret), algorithm: Algorithm::HS256 }
    }

    /// The public half of an RSA (RS256) or P-256 (ES256) key, in PEM; none when it is neither.
    pub fn public_pem(pem: &str) -> Option<Self> {
        let rsa = DecodingKey::from_rsa_pem(pem.as_bytes()).map(|key| (key, Algorithm::RS256));
        let found =
            rsa.or_else(|_| DecodingKey::from_ec_pem(pem.as_bytes()).map(|key| (key, Algorithm::ES256)));
        found.ok().map(|(key, algorithm)| Self { key, algorithm })
    }

    /// What a token says that this key signed, and that holds at `now`; for this audience, if one is given.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        audience: Option<&str>,
        now: DateTime<Utc>,
        leeway: Duration,
    ) -> Result<C, TokenFault> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::Invalid);
        }
        let mut validation = Validation::new(self.algorithm);
        validation.set_required_spec_claims(&["exp"]);
        // by our clock, below
        validation.validate_exp = false;
        match audience {
            None => validation.validate_aud = false,
            Some(audience) => {
                validation.set_audience(&[audience]);
                validation.set_required_spec_claims(&["exp", "aud"]);
            }
        }
        let refused = |_| TokenFault::Invalid;
        let claims = jsonwebtoken::decode::<Value>(token, &self.key, &validation).map_err(refused)?.claims;
        let times: Times = serde_json::from_value(claims.clone()).map_err(|_| TokenFault::Invalid)?;
        if !times.hold_at(now, leeway) {
            return Err(TokenFault::OutOfDate);
        }
        serde_json::from_value(claims).map_err(|_| TokenFault::Invalid)
    }
}

impl fmt::Debug for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
