use std::time::Duration;

use chrono::TimeDelta;
use weft_channel::{
    Adapter as _, Attachment, Button, ContactCard, Event, File, Files, Location, Outbound, Retry, attachment,
    delivery_report::State,
};
use weft_channel_whatsapp::{
    Whatsapp,
    simulator::{Content, Fault, FaultKind, Shown},
};

use crate::harness::{ADA, BOB, World};

fn hello() -> Content {
    Content::Text("Hello".to_owned())
}

#[tokio::test]
async fn everything_an_agent_can_write_arrives() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
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
        ("file_3".to_owned(), file("s.webp", "image/webp")),
        ("file_4".to_owned(), file("a \"b\".pdf", "application/pdf")),
    ]
    .into_iter()
    .collect();
    let button = |title: &str| Button { title: title.to_owned(), ..Button::default() };
    let message = Outbound {
        message_id: "msg_1".to_owned(),
        thread_id: world.simulator.user_id(ADA).unwrap(),
        text: "Здравствуйте! <b>5 & 6</b>".to_owned(),
        attachments: vec![
            attachment("file_1", attachment::Kind::Image),
            attachment("file_2", attachment::Kind::Voice),
            attachment("file_3", attachment::Kind::Sticker),
            attachment("file_4", attachment::Kind::File),
        ],
        location: Some(Location { latitude: 52.5, longitude: 13.4, ..Location::default() }),
        contact_card: Some(ContactCard { name: "Grace Sample".to_owned(), ..ContactCard::default() }),
        buttons: vec![button("Yes"), button("No")],
        ..Outbound::default()
    };
    let receipts = world.send(&message, &files).await.unwrap();
    let sent = world.simulator.wait_for_sent(6).await;
    let kinds: Vec<&str> = sent.iter().map(|sent| sent.kind.as_str()).collect();
    assert_eq!(kinds, ["interactive", "audio", "sticker", "document", "location", "contacts"]);
    assert_eq!((sent[0].text.as_str(), sent[0].file_bytes), ("Здравствуйте! <b>5 & 6</b>", Some(4)));
    assert_eq!(sent[3].content["filename"], "a \"b\".pdf");
    assert_eq!(receipts[0].provider_message_ids, [sent[0].id.clone()]);
}

#[tokio::test]
async fn what_became_of_a_message_is_told_in_whatever_order() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    let id = world.say(ADA, "Hi").await.unwrap();
    // the message, the thread's other id, and three states
    let events = world.hook.events(5).await;
    let states: Vec<(String, State)> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Report(report)) => Some((report.id.clone(), report.state())),
            _ => None,
        })
        .collect();
    assert_eq!(states.len(), 3);
    for state in [State::Sent, State::Delivered, State::Read] {
        assert!(states.contains(&(id.clone(), state)), "{states:?}");
    }
    let moved = events.iter().find(|event| matches!(event.event, Some(Event::Moved(_)))).unwrap();
    assert_eq!(moved.thread.as_ref().unwrap().id, ADA);
    assert!(
        matches!(&moved.event, Some(Event::Moved(to)) if Some(&to.new_id) == world.simulator.user_id(ADA).as_ref())
    );
}

#[tokio::test]
async fn after_a_day_only_a_state_says_that_it_did_not_go() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    world.simulator.wait_until_delivered().await;
    world.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    world.say(ADA, "Are you still there?").await.unwrap();
    world.say(BOB, "We never met").await.unwrap();
    let events = world.hook.events(3).await;
    let reasons: Vec<(&str, &str)> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Report(report)) if report.state() == State::Failed => {
                Some((report.code.as_str(), report.reason.as_str()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(reasons.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["131047", "131026"]);
    assert!(reasons[0].1.contains("only a template"), "{reasons:?}");
    assert!(world.simulator.sent().is_empty());
}

#[tokio::test]
async fn the_same_person_cannot_be_written_to_without_end() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    for _ in 0..45 {
        world.say(ADA, "Hi").await.unwrap();
    }
    let error = world.say(ADA, "Hi").await.unwrap_err();
    assert_eq!((error.code(), error.retry()), ("throttled", Retry::Backoff));
    world.clock.advance(TimeDelta::minutes(5));
    world.say(ADA, "Hi").await.unwrap();
}

#[tokio::test]
async fn faults_are_told_apart_by_whether_the_message_may_have_gone() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    let error = |code: i64, status: u16| FaultKind::Error { code, status, retry_after: None };
    let patient = FaultKind::Error { code: 130_429, status: 429, retry_after: Some(12) };
    let table = [
        (patient, Retry::After(Duration::from_secs(12)), 0),
        (error(131_016, 500), Retry::Backoff, 0),
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
async fn a_file_whose_upload_lost_its_answer_was_surely_not_sent() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    world.simulator.fault(Fault::next(FaultKind::LostAnswer, "media", 1));
    let file = File {
        name: "a.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        bytes: "data".into(),
        link: None,
    };
    let files: Files = [("file_1".to_owned(), file)].into_iter().collect();
    let attachment = Attachment { id: "file_1".to_owned(), size: 4, ..Attachment::default() };
    let message =
        Outbound { thread_id: ADA.to_owned(), attachments: vec![attachment], ..Outbound::default() };
    let error = Whatsapp.send(&world.account, &message, &files, &world.transport).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Backoff, "{error}");
    Whatsapp.send(&world.account, &message, &files, &world.transport).await.unwrap();
}

#[tokio::test]
async fn typing_is_shown_under_the_contacts_last_message() {
    let world = World::start().await;
    let last = world.simulator.customer_says(ADA, hello()).unwrap();
    let typing = |message: Option<String>| {
        let world = &world;
        async move { Whatsapp.typing_after(&world.account, ADA, message.as_deref(), &world.transport).await }
    };
    typing(Some(last.clone())).await.unwrap();
    typing(None).await.unwrap();
    assert!(typing(Some("wamid.HBgMNO".to_owned())).await.is_err());
    assert_eq!(world.simulator.shown(), [Shown { message_id: last, typing: true }]);
}
