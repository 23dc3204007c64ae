use std::time::Duration;

use chrono::TimeDelta;
use weft_channel::{
    Adapter as _, Attachment, Button, Event, File, Files, Outbound, Retry, attachment, author,
    delivery_report::State,
};
use weft_channel_messenger::{
    Messenger,
    simulator::{Content, Fault, FaultKind, Shown},
};

use crate::harness::{ADA, BOB, World};

fn hello() -> Content {
    Content::Text("Hello".to_owned())
}

#[tokio::test]
async fn everything_an_agent_can_write_arrives() {
    let world = World::connected().await;
    let asked = world.simulator.customer_says(ADA, hello()).unwrap();
    let attachment = |id: &str, kind: attachment::Kind| Attachment {
        id: id.to_owned(),
        kind: kind.into(),
        size: 4,
        ..Attachment::default()
    };
    let file = |name: &str, mime: &str| File {
        name: name.to_owned(),
        mime: mime.to_owned(),
        bytes: "data".into(),
        link: None,
    };
    let files: Files = [
        ("file_1".to_owned(), file("größe.jpg", "image/jpeg")),
        ("file_2".to_owned(), file("note.ogg", "audio/ogg")),
        ("file_3".to_owned(), file("a \"b\".pdf", "application/pdf")),
    ]
    .into_iter()
    .collect();
    let button = |title: &str| Button { title: title.to_owned(), ..Button::default() };
    let message = Outbound {
        message_id: "msg_01kdtvz0000000000000000000".to_owned(),
        thread_id: ADA.to_owned(),
        text: "Здравствуйте! <b>5 & 6</b>".to_owned(),
        attachments: vec![
            attachment("file_1", attachment::Kind::Image),
            attachment("file_2", attachment::Kind::Voice),
            attachment("file_3", attachment::Kind::File),
        ],
        buttons: vec![button("Yes"), button("No")],
        reply_to: Some(asked.clone()),
        ..Outbound::default()
    };
    let receipts = world.send(&message, &files).await.unwrap();
    let sent = world.simulator.wait_for_sent(4).await;
    let kinds: Vec<&str> = sent.iter().map(|sent| sent.kind.as_str()).collect();
    assert_eq!(kinds, ["text", "image", "audio", "file"]);
    assert_eq!(sent[0].text, "Здравствуйте! <b>5 & 6</b>");
    assert_eq!(sent[0].message["quick_replies"][1]["title"], "No");
    assert_eq!((sent[0].reply_to.as_deref(), sent[1].reply_to.as_deref()), (Some(asked.as_str()), None));
    assert_eq!((sent[1].file_bytes, sent[3].file_bytes), (Some(4), Some(4)));
    assert_eq!(receipts[0].provider_message_ids, [sent[0].id.clone()]);
}

#[tokio::test]
async fn what_became_of_a_message_is_told_and_its_echo_is_known_as_ours() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    let id = world.say(ADA, "Hi").await.unwrap();
    let from_inbox = world.simulator.inbox_says(ADA, "I answer from elsewhere");
    // two echoes, the message, delivered, read
    let events = world.hook.events(5).await;
    let reports: Vec<(String, State, bool)> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Report(report)) => Some((report.id.clone(), report.state(), report.up_to)),
            _ => None,
        })
        .collect();
    assert_eq!(reports, [(id.clone(), State::Delivered, false), (String::new(), State::Read, true)]);
    let echoes: Vec<(String, Option<String>)> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Message(message)) if message.from_us => {
                Some((message.id.clone(), message.echo_of.clone()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(echoes, [(id, Some("msg_01kdtvz0000000000000000000".to_owned())), (from_inbox, None)]);
}

#[tokio::test]
async fn after_a_day_only_people_can_answer_and_after_a_week_nobody() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    world.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    let error = world.say_as(author::Kind::Bot, ADA, "Are you still there?").await.unwrap_err();
    assert_eq!((error.code(), error.retry()), ("10/2018278", Retry::Never));
    world.say(ADA, "Sorry for the wait").await.unwrap();
    assert_eq!(world.simulator.sent()[0].tag.as_deref(), Some("HUMAN_AGENT"));
    world.clock.advance(TimeDelta::days(6));
    assert_eq!(world.say(ADA, "Are you still there?").await.unwrap_err().code(), "10/2018278");
    assert_eq!(world.say(BOB, "We never met").await.unwrap_err().code(), "recipient_gone");
    assert_eq!(world.simulator.sent().len(), 1);
}

#[tokio::test]
async fn a_tag_that_meta_has_not_granted_is_told_as_a_missing_permission() {
    let world = World::with(|settings| settings.human_agent = false).await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    world.clock.advance(TimeDelta::hours(25));
    assert_eq!(world.say(ADA, "Sorry for the wait").await.unwrap_err().code(), "account_invalid");
}

#[tokio::test]
async fn faults_are_told_apart_by_whether_the_message_may_have_gone() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    let error = |code: i64, status: u16| FaultKind::Error { code, subcode: None, status, retry_after: None };
    let patient = FaultKind::Error { code: 613, subcode: None, status: 429, retry_after: Some(12) };
    let table = [
        (patient, Retry::After(Duration::from_secs(12)), 0),
        (error(2, 500), Retry::Backoff, 0),
        (error(190, 401), Retry::Never, 0),
        (FaultKind::GatewayPage, Retry::Backoff, 0),
        (FaultKind::LostAnswer, Retry::AskPerson, 1),
    ];
    for (kind, retry, sent) in table {
        let before = world.simulator.sent().len();
        world.simulator.fault(Fault::next(kind, "messages", 1));
        let error = world.say(ADA, "Hello").await.unwrap_err();
        assert_eq!(error.retry(), retry, "{kind:?}: {error}");
        assert_eq!(world.simulator.sent().len() - before, sent, "{kind:?}");
        assert!(!format!("{error:?} {error}").contains("EAASimulated"), "{error:?}");
    }
    world.simulator.clear_faults();
    world.say(ADA, "Hello").await.unwrap();
}

#[tokio::test]
async fn typing_is_shown() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    Messenger.typing(&world.account, ADA, &world.transport).await.unwrap();
    assert!(Messenger.typing(&world.account, "1", &world.transport).await.is_err());
    assert_eq!(world.simulator.shown(), [Shown { to: ADA.to_owned(), action: "typing_on".to_owned() }]);
}
