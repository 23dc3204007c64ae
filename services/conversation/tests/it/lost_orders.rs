use chrono::TimeDelta;
use rstest::rstest;
use weft_conversation::{LostOrders, settle_lost_order};
use weft_domain::Clock;
use weft_proto::{
    channel::v1::{Order, Outbound, order},
    conversation::v1::{contact_copy::State as Copy, message::State},
};

use crate::{
    adapter::{Tenant, person},
    our_changes::{all, copy},
    rig::{Engine, Rig},
};

/// The bus has lost the order to deliver a message; says whether that still waited.
async fn lose(tenant: &Tenant<'_>, order: &Outbound, again: bool) -> bool {
    lose_order(tenant, order::Order::Deliver(order.clone()), again).await
}

async fn lose_order(tenant: &Tenant<'_>, order: order::Order, again: bool) -> bool {
    let until = Clock::now(tenant.rig.clock.as_ref()) + TimeDelta::minutes(5);
    let order = Order { order: Some(order), ..Order::default() };
    settle_lost_order(&tenant.rig.store, tenant.id, &order, LostOrders { until, again }).await.unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_order_is_lost_becomes_unclear_or_goes_out_again_and_not_before_the_time(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let mut messages = Vec::new();
    for text in ["one", "two", "three"] {
        messages.push(tenant.send(&conversation, text).await.unwrap());
    }
    let until = async |at: usize, state: State| {
        let id = &messages[at].id;
        tenant.until_message(|it| it.id == *id && it.state() == state).await
    };
    let first = tenant.order().await;
    assert!(lose(&tenant, &first, false).await);
    assert!(!lose(&tenant, &first, false).await, "a rebuild that is repeated changes nothing");
    tenant.no_more_orders().await;
    rig.clock.advance(TimeDelta::minutes(6));
    assert!(until(0, State::Unclear).await.state_reason.is_some());

    let second = tenant.order().await;
    assert!(lose(&tenant, &second, true).await);
    tenant.no_more_orders().await;
    rig.clock.advance(TimeDelta::minutes(6));
    let repeated = tenant.order().await;
    assert_eq!((repeated.message_id, repeated.attempt), (second.message_id.clone(), second.attempt + 1));
    assert!(!lose(&tenant, &second, true).await, "another attempt is on its way");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_had_the_lost_order_in_hand_still_says_how_it_ended(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let message = tenant.send(&conversation, "one").await.unwrap();
    let order = tenant.order().await;
    assert!(lose(&tenant, &order, true).await);
    tenant.accepted(&order, &["out-1"]).await;
    tenant.until_message(|it| it.id == message.id && it.state() == State::Sent).await;
    assert!(!lose(&tenant, &order, true).await);
    rig.clock.advance(TimeDelta::minutes(6));
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_order_is_lost_is_told_anew_or_ends_where_the_conversation_has_moved_on(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let anna = tenant.receive("anna", "m1", "hello").await;
    let conversation = &anna.conversation_id;
    tenant.knows(conversation, all()).await;
    let there = tenant.receive_on(other, person("anna-there"), "m2").await;
    tenant.merge(&anna.author.unwrap().id, &there.author.unwrap().id).await.unwrap();
    tenant.set_status(&there.conversation_id, "closed").await.unwrap();
    let sent = tenant.sent(conversation, "at noon").await;
    tenant.edit(&sent, "at one").await.unwrap();
    let lost = order::Order::Change(tenant.change(&sent, 1).await);
    assert!(lose_order(&tenant, lost.clone(), false).await);
    let told = |orders: &[Order]| orders.iter().filter(|it| it.order.as_ref() == Some(&lost)).count();
    rig.orders.wait("the order anew", |orders| (told(orders) == 2).then_some(())).await;
    assert_eq!(rig.order_keys.now(|keys| keys.last().cloned()), Some(sent.id.clone()));

    tenant.go(conversation, other, None).await.unwrap();
    assert!(lose_order(&tenant, lost.clone(), false).await);
    let ended = tenant.until_message(|it| copy(it).is_some_and(|(state, _)| state == Copy::Unchanged)).await;
    assert!(copy(&ended).unwrap().1.contains("moved"));
    assert!(!lose_order(&tenant, lost.clone(), false).await, "a rebuild that is repeated changes nothing");
    assert_eq!(rig.orders.now(told), 2);
}
