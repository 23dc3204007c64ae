//! Who and what must not be mixed up: people who were one contact for a while, channels that a message was tried on, threads.

use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::Clock as _;
use weft_proto::{
    channel::v1::{AttemptEnded, ThreadMoved, attempt_ended, inbound},
    conversation::v1::{
        SendMessageRequest, UpdateContactSettingsRequest, conversation::Status, message::State,
    },
    convert::timestamp,
    directory::v1::{Capabilities, Channel},
    events::v1::{ChannelCreated, ConversationUpdated},
    json,
};

use crate::{
    adapter::{KIND, person},
    agent::fault,
    moves::can,
    people::{matter, with_phone},
    rig::{Engine, Rig},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_was_moved_is_not_answered_at_the_other_person_when_a_merge_is_undone(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let anna = tenant.receive("anna", "m1", "hello").await;
    let bert = tenant.receive_on(other, person("bert"), "m2").await;
    let merge = tenant.merge(&anna.author.unwrap().id, &bert.author.unwrap().id).await.unwrap();
    tenant.set_status(&bert.conversation_id, "closed").await.unwrap();
    tenant.go(&anna.conversation_id, other, None).await.unwrap();

    let refused = tenant.undo(&merge.id).await.unwrap_err();
    assert_eq!(fault(&refused).0, "conversation_open_there");
    assert!(refused.message().contains(&anna.conversation_id), "{refused}");
    tenant.set_status(&anna.conversation_id, "closed").await.unwrap();
    tenant.undo(&merge.id).await.unwrap();
    let shown = tenant.conversation(&anna.conversation_id).await;
    assert_eq!(shown.channel.unwrap().id, tenant.channel.to_string(), "it is back with its own contact");
    assert_ne!(tenant.receive_on(other, person("bert"), "m3").await.conversation_id, anna.conversation_id);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_renamed_since_a_merge_is_given_back_by_its_undoing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let anna = tenant.receive("anna", "m1", "hello").await;
    let bert = tenant.receive("bert", "m2", "hello").await;
    let (kept, merged) = (anna.author.unwrap().id, bert.author.unwrap().id);
    let merge = tenant.merge(&kept, &merged).await.unwrap();
    let moved = ThreadMoved { new_id: "bert-2".into(), ..ThreadMoved::default() };
    tenant.tell("bert", inbound::Event::Moved(moved)).await;
    tenant.settle("anna").await;
    tenant.undo(&merge.id).await.unwrap();
    assert_eq!(tenant.contact(&merged).await.identities[0].external_id, "bert-2");
    assert_eq!(tenant.receive("bert-2", "m3", "hello").await.author.unwrap().id, merged);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_gone_on_one_channel_does_not_go_by_itself_on_another(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(true, false)] may_have_gone: bool,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let anna = tenant.receive("anna", "m1", "hello").await;
    let there = tenant.receive_on(other, person("anna-there"), "m2").await;
    tenant.merge(&anna.author.unwrap().id, &there.author.unwrap().id).await.unwrap();
    tenant.set_status(&there.conversation_id, "closed").await.unwrap();

    tenant.send(&anna.conversation_id, "one").await.unwrap();
    let order = tenant.order().await;
    tenant.send(&anna.conversation_id, "two").await.unwrap();
    let ended = AttemptEnded {
        result: attempt_ended::Result::Deferred.into(),
        retry_at: Some(timestamp(rig.clock.now() + TimeDelta::seconds(60))),
        may_have_gone,
        ..AttemptEnded::default()
    };
    tenant.ended_with(&order, ended).await;
    tenant.settle("anna").await;
    tenant.go(&anna.conversation_id, other, None).await.unwrap();
    rig.clock.advance(TimeDelta::seconds(61));
    let next = tenant.order().await;
    if !may_have_gone {
        assert_eq!((next.text.as_str(), next.thread_id.as_str()), ("one", "anna-there"));
        return;
    }
    assert_eq!((next.text.as_str(), next.thread_id.as_str()), ("two", "anna-there"));
    let one =
        tenant.until_message(|message| message.text == "one" && message.state() == State::Unclear).await;
    assert_eq!(one.channel_id, tenant.channel.to_string());
    // a person decides; then it goes
    tenant.accepted(&next, &["p2"]).await;
    tenant.resolve(&one, "send_again").await.unwrap();
    assert_eq!(tenant.order().await.text, "one");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_number_means_the_same_person_however_a_channel_writes_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let digits = tenant.second_channel("digits").await;
    let in_germany = UpdateContactSettingsRequest { country: Some("DE".into()), ..Default::default() };
    tenant.settings(in_germany).await;
    let ada = tenant.receive_on(tenant.channel, with_phone("ada", "+442079460958"), "m1").await;
    tenant.knows(&ada.conversation_id, Capabilities { first_contact: "phone_digits".into(), ..can() }).await;
    let begun = tenant.begin(digits, None, Some("+44 20 7946 0958")).await.unwrap();
    assert_eq!(begun.contact.unwrap().id, ada.author.unwrap().id, "a provider vouches for the number");
    let shown = tenant.contact(&tenant.conversation(&begun.id).await.contact.unwrap().id).await;
    assert!(shown.identities.iter().any(|identity| identity.external_id == "442079460958"), "{shown:?}");

    // Brazil has two ways to write mobile numbers, and this one is known by an id of the provider's, too
    for (id, phone, message) in [("551187654321", "+551187654321", "b1"), ("BR.4711", "+551197654322", "b2")]
    {
        let there = tenant.receive_on(digits, with_phone(id, phone), message).await;
        let typed = if message == "b1" { "+55 11 98765-4321" } else { "+55 11 99765-4322" };
        let found = tenant.begin(digits, None, Some(typed)).await.unwrap();
        assert_eq!(found.id, there.conversation_id, "{typed}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whom_we_wrote_to_first_is_vouched_for_once_they_answer(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let known = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let (sms, other) = (tenant.second_channel("sms").await, tenant.second_channel("other").await);
    tenant.knows(&known, Capabilities { reply_window_hours: 0, ..can() }).await;
    let begun = tenant.begin(sms, None, Some("+442079460958")).await.unwrap();
    let apart = tenant.begin(other, None, Some("+442079460958")).await.unwrap();
    assert_ne!(begun.contact.as_ref().unwrap().id, apart.contact.unwrap().id, "nobody vouches for it yet");
    let answer = tenant.receive_on(sms, with_phone("+442079460958", "+442079460958"), "a1").await;
    assert_eq!(answer.conversation_id, begun.id);
    let third = tenant.second_channel("third").await;
    let found = tenant.begin(third, None, Some("+442079460958")).await.unwrap();
    assert_eq!(found.contact.unwrap().id, begun.contact.unwrap().id);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_moves_where_a_message_came_first_goes_on_there(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let before = tenant.receive("old", "m1", "hello").await;
    let after = tenant.receive("new", "m2", "hello").await;
    let moved = ThreadMoved { new_id: "new".into(), ..ThreadMoved::default() };
    tenant.tell("old", inbound::Event::Moved(moved)).await;
    tenant
        .until("the end of the first", |event: &ConversationUpdated| {
            let conversation = event.conversation.as_ref().unwrap();
            conversation.id == before.conversation_id && conversation.status() == Status::Closed
        })
        .await;
    assert_eq!(tenant.receive("new", "m3", "hello").await.conversation_id, after.conversation_id);
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_today_can_be_answered_in_another_conversation_too(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_channel(tenant.channel, "chat").await;
    let first = tenant.receive("anna", "m1", "hello").await;
    tenant.knows(&first.conversation_id, can()).await;
    tenant.set_status(&first.conversation_id, "closed").await.unwrap();
    let note = SendMessageRequest { internal: true, text: "called".into(), ..Default::default() };
    let note = SendMessageRequest { conversation_id: first.conversation_id.clone(), ..note };
    assert!(tenant.preview(note).await.sendable, "a note needs no window");
    let begun = tenant.begin(tenant.channel, Some(&first.author.unwrap().id), None).await.unwrap();
    assert_ne!(begun.id, first.conversation_id);
    let reply = begun.reply.unwrap_or(tenant.conversation(&begun.id).await.reply.unwrap());
    assert!(reply.allowed, "{}", reply.reason);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn matters_of_one_channel_stay_apart_also_where_channels_are_joined(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let join = UpdateContactSettingsRequest { join_channels: Some(true), ..Default::default() };
    tenant.settings(join).await;
    for (thread, id, title) in [("t1", "m1", "Invoice"), ("t2", "m2", "Delivery"), ("t1", "m3", "Invoice")] {
        tenant.publish(matter(&tenant, thread, id, title)).await;
        tenant.until_message(|message| message.provider_message_id.as_deref() == Some(id)).await;
    }
    let mut shown: Vec<_> = tenant.all().await.iter().map(|one| (one.title.clone(), one.last_seq)).collect();
    shown.sort();
    assert_eq!(shown, [("Delivery".to_owned(), 1), ("Invoice".to_owned(), 2)]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_begins_on_a_channel_that_was_deleted(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let gone = tenant.second_channel("gone").await;
    let conversation = tenant.receive_on(gone, person("anna"), "m1").await;
    let told = Channel { id: gone.to_string(), kind: KIND.into(), name: "gone".into(), ..Channel::default() };
    let event = weft_bus::Event {
        kind: "weft.v1.channel.deleted".into(),
        subject: format!("weft.events.{}.channel.deleted", tenant.id),
        key: gone.to_string(),
        ..tenant.raw("", json::encode(&ChannelCreated { channel: Some(told) }).unwrap())
    };
    rig.bus.publish(weft_bus::Stream::Events, event).await.unwrap();
    let contact = conversation.author.unwrap().id;
    let refused = async {
        while tenant.begin(gone, Some(&contact), None).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), refused).await.expect("it is heard");
    let refused = tenant.begin(gone, Some(&contact), None).await.unwrap_err();
    assert_eq!(fault(&refused), ("invalid_field", Some("channel_id")));
    let shown = tenant.conversation(&conversation.conversation_id).await;
    assert_eq!(shown.channel.unwrap().name, "gone", "what was there keeps its name");
}
