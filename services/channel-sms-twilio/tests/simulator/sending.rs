use serde_json::json;
use weft_channel::{
    Adapter as _, Attachment, File, Files, Location, Outbound, Retry, SendError, attachment::Kind,
};
use weft_channel_sms_twilio::{
    SmsTwilio,
    simulator::{Content, FaultKind},
};

use crate::harness::{ADA, ANA, World};

fn picture() -> (Outbound, Files) {
    let attachment = Attachment {
        id: "file_1".to_owned(),
        kind: Kind::Image.into(),
        name: "a.png".to_owned(),
        mime: "image/png".to_owned(),
        size: 4,
        ..Attachment::default()
    };
    let file = File {
        name: "a.png".to_owned(),
        mime: "image/png".to_owned(),
        bytes: "data".into(),
        link: "https://files.example.org/files/file_1?s=x".parse().ok(),
    };
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
    let place = Location { latitude: 38.8977, longitude: -77.0365, ..Location::default() };
    let place = Outbound { thread_id: ANA.to_owned(), location: Some(place), ..Outbound::default() };
    world.send(&place, &Files::default()).await.unwrap();
    assert_eq!(world.say(ADA, &"Words. ".repeat(300)).await.unwrap().len(), 2);

    let sent = world.simulator.sent();
    assert_eq!(sent.len(), 5);
    assert_eq!((sent[0].to.as_str(), sent[0].body.as_str(), sent[0].segments), (ADA, "Grüße", 1));
    assert_eq!(sent[1].media, ["https://files.example.org/files/file_1?s=x"]);
    assert_eq!(sent[2].from, "whatsapp:+12025550100");
    assert_eq!(world.get("/simulator/sent").await.as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn what_twilio_refuses_is_told_in_plain_words() {
    let world = World::start().await;
    let refused = async |to: &str, text: &str| world.say(to, text).await.unwrap_err();
    assert!(matches!(refused("12025550143", "no plus").await, SendError::RecipientGone { .. }));
    let part = Outbound { thread_id: ADA.to_owned(), text: "x".repeat(1601), ..Outbound::default() };
    let files = Files::default();
    let long = SmsTwilio.send(&world.account, &part, &files, &world.transport);
    assert!(matches!(long.await, Err(SendError::MessageInvalid { .. })));

    world.simulator.customer_says(ADA, Content::Text("stop".to_owned())).unwrap();
    let error = refused(ADA, "please come back").await;
    assert!(matches!(&error, SendError::RecipientGone { reason } if reason.contains("opted out")), "{error}");
    world.simulator.customer_says(ADA, Content::Text("START".to_owned())).unwrap();
    world.say(ADA, "welcome back").await.unwrap();

    let stranger = World::start_with(json!({"auth_token": "another-auth-token"})).await;
    assert_eq!(stranger.say(ADA, "Hi").await.unwrap_err().code(), "account_invalid");
    let other = World::start_with(json!({"from_number": "+12025550109"})).await;
    assert_eq!(other.say(ADA, "Hi").await.unwrap_err().code(), "account_invalid");
}

#[tokio::test]
async fn faults_hit_the_calls_they_are_meant_for() {
    let world = World::start().await;
    let fault = json!({"kind": {"rate_limited": 7}, "for_next": 1});
    assert_eq!(world.post("/simulator/faults", fault).await, 204);
    let error = world.say(ADA, "Hi").await.unwrap_err();
    assert_eq!(error.retry(), Retry::After(std::time::Duration::from_secs(7)));
    world.simulator.fault(FaultKind::ServerError, Some(1));
    assert_eq!(world.say(ADA, "Hi").await.unwrap_err().retry(), Retry::Backoff);
    world.simulator.fault(FaultKind::Code(21611), Some(1));
    assert_eq!(world.say(ADA, "Hi").await.unwrap_err().code(), "throttled");
    world.say(ADA, "Hi").await.unwrap();
}

#[tokio::test]
async fn typing_shows_on_whatsapp_after_a_message_of_the_contact() {
    let world = World::start().await;
    let show = async |thread: &str, last: Option<&str>| {
        SmsTwilio.typing_after(&world.account, thread, last, &world.transport).await
    };
    let sid = world.simulator.customer_says(ANA, Content::Text("Olá".to_owned())).unwrap();
    for (thread, last) in [(ANA, Some(sid.as_str())), (ANA, None), (ADA, Some("SM1"))] {
        show(thread, last).await.unwrap();
    }
    assert_eq!(world.get("/simulator/state").await["typed_after"], json!([sid]));
}
