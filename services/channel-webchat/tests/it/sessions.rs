use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;
use weft_channel::Event;
use weft_domain::id;

use crate::rig::{Rig, account, get, post, refusal};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_survives_a_reload_and_grows_older_with_each() {
    let mut rig = Rig::new().await;
    let first = rig.open(None, &json!({"name": " Ada ", "email": "ada@example.org"})).await;
    assert_eq!(first.opened["after_seq"], 0);
    rig.clock.advance(TimeDelta::days(29));
    let again = rig.open(Some(&first.token), &json!({"visitor_id": first.visitor})).await;
    assert_eq!(again.visitor, first.visitor);
    assert_eq!(again.opened["session_id"], first.opened["session_id"]);
    assert!(again.opened["expires_at"].as_str() > first.opened["expires_at"].as_str());
    rig.clock.advance(TimeDelta::days(2));
    let expired = rig.call(get(&rig.path("messages"), Some(&first.token))).await;
    assert_eq!(refusal(expired).await, (401, "session_expired".into()));

    let id = Uuid::now_v7();
    assert_eq!(rig.write(&again, id, "hello").await.status(), 202);
    let event = rig.next_inbound().await;
    let contact = event.thread.unwrap().contact.unwrap();
    assert_eq!((contact.name.as_str(), contact.email.as_deref()), ("Ada", Some("ada@example.org")));
    assert_eq!(contact.id, first.visitor);
    assert!(matches!(event.event, Some(Event::Message(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_forged_or_of_another_channel_opens_nothing() {
    let rig = Rig::new().await;
    let session = rig.visitor().await;
    let other = id::new();
    let theirs = account(rig.tenant, other, &[]);
    let secret = rig.directory.accounts.lock().unwrap()[&rig.channel.to_string()].secrets.clone();
    // even under the same secret
    let theirs = weft_proto::directory::v1::Account { secrets: secret, ..theirs };
    rig.directory.accounts.lock().unwrap().insert(other.to_string(), theirs);
    let elsewhere = rig.call(get(&format!("/webchat/{other}/messages"), Some(&session.token))).await;
    assert_eq!(refusal(elsewhere).await, (401, "invalid_session".into()));

    let (body, signature) = session.token.split_once('.').unwrap();
    for forged in [format!("{body}x.{signature}"), format!("{body}.{signature}x"), "x".into(), ".".into()] {
        let answer = rig.call(get(&rig.path("messages"), Some(&forged))).await;
        assert_eq!(refusal(answer).await, (401, "invalid_session".into()), "{forged}");
        let renewed = rig.call(post(&rig.path("sessions"), Some(&forged), &json!({}))).await;
        assert_eq!(refusal(renewed).await, (401, "invalid_session".into()), "{forged}");
        assert!(rig.connect(&forged, None).await.is_err());
    }
    let nobody = rig.call(get(&rig.path("messages"), None)).await;
    assert_eq!(refusal(nobody).await, (401, "missing_session".into()));
    let stolen = rig.call(post(&rig.path("sessions"), None, &json!({"visitor_id": session.visitor}))).await;
    assert_eq!(refusal(stolen).await, (403, "visitor_not_proven".into()));
    let mine = rig.visitor().await;
    let stolen = rig
        .call(post(&rig.path("sessions"), Some(&mine.token), &json!({"visitor_id": session.visitor})))
        .await;
    assert_eq!(refusal(stolen).await, (403, "visitor_not_proven".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_unknown_switched_off_or_of_another_kind_is_not_there() {
    let rig = Rig::new().await;
    let (off, kind) = (id::new::<id::Channel>(), id::new::<id::Channel>());
    let mut accounts = rig.directory.accounts.lock().unwrap().clone();
    let known = accounts[&rig.channel.to_string()].clone();
    accounts.insert(
        off.to_string(),
        weft_proto::directory::v1::Account { channel_id: off.to_string(), enabled: false, ..known.clone() },
    );
    accounts.insert(
        kind.to_string(),
        weft_proto::directory::v1::Account { channel_id: kind.to_string(), kind: "echo".into(), ..known },
    );
    *rig.directory.accounts.lock().unwrap() = accounts;
    let mut answers: Vec<Value> = Vec::new();
    for channel in [off.to_string(), kind.to_string(), id::new::<id::Channel>().to_string(), "garbage".into()]
    {
        let answer = rig.call(post(&format!("/webchat/{channel}/sessions"), None, &json!({}))).await;
        assert_eq!(answer.status(), 404, "{channel}");
        let mut problem = crate::rig::json_of(answer).await;
        problem.as_object_mut().unwrap().remove("instance");
        answers.push(problem);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}
