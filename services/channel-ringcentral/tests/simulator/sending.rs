use serde_json::json;
use std::time::Duration;
use weft_channel::{
    Attachment, Event, File, Files, Outbound, Retry, SendError, attachment::Kind, call::State,
};
use weft_channel_ringcentral::simulator::{DESK, FaultKind};

use crate::harness::{ADA, World, message};

fn picture() -> (Outbound, Files) {
    let attachment = Attachment {
        id: "file_1".to_owned(),
        kind: Kind::Image.into(),
        name: "a.png".to_owned(),
        mime: "image/png".to_owned(),
        size: 4,
        ..Attachment::default()
    };
    let file =
        File { name: "a.png".to_owned(), mime: "image/png".to_owned(), bytes: "data".into(), link: None };
    let message = Outbound {
        thread_id: ADA.to_owned(),
        text: "Look".to_owned(),
        attachments: vec![attachment],
        ..Outbound::default()
    };
    (message, std::iter::once(("file_1".to_owned(), file)).collect())
}

#[tokio::test]
async fn everything_an_agent_can_write_arrives() {
    let world = World::start().await;
    world.say(ADA, "Grüße").await.unwrap();
    let (message, files) = picture();
    world.send(&message, &files).await.unwrap();
    world.say("+12025550143,+12025550144", "To both").await.unwrap();
    assert_eq!(world.say(ADA, &"Words. ".repeat(200)).await.unwrap().len(), 2);

    let sent = world.simulator.sent();
    assert_eq!(sent.len(), 5);
    assert_eq!((sent[0].to.as_slice(), sent[0].text.as_str()), ([ADA.to_owned()].as_slice(), "Grüße"));
    assert_eq!(
        (sent[1].file.clone(), sent[1].text.as_str()),
        (Some(("a.png".into(), "image/png".into(), 4)), "Look")
    );
    assert_eq!(sent[2].to.len(), 2);
    assert_eq!(world.get("/simulator/sent").await.as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_text_of_emoji_is_split_so_that_each_part_fits() {
    let world = World::start().await;
    for text in ["\u{1f600}".repeat(1200), format!("{} {}", "a".repeat(790), "\u{1f600}".repeat(700))] {
        world.say(ADA, &text).await.unwrap();
    }
    let (mut message, files) = picture();
    message.text = "\u{1f600}".repeat(501);
    world.send(&message, &files).await.unwrap();
    assert!(world.simulator.sent().len() > 6);
}

#[tokio::test]
async fn what_ringcentral_refuses_is_told_in_plain_words() {
    let world = World::start().await;
    let error = world.say("72345", "to a short code").await.unwrap_err();
    assert!(matches!(error, SendError::RecipientGone { .. }), "{error}");
    let other = World::start_with(json!({"from_number": "+12025550109"})).await;
    assert_eq!(other.say(ADA, "Hi").await.unwrap_err().code(), "account_invalid");
    let stranger = World::start_with(json!({"jwt": "another-jwt-entirely"})).await;
    let error = stranger.say(ADA, "Hi").await.unwrap_err();
    assert_eq!((error.code(), error.retry()), ("account_invalid", Retry::Never));
    assert_eq!(world.get("/simulator/state").await["refused"], 1);
}

#[tokio::test]
async fn faults_hit_the_calls_they_are_meant_for() {
    let world = World::start().await;
    world.say(ADA, "Hi").await.unwrap();
    let fault = json!({"kind": {"rate_limited": 7}, "for_next": 1});
    assert_eq!(world.post("/simulator/faults", fault).await, 204);
    let error = world.say(ADA, "Hi").await.unwrap_err();
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(7)));
    world.simulator.fault(FaultKind::Unavailable, Some(1));
    assert_eq!(world.say(ADA, "Hi").await.unwrap_err().retry(), Retry::Backoff);
    world.simulator.fault(FaultKind::Code(400, "MSG-240".to_owned()), Some(1));
    assert_eq!(world.say(ADA, "Hi").await.unwrap_err().code(), "MSG-240");
    world.say(ADA, "Hi").await.unwrap();
}

#[tokio::test]
async fn who_sends_too_much_has_to_wait_a_minute() {
    let world = World::start().await;
    let mut sent = 0;
    let error = loop {
        match world.say(ADA, "Hi").await {
            Ok(_) => sent += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((sent, error.retry()), (40, Retry::After(Duration::from_secs(60))));
}

#[tokio::test]
async fn what_is_written_in_a_channel_for_calls_connects_two_telephones() {
    let world = World::start_with(json!({"purpose": "calls", "ring_first": DESK})).await;
    world.connect().await.unwrap();
    let receipts = world.say(ADA, "About Friday").await.unwrap();
    assert!(receipts[0].provider_message_ids[0].starts_with("ring-out:"));
    assert_eq!(receipts[0].warnings.len(), 1);
    assert_eq!(world.simulator.sent()[0].rang_first.as_deref(), Some(DESK));

    let events = world.events().await;
    let calls: Vec<_> = events.iter().map(message).collect();
    assert!(calls.iter().all(|call| call.from_us && call.text == "Outgoing call"));
    assert_eq!(events[0].thread.clone().unwrap().id, ADA);
    assert_eq!(calls.last().unwrap().call.clone().unwrap().state(), State::Ended);
    let logged = world.poll(None).await.unwrap().received.events;
    assert!(
        matches!(&logged[0].event, Some(Event::Edited(edited)) if edited.message.clone().unwrap().id == calls[0].id)
    );
}
