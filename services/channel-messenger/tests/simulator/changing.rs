use serde_json::json;
use weft_channel::{Retry, change::Change as What};
use weft_channel_messenger::simulator::{Content, Fault, FaultKind, Reaction, Settings, settings};
use weft_channel_testkit::{assert_refused, react};

use crate::harness::{ADA, BOB, World};

fn hello() -> Content {
    Content::Text("Hello".to_owned())
}

fn reaction(message_id: &str, name: &str) -> Reaction {
    Reaction { message_id: message_id.to_owned(), reaction: name.to_owned() }
}

#[tokio::test]
async fn reactions_are_shown_at_messages_and_are_none_themselves() {
    let world = World::start().await;
    let theirs = world.simulator.customer_says(ADA, hello()).unwrap();
    let ours = world.say(ADA, "Hi").await.unwrap();
    // asked for again, it is well, too
    for _ in 0..2 {
        world.change(ADA, &theirs, react(&["👍"])).await.unwrap();
        world.change(ADA, &ours, react(&["👍", "❤️"])).await.unwrap();
    }
    let sent = world.simulator.wait_for_one_sent(|sent| sent.reaction.is_some()).await;
    assert_eq!((&sent.id, sent.reaction.as_deref()), (&ours, Some("❤️")));
    let shown = world.simulator.reactions();
    assert_eq!(shown, [reaction(&theirs, "👍"), reaction(&ours, "❤️")]);

    for _ in 0..2 {
        world.change(ADA, &theirs, react(&[])).await.unwrap();
    }
    let left = json!([{"message_id": ours, "reaction": "❤️"}]);
    assert_eq!(world.get("/simulator/reactions").await, left);
    let sent = world.get("/simulator/sent").await;
    assert_eq!((sent.as_array().unwrap().len(), &sent[0]["reaction"]), (1, &json!("❤️")));
    assert!(world.simulator.shown().is_empty());
}

#[tokio::test]
async fn a_refused_reaction_is_told_with_the_reason() {
    let world = World::start().await;
    let hers = world.simulator.customer_says(ADA, hello()).unwrap();
    let his = world.simulator.customer_says(BOB, hello()).unwrap();
    let no_message = "Param payload[message_id] is of no message with this person";
    let table = [
        (ADA, "m_NO", react(&["👍"]), "message_invalid", no_message),
        (ADA, &his, react(&["👍"]), "message_invalid", no_message),
        (ADA, "m_NO", react(&[]), "message_invalid", no_message),
        ("1", &hers, react(&["👍"]), "recipient_gone", "Meta knows nobody under this id here"),
        (ADA, &hers, What::Delete(()), "unsupported", "such a change"),
    ];
    for (thread, id, what, code, reason) in table {
        let error = world.change(thread, id, what).await.unwrap_err();
        assert_refused(&error, code, reason);
    }
    world.simulator.fault(Fault::next(FaultKind::LostAnswer, "messages", 1));
    let error = world.change(ADA, &hers, react(&["👍"])).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Backoff, "it can be set again without harm");
    assert_eq!(world.simulator.reactions(), [reaction(&hers, "👍")]);
}

#[tokio::test]
async fn the_simulator_takes_no_reaction_that_the_real_one_does_not() {
    let world = World::start().await;
    let theirs = world.simulator.customer_says(ADA, hello()).unwrap();
    let Settings { access_token, node, .. } = settings();
    let messages = format!("/v25.0/{node}/messages");
    let table = [
        ("react", json!({"message_id": theirs}), 400),
        ("react", json!({"reaction": "👍"}), 400),
        ("applaud", json!({"message_id": theirs, "reaction": "👍"}), 400),
        ("unreact", json!({"message_id": "m_NO"}), 400),
        ("react", json!({"message_id": theirs, "reaction": "👍"}), 200),
        ("unreact", json!({"message_id": theirs}), 200),
    ];
    for (action, payload, status) in table {
        let body = json!({"recipient": {"id": ADA}, "sender_action": action, "payload": payload});
        let (given, answer) = world.post(&access_token, &messages, body).await;
        assert_eq!(given, status, "{action}: {answer}");
        let code = answer["error"]["code"].as_i64();
        assert_eq!(
            (code, answer["recipient_id"].as_str()),
            if status == 200 { (None, Some(ADA)) } else { (Some(100), None) }
        );
    }
}
