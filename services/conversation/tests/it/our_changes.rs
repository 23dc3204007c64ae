//! What our side changes and takes back, and what the contact sees of that.

use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::{ErrorCode, Result, Role, id};
use weft_proto::{
    channel::v1::{
        Change, ChangeEnded, attempt_ended::Result as Ended, change::Change as What, inbound, order,
    },
    conversation::v1::{
        DeleteMessageRequest, EditMessageRequest, contact_copy::State as Copy, message::State,
    },
    directory::v1::Capabilities,
    events::v1::MessageHidden,
};

use crate::{
    adapter::{Tenant, person},
    agent::{Message, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) async fn edit(&self, message: &Message, text: &str) -> Result<Message> {
        let request = EditMessageRequest {
            conversation_id: message.conversation_id.clone(),
            id: message.id.clone(),
            text: text.into(),
            ..Default::default()
        };
        self.done(self.chat().edit_message(self.signed(request)).await)
    }

    pub(crate) async fn delete(&self, message: &Message, scope: &str) -> Result<Message> {
        let request = DeleteMessageRequest {
            conversation_id: message.conversation_id.clone(),
            id: message.id.clone(),
            scope: scope.into(),
        };
        self.done(self.chat().delete_message(self.signed(request)).await)
    }

    pub(crate) fn done<T>(
        &self,
        answer: std::result::Result<tonic::Response<T>, tonic::Status>,
    ) -> Result<T> {
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    /// The order to make this change of a message.
    pub(crate) async fn change(&self, message: &Message, number: u32) -> Change {
        let find = |orders: &[weft_proto::channel::v1::Order]| {
            orders.iter().find_map(|order| match &order.order {
                Some(order::Order::Change(change))
                    if change.message_id == message.id && change.number == number =>
                {
                    Some(change.clone())
                }
                _ => None,
            })
        };
        self.rig.orders.wait("an order to change a message", find).await
    }

    pub(crate) async fn changed(&self, change: &Change, reason: &str) {
        let ended = ChangeEnded {
            message_id: change.message_id.clone(),
            number: change.number,
            reason: reason.into(),
        };
        self.tell(&change.thread_id, inbound::Event::ChangeEnded(ended)).await;
    }

    /// A message of ours that the provider has as `out`.
    pub(crate) async fn sent(&self, conversation: &str, text: &str) -> Message {
        let message = self.send(conversation, text).await.unwrap();
        let order = self.order().await;
        self.accepted(&order, &["out"]).await;
        self.until_message(|it| it.id == message.id && it.state() == State::Sent).await
    }
}

pub(crate) fn all() -> Capabilities {
    Capabilities { edits: true, deletes: true, reactions: true, ..Capabilities::default() }
}

pub(crate) fn copy(message: &Message) -> Option<(Copy, &str)> {
    message.contact_copy.as_ref().map(|copy| (copy.state(), copy.reason.as_str()))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_edited_is_changed_at_the_provider(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&conversation, all()).await;
    let sent = tenant.sent(&conversation, "at noon").await;

    let edited = tenant.edit(&sent, "at one").await.unwrap();
    assert_eq!((edited.text.as_str(), copy(&edited)), ("at one", Some((Copy::Changing, ""))));
    assert!(edited.edited_at.is_some());
    let change = tenant.change(&sent, 1).await;
    assert_eq!(
        (change.thread_id.as_str(), &change.provider_message_ids[..]),
        ("anna", &["out".to_owned()][..])
    );
    let Some(What::Edit(words)) = &change.change else { panic!("{change:?}") };
    assert_eq!((words.text.as_str(), words.under_file), ("at one", false));
    tenant.changed(&change, "").await;
    tenant.until_message(|it| it.id == sent.id && copy(it) == Some((Copy::Changed, ""))).await;

    tenant.edit(&sent, "at two").await.unwrap();
    let second = tenant.change(&sent, 2).await;
    tenant.edit(&sent, "at three").await.unwrap();
    let third = tenant.change(&sent, 3).await;
    tenant.changed(&second, "").await;
    tenant.changed(&third, "too late").await;
    let last = tenant.until_message(|it| copy(it) == Some((Copy::Unchanged, "too late"))).await;
    assert_eq!(last.text, "at three", "what ours says stays");
    let again = tenant.edit(&sent, "at three").await.unwrap();
    assert_eq!(copy(&again), Some((Copy::Unchanged, "too late")), "the same words are no change");
    tenant.settle("anna").await;
    assert_eq!(tenant.messages(&conversation).await[1], again);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_cannot_change_is_changed_here_and_shown_so(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "hello").await;
    tenant.knows(&first.conversation_id, Capabilities::default()).await;
    let sent = tenant.sent(&first.conversation_id, "at noon").await;
    let edited = tenant.edit(&sent, "at one").await.unwrap();
    let (state, reason) = copy(&edited).unwrap();
    assert_eq!((edited.text.as_str(), state), ("at one", Copy::Unchanged));
    assert!(reason.contains("nothing can be changed"), "{reason}");
    let reacted = tenant.react(&first, "👍").await.unwrap();
    let seen = reacted.reactions[0].contact_copy.clone().unwrap();
    assert_eq!((seen.state(), seen.reason.is_empty()), (Copy::Unchanged, false));
    let deleted = tenant.delete(&sent, "").await.unwrap();
    assert!(deleted.deleted_at.is_some() && copy(&deleted).unwrap().1.contains("taken back"));
    let orders = rig.orders.now(|orders| orders.len());
    assert_eq!(orders, 1, "the adapter was asked for nothing but to send");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_what_is_on_its_way_follows_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&conversation, all()).await;
    let message = tenant.send(&conversation, "at noon").await.unwrap();
    let order = tenant.order().await;
    tenant.started(&order, false).await;
    tenant.until_message(|it| it.id == message.id && it.state() == State::Sending).await;
    let edited = tenant.edit(&message, "at one").await.unwrap();
    assert_eq!(copy(&edited), Some((Copy::Changing, "")));
    tenant.accepted(&order, &["out"]).await;
    let change = tenant.change(&message, 1).await;
    assert!(matches!(&change.change, Some(What::Edit(edit)) if edit.text == "at one"));
    assert_eq!(change.provider_message_ids, ["out"]);

    let message = tenant.send(&conversation, "secret").await.unwrap();
    let order = tenant.order().await;
    tenant.delete(&message, "").await.unwrap();
    tenant.accepted(&order, &["out2"]).await;
    let change = tenant.change(&message, 1).await;
    assert_eq!(change.change, Some(What::Delete(())));

    let message = tenant.send(&conversation, "lost").await.unwrap();
    let order = tenant.order().await;
    tenant.edit(&message, "still lost").await.unwrap();
    tenant.ended(&order, Ended::Rejected).await;
    let failed = tenant.until_message(|it| it.id == message.id && it.state() == State::Failed).await;
    assert_eq!(copy(&failed).unwrap().0, Copy::Unchanged);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_a_provider_does_not_answer_holds_back_no_message(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&conversation, all()).await;
    let sent = tenant.sent(&conversation, "at noon").await;
    tenant.edit(&sent, "at one").await.unwrap();
    tenant.change(&sent, 1).await;
    tenant.send(&conversation, "see you").await.unwrap();
    tenant.order().await;
    let keys = rig.order_keys.now(<[String]>::to_vec);
    assert_eq!(
        keys,
        [conversation.clone(), sent.id, conversation],
        "the bus keeps the order within a key only"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_does_not_follow_to_another_channel(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let anna = tenant.receive("anna", "m1", "hello").await;
    tenant.knows(&anna.conversation_id, all()).await;
    let there = tenant.receive_on(other, person("anna-there"), "m2").await;
    tenant.merge(&anna.author.unwrap().id, &there.author.unwrap().id).await.unwrap();
    tenant.set_status(&there.conversation_id, "closed").await.unwrap();
    let message = tenant.send(&anna.conversation_id, "at noon").await.unwrap();
    let order = tenant.order().await;
    tenant.edit(&message, "at one").await.unwrap();
    tenant.go(&anna.conversation_id, other, None).await.unwrap();
    tenant.accepted(&order, &["out"]).await;
    let moved = |it: &Message| copy(it).is_some_and(|(_, reason)| reason.contains("moved"));
    tenant.until_message(|it| it.id == message.id && moved(it)).await;
    assert!(moved(&tenant.edit(&message, "at two").await.unwrap()));
    let changes = rig
        .orders
        .now(|orders| orders.iter().filter(|it| matches!(it.order, Some(order::Order::Change(_)))).count());
    assert_eq!(changes, 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_before_it_went_does_not_go(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&conversation, all()).await;
    let first = tenant.send(&conversation, "first").await.unwrap();
    let waiting = tenant.send(&conversation, "waiting").await.unwrap();
    let last = tenant.send(&conversation, "last").await.unwrap();
    let order = tenant.order().await;
    let deleted = tenant.delete(&waiting, "everyone").await.unwrap();
    assert_eq!((deleted.state(), deleted.text.as_str(), copy(&deleted)), (State::Failed, "", None));
    // the first is tried once more, and taken back in between
    tenant.deferred(&order, TimeDelta::hours(1)).await;
    tenant.until_message(|it| it.id == first.id && it.state_reason.is_some()).await;
    let edited = tenant.edit(&last, "very last").await.unwrap();
    assert_eq!(copy(&edited), None, "it goes as it is now");
    tenant.delete(&first, "").await.unwrap();
    let order = tenant.order().await;
    assert_eq!((order.message_id.as_str(), order.text.as_str()), (last.id.as_str(), "very last"));

    // taken back in the middle of an attempt that then did not go
    tenant.delete(&last, "").await.unwrap();
    tenant.deferred(&order, TimeDelta::zero()).await;
    tenant.until_message(|it| it.id == last.id && it.state() == State::Failed).await;
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_its_writer_edits_a_message_and_only_for_five_minutes(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let theirs = tenant.receive("anna", "m1", "hello").await;
    let sent = tenant.sent(&theirs.conversation_id, "at noon").await;
    let colleague = tenant.another(Role::Admin);
    let refused = |answer: Result<Message>| answer.unwrap_err().reason().to_owned();
    assert_eq!(refused(colleague.edit(&sent, "x").await), "not_the_author");
    assert_eq!(refused(tenant.edit(&theirs, "x").await), "not_the_author");
    let empty = tenant.edit(&sent, " ").await.unwrap_err();
    assert_eq!(fault(&empty), ("invalid_field", Some("text")));
    let other = Message { conversation_id: id::new::<id::Conversation>().to_string(), ..sent.clone() };
    assert_eq!(tenant.edit(&other, "x").await.unwrap_err().code(), ErrorCode::NotFound);
    let stranger = rig.tenant();
    assert_eq!(stranger.edit(&sent, "x").await.unwrap_err().code(), ErrorCode::NotFound);
    rig.clock.advance(TimeDelta::minutes(5));
    assert_eq!(refused(tenant.edit(&sent, "x").await), "edit_too_late");
    tenant.delete(&sent, "").await.unwrap();
    assert_eq!(refused(tenant.edit(&sent, "x").await), "message_deleted");
    assert_eq!(refused(tenant.react(&sent, "👍").await), "message_deleted");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn others_messages_are_deleted_by_who_may_moderate(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let theirs = tenant.receive("anna", "m1", "my card is 4111").await;
    let sent = tenant.sent(&theirs.conversation_id, "at noon").await;
    let colleague = tenant.another(Role::Agent);
    for message in [&theirs, &sent] {
        assert_eq!(colleague.delete(message, "").await.unwrap_err().code(), ErrorCode::Forbidden);
    }
    let supervisor = tenant.another(Role::Supervisor);
    for message in [&theirs, &sent] {
        let deleted = supervisor.delete(message, "").await.unwrap();
        assert_eq!(supervisor.delete(message, "").await.unwrap(), deleted, "again changes nothing");
    }
    let texts: Vec<_> =
        tenant.messages(&theirs.conversation_id).await.into_iter().map(|it| it.text).collect();
    assert_eq!(texts, ["", ""]);
    let wrong = tenant.delete(&sent, "nobody").await.unwrap_err();
    assert_eq!(fault(&wrong), ("invalid_field", Some("scope")));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_for_me_is_out_of_my_sight_alone(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let theirs = tenant.receive("anna", "m1", "hello").await;
    let second = tenant.receive("anna", "m2", "hello?").await;
    tenant.delete(&theirs, "me").await.unwrap();
    tenant.delete(&theirs, "me").await.unwrap();
    let hidden = tenant.until::<MessageHidden>("that it is hidden", |_| true).await;
    assert_eq!((hidden.message_id, hidden.user_id), (theirs.id.clone(), tenant.user.to_string()));
    assert_eq!(tenant.messages(&theirs.conversation_id).await, [second]);
    let colleague = tenant.another(Role::Agent);
    assert_eq!(colleague.messages(&theirs.conversation_id).await.len(), 2);
    tenant.settle("anna").await;
    let told = rig.events.now(|events| tenant.told::<MessageHidden>(events).len());
    assert_eq!(told, 1);
}
