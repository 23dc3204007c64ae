use serde_json::{Value, json};
use weft_channel::{
    Button, Event, Files, Outbound,
    change::{Change as What, Edit, React},
};
use weft_channel_slack::simulator::{Fault, Reaction, Says, TOKEN};
use weft_channel_testkit::edit;

use crate::world::{ADA, World};

const HERS: &str = "D0ADA00001";

fn react(emoji: &str) -> What {
    What::React(React { emoji: emoji.to_owned(), ..React::default() })
}

fn unreact(emoji: &str) -> What {
    What::React(React { emoji: emoji.to_owned(), removed: true, ..React::default() })
}

async fn post(world: &World) -> String {
    world.say(HERS, "Hello").await.unwrap().remove(0).provider_message_ids.remove(0)
}

#[tokio::test]
async fn what_was_sent_is_edited_deleted_and_reacted_to() {
    let world = World::start().await;
    let ts = world.simulator.customer_says(ADA, Says::Text("Hi".to_owned()));
    let (theirs, ours) = (format!("{HERS}:{ts}"), post(&world).await);

    // asked for again, it is well, too
    for _ in 0..2 {
        world.change(&ours, edit("Hello, *Ada*")).await.unwrap();
        world.change(&ours, react("👍🏽")).await.unwrap();
        world.change(&ours, react("🎉")).await.unwrap();
        world.change(&theirs, react("👀")).await.unwrap();
        world.change(&ours, unreact("👍🏽")).await.unwrap();
    }
    let sent = world.simulator.wait_for_one_sent(|sent| sent.edited).await;
    assert_eq!((&sent.message["text"], &sent.reactions), (&json!("Hello, *Ada*"), &vec!["tada".to_owned()]));
    let reaction = |ts: &str, name: &str| Reaction {
        channel: HERS.to_owned(),
        ts: ts.to_owned(),
        name: name.to_owned(),
    };
    assert_eq!(world.simulator.reactions(), [reaction(&ts, "eyes"), reaction(&sent.ts, "tada")]);

    for _ in 0..2 {
        world.change(&ours, What::Delete(())).await.unwrap();
    }
    assert_eq!(world.simulator.reactions(), [reaction(&ts, "eyes")]);
    let shown = world.get("/simulator/sent").await;
    assert_eq!((&shown[0]["deleted"], &shown[0]["reactions"]), (&json!(true), &json!([])));
    assert_eq!(world.get("/simulator/reactions").await[0]["name"], "eyes");
}

#[tokio::test]
async fn the_app_hears_of_its_own_changes_and_is_not_confused() {
    let world = World::start().await;
    let mut calls = world.listen(&[]).await;
    let ours = post(&world).await;
    for what in [edit("Hello, Ada"), react("🎉"), unreact("🎉"), What::Delete(())] {
        world.change(&ours, what).await.unwrap();
    }
    let mut events = Vec::new();
    for _ in 0..5 {
        events.extend(world.read(&calls.recv().await.unwrap()));
    }
    // one post and four changes of it: only that it is gone is told, as it is however that came about
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(matches!(&events[0].event, Some(Event::Deleted(gone)) if gone.id == ours));
}

#[tokio::test]
async fn buttons_stay_under_what_was_edited() {
    let world = World::start().await;
    let button = Button { title: "Great".to_owned(), payload: "csat=5".to_owned(), url: None };
    let question = Outbound {
        thread_id: HERS.to_owned(),
        text: "How was it?".to_owned(),
        buttons: vec![button.clone()],
        ..Outbound::default()
    };
    let id = world.send(question, &Files::default()).await.unwrap().remove(0).provider_message_ids.remove(0);
    let edited = What::Edit(Edit {
        text: "How was it, Ada?".to_owned(),
        buttons: vec![button],
        under_file: false,
        rich: None,
    });
    world.change(&id, edited).await.unwrap();
    let blocks = &world.simulator.sent()[0].message["blocks"];
    assert_eq!(blocks[0]["text"]["text"], "How was it, Ada?");
    assert_eq!(blocks[1]["elements"][0]["text"]["text"], "Great");
}

#[tokio::test]
async fn a_refused_change_is_told_with_the_reason() {
    let world = World::start().await;
    let ts = world.simulator.customer_says(ADA, Says::Text("Hi".to_owned()));
    let (theirs, ours) = (format!("{HERS}:{ts}"), post(&world).await);
    let (nothing, nowhere) = (format!("{HERS}:1.000001"), "C0NOWHERE:1.000001".to_owned());
    let by_code = "Slack refused it for a reason that it only names by this code";
    let table = [
        (&nothing, edit("x"), "message_not_found", "the message is not there any more"),
        (&nothing, react("👍"), "message_not_found", "the message is not there any more"),
        (&nowhere, edit("x"), "recipient_gone", "the app does not see this conversation any more"),
        (&theirs, edit("x"), "cant_update_message", "the message cannot be changed any more"),
        (&theirs, What::Delete(()), "cant_delete_message", by_code),
        (&ours, edit(" "), "message_invalid", "it is empty"),
        (&ours, edit(&"x".repeat(40_001)), "message_invalid", "it is longer than Slack takes"),
        (&ours, react("not an emoji"), "message_invalid", "Slack has no such emoji"),
    ];
    for (id, what, code, reason) in table {
        let error = world.change(id, what.clone()).await.unwrap_err();
        assert_eq!(error.code(), code, "{what:?}");
        assert!(error.why().ends_with(reason), "{what:?}: {error}");
    }
    world.simulator.fail_next(Fault::NotInChannel);
    assert_eq!(world.change(&ours, edit("x")).await.unwrap_err().code(), "recipient_gone");
    assert!(world.simulator.sent().iter().all(|sent| !sent.edited && !sent.deleted));
    assert!(world.simulator.reactions().is_empty());
}

#[tokio::test]
async fn what_is_no_post_of_the_thread_is_left_and_said() {
    let world = World::start().await;
    let ours = post(&world).await;
    let press = format!("action:{HERS}:1.000001:{ADA}");
    let file = "file:F0RECEIPT1";
    for (thread, id) in [(HERS, press.as_str()), (HERS, file), ("C0ELSEWHERE", &ours)] {
        for what in [edit("x"), react("🎉"), unreact("🎉"), What::Delete(())] {
            let error = world.change_in(thread, &[id], what).await.unwrap_err();
            assert_eq!(error.code(), "message_invalid", "{id}: {error}");
            assert!(error.why().ends_with("it is a file, or a button that was pressed"), "{id}: {error}");
        }
    }
    let both = [ours.as_str(), file];
    world.change_in(HERS, &both, react("🎉")).await.unwrap();
    assert_eq!(world.simulator.reactions().len(), 1);
    let several = world.change_in(HERS, &both, edit("x")).await.unwrap_err();
    assert!(several.why().ends_with("it went as several posts, which stay as they are"), "{several}");
    let left = world.change_in(HERS, &both, What::Delete(())).await.unwrap_err();
    assert!(left.why().ends_with("a file of it stays: Slack names no post of that"), "{left}");
    assert!(world.simulator.sent()[0].deleted);

    let in_thread = post(&world).await;
    world.change_in(&format!("{HERS}/1.000001"), &[&in_thread], edit("Hello, Ada")).await.unwrap();
    assert!(world.simulator.sent()[1].edited);
}

#[tokio::test]
async fn the_simulator_changes_nothing_that_the_real_one_does_not() {
    let world = World::start().await;
    let ours = post(&world).await;
    let (channel, ts) = ours.split_once(':').unwrap();
    let react = |name: &str| json!({"channel": channel, "timestamp": ts, "name": name});
    let table = [
        ("reactions.remove", react("eyes"), Some("no_reaction")),
        ("reactions.add", react("eyes"), None),
        ("reactions.add", react("eyes"), Some("already_reacted")),
        ("reactions.add", react("our_own"), Some("invalid_name")),
        (
            "reactions.add",
            json!({"channel": channel, "timestamp": "1.000001", "name": "eyes"}),
            Some("message_not_found"),
        ),
        ("chat.update", json!({"channel": channel, "ts": ts}), Some("no_text")),
        ("chat.delete", json!({"channel": channel, "ts": ts}), None),
        ("chat.delete", json!({"channel": channel, "ts": ts}), Some("message_not_found")),
        ("reactions.remove", react("eyes"), Some("message_not_found")),
    ];
    for (method, body, error) in table {
        let (_, answer) = world.call(&format!("/api/{method}"), TOKEN, body).await;
        assert_eq!(answer.get("error").and_then(Value::as_str), error, "{method}");
    }
}
