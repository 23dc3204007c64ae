use chrono::TimeDelta;
use url::Url;
use weft_channel::{
    Adapter as _, Attachment, Event, File, Files, Outbound, Retry, attachment, author, delivery_report::State,
};
use weft_channel_instagram::{
    Instagram, Login,
    simulator::{Content, Fault, FaultKind, Shown},
};

use crate::harness::{ADA, BOB, World};

fn hello() -> Content {
    Content::Text("Hello".to_owned())
}

#[tokio::test]
async fn a_long_text_goes_in_pieces_of_a_thousand_bytes() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    let text = "Grüße aus dem Gewächshaus 🌿! ".repeat(100);
    let message = Outbound { thread_id: ADA.to_owned(), text: text.clone(), ..Outbound::default() };
    let receipts = world.send(&message, &Files::default()).await.unwrap();
    let sent = world.simulator.wait_for_sent(receipts.len()).await;
    assert!(sent.len() > 3 && sent.iter().all(|sent| sent.text.len() <= 1000));
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let all: String = sent.iter().map(|sent| sent.text.as_str()).collect();
    assert_eq!(squeezed(&all), squeezed(&text));
}

#[tokio::test]
async fn files_go_by_their_address() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    let file = |name: &str, mime: &str| File {
        name: name.to_owned(),
        mime: mime.to_owned(),
        bytes: "data".into(),
        link: Url::parse("https://chat.example.com/files/1?s=x").ok(),
    };
    let files: Files = [
        ("file_1".to_owned(), file("a.jpg", "image/jpeg")),
        ("file_2".to_owned(), file("a.pdf", "application/pdf")),
        ("file_3".to_owned(), file("a.zip", "application/zip")),
    ]
    .into_iter()
    .collect();
    let attachment = |id: &str, name: &str, kind: attachment::Kind| Attachment {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: kind.into(),
        size: 4,
        ..Attachment::default()
    };
    let attachments = vec![
        attachment("file_1", "a.jpg", attachment::Kind::Image),
        attachment("file_2", "a.pdf", attachment::Kind::File),
        attachment("file_3", "a.zip", attachment::Kind::File),
    ];
    let message = Outbound { thread_id: ADA.to_owned(), attachments, ..Outbound::default() };
    let receipts = world.send(&message, &files).await.unwrap();
    let sent = world.simulator.wait_for_sent(3).await;
    let kinds: Vec<&str> = sent.iter().map(|sent| sent.kind.as_str()).collect();
    assert_eq!(kinds, ["image", "file", "text"]);
    assert_eq!(sent[2].text, "a.zip\nhttps://chat.example.com/files/1?s=x");
    assert!(receipts[2].warnings[0].contains("a.zip"));
}

#[tokio::test]
async fn reading_is_told_up_to_a_message_and_our_own_echo_is_passed_over() {
    let world = World::connected().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    let id = world.say(ADA, "Hi").await.unwrap();
    let from_inbox = world.simulator.inbox_says(ADA, "I answer from elsewhere");
    let events = world.hook.events(3).await;
    let told: Vec<(&str, bool)> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Event::Report(report)) if report.state() == State::Read => {
                Some((report.id.as_str(), report.up_to))
            }
            Some(Event::Message(message)) if message.from_us => Some((message.id.as_str(), false)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(id.as_str(), true), (from_inbox.as_str(), false)]);
}

#[tokio::test]
async fn both_logins_write_and_people_can_answer_for_a_week() {
    for login in [Login::Page, Login::Instagram] {
        let world = World::with(login).await;
        world.simulator.customer_says(ADA, hello()).unwrap();
        world.say(ADA, "Hi").await.unwrap();
        world.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
        let error = world.say_as(author::Kind::Bot, ADA, "Are you still there?").await.unwrap_err();
        assert_eq!((error.code(), error.retry()), ("10/2534022", Retry::Never));
        world.say(ADA, "Sorry for the wait").await.unwrap();
        assert_eq!(world.simulator.sent()[1].tag.as_deref(), Some("HUMAN_AGENT"));
        world.clock.advance(TimeDelta::days(6));
        assert_eq!(world.say(ADA, "Are you still there?").await.unwrap_err().code(), "10/2534022");
        assert_eq!(world.say(BOB, "We never met").await.unwrap_err().code(), "recipient_gone");
    }
}

#[tokio::test]
async fn a_lost_answer_is_shown_to_a_person() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    world.simulator.fault(Fault::next(FaultKind::LostAnswer, "messages", 1));
    assert_eq!(world.say(ADA, "Hello").await.unwrap_err().retry(), Retry::AskPerson);
    assert_eq!(world.simulator.sent().len(), 1);
}

#[tokio::test]
async fn typing_is_shown() {
    let world = World::start().await;
    world.simulator.customer_says(ADA, hello()).unwrap();
    Instagram.typing(&world.account, ADA, &world.transport).await.unwrap();
    assert_eq!(world.simulator.shown(), [Shown { to: ADA.to_owned(), action: "typing_on".to_owned() }]);
}
