use std::time::Duration;

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use weft_auth::{RsaSigner, TokenFault, TrustedKey};

const SECRET: &[u8] = b"a secret of the shop";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

fn claims() -> Value {
    json!({"sub": "17", "exp": now().timestamp() + 60})
}

fn unsigned(algorithm: &str, claims: &Value) -> String {
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(json!({"alg": algorithm, "typ": "JWT"})), encode(claims.clone()))
}

fn shared(secret: &[u8], claims: &Value) -> String {
    let text = unsigned("HS256", claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn check(key: &TrustedKey, token: &str, audience: Option<&str>) -> Result<Value, TokenFault> {
    key.verify(token, audience, now(), Duration::from_secs(30))
}

#[test]
fn a_key_of_each_kind_verifies_what_it_signed_and_nothing_else() {
    let rsa = RsaSigner::generate("any").unwrap();
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der: PublicKeyX509Der<'_> = ec.public_key().as_der().unwrap();
    let ec_pem =
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref()));
    let text = unsigned("ES256", &claims());
    let signature = ec.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    let tokens = [
        shared(SECRET, &claims()),
        rsa.sign(&claims()).unwrap(),
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)),
    ];
    let rsa_pem = rsa.public_pem().unwrap();
    let keys = [
        TrustedKey::shared(SECRET),
        TrustedKey::public_pem(&rsa_pem).unwrap(),
        TrustedKey::public_pem(&ec_pem).unwrap(),
    ];
    for (own, key) in keys.iter().enumerate() {
        for (number, token) in tokens.iter().enumerate() {
            assert_eq!(check(key, token, None).is_ok(), own == number, "key {own}, token {number}");
        }
        // the public half of a key is no secret
        for pem in [&rsa_pem, &ec_pem] {
            assert_eq!(check(key, &shared(pem.as_bytes(), &claims()), None), Err(TokenFault::Invalid));
        }
        assert_eq!(check(key, &format!("{}.", unsigned("none", &claims())), None), Err(TokenFault::Invalid));
    }
    assert!(TrustedKey::public_pem("-----BEGIN PUBLIC KEY-----").is_none());
}

#[test]
fn a_token_has_an_end_and_is_for_its_audience() {
    let key = TrustedKey::shared(SECRET);
    let with = |name: &str, value: Value| {
        let mut all = claims();
        all[name] = value;
        shared(SECRET, &all)
    };
    let at = now().timestamp();
    for (token, outcome) in [
        (with("exp", (at - 29).into()), None),
        (with("exp", (at - 30).into()), Some(TokenFault::OutOfDate)),
        (with("nbf", (at + 30).into()), None),
        (with("nbf", (at + 31).into()), Some(TokenFault::OutOfDate)),
        (shared(SECRET, &json!({"sub": "17"})), Some(TokenFault::Invalid)),
        (format!("{}{}", with("x", 1.into()), "A".repeat(20_000)), Some(TokenFault::Invalid)),
    ] {
        assert_eq!(check(&key, &token, None).err(), outcome);
    }
    assert!(check(&key, &with("aud", "shop".into()), None).is_ok(), "nobody asks");
    assert!(check(&key, &with("aud", "chat".into()), Some("chat")).is_ok());
    assert!(check(&key, &with("aud", json!(["a", "chat"])), Some("chat")).is_ok());
    assert_eq!(check(&key, &with("aud", "shop".into()), Some("chat")), Err(TokenFault::Invalid));
    assert_eq!(check(&key, &shared(SECRET, &claims()), Some("chat")), Err(TokenFault::Invalid));
}
