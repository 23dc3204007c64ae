use serde_json::json;
use uuid::Uuid;
use weft_channel::{Button, Event, Outbound};
use weft_proto::conversation::v1::{Message, message};

use crate::rig::{Rig, post};

fn button(title: &str, payload: &str, url: Option<&str>) -> Button {
    Button { title: title.to_owned(), payload: payload.to_owned(), url: url.map(str::to_owned) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_is_shown_and_comes_back_with_what_it_carries() {
    let mut rig = Rig::new().await;
    let session = rig.visitor().await;
    let mut page = rig.socket(&session).await;
    let buttons = vec![
        button("Yes, please", "yes", None),
        button("No", "", None),
        button("Map", "", Some("https://m.example")),
    ];
    let content =
        Outbound { seq: 2, text: "A ticket?".into(), buttons: buttons.clone(), ..Outbound::default() };
    let id = rig.deliver(&session, content).await;
    let pushed = page.next().await;
    assert_eq!(
        pushed["message"]["buttons"][0],
        json!({"title": "Yes, please", "payload": "yes", "url": null})
    );
    rig.next_inbound().await;
    let offered = Message {
        id: id.clone(),
        seq: 2,
        direction: message::Direction::Outbound.into(),
        buttons,
        ..Message::default()
    };
    rig.conversation.0.lock().unwrap().insert(rig.thread(&session), vec![offered]);

    let chosen = |payload: &str| json!({"type": "message", "client_id": Uuid::now_v7(), "choice": {"seq": 2, "payload": payload}});
    for (payload, text) in [("yes", "Yes, please"), ("No", "No")] {
        page.say(chosen(payload)).await;
        assert_eq!(page.next().await["type"], "ack");
        let Some(Event::Message(message)) = rig.next_inbound().await.event else { panic!("a message") };
        assert_eq!((message.text.as_str(), message.postback.as_deref()), (text, Some(payload)));
        assert_eq!(message.reply_to.as_ref(), Some(&id));
    }
    for payload in ["Map", "no such"] {
        page.say(chosen(payload)).await;
        assert_eq!(page.next().await["field"], "choice.payload", "{payload}");
    }
    let stranger = rig.visitor().await;
    let body = json!({"client_id": Uuid::now_v7(), "choice": {"seq": 2, "payload": "yes"}});
    let answer = rig.call(post(&rig.path("messages"), Some(&stranger.token), &body)).await;
    assert_eq!(answer.status(), 400, "it was not offered to them");
}
