//! Messages by the names of their writers, and those that pass others on.

use rstest::rstest;
use weft_domain::{ErrorCode, Result, Role};
use weft_proto::{conversation::v1::SendMessageRequest, events::v1::MessageCreated};

use crate::{
    agent::{Message, fault},
    rig::{Engine, Rig},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_its_writers_own_name_is_written_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = &rig.tenant();
    let conversation = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    let twice = |name: &'static str| SendMessageRequest {
        conversation_id: conversation.clone(),
        text: "tea?".into(),
        client_id: Some(name.into()),
        ..Default::default()
    };
    let sends = (0..20).map(|_| async { tenant.send_request(twice("a")).await.unwrap() });
    let answers = futures::future::join_all(sends).await;
    assert!(answers.iter().all(|answer| answer.id == answers[0].id && answer.seq == 2));
    assert_eq!(answers[0].client_id.as_deref(), Some("a"));
    let other = tenant.send_request(twice("b")).await.unwrap();
    assert_eq!(other.seq, 3, "no place was lost");
    tenant.until::<MessageCreated>("the second", |it| it.message.as_ref().unwrap().id == other.id).await;
    let elsewhere = tenant.receive("bert", "m2", "hello").await.conversation_id;
    let same = SendMessageRequest { conversation_id: elsewhere, ..twice("a") };
    assert_ne!(tenant.send_request(same).await.unwrap().id, answers[0].id);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_passed_on_with_what_it_carries(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let from = tenant.receive("anna", "m1", "the bridge is closed").await;
    let to = tenant.receive("bert", "m2", "hello").await.conversation_id;
    let forward = |of: &Message, text: &str, internal| SendMessageRequest {
        conversation_id: to.clone(),
        text: text.into(),
        forward_of: Some(of.id.clone()),
        internal,
        ..Default::default()
    };
    let passed_on = tenant.send_request(forward(&from, "", false)).await.unwrap();
    assert_eq!(passed_on.text, "the bridge is closed");
    assert_eq!(passed_on.forward_of.as_ref(), Some(&from.id));
    let with_words = tenant.send_request(forward(&from, "Please see:", true)).await.unwrap();
    assert_eq!(with_words.text, "Please see:\n\nthe bridge is closed");
    let reason = |answer: Result<Message>| answer.unwrap_err().reason().to_owned();
    assert_eq!(reason(tenant.send_request(forward(&with_words, "", false)).await), "note_is_internal");
    let stranger = rig.tenant();
    let foreign = stranger.receive("x", "m3", "theirs").await;
    assert_eq!(reason(tenant.send_request(forward(&foreign, "", false)).await), "unknown_message");
    tenant.another(Role::Supervisor).delete(&from, "").await.unwrap();
    assert_eq!(reason(tenant.send_request(forward(&from, "", false)).await), "message_deleted");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_passed_on_keeps_the_limits_of_one_message(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let to = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let html = |html: String| SendMessageRequest {
        conversation_id: to.clone(),
        html: Some(html),
        ..Default::default()
    };
    let text = |text: String| SendMessageRequest { conversation_id: to.clone(), text, ..Default::default() };
    let paragraphs = |count: usize| format!("<b>a</b>{}", "<p>b</p>".repeat(count - 1));
    let table = [
        (html(paragraphs(300)), html(paragraphs(200)), html(paragraphs(201))),
        (html(paragraphs(300)), text("a\n\n".repeat(200)), text("a\n\n".repeat(201))),
        (text("a".repeat(15_000)), text("a".repeat(4_998)), text("a".repeat(4_999))),
    ];
    for (first, fits, too_much) in table {
        let of = tenant.send_request(first).await.unwrap().id;
        let forward = |own| SendMessageRequest { forward_of: Some(of.clone()), ..own };
        let before = tenant.messages(&to).await.len();
        let error = tenant.send_request(forward(too_much)).await.unwrap_err();
        assert_eq!(
            (error.code(), fault(&error)),
            (ErrorCode::Invalid, ("invalid_field", Some("forward_of")))
        );
        assert_eq!(tenant.messages(&to).await.len(), before, "nothing is written");
        tenant.send_request(forward(fits)).await.unwrap();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_passes_a_message_on_names_people_as_any_other(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let kim = tenant.colleague_of("Kim", Role::Agent).await.user.to_string();
    let from = tenant.receive("anna", "m1", "the bridge is closed").await;
    let to = tenant.receive("bert", "m2", "hello").await.conversation_id;
    let forward = |internal| SendMessageRequest {
        conversation_id: to.clone(),
        text: "Please see:".into(),
        forward_of: Some(from.id.clone()),
        internal,
        mentions: vec![kim.clone()],
        ..Default::default()
    };
    let note = tenant.send_request(forward(true)).await.unwrap();
    assert_eq!(
        (note.mentions.as_slice(), note.forward_of.as_ref()),
        ([kim.clone()].as_slice(), Some(&from.id))
    );
    assert_eq!(note.text, "Please see:\n\nthe bridge is closed");
    let error = tenant.send_request(forward(false)).await.unwrap_err();
    assert_eq!(fault(&error), ("invalid_field", Some("mentions")), "the contact would read it");
}
