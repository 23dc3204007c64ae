use bytes::Bytes;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message as Frame;
use weft_channel::{Event, delivery_report::State};
use weft_proto::{
    channel::v1::attempt_ended::Result as Ended,
    conversation::v1::{Message, message},
};

use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_reaches_all_pages_of_its_visitor_and_nobody_else() {
    let mut rig = Rig::new().await;
    let (session, stranger) = (rig.visitor().await, rig.visitor().await);
    let (mut one, mut other) = (rig.socket(&session).await, rig.socket(&session).await);
    let mut foreign = rig.socket(&stranger).await;
    let id = rig.answer(&session, 7, "good day").await;
    for page in [&mut one, &mut other] {
        let pushed = page.next().await;
        assert_eq!(pushed["type"], "message");
        assert_eq!(pushed["message"]["id"], id);
        assert_eq!((&pushed["message"]["text"], &pushed["message"]["seq"]), (&json!("good day"), &json!(7)));
        assert_eq!(pushed["message"]["author"], json!({"kind": "agent", "name": "Grace"}));
        assert!(!pushed.to_string().contains("secret"), "{pushed}");
    }
    let Some(Event::AttemptEnded(ended)) = rig.next_inbound().await.event else { panic!("an end") };
    assert_eq!(ended.result(), Ended::Accepted);
    assert_eq!(ended.provider_message_ids, [id]);

    rig.answer(&stranger, 1, "only for you").await;
    assert_eq!(foreign.next().await["message"]["text"], "only for you", "and nothing before it");
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_and_typing_go_both_ways() {
    let mut rig = Rig::new().await;
    let session = rig.visitor().await;
    let (mut page, mut other) = (rig.socket(&session).await, rig.socket(&session).await);
    let written = |seq: u64, direction: message::Direction| Message {
        id: format!("msg_{seq}"),
        seq,
        direction: direction.into(),
        ..Message::default()
    };
    let thread = vec![
        written(1, message::Direction::Inbound),
        written(2, message::Direction::Outbound),
        written(3, message::Direction::Outbound),
    ];
    rig.conversation.0.lock().unwrap().insert(rig.thread(&session), thread);
    // what was not written to this visitor is not theirs to confirm
    for seq in [0, 1, 4] {
        page.say(json!({"type": "read", "seq": seq})).await;
        assert_eq!(page.next().await["field"], "seq", "{seq}");
    }
    page.say(json!({"type": "delivered", "seq": 3})).await;
    page.say(json!({"type": "read", "seq": 2})).await;
    page.say(json!({"type": "typing"})).await;
    let mut reports = Vec::new();
    for _ in 0..2 {
        let event = rig.next_inbound().await;
        assert_eq!(event.thread.unwrap().id, rig.thread(&session));
        let Some(Event::Report(report)) = event.event else { panic!("a report") };
        reports.push((report.id.clone(), report.state(), report.up_to));
    }
    let expected = [("msg_3".to_owned(), State::Delivered, true), ("msg_2".to_owned(), State::Read, true)];
    assert_eq!(reports, expected);
    assert!(matches!(rig.next_inbound().await.event, Some(Event::Typing(_))));
    assert_eq!(other.next().await, json!({"type": "state", "state": "delivered", "seq": 3}));
    assert_eq!(other.next().await, json!({"type": "state", "state": "read", "seq": 2}));

    let typing = json!({
        "tenant_id": rig.tenant, "channel_id": rig.channel, "thread_id": rig.thread(&session),
    });
    let subject = format!("weft.live.{}.typing_out.webchat", rig.tenant);
    let asked = async || {
        rig.bus.publish_live(&subject, Bytes::from(typing.to_string())).await.unwrap();
        let next = tokio::time::timeout(std::time::Duration::from_millis(200), other.next()).await;
        next.ok().filter(|frame| *frame == json!({"type": "typing"}))
    };
    weft_testkit::eventually("the visitor sees that somebody is typing", crate::rig::SOON, asked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_wrong_is_told_and_the_socket_stays() {
    let rig = Rig::new().await;
    let session = rig.visitor().await;
    let mut page = rig.socket(&session).await;
    for (frame, reason, field) in [
        (json!({"type": "no_such"}), "invalid_frame", json!(null)),
        (json!({"type": "typing", "x": 1}), "invalid_frame", json!(null)),
        (json!([]), "invalid_frame", json!(null)),
        (json!({"type": "message", "client_id": "1", "text": "x"}), "invalid_id", json!("client_id")),
        (json!({"type": "read", "seq": -1}), "invalid_frame", json!(null)),
        (json!({"type": "read", "seq": 9}), "invalid_field", json!("seq")),
    ] {
        page.say(frame.clone()).await;
        let refused = page.next().await;
        assert_eq!((&refused["type"], &refused["reason"]), (&json!("error"), &json!(reason)), "{frame}");
        assert_eq!(refused["field"], field, "{frame}");
    }
    page.say(json!({"type": "catch_up", "after_seq": 0})).await;
    assert_eq!(page.next().await["type"], "caught_up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_ends_when_the_service_stops() {
    let rig = Rig::new().await;
    let session = rig.visitor().await;
    let mut page = rig.socket(&session).await;
    rig.lifecycle.intake().stop();
    let Frame::Close(Some(frame)) = page.receive().await else { panic!("a close") };
    assert_eq!(u16::from(frame.code), 1012);
}
