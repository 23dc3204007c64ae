use std::time::Duration;

use weft_channel::{
    Adapter as _, Attachment, Button, ContactCard, File, Files, Location, Outbound, Retry, attachment,
};
use weft_channel_telegram::{
    Telegram,
    simulator::{Content, Fault, FaultKind},
};

use crate::harness::{ADA, BOB, World, account};

#[tokio::test]
async fn everything_an_agent_can_write_arrives() {
    let world = World::start().await;
    world.simulator.add_customer(ADA, "Ada", "en");
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
    let help = Button {
        title: "Help".to_owned(),
        url: Some("https://example.com/help".to_owned()),
        ..Button::default()
    };
    let message = Outbound {
        thread_id: ADA.to_string(),
        text: "Здравствуйте! <b>5 & 6</b>".to_owned(),
        attachments: vec![
            attachment("file_1", attachment::Kind::Image),
            attachment("file_2", attachment::Kind::Voice),
            attachment("file_3", attachment::Kind::File),
        ],
        location: Some(Location {
            latitude: 52.5,
            longitude: 13.4,
            title: "Shop".to_owned(),
            address: String::new(),
        }),
        contact_card: Some(ContactCard {
            name: "Grace Sample".to_owned(),
            phones: vec!["+12025550100".to_owned()],
            emails: Vec::new(),
        }),
        buttons: vec![help],
        ..Outbound::default()
    };
    let receipts = world.send(&message, &files).await.unwrap();
    assert_eq!(receipts.len(), 5);
    let sent = world.simulator.wait_for_sent(5).await;
    let methods: Vec<&str> = sent.iter().map(|sent| sent.method.as_str()).collect();
    assert_eq!(methods, ["sendPhoto", "sendVoice", "sendDocument", "sendVenue", "sendContact"]);
    assert_eq!(sent[0].text, "Здравствуйте! <b>5 & 6</b>");
    assert_eq!(sent[0].file.as_ref().map(|file| (file.name.as_str(), file.size)), Some(("größe.jpg", 4)));
    assert_eq!(sent[2].file.as_ref().unwrap().bytes, "data");
    assert!(sent[0].parameters["reply_markup"].as_str().unwrap().contains("https://example.com/help"));
    let id = &receipts[0].provider_message_ids[0];
    assert_eq!(*id, format!("{ADA}:{}", sent[0].message_id));
    let (last, total) = world.simulator.wait_for_sent_after(3).await;
    assert_eq!((last.len(), total, last[0].method.as_str()), (2, 5, "sendVenue"));
}

#[tokio::test]
async fn what_the_contact_did_decides_whether_a_message_goes() {
    let world = World::start().await;
    let simulator = &world.simulator;
    assert_eq!(
        world.say(ADA, "Hello?").await.unwrap_err().code(),
        "chat_not_found",
        "a bot cannot write first"
    );
    simulator.customer_says(ADA, Content::Start(String::new())).unwrap();
    world.say(ADA, "Hello!").await.unwrap();
    simulator.customer_says(ADA, Content::Block).unwrap();
    assert_eq!(world.say(ADA, "Hello?").await.unwrap_err().code(), "recipient_gone");
    simulator.customer_says(ADA, Content::Unblock).unwrap();
    world.say(ADA, "Hello again!").await.unwrap();
}

#[tokio::test]
async fn a_group_with_a_new_id_is_followed() {
    let world = World::start().await;
    world.simulator.add_group(-400, "Customers");
    let new_id = world.simulator.upgrade_group(-400).unwrap();
    let receipt = world.say(-400, "Hello all").await.unwrap().remove(0);
    assert_eq!(receipt.moved_to, Some(new_id.to_string()));
    assert_eq!(world.simulator.sent()[0].chat_id, new_id);
}

#[tokio::test]
async fn faults_are_told_apart_by_whether_the_message_may_have_gone() {
    let world = World::start().await;
    world.simulator.add_customer(ADA, "Ada", "en");
    let table = [
        (FaultKind::RateLimited { retry_after: 12 }, Retry::After(Duration::from_secs(12)), 0),
        (FaultKind::ServerError, Retry::Backoff, 0),
        (FaultKind::GatewayPage, Retry::Backoff, 0),
        (FaultKind::DropBefore, Retry::AskPerson, 0),
        (FaultKind::Hang, Retry::AskPerson, 0),
        (FaultKind::DropAfter, Retry::AskPerson, 1),
    ];
    for (kind, retry, sent) in table {
        let before = world.simulator.sent().len();
        world.simulator.fault(Fault::next(kind, 1).only("sendMessage"));
        let error = world.say(ADA, "Hello").await.unwrap_err();
        assert_eq!(error.retry(), retry, "{kind:?}: {error}");
        assert_eq!(world.simulator.sent().len() - before, sent, "{kind:?}");
        assert!(!format!("{error:?} {error}").contains("AASimulated"), "{error:?}");
    }
    world.say(ADA, "Hello").await.unwrap();
}

#[tokio::test]
async fn a_provider_that_is_not_there_surely_got_nothing() {
    let world = World::start().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let account = account(&format!("http://{closed}"), "700000001:AASimulatedSimulatedSimulatedSimul");
    let message = Outbound { thread_id: BOB.to_string(), text: "Hello".to_owned(), ..Outbound::default() };
    let error = Telegram.send(&account, &message, &Files::default(), &world.transport).await.unwrap_err();
    assert_eq!((error.code(), error.retry()), ("unreachable", Retry::Backoff));
}

#[tokio::test]
async fn typing_is_shown() {
    let world = World::start().await;
    world.simulator.add_customer(ADA, "Ada", "en");
    Telegram.typing(&world.account, &ADA.to_string(), &world.transport).await.unwrap();
    let actions = world.simulator.chat_actions();
    assert_eq!((actions[0].chat_id, actions[0].action.as_str()), (ADA, "typing"));
}
