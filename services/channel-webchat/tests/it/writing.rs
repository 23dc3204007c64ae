use serde_json::json;
use uuid::Uuid;
use weft_channel::Event;
use weft_proto::conversation::v1::{Author, Message, author, message};

use crate::rig::{Rig, json_of, post, refusal};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_on_the_bus_when_it_is_answered_and_only_once() {
    let mut rig = Rig::new().await;
    let session = rig.visitor().await;
    let id = Uuid::now_v7();
    for _ in 0..3 {
        let answer = rig.write(&session, id, "  <b>hello</b>\n").await;
        assert_eq!(answer.status(), 202);
        assert_eq!(json_of(answer).await, json!({"id": id}));
    }
    let mut socket = rig.socket(&session).await;
    socket.say(json!({"type": "message", "client_id": id, "text": "again"})).await;
    assert_eq!(socket.next().await, json!({"type": "ack", "client_id": id}));
    let stranger = rig.visitor().await;
    assert_eq!(rig.write(&stranger, id, "another visitor's").await.status(), 202);

    let event = rig.next_inbound().await;
    assert_eq!(event.tenant_id, rig.tenant.to_string());
    assert_eq!(event.channel_id, rig.channel.to_string());
    assert_eq!(event.thread.unwrap().id, rig.thread(&session));
    let Some(Event::Message(received)) = event.event else { panic!("a message") };
    assert_eq!(received.text, "<b>hello</b>");
    assert_eq!(received.id, format!("{}:{id}", session.visitor));
    let next = rig.next_inbound().await;
    assert_eq!(next.thread.unwrap().id, rig.thread(&stranger), "the repetitions are none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_not_as_it_should_be_is_refused_by_field() {
    let rig = Rig::new().await;
    let session = rig.visitor().await;
    let id = Uuid::now_v7();
    let told = async |body: serde_json::Value| {
        let answer = rig.call(post(&rig.path("messages"), Some(&session.token), &body)).await;
        let status = answer.status().as_u16();
        let problem = json_of(answer).await;
        (status, problem["field"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(told(json!({"client_id": id, "text": " \n"})).await, (400, "text".into()));
    assert_eq!(told(json!({"client_id": id, "text": "é".repeat(4001)})).await, (400, "text".into()));
    assert_eq!(told(json!({"client_id": id, "text": "a\0b"})).await, (400, "text".into()));
    assert_eq!(told(json!({"client_id": "1", "text": "x"})).await, (400, "client_id".into()));
    assert_eq!(told(json!({"text": "x"})).await, (400, "client_id".into()));
    assert_eq!(told(json!({"client_id": id, "text": "é".repeat(4000)})).await, (202, String::new()));
    let large = post(&rig.path("messages"), Some(&session.token), &json!({"text": "x".repeat(33_000)}));
    assert_eq!(refusal(rig.call(large).await).await, (413, "body_too_large".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_reads_their_own_history_and_nothing_of_our_side() {
    let rig = Rig::new().await;
    let (session, stranger) = (rig.visitor().await, rig.visitor().await);
    let own = Uuid::now_v7();
    let written = |seq: u64, direction: message::Direction, text: &str| Message {
        id: format!("msg_{seq}"),
        conversation_id: "conv_secret".into(),
        seq,
        direction: direction.into(),
        text: text.into(),
        author: Some(Author {
            kind: author::Kind::Agent.into(),
            id: "user_secret".into(),
            name: "Grace".into(),
        }),
        state_reason: Some("secret".into()),
        provider_message_id: Some(format!("{}:{own}", session.visitor)),
        ..Message::default()
    };
    let thread = vec![
        written(1, message::Direction::Inbound, "hello"),
        written(2, message::Direction::Internal, "secret note"),
        written(3, message::Direction::Outbound, "good day"),
        written(4, message::Direction::Outbound, "how can I help?"),
    ];
    rig.conversation.0.lock().unwrap().insert(rig.thread(&session), thread);

    let page = rig.history(&session, "").await;
    let texts: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["text"].clone()).collect();
    assert_eq!(texts, ["hello", "good day", "how can I help?"]);
    assert!(!page.to_string().contains("secret"), "{page}");
    assert_eq!(page["items"][0]["client_id"], own.to_string());
    assert_eq!(page["items"][1]["author"], json!({"kind": "agent", "name": "Grace"}));
    assert_eq!((page["after_seq"].as_u64(), page["more"].as_bool()), (Some(4), Some(false)));
    let rest = rig.history(&session, "?after_seq=1&limit=2").await;
    assert_eq!((rest["items"].as_array().unwrap().len(), rest["after_seq"].as_u64()), (1, Some(3)));
    assert_eq!(rest["more"], true);
    assert_eq!(rig.history(&stranger, "").await["items"], json!([]));

    let mut socket = rig.socket(&session).await;
    socket.say(json!({"type": "catch_up", "after_seq": 3})).await;
    assert_eq!(socket.next().await["message"]["text"], "how can I help?");
    assert_eq!(socket.next().await, json!({"type": "caught_up", "after_seq": 4, "more": false}));
}
