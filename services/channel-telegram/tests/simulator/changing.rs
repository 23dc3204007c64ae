use serde_json::json;
use weft_channel::{
    Attachment, Button, File, Files, Outbound, attachment,
    change::{Change as What, Edit},
};
use weft_channel_telegram::simulator::{Content, Fault, FaultKind, Reaction};
use weft_channel_testkit::{edit, react};

use crate::harness::{ADA, BOB, World};

fn caption(text: &str) -> What {
    What::Edit(Edit { text: text.to_owned(), under_file: true, ..Edit::default() })
}

async fn text(world: &World) -> String {
    world.say(ADA, "Hello").await.unwrap().remove(0).provider_message_ids.remove(0)
}

async fn photo(world: &World) -> String {
    let attached = Attachment {
        id: "file_1".to_owned(),
        kind: attachment::Kind::Image.into(),
        size: 4,
        ..Attachment::default()
    };
    let file =
        File { name: "a.jpg".to_owned(), mime: "image/jpeg".to_owned(), bytes: "data".into(), link: None };
    let files: Files = [("file_1".to_owned(), file)].into_iter().collect();
    let message = Outbound { thread_id: ADA.to_string(), attachments: vec![attached], ..Outbound::default() };
    world.send(&message, &files).await.unwrap().remove(0).provider_message_ids.remove(0)
}

#[tokio::test]
async fn what_was_sent_is_edited_deleted_and_reacted_to() {
    let world = World::start().await;
    let theirs = world.simulator.customer_says(ADA, Content::Text("Hi".to_owned())).unwrap();
    let (words, picture) = (text(&world).await, photo(&world).await);

    // asked for again, it is well, too
    for _ in 0..2 {
        world.change(ADA, &words, edit("Hello, Ada")).await.unwrap();
        world.change(ADA, &picture, caption("Receipt")).await.unwrap();
        world.change(ADA, &words, react(&["🎉", "👍"])).await.unwrap();
        world.change(ADA, &format!("{ADA}:{theirs}"), react(&["👀"])).await.unwrap();
    }
    let sent = world.simulator.wait_for_one_sent(|sent| sent.reaction.is_some()).await;
    assert_eq!((sent.text.as_str(), sent.edited, sent.reaction.as_deref()), ("Hello, Ada", true, Some("👍")));
    assert_eq!(world.simulator.sent()[1].text, "Receipt");
    let reaction = |message_id, emoji: &str| Reaction { chat_id: ADA, message_id, emoji: emoji.to_owned() };
    assert_eq!(world.simulator.reactions(), [reaction(theirs, "👀"), reaction(sent.message_id, "👍")]);

    world.change(ADA, &picture, react(&["🎉"])).await.unwrap();
    world.change(ADA, &picture, react(&[])).await.unwrap();
    world.change(ADA, &words, What::Delete(())).await.unwrap();
    assert_eq!(world.simulator.reactions(), [reaction(theirs, "👀")]);
    let shown = world.get("/simulator/sent").await;
    assert_eq!((&shown[0]["deleted"], &shown[0]["reaction"]), (&json!(true), &json!(null)));
    assert_eq!((&shown[1]["deleted"], &shown[1]["edited"]), (&json!(false), &json!(true)));
    assert_eq!(world.get("/simulator/reactions").await[0]["emoji"], "👀");
}

#[tokio::test]
async fn an_edit_takes_away_the_buttons_that_it_does_not_name() {
    let world = World::start().await;
    world.simulator.add_customer(ADA, "Ada", "en");
    let yes = Button { title: "Yes".to_owned(), payload: "y".to_owned(), url: None };
    let question = Outbound {
        thread_id: ADA.to_string(),
        text: "Well?".to_owned(),
        buttons: vec![yes.clone()],
        ..Outbound::default()
    };
    let id = world.send(&question, &Files::default()).await.unwrap().remove(0).provider_message_ids.remove(0);
    let message_id = world.simulator.sent()[0].message_id;
    let press = || {
        let content = Content::Callback { message_id, data: "y".to_owned() };
        world.simulator.customer_says(ADA, content)
    };
    let kept = What::Edit(Edit { text: "So?".to_owned(), buttons: vec![yes], under_file: false, rich: None });
    world.change(ADA, &id, kept).await.unwrap();
    assert!(press().is_ok());
    world.change(ADA, &id, edit("Thanks")).await.unwrap();
    assert!(press().is_err(), "there is nothing to press any more");
}

#[tokio::test]
async fn a_refused_change_is_told_with_the_reason() {
    let world = World::start().await;
    let theirs = world.simulator.customer_says(ADA, Content::Text("Hi".to_owned())).unwrap();
    let (words, picture) = (text(&world).await, photo(&world).await);
    let theirs = format!("{ADA}:{theirs}");
    let nothing = format!("{ADA}:999");
    let table = [
        (&nothing, edit("x"), "message to edit not found"),
        (&nothing, react(&["👍"]), "message to react not found"),
        (&theirs, edit("x"), "message can't be edited"),
        (&picture, edit("x"), "there is no text in the message to edit"),
        (&words, caption("x"), "there is no caption in the message to edit"),
        (&words, edit(" "), "it is empty"),
        (&words, edit(&"x".repeat(4097)), "it is too long for Telegram"),
        (&picture, caption(&"x".repeat(1025)), "it is too long for Telegram"),
        (&words, react(&["🧯"]), "REACTION_INVALID"),
    ];
    for (id, what, reason) in table {
        let told = world.change(ADA, id, what.clone()).await.unwrap_err().why().into_owned();
        assert!(told.ends_with(reason), "{what:?}: {told}");
    }
    world.simulator.customer_says(ADA, Content::Block).unwrap();
    assert_eq!(world.change(ADA, &words, edit("x")).await.unwrap_err().code(), "recipient_gone");
    assert!(world.simulator.sent().iter().all(|sent| !sent.edited && !sent.deleted));
    assert!(world.simulator.reactions().is_empty());
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_made_again() {
    let world = World::start().await;
    world.simulator.add_customer(ADA, "Ada", "en");
    let id = text(&world).await;
    world.simulator.fault(Fault::next(FaultKind::DropAfter, 1).only("editMessageText"));
    assert_eq!(world.change(ADA, &id, edit("Hello, Ada")).await.unwrap_err().code(), "unreachable");
    world.change(ADA, &id, edit("Hello, Ada")).await.unwrap();
    assert_eq!(world.simulator.sent()[0].text, "Hello, Ada");
}

#[tokio::test]
async fn the_simulator_changes_nothing_that_the_real_one_does_not() {
    let world = World::start().await;
    world.simulator.add_customer(BOB, "Bob", "en");
    let old = world.simulator.customer_says(ADA, Content::Raw(json!({"text": "Hi", "date": 1}))).unwrap();
    let id = text(&world).await.split_once(':').unwrap().1.parse::<i64>().unwrap();
    let thumb = json!({"type": "emoji", "emoji": "👍"});
    let table = [
        ("editMessageText", json!({"chat_id": BOB, "text": "x"}), "message to edit not found"),
        (
            "editMessageText",
            json!({"text": "x", "reply_markup": {"remove_keyboard": true}}),
            "inline keyboard expected",
        ),
        (
            "editMessageText",
            json!({"text": "Hello", "reply_markup": {"inline_keyboard": []}}),
            "message is not modified",
        ),
        ("deleteMessage", json!({"chat_id": BOB}), "message to delete not found"),
        ("deleteMessage", json!({"message_id": old}), "message can't be deleted for everyone"),
        ("setMessageReaction", json!({"chat_id": BOB}), "message to react not found"),
        ("setMessageReaction", json!({"reaction": [thumb, thumb]}), "REACTIONS_TOO_MANY"),
        (
            "setMessageReaction",
            json!({"reaction": [{"type": "emoji", "emoji": "❤\u{fe0f}"}]}),
            "REACTION_INVALID",
        ),
    ];
    for (method, given, description) in table {
        let mut parameters = json!({"chat_id": ADA, "message_id": id});
        parameters.as_object_mut().unwrap().extend(given.as_object().cloned().unwrap());
        let (status, body) = world.call(method, parameters).await;
        let told = body["description"].as_str().unwrap();
        assert!(told.starts_with(&format!("Bad Request: {description}")), "{method}: {told}");
        assert_eq!(status, 400);
    }
}
