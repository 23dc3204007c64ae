use chrono::TimeDelta;
use rstest::rstest;
use sea_orm::ConnectionTrait as _;
use weft_domain::Clock as _;
use weft_proto::{
    channel::v1::{DeliveryReport, Inbound, delivery_report::State as Reported, inbound},
    conversation::v1::message::State,
    convert::timestamp,
    events::v1::MessageUpdated,
};

use crate::{
    adapter::Tenant,
    agent::Message,
    rig::{Engine, Rig},
};

/// A message of ours that the provider took and calls `id`.
async fn sent(tenant: &Tenant<'_>, conversation: &str, id: &str) -> Message {
    let message = tenant.send(conversation, id).await.unwrap();
    let order = tenant.order().await;
    tenant.accepted(&order, &[id]).await;
    tenant.until_message(|it| it.id == message.id && it.state() == State::Sent).await
}

async fn state(tenant: &Tenant<'_>, message: &Message) -> State {
    let all = tenant.messages(&message.conversation_id).await;
    all.into_iter().find(|it| it.id == message.id).unwrap().state()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn reports_that_come_twice_and_in_any_order_end_in_the_furthest_state(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let message = sent(&tenant, &conversation, "out-1").await;
    for state in [Reported::Read, Reported::Delivered, Reported::Read, Reported::Sent, Reported::Failed] {
        tenant.report("anna", "out-1", state).await;
    }
    tenant.settle("anna").await;
    assert_eq!(state(&tenant, &message).await, State::Read);
    // Events come in the order of commits: with this one all of before are here.
    tenant.receive("anna", "m2", "last").await;
    let updates = rig.events.now(|events| {
        let all = tenant.told::<MessageUpdated>(events);
        all.into_iter().filter(|event| event.message.as_ref().unwrap().id == message.id).count()
    });
    assert_eq!(updates, 2, "sent and read; what changes nothing is not told");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_comes_before_its_message_waits_for_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let earlier = sent(&tenant, &conversation, "out-1").await;
    let message = tenant.send(&conversation, "early").await.unwrap();
    let order = tenant.order().await;
    for _ in 0..2 {
        tenant.report("anna", "out-2", Reported::Delivered).await;
    }
    let read = DeliveryReport {
        id: "out-2".into(),
        state: Reported::Read.into(),
        up_to: true,
        ..Default::default()
    };
    tenant.tell("anna", inbound::Event::Report(read)).await;
    tenant.settle("anna").await;
    assert_eq!(state(&tenant, &message).await, State::Queued);
    tenant.accepted(&order, &["out-2"]).await;
    tenant.settle("anna").await;
    assert_eq!(state(&tenant, &message).await, State::Read);
    assert_eq!(state(&tenant, &earlier).await, State::Read, "it was said of all earlier messages, too");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_reported_early_is_shown_with_its_reason(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.send(&conversation, "early").await.unwrap();
    let order = tenant.order().await;
    let report = DeliveryReport {
        id: "out-1".into(),
        state: Reported::Failed.into(),
        reason: "the number does not exist".into(),
        ..Default::default()
    };
    tenant.tell("anna", inbound::Event::Report(report)).await;
    tenant.accepted(&order, &["out-1"]).await;
    let failed = tenant.until_message(|it| it.id == order.message_id && it.state() == State::Failed).await;
    assert_eq!(failed.state_reason.as_deref(), Some("the number does not exist"));
    // The next one may go all the same.
    tenant.send(&conversation, "next").await.unwrap();
    assert_eq!(tenant.order().await.text, "next");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn read_up_to_a_message_means_all_before_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let mut messages = Vec::new();
    for id in ["out-1", "out-2", "out-3"] {
        messages.push(sent(&tenant, &conversation, id).await);
    }
    let read = DeliveryReport {
        id: "out-2".into(),
        state: Reported::Read.into(),
        up_to: true,
        ..Default::default()
    };
    tenant.tell("anna", inbound::Event::Report(read)).await;
    tenant.settle("anna").await;
    let states = [
        state(&tenant, &messages[0]).await,
        state(&tenant, &messages[1]).await,
        state(&tenant, &messages[2]).await,
    ];
    assert_eq!(states, [State::Read, State::Read, State::Sent]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn read_up_to_a_time_means_all_that_went_out_until_then(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let elsewhere = tenant.receive("bob", "m2", "hello").await.conversation_id;
    let before = sent(&tenant, &conversation, "out-1").await;
    let of_another = sent(&tenant, &elsewhere, "out-2").await;
    let until = rig.clock.now();
    rig.clock.advance(TimeDelta::seconds(1));
    let after = sent(&tenant, &conversation, "out-3").await;
    let read = DeliveryReport { state: Reported::Read.into(), up_to: true, ..Default::default() };
    let event = tenant.event("anna", inbound::Event::Report(read));
    tenant.publish(Inbound { occurred_at: Some(timestamp(until)), ..event }).await;
    tenant.settle("anna").await;
    let states =
        [state(&tenant, &before).await, state(&tenant, &after).await, state(&tenant, &of_another).await];
    assert_eq!(states, [State::Read, State::Sent, State::Sent]);
    let nowhere = DeliveryReport { state: Reported::Read.into(), up_to: true, ..Default::default() };
    tenant.tell("nobody", inbound::Event::Report(nowhere)).await;
    tenant.receive("anna", "m3", "still there").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_was_put_aside_at_the_moment_its_message_became_known_is_applied() {
    let rig = Rig::new(Engine::Postgres).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let message = sent(&tenant, &conversation, "out-1").await;
    let aside = format!(
        "INSERT INTO conversation.parked_report (tenant_id, channel_id, external_id, state, reason, up_to, created_at) \
         VALUES ('{}', '{}', 'out-1', 'read', '', false, now())",
        tenant.id.uuid(),
        tenant.channel.uuid(),
    );
    rig.database().await.execute_unprepared(&aside).await.unwrap();
    tenant.until_message(|it| it.id == message.id && it.state() == State::Read).await;
}
