use rstest::rstest;
use weft_proto::{
    channel::v1::{
        Inbound, Media, MediaFetched, MessageDeleted, MessageEdited, MessageReceived, Reaction, inbound,
    },
    conversation::v1::attachment,
    events::v1::ReactionChanged,
};

use crate::{
    adapter::{group, person, words},
    rig::{Engine, Rig},
};

fn edited(message: MessageReceived) -> inbound::Event {
    inbound::Event::Edited(MessageEdited { message: Some(message) })
}

fn file(reference: &str, name: &str) -> Media {
    Media { reference: reference.into(), name: name.into(), size: 10, ..Media::default() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_changes_the_message_in_its_place(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "helo").await;
    tenant.receive("anna", "m2", "next").await;
    tenant.tell("anna", edited(words("m1", "hello"))).await;
    let changed = tenant.until_message(|it| it.id == first.id && it.text == "hello").await;
    assert!(changed.edited_at.is_some());
    assert_eq!(changed.seq, 1);
    let texts: Vec<_> =
        tenant.messages(&first.conversation_id).await.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["hello", "next"]);
    assert_eq!(tenant.conversation(&first.conversation_id).await.unread_count, 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_message_we_never_saw_is_stored_as_it_is_now(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell("anna", edited(words("m1", "hello"))).await;
    let message = tenant.until_message(|it| it.text == "hello").await;
    // The original comes late: it is the same message, and older.
    tenant.publish(tenant.message("anna", "m1", "helo")).await;
    tenant.settle("anna").await;
    let all = tenant.messages(&message.conversation_id).await;
    assert_eq!(all.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["hello"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_keeps_the_files_that_are_the_same_and_fetches_the_others(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let photo = MessageReceived { media: vec![file("ref-1", "")], ..words("m1", "loook") };
    tenant.tell("anna", inbound::Event::Message(photo.clone())).await;
    let message = tenant.until_message(|it| it.text == "loook").await;
    let stored = rig.files.add(tenant.id, "photo.jpg", "image/jpeg");
    let fetched = MediaFetched {
        message_id: message.id.clone(),
        file_id: stored.clone(),
        name: "photo.jpg".into(),
        mime: "image/jpeg".into(),
        size: 11,
        ..MediaFetched::default()
    };
    tenant.tell("anna", inbound::Event::MediaFetched(fetched)).await;
    tenant.tell("anna", edited(MessageReceived { text: "look".into(), ..photo })).await;
    let changed = tenant.until_message(|it| it.text == "look").await;
    assert_eq!(changed.attachments[0].id, stored);
    let other = MessageReceived { media: vec![file("ref-2", "")], ..words("m1", "another") };
    tenant.tell("anna", edited(other)).await;
    let changed = tenant.until_message(|it| it.text == "another").await;
    assert_eq!(changed.attachments[0].state(), attachment::State::Pending);
    let orders = rig.orders.wait("the other file's order", |orders| {
        let all: Vec<_> = orders.iter().map(|order| format!("{order:?}")).collect();
        all.iter().any(|order| order.contains("ref-2")).then_some(all)
    });
    assert_eq!(orders.await.len(), 2, "the same file is fetched once");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_message_loses_its_words_and_keeps_its_place(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "my password is 1234").await;
    let delete = |id: &str| inbound::Event::Deleted(MessageDeleted { id: id.into() });
    tenant.tell("anna", delete("unknown")).await;
    tenant.tell("anna", delete("m1")).await;
    tenant.tell("anna", delete("m1")).await;
    tenant.tell("anna", edited(words("m1", "my password is 1234"))).await;
    tenant.settle("anna").await;
    let [message] = &tenant.messages(&first.conversation_id).await[..] else { panic!("one message") };
    assert!(message.deleted_at.is_some());
    assert_eq!((message.text.as_str(), message.seq), ("", 1));
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_is_told_with_who_reacted(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let direct = tenant.receive("anna", "m1", "hello").await;
    let react = |id: &str, emoji: &str, removed: bool| {
        let message_id = id.to_owned();
        inbound::Event::Reaction(Reaction { message_id, emoji: emoji.into(), removed, only: false })
    };
    tenant.tell("anna", react("unknown", "👎", false)).await;
    tenant.tell("anna", react("m1", "👍", false)).await;
    let told = tenant.until::<ReactionChanged>("the reaction", |it| it.emoji == "👍").await;
    let author = told.author.unwrap();
    assert_eq!((told.message_id, author.name), (direct.id, "name of anna".to_owned()));
    let conversation = tenant.conversation(&direct.conversation_id).await;
    assert_eq!(author.id, conversation.contact.unwrap().id);

    let in_group = |event| Inbound {
        thread: Some(group("g", "Friends")),
        sender: Some(person("bert")),
        ..tenant.event("g", event)
    };
    tenant.publish(in_group(inbound::Event::Message(words("g1", "hi all")))).await;
    let message = tenant.until_message(|it| it.text == "hi all").await;
    tenant.publish(in_group(react("g1", "👎", true))).await;
    tenant.publish(in_group(react("g1", "🎉", false))).await;
    tenant.publish(in_group(react("g1", "🎉", true))).await;
    let told = tenant.until::<ReactionChanged>("the reaction", |it| it.emoji == "🎉" && it.removed).await;
    assert_eq!(told.author.unwrap().id, message.author.unwrap().id);
    let told = rig.events.now(|events| tenant.told::<ReactionChanged>(events).len());
    assert_eq!(told, 3, "what was not there does not go");
}
