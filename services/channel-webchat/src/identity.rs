//! Who a visitor is, as the tenant's own server says (ED-7).

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use uuid::Uuid;
use weft_auth::{TokenFault, TrustedKey};
use weft_crypto::{constant_time_eq, sign::hmac_sha256};
use weft_domain::{Error, Result, id::ChannelId};

use crate::{
    Account,
    visitor_fields::{email, line, phone},
};

/// With everything else in it, a session's token stays short.
const MAX_USER_CHARS: usize = 128;
const MAX_NAME_CHARS: usize = 100;
const LEEWAY: Duration = Duration::from_secs(30);

/// What a page shows: a signed token, or an id with its HMAC.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    user_id: Option<String>,
    /// HMAC-SHA256 of `user_id` under one of the channel's `identity_hash_secrets`, in hex.
    user_hash: Option<SecretString>,
    /// A JWT with `sub` and `exp`.
    token: Option<SecretString>,
}

/// A person whom the tenant's server knows.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Proven {
    #[serde(rename = "sub")]
    pub(crate) user: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    #[serde(alias = "phone_number")]
    pub(crate) phone: Option<String>,
}

/// Checks a proof.
pub(crate) fn prove(account: &Account, proof: &Proof, now: DateTime<Utc>) -> Result<Proven> {
    let proven = match (&proof.token, &proof.user_id, &proof.user_hash) {
        (Some(token), None, None) => by_token(account, token.expose_secret(), now)?,
        (None, Some(user), Some(hash)) => by_hash(account, user, hash.expose_secret())?,
        _ => {
            let words = "give `token` alone, or `user_id` with `user_hash`";
            return Err(Error::invalid_field("identity", words));
        }
    };
    if proven.user.is_empty() || proven.user.chars().count() > MAX_USER_CHARS {
        let words = format!("the user's id must be 1 to {MAX_USER_CHARS} characters long");
        return Err(Error::invalid_field("identity", words));
    }
    let user = line("identity", &proven.user, MAX_USER_CHARS)?;
    // what was signed is the person: an id that is only like another one is another person's
    if user != proven.user {
        let words = "the user's id must not begin or end with white space";
        return Err(Error::invalid_field("identity", words));
    }
    let one_line = |text: String| line("identity.name", &text, MAX_NAME_CHARS);
    Ok(Proven {
        user,
        name: proven.name.map(one_line).transpose()?.filter(|name| !name.is_empty()),
        email: proven.email.map(|text| email("identity.email", &text)).transpose()?,
        phone: proven.phone.map(|text| phone("identity.phone", &text)).transpose()?,
    })
}

fn by_token(account: &Account, token: &str, now: DateTime<Utc>) -> Result<Proven> {
    let secrets = &account.identity_token_secrets;
    let shared = secrets.iter().map(|secret| TrustedKey::shared(secret.expose_secret().as_bytes()));
    let public = account.identity_public_keys.iter().filter_map(|pem| TrustedKey::public_pem(pem));
    for key in shared.chain(public) {
        match key.verify(token, account.identity_audience.as_deref(), now, LEEWAY) {
            Ok(proven) => return Ok(proven),
            Err(TokenFault::OutOfDate) => {
                let words = "this proof has expired, or does not hold yet; have your server sign a new one";
                return Err(Error::unauthenticated("identity_proof_expired", words).with_field("identity"));
            }
            // another key may have signed it
            Err(TokenFault::Invalid | TokenFault::UnknownKey) => {}
        }
    }
    Err(not_proven())
}

fn by_hash(account: &Account, user: &str, hash: &str) -> Result<Proven> {
    let given = hex::decode(hash.trim()).map_err(|_| not_proven())?;
    let signed = |secret: &SecretString| {
        constant_time_eq(&given, &hmac_sha256(secret.expose_secret().as_bytes(), &[user.as_bytes()]))
    };
    if !account.identity_hash_secrets.iter().any(signed) {
        return Err(not_proven());
    }
    Ok(Proven { user: user.to_owned(), name: None, email: None, phone: None })
}

fn not_proven() -> Error {
    let words = "this proof was not signed with a key of this channel for this audience; look at its \
                 `identity_hash_secrets`, `identity_token_secrets`, `identity_public_keys` and `identity_audience`";
    Error::unauthenticated("identity_not_proven", words).with_field("identity")
}

/// The visitor that a proven person is on every device: the same for good, whatever secrets are replaced.
pub(crate) fn visitor_of(channel: ChannelId, user: &str) -> Uuid {
    let digest = hmac_sha256(b"weft webchat visitor", &[channel.uuid().as_bytes(), user.as_bytes()]);
    let bytes = digest.first_chunk().copied().unwrap_or_default();
    // a version of its own: no random visitor has this id
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    use serde_json::{Value, json};
    use weft_channel::read_account;
    use weft_domain::id;

    use super::*;

    const HASH_SECRETS: [&str; 2] = ["an old secret for hashes", "a new secret for hashes"];
    const TOKEN_SECRETS: [&str; 2] = ["an old secret for tokens", "a new secret for tokens"];

    fn account(settings: Value) -> Account {
        let secrets = json!({"identity_hash_secrets": HASH_SECRETS, "identity_token_secrets": TOKEN_SECRETS});
        read_account(settings.as_object().unwrap(), secrets.as_object().unwrap()).unwrap()
    }

    fn token(secret: &str, claims: &Value) -> String {
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims.to_string()));
        let signature = hmac_sha256(secret.as_bytes(), &[signed.as_bytes()]);
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn hash_of(user: &str, secret: &str) -> String {
        hex::encode(hmac_sha256(secret.as_bytes(), &[user.as_bytes()]))
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600, 0).unwrap()
    }

    fn claims() -> Value {
        json!({"sub": "17", "exp": now().timestamp() + 60, "name": " Ada ", "email": "ada@example.org"})
    }

    fn by(proof: Value, settings: Value) -> Result<Proven> {
        prove(&account(settings), &serde_json::from_value(proof).unwrap(), now())
    }

    #[test]
    fn every_secret_of_the_channel_proves_and_no_other() {
        for (hashing, signing) in HASH_SECRETS.into_iter().zip(TOKEN_SECRETS) {
            let hash = hash_of("17", hashing);
            let proven = by(json!({"user_id": "17", "user_hash": hash}), json!({})).unwrap();
            assert_eq!((proven.user.as_str(), proven.name), ("17", None));
            let proven = by(json!({"token": token(signing, &claims())}), json!({})).unwrap();
            assert_eq!((proven.user.as_str(), proven.name.as_deref()), ("17", Some("Ada")));
            assert_eq!(proven.email.as_deref(), Some("ada@example.org"));
            let others = json!({"user_id": "18", "user_hash": hash});
            assert_eq!(by(others, json!({})).unwrap_err().reason(), "identity_not_proven");
        }
        let guessed = token("another secret altogether", &claims());
        let unsigned = format!("{}.e30.", BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
        for wrong in [guessed.as_str(), &unsigned, "", "a.b.c"] {
            let error = by(json!({"token": wrong}), json!({})).unwrap_err();
            assert_eq!((error.reason(), error.field()), ("identity_not_proven", Some("identity")), "{wrong}");
        }
    }

    #[test]
    fn the_hash_of_an_id_that_looks_like_a_token_signs_no_token() {
        for secret in HASH_SECRETS.into_iter().chain(TOKEN_SECRETS) {
            let whole = token(secret, &json!({"sub": "1", "exp": now().timestamp() + 60}));
            let (id, signature) = whole.rsplit_once('.').unwrap();
            let hash = hash_of(id, secret);
            assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap(), hex::decode(&hash).unwrap());
            let by_hash = by(json!({"user_id": id, "user_hash": hash}), json!({}));
            let by_token = by(json!({"token": whole}), json!({}));
            assert!(by_hash.is_ok() != by_token.is_ok(), "one secret proves one way");
        }
    }

    #[test]
    fn an_id_that_is_only_like_another_one_is_nobodys() {
        for user in [" 17", "17 ", "\u{a0}17", "17\n"] {
            let hash = hash_of(user, HASH_SECRETS[0]);
            let error = by(json!({"user_id": user, "user_hash": hash}), json!({})).unwrap_err();
            assert_eq!(error.field(), Some("identity"), "{user:?}");
            let mut said = claims();
            said["sub"] = user.into();
            let error = by(json!({"token": token(TOKEN_SECRETS[0], &said)}), json!({})).unwrap_err();
            assert_eq!(error.field(), Some("identity"), "{user:?}");
        }
    }

    #[test]
    fn a_token_holds_in_its_time_and_for_its_audience() {
        let secret = TOKEN_SECRETS[1];
        let with = |name: &str, value: Value| {
            let mut all = claims();
            all.as_object_mut().unwrap().insert(name.to_owned(), value);
            json!({"token": token(secret, &all)})
        };
        let reason = |proof: Value, settings: Value| by(proof, settings).unwrap_err().reason().to_owned();
        assert_eq!(reason(with("exp", (now().timestamp() - 31).into()), json!({})), "identity_proof_expired");
        assert_eq!(reason(with("nbf", (now().timestamp() + 31).into()), json!({})), "identity_proof_expired");
        assert_eq!(reason(with("exp", Value::Null), json!({})), "identity_not_proven");
        let ours = || json!({"identity_audience": "chat"});
        assert!(by(with("aud", "chat".into()), ours()).is_ok());
        assert_eq!(reason(with("aud", "shop".into()), ours()), "identity_not_proven");
        assert_eq!(reason(json!({"token": token(secret, &claims())}), ours()), "identity_not_proven");
        assert_eq!(by(with("sub", "x".repeat(129).into()), json!({})).unwrap_err().field(), Some("identity"));
        assert_eq!(by(json!({"user_id": "17"}), json!({})).unwrap_err().field(), Some("identity"));
    }

    #[test]
    fn a_person_is_one_visitor_of_a_channel_for_good() {
        let (channel, other) = (id::new(), id::new());
        assert_eq!(visitor_of(channel, "17"), visitor_of(channel, "17"));
        assert_ne!(visitor_of(channel, "17"), visitor_of(channel, "18"));
        assert_ne!(visitor_of(channel, "17"), visitor_of(other, "17"));
    }
}
