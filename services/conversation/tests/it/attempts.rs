use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::ErrorCode;
use weft_proto::{
    channel::v1::{
        AttemptEnded, MessageReceived, Outbound, ThreadMoved, attempt_ended::Result as Ended, inbound,
    },
    conversation::v1::message::State,
};

use crate::{
    adapter::{Tenant, words},
    agent::{Message, fault},
    rig::{Engine, Rig},
};

/// A conversation with messages of ours that are queued, and the order for the first.
async fn queued(tenant: &Tenant<'_>, texts: &[&str]) -> (Vec<Message>, Outbound) {
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let mut messages = Vec::new();
    for text in texts {
        messages.push(tenant.send(&conversation, text).await.unwrap());
    }
    (messages, tenant.order().await)
}

async fn until(tenant: &Tenant<'_>, message: &Message, state: State) -> Message {
    tenant.until_message(|it| it.id == message.id && it.state() == state).await
}

async fn now(tenant: &Tenant<'_>, message: &Message) -> Message {
    let all = tenant.messages(&message.conversation_id).await;
    all.into_iter().find(|it| it.id == message.id).unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_message_of_a_conversation_is_on_its_way_and_its_end_releases_the_next(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two", "three", "four"]).await;
    tenant.no_more_orders().await;
    assert_eq!(first.text, "one");
    tenant.started(&first, false).await;
    until(&tenant, &messages[0], State::Sending).await;
    tenant.accepted(&first, &["out-1"]).await;
    let sent = until(&tenant, &messages[0], State::Sent).await;
    assert_eq!(sent.provider_message_id.as_deref(), Some("out-1"));
    let second = tenant.order().await;
    assert_eq!(second.text, "two");
    tenant.ended(&second, Ended::Rejected).await;
    until(&tenant, &messages[1], State::Failed).await;
    let third = tenant.order().await;
    assert_eq!(third.text, "three");
    tenant.started(&third, false).await;
    tenant.ended(&third, Ended::Unclear).await;
    assert!(until(&tenant, &messages[2], State::Unclear).await.state_reason.is_some());
    assert_eq!(tenant.order().await.text, "four");
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_message_comes_due_and_the_later_ones_wait_behind_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two"]).await;
    tenant.deferred(&first, TimeDelta::minutes(5)).await;
    let waiting = tenant.until_message(|it| it.id == messages[0].id && it.state_reason.is_some()).await;
    assert_eq!(waiting.state(), State::Queued);
    tenant.no_more_orders().await;
    rig.clock.advance(TimeDelta::minutes(5));
    let again = tenant.order().await;
    assert_eq!((again.text.as_str(), again.attempt), ("one", 2));
    assert_eq!(now(&tenant, &messages[0]).await.state_reason, None);
    tenant.accepted(&again, &["out-1"]).await;
    assert_eq!(tenant.order().await.text, "two");
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_deferred_while_another_is_on_its_way_waits_for_its_turn_and_goes_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two", "three"]).await;
    tenant.started(&first, false).await;
    tenant.ended(&first, Ended::Redelivered).await;
    until(&tenant, &messages[0], State::Unclear).await;
    let second = tenant.order().await;
    // The first taker is still there, and knows that it surely did not go.
    tenant.deferred(&first, TimeDelta::minutes(5)).await;
    tenant
        .until_message(|it| {
            it.id == messages[0].id && it.state() == State::Queued && it.state_reason.is_some()
        })
        .await;
    tenant.accepted(&second, &["out-2"]).await;
    until(&tenant, &messages[1], State::Sent).await;
    tenant.no_more_orders().await;
    rig.clock.advance(TimeDelta::minutes(5));
    let again = tenant.order().await;
    assert_eq!((again.text.as_str(), again.attempt), ("one", 2));
    tenant.no_more_orders().await;
    tenant.accepted(&again, &["out-1"]).await;
    assert_eq!(tenant.order().await.text, "three");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_due_while_another_is_on_its_way_does_not_go_beside_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two", "three"]).await;
    tenant.started(&first, false).await;
    tenant.ended(&first, Ended::Redelivered).await;
    let second = tenant.order().await;
    tenant.deferred(&first, TimeDelta::minutes(5)).await;
    tenant
        .until_message(|it| {
            it.id == messages[0].id && it.state() == State::Queued && it.state_reason.is_some()
        })
        .await;
    rig.clock.advance(TimeDelta::minutes(5));
    let due =
        |it: &Message| it.id == messages[0].id && it.state_reason.is_none() && it.state() == State::Queued;
    rig.events
        .wait("the due message", |events| {
            let updates = tenant.told::<weft_proto::events::v1::MessageUpdated>(events);
            let last =
                updates.into_iter().filter_map(|event| event.message).rfind(|it| it.id == messages[0].id);
            last.is_some_and(|it| due(&it)).then_some(())
        })
        .await;
    tenant.no_more_orders().await;
    tenant.accepted(&second, &["out-2"]).await;
    let again = tenant.order().await;
    assert_eq!((again.text.as_str(), again.attempt), ("one", 2), "older than the third");
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_tried_too_late_is_given_up(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["your table is ready", "two"]).await;
    tenant.deferred(&first, TimeDelta::hours(25)).await;
    let failed = until(&tenant, &messages[0], State::Failed).await;
    assert_eq!(failed.state_reason.as_deref(), Some("given up after 1 attempts: slow down"));
    assert_eq!(tenant.order().await.text, "two");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_lapses_ends_in_unclear_and_the_next_goes_on(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two"]).await;
    tenant.started(&first, false).await;
    until(&tenant, &messages[0], State::Sending).await;
    rig.clock.advance(TimeDelta::seconds(61));
    let unclear = until(&tenant, &messages[0], State::Unclear).await;
    assert!(unclear.state_reason.unwrap().contains("send it again or leave it"));
    assert_eq!(tenant.order().await.text, "two");
    // It had gone after all.
    tenant.accepted(&first, &["out-1"]).await;
    until(&tenant, &messages[0], State::Sent).await;
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lapsed_attempt_that_may_be_repeated_is_repeated(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two"]).await;
    tenant.started(&first, true).await;
    until(&tenant, &messages[0], State::Sending).await;
    rig.clock.advance(TimeDelta::seconds(61));
    let again = tenant.order().await;
    assert_eq!((again.text.as_str(), again.attempt), ("one", 2));
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_order_taken_up_twice_goes_again_only_if_nobody_had_begun(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two"]).await;
    tenant.ended(&first, Ended::Redelivered).await;
    let again = tenant.order().await;
    assert_eq!((again.text.as_str(), again.attempt), ("one", 2));
    // What the first taker does from now on is not asked for any more.
    tenant.started(&first, false).await;
    tenant.ended(&first, Ended::Rejected).await;
    tenant.deferred(&first, TimeDelta::zero()).await;
    tenant.ended(&first, Ended::Redelivered).await;
    tenant.settle("anna").await;
    assert_eq!(now(&tenant, &messages[0]).await.state(), State::Queued);
    tenant.no_more_orders().await;
    tenant.started(&again, false).await;
    tenant.ended(&again, Ended::Redelivered).await;
    until(&tenant, &messages[0], State::Unclear).await;
    assert_eq!(tenant.order().await.text, "two");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_late_accepted_of_an_earlier_attempt_is_the_truth(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two"]).await;
    tenant.ended(&first, Ended::Redelivered).await;
    let again = tenant.order().await;
    tenant.accepted(&first, &["out-1"]).await;
    until(&tenant, &messages[0], State::Sent).await;
    assert_eq!(tenant.order().await.text, "two");
    // The second attempt is too much now; its end changes nothing.
    for late in [Ended::Rejected, Ended::Unclear, Ended::Redelivered] {
        tenant.ended(&again, late).await;
    }
    tenant.deferred(&again, TimeDelta::zero()).await;
    tenant.settle("anna").await;
    assert_eq!(now(&tenant, &messages[0]).await.state(), State::Sent);
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_split_message_is_known_by_all_its_parts(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["a long one"]).await;
    tenant.accepted(&first, &["p1", "p2", "p3"]).await;
    let sent = until(&tenant, &messages[0], State::Sent).await;
    assert_eq!(sent.provider_message_id.as_deref(), Some("p3"));
    tenant.report("anna", "p1", weft_proto::channel::v1::delivery_report::State::Delivered).await;
    until(&tenant, &messages[0], State::Delivered).await;
    // The provider shows us one of them as written by us: it is known.
    let echo = MessageReceived { from_us: true, ..words("p2", "a long one") };
    tenant.tell("anna", inbound::Event::Message(echo)).await;
    tenant.settle("anna").await;
    assert_eq!(tenant.messages(&messages[0].conversation_id).await.len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_overtakes_its_report_stops_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two"]).await;
    let echo = MessageReceived { from_us: true, ..words("out-1", "one") };
    tenant.tell("anna", inbound::Event::Message(echo)).await;
    tenant.accepted(&first, &["out-1"]).await;
    until(&tenant, &messages[0], State::Sent).await;
    assert_eq!(tenant.order().await.text, "two");
    tenant.settle("anna").await;
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_who_is_gone_fails_the_message_and_is_noted(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one"]).await;
    let gone = AttemptEnded {
        result: Ended::Rejected.into(),
        reason: "the contact blocked the bot".into(),
        recipient_gone: true,
        ..AttemptEnded::default()
    };
    tenant.ended_with(&first, gone).await;
    let failed = until(&tenant, &messages[0], State::Failed).await;
    assert_eq!(failed.state_reason.as_deref(), Some("the contact blocked the bot"));
    tenant.settle("anna").await;
    let contact = tenant.conversation(&failed.conversation_id).await.contact.unwrap();
    assert!(!tenant.contact(&contact.id).await.identities[0].reachable);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_decides_about_what_is_unclear_or_failed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (messages, first) = queued(&tenant, &["one", "two", "three"]).await;
    let early = tenant.resolve(&messages[0], "send_again").await.unwrap_err();
    assert_eq!((early.code(), early.reason()), (ErrorCode::Precondition, "nothing_to_decide"));
    assert_eq!(fault(&tenant.resolve(&messages[0], "retry").await.unwrap_err()).1, Some("action"));
    tenant.started(&first, false).await;
    tenant.ended(&first, Ended::Unclear).await;
    let second = tenant.order().await;
    tenant.ended(&second, Ended::Rejected).await;
    until(&tenant, &messages[1], State::Failed).await;
    let third = tenant.order().await;

    let left = tenant.resolve(&messages[0], "leave").await.unwrap();
    assert_eq!(left.state(), State::Failed);
    assert!(left.state_reason.unwrap().starts_with("left as it is"));
    // The next day.
    rig.clock.advance(TimeDelta::hours(30));
    let again = tenant.resolve(&messages[1], "send_again").await.unwrap();
    assert_eq!((again.state(), again.state_reason), (State::Queued, None));
    tenant.no_more_orders().await;
    tenant.accepted(&third, &["out-3"]).await;
    let order = tenant.order().await;
    assert_eq!((order.text.as_str(), order.attempt), ("two", 2));
    let left =
        order.expires_at.unwrap().seconds - tenant.until_message(|_| true).await.created_at.unwrap().seconds;
    assert!(left > 50 * 3600, "whoever says again finds it worth sending");
    tenant.accepted(&order, &["out-2"]).await;
    until(&tenant, &messages[1], State::Sent).await;
    tenant.set_status(&messages[0].conversation_id, "closed").await.unwrap();
    let closed = tenant.resolve(&messages[0], "send_again").await.unwrap_err();
    assert_eq!(closed.reason(), "conversation_closed");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_moves_while_a_message_waits_takes_it_along(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (_, first) = queued(&tenant, &["one", "two"]).await;
    tenant
        .tell(
            "anna",
            inbound::Event::Moved(ThreadMoved { new_id: "anna-2".into(), ..ThreadMoved::default() }),
        )
        .await;
    tenant.accepted(&first, &["out-1"]).await;
    assert_eq!(tenant.order().await.thread_id, "anna-2");
}
