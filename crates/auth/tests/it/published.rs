use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use weft_auth::{Expected, PublishedKeys, RsaSigner, TokenFault};

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Claims {
    name: String,
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

fn expected() -> Expected<'static> {
    Expected { issuer: "them", audience: "us", now: now(), leeway: Duration::from_mins(5) }
}

fn claims() -> Value {
    let at = now().timestamp();
    json!({"iss": "them", "aud": "us", "nbf": at - 10, "exp": at + 10, "name": "Ada"})
}

fn with(name: &str, value: Value) -> Value {
    let mut all = claims();
    all.as_object_mut().unwrap().insert(name.to_owned(), value);
    all
}

fn published(signers: &[&RsaSigner]) -> PublishedKeys {
    let keys = PublishedKeys::default();
    let set: Vec<Value> = signers.iter().map(|signer| signer.public()).collect();
    assert!(keys.replace(json!({"keys": set}).to_string().as_bytes()));
    keys
}

#[test]
fn what_a_published_key_signed_is_believed_in_its_time() {
    let signer = RsaSigner::generate("k1").unwrap();
    let keys = published(&[&signer]);
    let token = signer.sign(&claims()).unwrap();
    assert_eq!(keys.verify::<Claims>(&token, &expected()).unwrap().claims, Claims { name: "Ada".to_owned() });

    let at = |seconds: i64| {
        let expected = Expected { now: now() + TimeDelta::seconds(seconds), ..expected() };
        keys.verify::<Claims>(&token, &expected).map(|_| ())
    };
    let table = [
        (309, Ok(())),
        (310, Err(TokenFault::OutOfDate)),
        (-310, Ok(())),
        (-311, Err(TokenFault::OutOfDate)),
    ];
    for (seconds, outcome) in table {
        assert_eq!(at(seconds), outcome, "{seconds}");
    }
}

#[test]
fn what_was_not_signed_as_expected_is_refused() {
    let signer = RsaSigner::generate("k1").unwrap();
    let (impostor, stranger) = (RsaSigner::generate("k1").unwrap(), RsaSigner::generate("k2").unwrap());
    let keys = published(&[&signer]);
    let good = signer.sign(&claims()).unwrap();
    let part = |n: usize| good.split('.').nth(n).unwrap().to_owned();
    let with_header = |header: &str| format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), part(1), part(2));
    let other_claims = URL_SAFE_NO_PAD.encode(with("name", json!("Eve")).to_string());
    let without = |name: &str| {
        let mut all = claims();
        all.as_object_mut().unwrap().remove(name);
        signer.sign(&all).unwrap()
    };
    let sign = |claims: Value| signer.sign(&claims).unwrap();
    for (what, token, fault) in [
        ("another key of the same name", impostor.sign(&claims()).unwrap(), TokenFault::Invalid),
        ("an unknown key", stranger.sign(&claims()).unwrap(), TokenFault::UnknownKey),
        ("other words", format!("{}.{other_claims}.{}", part(0), part(2)), TokenFault::Invalid),
        ("no signature", with_header(r#"{"alg":"none","kid":"k1"}"#), TokenFault::Invalid),
        ("a symmetric algorithm", with_header(r#"{"alg":"HS256","kid":"k1"}"#), TokenFault::Invalid),
        (
            "another algorithm of the family",
            with_header(r#"{"alg":"RS512","kid":"k1"}"#),
            TokenFault::Invalid,
        ),
        ("no name of a key", with_header(r#"{"alg":"RS256"}"#), TokenFault::Invalid),
        ("another issuer", sign(with("iss", json!("me"))), TokenFault::Invalid),
        ("another audience", sign(with("aud", json!("you"))), TokenFault::Invalid),
        ("no issuer", without("iss"), TokenFault::Invalid),
        ("no audience", without("aud"), TokenFault::Invalid),
        ("no end", without("exp"), TokenFault::Invalid),
        ("no name", without("name"), TokenFault::Invalid),
        ("one too long", format!("{good}{}", "A".repeat(20_000)), TokenFault::Invalid),
        ("nothing", String::new(), TokenFault::Invalid),
        ("a word", "hello".to_owned(), TokenFault::Invalid),
    ] {
        assert_eq!(keys.verify::<Claims>(&token, &expected()).map(|_| ()), Err(fault), "{what}");
    }
}

#[test]
fn keys_are_replaced_for_all_who_hold_them() {
    let (old, new) = (RsaSigner::generate("k1").unwrap(), RsaSigner::generate("k2").unwrap());
    let keys = published(&[&old]);
    let held = keys.clone();
    let mut endorsed = new.public();
    endorsed["endorsements"] = json!(["chat"]);
    let other = json!({"kty": "EC", "kid": "k3", "crv": "P-256", "x": "a", "y": "b"});
    assert!(keys.replace(json!({"keys": [other, endorsed, 5]}).to_string().as_bytes()));
    let verified = held.verify::<Claims>(&new.sign(&claims()).unwrap(), &expected()).unwrap();
    assert_eq!(verified.endorsements, Some(vec!["chat".to_owned()]));
    let gone = held.verify::<Claims>(&old.sign(&claims()).unwrap(), &expected());
    assert_eq!(gone.map(|_| ()), Err(TokenFault::UnknownKey));

    for odd in
        ["", "{}", "[]", r#"{"keys": []}"#, r#"{"keys": [{"kty": "RSA", "kid": "k4", "n": "", "e": "!"}]}"#]
    {
        assert!(!keys.replace(odd.as_bytes()), "{odd}");
    }
    assert!(held.verify::<Claims>(&new.sign(&claims()).unwrap(), &expected()).is_ok());
}
