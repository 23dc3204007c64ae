//! Tokens: who gets in and who does not.
#![expect(clippy::unwrap_used, reason = "a test")]

mod published;
mod trusted;

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use weft_auth::{Authority, FleetIdentity, Principal, Signer, Subject};
use weft_domain::{Role, SystemClock, id};

fn principal(role: Role) -> Principal {
    Principal {
        tenant: id::new(),
        subject: Subject::User(id::new(), id::new()),
        role,
        scopes: None,
        issued_at: Utc::now(),
    }
}

fn authority() -> Authority {
    let identity = FleetIdentity::new("test", &"x".repeat(32).into()).unwrap();
    Authority::new(identity, Arc::new(SystemClock))
}

fn signer(kid: &str) -> Signer {
    Signer::new(kid, &Signer::generate().unwrap()).unwrap()
}

#[test]
fn a_signed_token_names_its_caller() {
    let (authority, signer) = (authority(), signer("k1"));
    authority.set_keys(&[signer.public().clone()]);
    let caller = principal(Role::Agent);
    let seen = authority.verify(&signer.sign(&caller).unwrap()).unwrap();
    assert_eq!((seen.tenant, seen.subject, seen.role), (caller.tenant, caller.subject, caller.role));
    let token = Principal {
        subject: Subject::Token(id::new(), id::new()),
        scopes: Some(vec!["contact.read".into()]),
        ..caller
    };
    let seen = authority.verify(&signer.sign(&token).unwrap()).unwrap();
    assert!(seen.may("contact.read") && !seen.may("message.send"));
    assert_eq!(seen.subject, token.subject);
}

#[test]
fn a_token_of_another_key_algorithm_type_or_time_is_refused() {
    let (authority, known, unknown) = (authority(), signer("k1"), signer("k1"));
    authority.set_keys(&[known.public().clone()]);
    let caller = principal(Role::Admin);
    let good = known.sign(&caller).unwrap();
    let part = |n: usize| good.split('.').nth(n).unwrap().to_owned();
    let with_header = |header: &str| format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), part(1), part(2));
    let changed = |from: &str, to: &str| {
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(part(1)).unwrap()).unwrap();
        format!("{}.{}.{}", part(0), URL_SAFE_NO_PAD.encode(claims.replace(from, to)), part(2))
    };
    let late =
        known.sign(&Principal { issued_at: Utc::now() - TimeDelta::seconds(631), ..caller.clone() }).unwrap();
    let within_leeway =
        known.sign(&Principal { issued_at: Utc::now() - TimeDelta::seconds(620), ..caller.clone() }).unwrap();
    for (what, token) in [
        ("another key of the same name", unknown.sign(&caller).unwrap()),
        ("an unknown name", signer("k2").sign(&caller).unwrap()),
        ("no signature", with_header(r#"{"alg":"none","typ":"at+jwt","kid":"k1"}"#)),
        ("a symmetric algorithm", with_header(r#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#)),
        ("another type", with_header(r#"{"alg":"EdDSA","typ":"JWT","kid":"k1"}"#)),
        ("a changed role", changed("admin", "operator")),
        ("an expired one", late),
        ("one too long", format!("{good}{}", "A".repeat(5000))),
        ("nothing", String::new()),
        ("a word", "hello".into()),
    ] {
        assert!(authority.verify(&token).is_err(), "{what}");
    }
    assert!(authority.verify(&within_leeway).is_ok());
}

#[test]
fn what_was_taken_back_is_refused_at_once() {
    let (authority, signer) = (authority(), signer("k1"));
    authority.set_keys(&[signer.public().clone()]);
    let caller = principal(Role::Agent);
    let token = signer.sign(&caller).unwrap();
    let Subject::User(user, session) = caller.subject else { unreachable!("a user") };
    authority.revocations().session(session, Utc::now());
    assert_eq!(authority.verify(&token).unwrap_err().reason(), "session_ended");
    let other = Principal { subject: Subject::User(user, id::new()), ..caller.clone() };
    assert!(authority.verify(&signer.sign(&other).unwrap()).is_ok(), "another session of the same user");
    authority.revocations().user(user, Utc::now());
    assert!(authority.verify(&signer.sign(&other).unwrap()).is_err());
    let later = Principal { issued_at: Utc::now() + TimeDelta::seconds(2), ..other };
    assert!(authority.verify(&signer.sign(&later).unwrap()).is_ok(), "signed in again");
}

#[test]
fn only_the_fleet_speaks_as_the_fleet() {
    let (ours, signer) = (authority(), signer("k1"));
    ours.set_keys(&[signer.public().clone()]);
    let token = ours.service_token().unwrap();
    assert_eq!(ours.verify_service(&token).unwrap(), "test");
    assert!(ours.verify(&token).is_err(), "a service is not a user");
    assert!(ours.verify_service(&signer.sign(&principal(Role::Operator)).unwrap()).is_err());
    let other = FleetIdentity::new("test", &"y".repeat(32).into()).unwrap();
    assert!(other.verify(&token).is_err());
    assert!(FleetIdentity::new("test", &"short".to_owned().into()).is_err());
}
