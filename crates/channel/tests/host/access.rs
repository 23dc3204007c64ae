use prost_types::{Struct, Value as Field, value::Kind};
use serde_json::{Value, json};
use weft_auth::RsaSigner;
use weft_proto::{channel::v1::attempt_ended::Result as Ended, directory::v1::Account};

use crate::{
    provider::Answer,
    rig::{Rig, Running, message},
};

/// The rig's account with another setting.
fn with(rig: &Rig, name: &str, kind: Kind) -> Account {
    let mut account = rig.account();
    let Struct { fields } = account.settings.as_mut().unwrap();
    fields.insert(name.to_owned(), Field { kind: Some(kind) });
    account
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_kept_and_had_anew_when_it_is_not_taken_any_more() {
    let rig = Rig::new().await;
    rig.fleet.put(with(&rig, "with_token", Kind::BoolValue(true)));
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/token", ["first", "second"].map(|token| Answer::Json(200, json!({"id": token}))));

    for _ in 0..2 {
        rig.send(&message("Hi")).await;
        assert_eq!(incoming.ended().await.result(), Ended::Accepted);
        assert_eq!(rig.provider.call("/send").await.authorization.as_deref(), Some("Bearer first"));
    }
    rig.provider.answer("/send", [Answer::Json(401, json!({}))]);
    rig.send(&message("Hi")).await;
    assert_eq!(incoming.ended().await.result(), Ended::Accepted);
    assert_eq!(rig.provider.call("/send").await.authorization.as_deref(), Some("Bearer first"));
    assert_eq!(rig.provider.call("/send").await.authorization.as_deref(), Some("Bearer second"));

    // a provider that takes no token at all is asked twice, and no more
    rig.provider.answer("/send", [Answer::Json(401, json!({})), Answer::Json(401, json!({}))]);
    rig.send(&message("Hi")).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.code.as_str()), (Ended::Rejected, "account_invalid"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_a_token_is_not_sent_and_says_why() {
    let rig = Rig::new().await;
    rig.fleet.put(with(&rig, "with_token", Kind::BoolValue(true)));
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/token", [Answer::Json(400, json!({}))]);
    rig.send(&message("Hi")).await;
    let ended = incoming.ended().await;
    assert_eq!((ended.result(), ended.code.as_str()), (Ended::Rejected, "account_invalid"));
    assert!(ended.reason.contains("the credentials are wrong"), "{}", ended.reason);
    assert_eq!(rig.provider.unseen("/send").await, 0);
    running.stop().await;
}

/// Publishes these keys from now on, for so many looks.
fn publish(rig: &Rig, keys: &[&RsaSigner]) {
    let set: Vec<Value> = keys.iter().map(|key| key.public()).collect();
    let metadata = json!({"jwks_uri": format!("{}/keys", rig.provider.base)});
    rig.provider.answer("/metadata", [Answer::Json(200, metadata)]);
    rig.provider.answer("/keys", [Answer::Json(200, json!({"keys": set}))]);
}

async fn hook(rig: &Rig, running: &Running, signer: &RsaSigner, key: &str) -> u16 {
    let claims = json!({"iss": "toy", "aud": "us", "exp": chrono::Utc::now().timestamp() + 60});
    let body = json!({"events": [{"key": key, "thread": "t1", "text": key}]});
    let token = signer.sign(&claims).unwrap();
    rig.hook_with(running, &token, &rig.channel.to_string(), body.to_string()).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn published_keys_are_fetched_once_and_again_when_one_is_unknown() {
    let rig = Rig::new().await;
    let place = format!("{}/metadata", rig.provider.base);
    rig.fleet.put(with(&rig, "keys_at", Kind::StringValue(place)));
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let [old, new, stranger] = ["k1", "k2", "k3"].map(|name| RsaSigner::generate(name).unwrap());

    publish(&rig, &[&old]);
    for key in ["a", "b"] {
        assert_eq!(hook(&rig, &running, &old, key).await, 200);
        assert_eq!(incoming.text().await, key);
    }
    assert_eq!(rig.provider.unseen("/metadata").await, 1);

    publish(&rig, &[&old, &new]);
    assert_eq!(hook(&rig, &running, &new, "c").await, 200);
    assert_eq!(hook(&rig, &running, &old, "d").await, 200);
    assert_eq!(rig.provider.unseen("/metadata").await, 1);

    // nobody makes us ask all the time
    for _ in 0..3 {
        assert_eq!(hook(&rig, &running, &stranger, "e").await, 401);
    }
    assert_eq!(rig.provider.unseen("/metadata").await, 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_whose_keys_cannot_be_had_is_asked_to_come_again() {
    let rig = Rig::new().await;
    let place = format!("{}/metadata", rig.provider.base);
    rig.fleet.put(with(&rig, "keys_at", Kind::StringValue(place)));
    let running = rig.start().await;
    let signer = RsaSigner::generate("k1").unwrap();
    rig.provider.answer("/metadata", [Answer::Json(500, json!({}))]);
    assert_eq!(hook(&rig, &running, &signer, "a").await, 503);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_answered_where_the_provider_last_said() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    for place in ["/emea", "/amer"] {
        assert_eq!(rig.hook(&running, &json!({"route": place})).await.status, 200);
        rig.send(&message("Hi")).await;
        assert_eq!(incoming.ended().await.result(), Ended::Accepted);
        rig.provider.call(place).await;
    }
    let elsewhere = weft_proto::channel::v1::Outbound { thread_id: "thread-2".to_owned(), ..message("Hi") };
    rig.send(&elsewhere).await;
    assert_eq!(incoming.ended().await.result(), Ended::Accepted);
    rig.provider.call("/send").await;
    running.stop().await;
}
