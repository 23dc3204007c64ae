use rstest::rstest;
use weft_proto::{
    channel::v1::{Inbound, Media, MessageReceived, Person, Thread, inbound},
    conversation::v1::{ContactCard, content},
};

use crate::{
    adapter::words,
    rig::{Engine, Rig},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn any_text_of_a_contact_is_kept(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let family = "👨‍👩‍👧‍👦🏳️‍🌈e\u{301}";
    let cases = [
        ("שלום עולם \u{202e}مرحبا\u{202c}", "שלום עולם \u{202e}مرحبا\u{202c}"),
        (family, family),
        ("a\0b", "ab"),
        (r"a\u0000b", r"a\u0000b"),
        ("  two\r\nlines\t", "  two\r\nlines\t"),
        ("", ""),
        ("'; DROP TABLE message; --", "'; DROP TABLE message; --"),
    ];
    for (n, (written, kept)) in cases.into_iter().enumerate() {
        let message = tenant.receive("anna", &format!("m{n}"), written).await;
        assert_eq!(message.text, kept);
        let stored = tenant.messages(&message.conversation_id).await.pop().unwrap();
        assert_eq!(stored, message, "what is told is what is stored");
    }
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_too_long_is_cut_where_one_can_see_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let message = tenant.receive("anna", "m1", &"ü".repeat(100_000)).await;
    assert_eq!(message.text.chars().count(), 20_000);
    assert!(message.text.ends_with("ü…"));
    assert_eq!(tenant.receive("anna", "m2", &"ü".repeat(20_000)).await.text, "ü".repeat(20_000));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_else_a_provider_sends_is_stored_and_told(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let long = "\u{0}".to_owned() + &"x".repeat(3_000);
    let card = ContactCard { name: long.clone(), phones: vec![long.clone(); 80], emails: vec![] };
    let media = Media { reference: long.clone(), name: long.clone(), mime: long.clone(), ..Media::default() };
    let message = MessageReceived {
        media: vec![media],
        contact_card: Some(card),
        postback: Some("a\0b".into()),
        unsupported: Some("story\0".into()),
        raw: Some("{\"a\":\"\0\"}".into()),
        ..words("m1", "everything")
    };
    let person = Person {
        id: "anna".into(),
        name: format!(" {long} "),
        username: Some("\0anna".into()),
        email: Some(String::new()),
        phone: Some(long.clone()),
        ..Person::default()
    };
    // No bus takes this thread's id in a key, and no index more than some of it.
    let id = format!("anna\u{1}{}", "x".repeat(500));
    let thread = Thread { id: id.clone(), contact: Some(person), ..Thread::default() };
    let event = tenant.event("anna", inbound::Event::Message(message));
    let event = tenant.envelope(&Inbound { thread: Some(thread), ..event });
    let key = "some hash".to_owned();
    rig.bus.publish(weft_bus::Stream::In, weft_bus::Event { key, ..event }).await.unwrap();
    let stored = tenant.until_message(|it| it.text == "everything").await;
    assert_eq!(stored.kind(), content::Kind::Unsupported);
    assert_eq!(stored.contact_card.unwrap().phones.len(), 50);
    assert_eq!(stored.attachments[0].name.chars().count(), 500);
    let conversation = tenant.conversation(&stored.conversation_id).await;
    let contact = tenant.contact(&conversation.contact.unwrap().id).await;
    assert_eq!((contact.name.chars().count(), contact.email), (500, None));
    assert_eq!(contact.identities[0].username.as_deref(), Some("anna"));
    tenant.send(&conversation.id, "hi").await.unwrap();
    assert_eq!(tenant.order().await.thread_id, id, "the order travels");
}
