use std::time::Duration;

use bytes::Bytes;
use rstest::rstest;
use sea_orm::ConnectionTrait;
use weft_bus::Stream;
use weft_domain::id;
use weft_proto::{
    channel::v1::{
        AttemptEnded, Inbound, MediaFetched, ThreadMoved, attempt_ended::Result as Ended, inbound,
    },
    conversation::v1::message::State,
    events::v1::MessageCreated,
};

use crate::{
    adapter::direct,
    rig::{Engine, Rig},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn poison_is_put_aside_and_the_next_of_the_conversation_goes_on(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m0", "before").await;
    let good = tenant.message("anna", "m1", "after");
    let unknown = id::new::<id::Message>().to_string();
    let ended = AttemptEnded { message_id: unknown, ..AttemptEnded::default() };
    let fetched = MediaFetched { message_id: first.id, file_id: "none".into(), ..MediaFetched::default() };
    let bad = |key: &str| Inbound { key: key.into(), ..tenant.message("anna", key, "poison") };
    let poison = [
        (Inbound { tenant_id: id::new::<id::Tenant>().to_string(), ..bad("1") }, "tenant_mismatch"),
        (Inbound { tenant_id: "tenant_x".into(), ..bad("2") }, "tenant_mismatch"),
        (Inbound { channel_id: "chan_x".into(), ..bad("3") }, "invalid_id"),
        (Inbound { channel_kind: "a.b".into(), ..bad("4") }, "invalid_subject"),
        (Inbound { channel_kind: String::new(), ..bad("5") }, "invalid_subject"),
        (Inbound { key: String::new(), ..bad("6") }, "invalid_field"),
        (Inbound { thread: Some(direct(&"x".repeat(600))), ..bad("7") }, "invalid_field"),
        (tenant.event("anna", inbound::Event::AttemptEnded(ended)), "not_found"),
        (tenant.event("anna", inbound::Event::Moved(ThreadMoved::default())), "invalid_field"),
        (tenant.event("anna", inbound::Event::MediaFetched(fetched)), "no dead letter"),
    ];
    let mut events = vec![tenant.raw("anna", Bytes::from_static(b"{ this is no JSON"))];
    // All under the key of the one conversation, whatever their bodies say.
    let key = tenant.envelope(&good).key;
    events.extend(poison.iter().map(|(event, _)| {
        let event = tenant.envelope(event);
        weft_bus::Event { key: key.clone(), ..event }
    }));
    events.push(tenant.envelope(&good));
    rig.bus.publish_all(Stream::In, events).await.unwrap();
    tenant.until_message(|message| message.text == "after").await;

    let mut expected = vec!["unreadable_event"];
    expected.extend(poison.iter().map(|(_, reason)| *reason).filter(|reason| *reason != "no dead letter"));
    // Written when their batch is settled, after what else it holds was stored.
    let letters = weft_testkit::eventually("the letters", Duration::from_secs(20), async || {
        let letters = rig.bus.dead_letters(0, 100).await.unwrap();
        (letters.len() >= expected.len()).then_some(letters)
    })
    .await;
    let reasons: Vec<_> = letters.iter().map(|letter| letter.letter.reason.as_str()).collect();
    assert_eq!(reasons, expected);
    assert!(letters.iter().all(|letter| letter.letter.attempts == 1), "what cannot pass is not tried again");
    let texts: Vec<_> =
        tenant.messages(&first.conversation_id).await.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["before", "after"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn poison_in_a_batch_harms_none_of_the_others(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let mut events: Vec<_> = (0..30)
        .map(|n| tenant.envelope(&tenant.message(&format!("person-{n}"), &format!("m{n}"), "hello")))
        .collect();
    let ended = AttemptEnded { message_id: "msg_x".into(), ..AttemptEnded::default() };
    events.insert(15, tenant.envelope(&tenant.event("nobody", inbound::Event::AttemptEnded(ended))));
    rig.bus.publish_all(Stream::In, events).await.unwrap();
    for n in 0..30 {
        let id = format!("m{n}");
        tenant.until_message(|message| message.provider_message_id.as_ref() == Some(&id)).await;
    }
    assert_eq!(tenant.all().await.len(), 30);
    // The letter is written when its batch is settled, which is before the next one of its key is taken up.
    tenant.publish(tenant.message("nobody", "last", "last")).await;
    tenant.until_message(|message| message.text == "last").await;
    let letters = rig.bus.dead_letters(0, 10).await.unwrap();
    let reasons: Vec<_> = letters.iter().map(|letter| letter.letter.reason.as_str()).collect();
    assert_eq!(reasons, ["not_found"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_again_holds_the_later_ones_of_its_conversation_and_no_others() {
    let rig = Rig::new(Engine::Postgres).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m0", "before").await.conversation_id;
    tenant.send(&conversation, "our answer").await.unwrap();
    let order = tenant.order().await;
    let database = rig.database().await;
    let state =
        |state: &str| format!("UPDATE conversation.message SET state = '{state}' WHERE text = 'our answer'");
    database.execute_unprepared(&state("a word of tomorrow")).await.unwrap();

    let ended = AttemptEnded {
        message_id: order.message_id.clone(),
        attempt: order.attempt,
        result: Ended::Rejected.into(),
        ..AttemptEnded::default()
    };
    let events = [
        tenant.event("anna", inbound::Event::AttemptEnded(ended)),
        tenant.message("anna", "m1", "held back"),
        tenant.message("berta", "m2", "goes on"),
    ];
    let events = events.iter().map(|event| tenant.envelope(event)).collect();
    rig.bus.publish_all(Stream::In, events).await.unwrap();
    tenant.until_message(|message| message.text == "goes on").await;
    let told = rig.events.now(|events| tenant.told::<MessageCreated>(events));
    assert!(!told.into_iter().any(|event| event.message.unwrap().text == "held back"));

    database.execute_unprepared(&state("sending")).await.unwrap();
    tenant.until_message(|message| message.text == "held back").await;
    let failed =
        tenant.messages(&conversation).await.into_iter().find(|it| it.id == order.message_id).unwrap();
    assert_eq!(failed.state(), State::Failed, "what was held back came after what it waited for");
}
