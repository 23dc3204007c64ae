use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use weft_domain::{Role, id};
use weft_proto::{conversation::v1::Author, events::v1::TypingSeen, json as proto_json};

use crate::{
    rig::Rig,
    socket::{Socket, open},
};

fn conversation() -> String {
    id::new::<id::Conversation>().to_string()
}

#[tokio::test]
async fn a_follower_sees_events_of_its_conversations_as_rest_shows_them() {
    let rig = Rig::new().await;
    let (_, token) = rig.agent();
    let (mine, other) = (conversation(), conversation());
    let mut socket = Socket::connect(&rig, &token).await;
    socket.follow(json!([mine])).await;
    rig.publish(&rig.tenant, &other, 1..2, "not asked for").await;
    rig.publish(&rig.tenant, &mine, 2..3, "hello").await;
    let frame = socket.next().await;
    assert_eq!((&frame["type"], &frame["event"]), (&json!("event"), &json!("message.created")));
    assert!(frame["time"].as_str().unwrap().ends_with('Z'));
    let message = &frame["data"]["message"];
    assert_eq!(
        (&message["text"], &message["seq"], &message["location"]),
        (&json!("hello"), &json!(2), &Value::Null)
    );
    assert_eq!(message["attachments"], json!([]));

    socket.follow(json!([other])).await;
    socket.say(json!({"type": "unsubscribe", "conversations": [mine]})).await;
    socket.next_of("unsubscribed").await;
    rig.publish(&rig.tenant, &mine, 3..4, "").await;
    rig.publish(&rig.tenant, &other, 4..5, "").await;
    let (seq, cursor) = socket.next_event().await;
    assert_eq!(seq, 4);
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.next_of("pong").await["cursor"], cursor);
}

#[tokio::test]
async fn another_tenant_sees_nothing() {
    let rig = Rig::new().await;
    let other = id::new();
    let theirs = rig.token(&rig.principal(other, Role::Admin));
    let shared = conversation();
    let mut all = Socket::following(&rig, &theirs).await;
    let mut named = Socket::connect(&rig, &theirs).await;
    let from_the_start = named.cursor.clone();
    named.follow(json!([shared])).await;
    rig.publish(&rig.tenant, &shared, 1..50, "secret").await;
    rig.bus.publish_live(&format!("weft.live.{}.typing", rig.tenant), typing(&shared)).await.unwrap();
    rig.publish(&other, &shared, 100..101, "ours").await;
    assert_eq!(all.next_event().await.0, 100);
    assert_eq!(named.next_event().await.0, 100);
    let mut resumed = Socket::connect(&rig, &theirs).await;
    resumed.say(json!({"type": "resume", "cursor": from_the_start})).await;
    resumed.follow(json!("all")).await;
    assert_eq!(resumed.next_event().await.0, 100);
}

fn typing(conversation: &str) -> bytes::Bytes {
    let author = Some(Author { name: "Ann".into(), ..Author::default() });
    proto_json::encode(&TypingSeen { conversation_id: conversation.to_owned(), author }).unwrap()
}

#[tokio::test]
async fn typing_is_shown_without_a_cursor() {
    let rig = Rig::new().await;
    let (_, token) = rig.agent();
    let mine = conversation();
    let mut socket = Socket::connect(&rig, &token).await;
    socket.follow(json!([mine])).await;
    let subject = format!("weft.live.{}.typing", rig.tenant);
    rig.bus.publish_live(&subject, typing(&conversation())).await.unwrap();
    rig.bus.publish_live(&subject, typing(&mine)).await.unwrap();
    let frame = socket.next().await;
    assert_eq!((&frame["type"], &frame["event"]), (&json!("live"), &json!("typing")));
    assert_eq!(frame["data"]["conversation_id"], mine.as_str());
    assert_eq!(frame["data"]["author"]["name"], "Ann");
    assert!(frame.get("cursor").is_none());
}

#[tokio::test]
async fn what_a_client_says_wrong_is_answered_and_the_socket_stays() {
    let rig = Rig::with("live.conversations_per_socket = 2").await;
    let (_, token) = rig.agent();
    let mut socket = Socket::connect(&rig, &token).await;
    let three = [conversation(), conversation(), conversation()];
    for (said, reason) in [
        (json!({"type": "dance"}), "invalid_frame"),
        (json!({"type": "subscribe", "conversations": ["conv_1"]}), "invalid_id"),
        (json!({"type": "subscribe", "conversations": [id::new::<id::Message>().to_string()]}), "invalid_id"),
        (json!({"type": "subscribe", "conversations": three}), "too_many_conversations"),
        (json!({"type": "resume", "cursor": "x"}), "invalid_cursor"),
        (json!({"type": "resume", "cursor": "AQAAAAAAAA-g"}), "invalid_cursor"),
    ] {
        socket.say(said.clone()).await;
        let answer = socket.next().await;
        assert_eq!((&answer["type"], &answer["reason"]), (&json!("error"), &json!(reason)), "{said}");
        assert!(!answer["message"].as_str().unwrap().is_empty());
    }
    let start = socket.cursor.clone();
    socket.follow(json!("all")).await;
    rig.publish(&rig.tenant, "conv_x", 1..2, "").await;
    assert_eq!(socket.next_event().await.0, 1);
    socket.say(json!({"type": "resume", "cursor": start})).await;
    assert_eq!(socket.next().await["reason"], "resume_too_late");

    socket.say_raw(Message::text("x".repeat(65 * 1024))).await;
    assert_eq!(socket.end().await.1.code, Some(1009));
}

#[tokio::test]
async fn sockets_are_counted() {
    let rig = Rig::with("live.sockets_per_caller = 2\nlive.sockets_per_tenant = 3").await;
    let ((_, one), (_, two)) = (rig.agent(), rig.agent());
    let first = Socket::connect(&rig, &one).await;
    let _second = Socket::connect(&rig, &one).await;
    let bearer = |token: &str| format!("Bearer {token}");
    let refused = open(&rig, &[("authorization", &bearer(&one))]).await.err().unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"10".parse().unwrap()));
    let _third = Socket::connect(&rig, &two).await;
    assert!(open(&rig, &[("authorization", &bearer(&two))]).await.is_err(), "the tenant has three");
    let other_tenant = rig.token(&rig.principal(id::new(), Role::Agent));
    let _fourth = Socket::connect(&rig, &other_tenant).await;
    drop(first);
    let _place_is_free_again = Socket::connect(&rig, &two).await;
}

#[tokio::test]
async fn who_may_not_read_conversations_gets_no_socket() {
    let rig = Rig::new().await;
    let (_, token) = rig.agent();
    drop(Socket::connect(&rig, &token).await);
    let scopes = Some(vec!["contact.read".to_owned()]);
    let narrow = weft_auth::Principal { scopes, ..rig.principal(rig.tenant, Role::Admin) };
    let token = rig.token(&narrow);
    let refused = open(&rig, &[("authorization", &format!("Bearer {token}"))]).await.err().unwrap();
    assert_eq!(refused.status().as_u16(), 403);
    assert_eq!(rig.call_as(&token, "POST", "/v1/live/tickets", None).await.status.as_u16(), 403);
}
