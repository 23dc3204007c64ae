//! Calls of Pub/Sub: who is believed, and what they do.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use weft_auth::PublishedKeys;
use weft_channel::{AccountSettings as _, Adapter as _, VerifyError, WebhookCall};
use weft_channel_email::{Account, simulator::ADDRESS};
use weft_channel_testkit::{WEBHOOK_URL, provider_key};

use crate::rig::{ANA, Rig, raw};

pub(crate) const TOPIC: &str = "projects/proj-example/topics/gmail";
pub(crate) const SERVICE_ACCOUNT: &str = "push@proj-example.iam.gserviceaccount.com";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

fn claims() -> Value {
    let at = now().timestamp();
    json!({
        "iss": "https://accounts.google.com", "aud": WEBHOOK_URL, "iat": at, "exp": at + 3600,
        "email": SERVICE_ACCOUNT, "email_verified": true, "sub": "113774264463038321964",
    })
}

/// As Pub/Sub makes it.
pub(crate) fn push(about: &str) -> WebhookCall {
    signed(&claims(), about)
}

fn signed(claims: &Value, about: &str) -> WebhookCall {
    let data = STANDARD.encode(json!({"emailAddress": about, "historyId": 123_457}).to_string());
    let body = json!({
        "message": {"data": data, "messageId": "2070443601311540", "publishTime": "2026-01-15T09:30:00Z"},
        "subscription": "projects/proj-example/subscriptions/gmail-push",
    });
    let token = provider_key().sign(claims).unwrap();
    WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: http::HeaderMap::from_iter([(
            http::header::AUTHORIZATION,
            format!("Bearer {token}").parse().unwrap(),
        )]),
        body: body.to_string().into(),
        received_at: now(),
    }
}

async fn told(change: Value) -> Rig {
    let mut settings =
        json!({"mode": "gmail", "pubsub_topic": TOPIC, "pubsub_service_account": SERVICE_ACCOUNT});
    settings.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
    let mut rig = Rig::start_with(settings).await;
    let keys = PublishedKeys::default();
    assert!(keys.replace(json!({"keys": [provider_key().public()]}).to_string().as_bytes()));
    rig.mailbox.account.keys_are(keys);
    rig.mailbox.account.reached_at(WEBHOOK_URL);
    rig
}

#[tokio::test]
async fn only_google_is_believed_and_only_as_the_service_account_of_this_channel() {
    let rig = told(json!({})).await;
    let verify = |call: &WebhookCall| rig.mailbox.email.verify(&rig.mailbox.account, call);
    let with = |name: &str, value: Value| {
        let mut all = claims();
        all[name] = value;
        signed(&all, ADDRESS)
    };
    assert_eq!(verify(&push(ADDRESS)), Ok(()));
    let table = [
        ("aud", json!("https://weft.example/hooks/email/another"), VerifyError::Wrong),
        ("iss", json!("https://accounts.example.com"), VerifyError::Wrong),
        ("email", json!("stranger@proj-example.iam.gserviceaccount.com"), VerifyError::Wrong),
        ("email", json!(null), VerifyError::Wrong),
        ("email_verified", json!(false), VerifyError::Wrong),
        ("exp", json!(now().timestamp() - 301), VerifyError::Stale),
    ];
    for (name, value, refusal) in table {
        assert_eq!(verify(&with(name, value.clone())), Err(refusal), "{name} {value}");
    }
    let mut bare = push(ADDRESS);
    bare.headers.clear();
    assert_eq!(verify(&bare), Err(VerifyError::Missing));
}

#[tokio::test]
async fn without_topic_or_address_nobody_is_believed() {
    let refuses =
        |account: &Account, rig: &Rig| rig.mailbox.email.verify(account, &push(ADDRESS)).unwrap_err();
    let mut rig = told(json!({"pubsub_topic": ""})).await;
    assert_eq!(refuses(&rig.mailbox.account, &rig), VerifyError::NoSecret);
    assert_eq!(rig.mailbox.account.keys_published_at(), None);
    rig.mailbox.set("pubsub_topic", TOPIC);
    assert_eq!(refuses(&rig.mailbox.account, &rig), VerifyError::NoSecret, "nothing outside can reach us");
}

#[tokio::test]
async fn a_push_ends_the_waiting() {
    let mut rig = told(json!({})).await;
    rig.mailbox.connect().await.unwrap();
    rig.mailbox.poll_nothing(&push(ADDRESS)).await;
    let (simulator, mailbox) = (rig.simulator.clone(), &rig.mailbox);
    let start = Instant::now();
    let (polled, ()) = tokio::join!(mailbox.try_poll(), async {
        simulator.deliver(ADDRESS, raw(ANA, "a1@x", "", "One").into_bytes());
        mailbox.email.receive(&mailbox.account, &push("SUPPORT@simulated.example")).unwrap();
    });
    assert_eq!(polled.unwrap().received.events[0].key, "mail:a1@x");
    assert!(start.elapsed() < Duration::from_secs(10));

    // one about another mailbox rings no bell
    let elsewhere = mailbox.email.receive(&mailbox.account, &push("sales@simulated.example")).unwrap();
    assert_eq!(elsewhere.ignored[0].reason, "it is about another mailbox");
    for body in ["", "null", "{\"message\":{\"data\":\"?\"}}", "{\"message\":{\"data\":\"e30=\"}}"] {
        let odd = WebhookCall { body: body.into(), ..push(ADDRESS) };
        assert!(mailbox.email.receive(&mailbox.account, &odd).is_err(), "{body}");
    }
}

#[tokio::test]
async fn gmail_is_asked_to_tell_when_connecting_and_once_a_day() {
    let mut rig = told(json!({})).await;
    rig.mailbox.connect().await.unwrap();
    assert_eq!(rig.simulator.watched(), [TOPIC]);
    rig.mailbox.poll_nothing(&push(ADDRESS)).await;
    assert_eq!(rig.simulator.watched().len(), 1);
    rig.mailbox.turn_clock(TimeDelta::hours(25));
    rig.mailbox.poll_nothing(&push(ADDRESS)).await;
    assert_eq!(rig.simulator.watched().len(), 2);
    // another process does not know when that was
    rig.mailbox.restart();
    rig.mailbox.poll_nothing(&push(ADDRESS)).await;
    assert_eq!(rig.simulator.watched().len(), 3);
}

#[tokio::test]
async fn without_a_topic_it_is_asked_for_nothing() {
    let rig = Rig::connected_with(json!({"mode": "gmail"})).await;
    let polled = rig.mailbox.try_poll().await.unwrap();
    assert_eq!((polled.wait, polled.received.events.len()), (Duration::from_secs(30), 0));
    assert!(rig.simulator.watched().is_empty());
}
