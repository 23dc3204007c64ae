use std::collections::HashMap;

use aws_lc_rs::{rand::SystemRandom, signature::Ed25519KeyPair};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{AlgorithmParameters, Jwk},
};
use weft_crypto::{ExposeSecret, SecretBytes};
use weft_domain::{Error, Result};

use crate::{AUDIENCE, ISSUER, Principal, claims::Claims};

const TYPE: &str = "at+jwt";
const MAX_TOKEN_BYTES: usize = 4096;
const LEEWAY_SECONDS: u64 = 30;

/// A private key that signs access tokens.
pub struct Signer {
    kid: String,
    key: EncodingKey,
    public: PublicKey,
}

/// A published key (RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name.
    pub kid: String,
    /// The Ed25519 point, base64url.
    pub x: String,
}

impl Signer {
    /// Makes a new private key in PKCS#8.
    pub fn generate() -> Result<SecretBytes> {
        let document = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(Error::internal)?;
        Ok(SecretBytes::new(Box::new(document.as_ref().to_vec())))
    }

    /// Takes a private key in PKCS#8.
    pub fn new(kid: &str, pkcs8: &SecretBytes) -> Result<Self> {
        let key = EncodingKey::from_ed_der(pkcs8.expose_secret());
        let jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA).map_err(Error::internal)?;
        let AlgorithmParameters::OctetKeyPair(pair) = jwk.algorithm else {
            return Err(Error::internal("not an Ed25519 key"));
        };
        Ok(Self { kid: kid.to_owned(), key, public: PublicKey { kid: kid.to_owned(), x: pair.x } })
    }

    /// The key that others verify with.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// An access token for the caller, good for ten minutes from `issued_at`.
    pub fn sign(&self, principal: &Principal) -> Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, &Claims::new(principal), &self.key).map_err(Error::internal)
    }
}

/// The keys that tokens verify against.
#[derive(Clone, Default)]
pub struct Keys(HashMap<String, DecodingKey>);

impl Keys {
    /// Takes published keys; one that cannot be read is left out.
    pub fn new(keys: &[PublicKey]) -> Self {
        let read = |key: &PublicKey| Some((key.kid.clone(), DecodingKey::from_ed_components(&key.x).ok()?));
        Self(keys.iter().filter_map(read).collect())
    }

    /// Whether a token names a key that is not among these.
    pub fn lacks_key_of(&self, token: &str) -> bool {
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
        kid.is_some_and(|kid| !self.0.contains_key(&kid))
    }

    /// The caller an access token names.
    pub fn verify(&self, token: &str) -> Result<Principal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(refused("the access token is too long"));
        }
        let header =
            jsonwebtoken::decode_header(token).map_err(|_| refused("this is not an access token"))?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(refused("this is not an access token"));
        }
        let key = header
            .kid
            .and_then(|kid| self.0.get(&kid))
            .ok_or_else(|| refused("the access token was signed by an unknown key"))?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = LEEWAY_SECONDS;
        let token =
            jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|error| match error.kind() {
                jsonwebtoken::errors::ErrorKind::ExpiredSignature => Error::unauthenticated(
                    "token_expired",
                    "the access token has expired; use the refresh token to get a new one",
                ),
                _ => refused("the access token is not valid"),
            })?;
        token.claims.principal().map_err(|_| refused("the access token is not valid"))
    }
}

fn refused(words: &str) -> Error {
    Error::unauthenticated("invalid_token", words)
}
