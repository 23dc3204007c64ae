use rstest::rstest;
use weft_domain::ErrorCode;
use weft_proto::{
    conversation::v1::{
        Button, ContactCard, Location, Message, SendMessageRequest, author, content,
        message::{Direction, State},
    },
    events::v1::MessageCreated,
};

use crate::{
    agent::fault,
    rig::{Engine, Rig},
};

fn text(conversation: &str, text: &str) -> SendMessageRequest {
    SendMessageRequest { conversation_id: conversation.into(), text: text.into(), ..Default::default() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_queued_ordered_and_told(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.tell_user(tenant.user, "Kim", false).await;
    // The name is known once somebody can be assigned by it.
    tenant.assign(&conversation, &tenant.user.to_string()).await.unwrap();
    let buttons = vec![Button { title: "Yes".into(), ..Button::default() }];
    let message =
        tenant.send_request(SendMessageRequest { buttons, ..text(&conversation, "tea?") }).await.unwrap();
    assert_eq!((message.state(), message.direction(), message.seq), (State::Queued, Direction::Outbound, 2));
    let author = message.author.clone().unwrap();
    assert_eq!(
        (author.kind(), author.id, author.name),
        (author::Kind::Agent, tenant.user.to_string(), "Kim".into())
    );
    let order = tenant.order().await;
    assert_eq!((order.message_id.as_str(), order.attempt, order.seq), (message.id.as_str(), 1, 2));
    assert_eq!((order.text.as_str(), order.thread_id.as_str()), ("tea?", "anna"));
    assert_eq!(order.buttons[0].payload, "Yes", "the title stands in");
    let (created, expires) = (order.created_at.unwrap(), order.expires_at.unwrap());
    assert_eq!(expires.seconds - created.seconds, 24 * 3600);
    let told = |event: &MessageCreated| event.message.as_ref().unwrap().id == message.id;
    assert_eq!(tenant.until("the message", told).await.message.unwrap(), message);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_by_field(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let here = tenant.receive("anna", "m1", "hello").await;
    let elsewhere = tenant.receive("bert", "m2", "hello").await;
    let id = here.conversation_id.as_str();
    let place = Location { latitude: 48.2, longitude: 16.4, ..Location::default() };
    let card = ContactCard { name: "Dora".into(), ..ContactCard::default() };
    let huge = ContactCard { emails: vec!["x".repeat(1000); 100], ..card.clone() };
    let cases = [
        (text(id, "  "), "empty_message", Some("text")),
        (
            SendMessageRequest { reply_to: Some(elsewhere.id), ..text(id, "x") },
            "unknown_message",
            Some("reply_to"),
        ),
        (SendMessageRequest { reply_to: Some("m1".into()), ..text(id, "x") }, "invalid_id", Some("reply_to")),
        (
            SendMessageRequest {
                location: Some(Location { latitude: 91.0, ..place.clone() }),
                ..text(id, "")
            },
            "invalid_field",
            Some("location"),
        ),
        (
            SendMessageRequest {
                location: Some(Location { longitude: f64::NAN, ..place.clone() }),
                ..text(id, "")
            },
            "invalid_field",
            Some("location"),
        ),
        (
            SendMessageRequest {
                location: Some(place.clone()),
                contact_card: Some(card.clone()),
                ..text(id, "")
            },
            "invalid_field",
            Some("contact_card"),
        ),
        (SendMessageRequest { contact_card: Some(huge), ..text(id, "") }, "message_too_large", None),
        (text(id, &"x".repeat(20_001)), "too_long", Some("text")),
        (text(id, "a\0b"), "invalid_field", Some("text")),
    ];
    for (request, reason, field) in cases {
        let error = tenant.send_request(request).await.unwrap_err();
        assert_eq!(fault(&error), (reason, field), "{error}");
    }
    assert_eq!(tenant.messages(id).await.len(), 1);
    tenant.no_more_orders().await;
    let at = tenant.send_request(SendMessageRequest { location: Some(place), ..text(id, "here") }).await;
    assert_eq!(at.unwrap().kind(), content::Kind::Location);
    let of = tenant.send_request(SendMessageRequest { contact_card: Some(card), ..text(id, "") }).await;
    assert_eq!(of.unwrap().kind(), content::Kind::ContactCard);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_sends_once_and_belongs_to_one_request(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let refused = tenant.chat().send_message(tenant.keyed("k0", text(&conversation, ""))).await;
    assert!(refused.is_err());
    let mended = tenant.chat().send_message(tenant.keyed("k0", text(&conversation, "mended"))).await;
    assert!(mended.is_ok(), "a refusal is not kept");
    let calls = (0..8).map(|_| {
        let request = tenant.keyed("k1", text(&conversation, "once"));
        async { tenant.chat().send_message(request).await }
    });
    let answers = futures::future::join_all(calls).await;
    let mut messages: Vec<Message> = Vec::new();
    let mut replayed = 0;
    for answer in answers {
        let answer = answer.unwrap();
        replayed += usize::from(answer.metadata().contains_key(weft_rpc::REPLAYED));
        messages.push(answer.into_inner());
    }
    assert_eq!(replayed, 7);
    assert!(messages.iter().all(|message| *message == messages[0]));
    let other = tenant.chat().send_message(tenant.keyed("k1", text(&conversation, "other"))).await;
    let error = weft_rpc::error(&other.unwrap_err());
    assert_eq!((error.code(), error.reason()), (ErrorCode::Precondition, "idempotency_key_reused"));
    assert_eq!(tenant.messages(&conversation).await.len(), 3);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_internal_note_is_kept_among_us(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let note = SendMessageRequest { internal: true, ..text(&conversation, "a difficult one") };
    let note = tenant.send_request(note).await.unwrap();
    assert_eq!((note.direction(), note.state(), note.seq), (Direction::Internal, State::Received, 2));
    tenant.no_more_orders().await;
    let resolved = tenant.resolve(&note, "send_again").await.unwrap_err();
    assert_eq!(resolved.reason(), "nothing_to_decide");
    let shown = tenant.conversation(&conversation).await;
    assert_eq!((shown.unread_count, shown.last_message.unwrap().id), (1, note.id));
}
