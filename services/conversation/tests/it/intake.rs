use bytes::Bytes;
use futures::future::join_all;
use rstest::rstest;
use uuid::Uuid;
use weft_bus::{Event, Stream};
use weft_proto::{
    channel::v1::{Inbound, Media, MessageEdited, MessageReceived, inbound},
    conversation::v1::attachment,
    events::v1::{ContactCreated, ConversationCreated, ConversationUpdated, MessageCreated},
};

use crate::{
    adapter::{Tenant, now, words},
    rig::{Engine, Rig},
};

/// Waits until so many messages are stored.
async fn until_stored(tenant: &Tenant<'_>, count: usize) {
    let enough = |events: &[Event]| (tenant.told::<MessageCreated>(events).len() >= count).then_some(());
    tenant.rig.events.wait("messages", enough).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_webhooks_at_once_of_a_new_contact_make_one_contact_and_one_conversation(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let publish = (0..100).map(|n| {
        let event = tenant.envelope(&tenant.message("anna", &format!("m{n}"), "hello"));
        // Half of them without the order of their chat, so that many come in one batch.
        let key = if n % 2 == 0 { Uuid::now_v7().to_string() } else { event.key.clone() };
        rig.bus.publish(Stream::In, Event { key, ..event })
    });
    assert!(join_all(publish).await.into_iter().all(|published| published.is_ok()));
    until_stored(&tenant, 100).await;
    let (contacts, conversations) = rig.events.now(|events| {
        (tenant.told::<ContactCreated>(events).len(), tenant.told::<ConversationCreated>(events).len())
    });
    assert_eq!((contacts, conversations), (1, 1));
    let [conversation] = &tenant.all().await[..] else { panic!("one conversation") };
    assert_eq!((conversation.unread_count, conversation.last_seq), (100, 100));
    assert_eq!(conversation.contact.as_ref().unwrap().name, "name of anna");
    let mut seqs: Vec<u64> = tenant.messages(&conversation.id).await.iter().map(|it| it.seq).collect();
    seqs.dedup();
    assert_eq!(seqs, (1..=100).collect::<Vec<u64>>());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_comes_in_one_batch_keeps_its_order_its_answers_and_its_edits(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let said = |thread: &str, n: usize| {
        let reply_to = n.checked_sub(1).map(|before| format!("{thread}-{before}"));
        let id = format!("{thread}-{n}");
        let message = MessageReceived { reply_to, ..words(&id, &format!("word {n}")) };
        Inbound { key: id, ..tenant.event(thread, inbound::Event::Message(message)) }
    };
    let mut events = Vec::new();
    for n in 0..40 {
        events.extend([said("anna", n), said("berta", n)]);
        if n == 20 {
            let edited = MessageEdited { message: Some(words("anna-20", "another word")) };
            events.push(tenant.event("anna", inbound::Event::Edited(edited)));
        }
    }
    let events = events.iter().map(|event| tenant.envelope(event)).collect();
    rig.bus.publish_all(Stream::In, events).await.unwrap();
    until_stored(&tenant, 80).await;

    let conversations = tenant.all().await;
    assert_eq!(conversations.len(), 2);
    for conversation in conversations {
        assert_eq!((conversation.unread_count, conversation.last_seq), (40, 40));
        let messages = tenant.messages(&conversation.id).await;
        assert_eq!(conversation.last_message.unwrap().id, messages[39].id);
        let answered: Vec<_> = messages.iter().map(|message| message.reply_to.clone()).collect();
        let expected: Vec<_> = std::iter::once(None)
            .chain(messages.iter().map(|message| Some(message.id.clone())))
            .take(40)
            .collect();
        assert_eq!(answered, expected, "each answers the one before it");
        let is_edited = conversation.contact.unwrap().name == "name of anna";
        let text = if is_edited { "another word" } else { "word 20" };
        assert_eq!(messages[20].text, text);
        assert!(messages.iter().zip(1..).all(|(message, seq)| message.seq == seq));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_fifty_times_makes_one_message(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let event = tenant.message("anna", "m1", "once");
    let publish = (0..50).map(|n| {
        let again = tenant.envelope(&event);
        let key = if n % 2 == 0 { Uuid::now_v7().to_string() } else { again.key.clone() };
        rig.bus.publish(Stream::In, Event { key, ..again })
    });
    assert!(join_all(publish).await.into_iter().all(|published| published.is_ok()));
    // The provider's id decides, even if the event is called otherwise.
    tenant.publish(Inbound { key: "other key".into(), ..event }).await;
    let last = tenant.receive("anna", "m2", "last").await;
    tenant.settle("anna").await;
    assert_eq!(last.seq, 2);
    let conversation = tenant.conversation(&last.conversation_id).await;
    assert_eq!((conversation.unread_count, conversation.last_seq), (2, 2));
    assert_eq!(rig.events.now(|events| tenant.told::<MessageCreated>(events).len()), 2);
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn messages_without_an_id_of_the_provider_are_told_apart_by_their_events(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    for key in ["k1", "k2", "k1"] {
        let nameless = tenant.message("anna", "", "ok");
        tenant.publish(Inbound { key: key.into(), ..nameless }).await;
    }
    let last = tenant.receive("anna", "m3", "last").await;
    assert_eq!(last.seq, 3);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_photos_in_the_same_millisecond_are_both_kept_in_one_conversation(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let at = Some(now());
    let photo = |id: &str| {
        let media = vec![Media {
            reference: format!("ref-{id}"),
            kind: attachment::Kind::Image.into(),
            ..Media::default()
        }];
        let message = MessageReceived { media, ..words(id, "") };
        let event = tenant.event("anna", inbound::Event::Message(message));
        let event = tenant.envelope(&Inbound { key: id.into(), occurred_at: at, ..event });
        Event { key: Uuid::now_v7().to_string(), ..event }
    };
    rig.bus.publish_all(Stream::In, vec![photo("p1"), photo("p2")]).await.unwrap();
    until_stored(&tenant, 2).await;
    let [conversation] = &tenant.all().await[..] else { panic!("one conversation") };
    let messages = tenant.messages(&conversation.id).await;
    assert_eq!(messages.len(), 2);
    for message in messages {
        let fetch = tenant.fetch_order(&message.id, 0).await;
        assert_eq!(fetch.media.unwrap().reference, format!("ref-{}", message.provider_message_id.unwrap()));
        assert_eq!(message.attachments[0].state(), attachment::State::Pending);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_seq_is_the_order_of_arrival(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let arrived: Vec<String> = (0..40).map(|n| format!("m{n}")).collect();
    let events = arrived.iter().map(|id| tenant.envelope(&tenant.message("anna", id, id))).collect();
    rig.bus.publish_all(Stream::In, events).await.unwrap();
    until_stored(&tenant, 40).await;
    let conversation = tenant.all().await.remove(0);
    let texts: Vec<String> =
        tenant.messages(&conversation.id).await.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, arrived);
    let told: Vec<String> = rig.events.now(|events| {
        let created = tenant.told::<MessageCreated>(events);
        created.into_iter().map(|event| event.message.unwrap().text).collect()
    });
    assert_eq!(told, arrived, "the events keep the order, too");
    assert_eq!(conversation.last_message.unwrap().text, "m39");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_many_tenants_ends_with_each_in_its_own_rows(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenants: Vec<_> = (0..12).map(|_| rig.tenant()).collect();
    let mut events = Vec::new();
    for thread in ["anna", "bert", "carl"] {
        // All tenants' providers use the same ids.
        let of_thread = tenants
            .iter()
            .map(|tenant| tenant.envelope(&tenant.message(thread, thread, &tenant.id.to_string())));
        events.extend(of_thread);
    }
    rig.bus.publish_all(Stream::In, events).await.unwrap();
    for tenant in &tenants {
        until_stored(tenant, 3).await;
        let conversations = tenant.all().await;
        assert_eq!(conversations.len(), 3);
        for conversation in conversations {
            let [message] = &tenant.messages(&conversation.id).await[..] else { panic!("one message") };
            assert_eq!(message.text, tenant.id.to_string());
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_change_is_told_and_in_order(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "hello").await;
    tenant.receive("anna", "m2", "again").await;
    tenant.send(&first.conversation_id, "hi").await.unwrap();
    tenant.set_status(&first.conversation_id, "resolved").await.unwrap();
    let resolved = |event: &ConversationUpdated| event.conversation.as_ref().unwrap().status == 4;
    tenant.until("the end", resolved).await;
    let kinds: Vec<String> = rig.events.now(|events| {
        events.iter().map(|event| event.kind.trim_start_matches("weft.v1.").to_owned()).collect()
    });
    let expected = [
        "contact.created",
        "conversation.created",
        "message.created",
        "message.created",
        "conversation.updated",
        "message.created",
        "conversation.updated",
        "reader.updated",
        "conversation.updated",
    ];
    assert_eq!(kinds, expected);
    let keys = rig.events.now(|events| {
        let mut keys: Vec<String> = events.iter().skip(1).map(|event| event.key.clone()).collect();
        keys.dedup();
        keys
    });
    assert_eq!(keys, [first.conversation_id], "all in the order of their conversation");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_adapter_says_is_ignored(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let body = format!(
        r#"{{"tenant_id":"{}","channel_id":"{}","channel_kind":"test","key":"k","thread":{{"id":"anna"}},
            "poll_answered":{{"choice":1}},"later":true}}"#,
        tenant.id, tenant.channel
    );
    rig.bus.publish(Stream::In, tenant.raw("anna", Bytes::from(body))).await.unwrap();
    tenant.receive("anna", "m1", "hello").await;
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}
