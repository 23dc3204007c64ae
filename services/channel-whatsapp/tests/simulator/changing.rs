use chrono::TimeDelta;
use serde_json::json;
use weft_channel::{Event, Retry, change::Change as What, delivery_report::State};
use weft_channel_testkit::{assert_refused, react};
use weft_channel_whatsapp::simulator::{Content, Fault, FaultKind, Reaction, Settings};

use crate::harness::{ADA, BOB, World};

fn hello() -> Content {
    Content::Text("Hello".to_owned())
}

fn reaction(message_id: &str, emoji: &str) -> Reaction {
    Reaction { message_id: message_id.to_owned(), emoji: emoji.to_owned() }
}

#[tokio::test]
async fn reactions_are_shown_at_messages_and_are_none_themselves() {
    let world = World::start().await;
    let theirs = world.simulator.customer_says(ADA, hello()).unwrap();
    let ours = world.say(ADA, "Hi").await.unwrap();
    let user = world.simulator.user_id(ADA).unwrap();
    // asked for again, it is well, too
    for _ in 0..2 {
        world.change(&user, &theirs, react(&["👀"])).await.unwrap();
        world.change(ADA, &ours, react(&["🎉", "👍"])).await.unwrap();
    }
    let sent = world.simulator.wait_for_one_sent(|sent| sent.reaction.is_some()).await;
    assert_eq!((&sent.id, sent.reaction.as_deref()), (&ours, Some("👍")));
    let shown = world.simulator.reactions();
    assert_eq!(shown, [reaction(&theirs, "👀"), reaction(&ours, "👍")]);

    world.change(ADA, &ours, react(&["🎉"])).await.unwrap();
    for _ in 0..2 {
        world.change(ADA, &theirs, react(&[])).await.unwrap();
    }
    assert_eq!(world.simulator.reactions(), [reaction(&ours, "🎉")]);
    assert_eq!(world.get("/simulator/reactions").await, json!([{"message_id": ours, "emoji": "🎉"}]));
    let sent = world.get("/simulator/sent").await;
    assert_eq!((sent.as_array().unwrap().len(), &sent[0]["reaction"]), (1, &json!("🎉")));
}

#[tokio::test]
async fn a_refused_reaction_is_told_with_the_reason() {
    let world = World::start().await;
    let hers = world.simulator.customer_says(ADA, hello()).unwrap();
    let his = world.simulator.customer_says(BOB, hello()).unwrap();
    let table = [
        ("wamid.HBgMNO", react(&["👍"]), "message_invalid", "reaction['message_id'] is of no message"),
        (&his, react(&["👍"]), "message_invalid", "reaction['message_id'] is of no message"),
        (&hers, What::Delete(()), "unsupported", "such a change"),
    ];
    for (id, what, code, reason) in table {
        let error = world.change(ADA, id, what).await.unwrap_err();
        assert_refused(&error, code, reason);
    }
    world.simulator.fault(Fault::next(FaultKind::LostAnswer, "messages", 1));
    let error = world.change(ADA, &hers, react(&["👍"])).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Backoff, "it can be set again without harm");
    assert_eq!(world.simulator.reactions(), [reaction(&hers, "👍")]);
}

#[tokio::test]
async fn a_reaction_comes_too_late_like_any_message() {
    let world = World::connected().await;
    let theirs = world.simulator.customer_says(ADA, hello()).unwrap();
    world.simulator.wait_until_delivered().await;
    world.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    world.change(ADA, &theirs, react(&["👍"])).await.unwrap();
    let events = world.hook.events(2).await;
    let codes: Vec<&str> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Report(report)) if report.state() == State::Failed => Some(report.code.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(codes, ["131047"]);
    assert!(world.simulator.reactions().is_empty());
}

#[tokio::test]
async fn the_simulator_takes_no_reaction_that_the_real_one_does_not() {
    let world = World::start().await;
    let theirs = world.simulator.customer_says(ADA, hello()).unwrap();
    let Settings { access_token, phone_number_id, .. } = Settings::default();
    let messages = format!("/v25.0/{phone_number_id}/messages");
    let table = [
        (json!({"emoji": "👍"}), Some(100)),
        (json!({"message_id": theirs}), Some(100)),
        (json!({"message_id": "wamid.HBgMNO", "emoji": ""}), Some(131_009)),
        (json!({"message_id": theirs, "emoji": "👍"}), None),
    ];
    for (content, code) in table {
        let body =
            json!({"messaging_product": "whatsapp", "to": ADA, "type": "reaction", "reaction": content});
        let (_, answer) = world.post(&access_token, &messages, body).await;
        assert_eq!(answer["error"]["code"].as_i64(), code, "{answer}");
        assert_eq!(answer["messages"][0]["id"].is_string(), code.is_none(), "{answer}");
    }
    assert!(world.simulator.sent().is_empty());
}
