//! What is put away until a time comes back by itself, or with the contact's next message.

use chrono::TimeDelta;
use rstest::rstest;
use sea_orm::ConnectionTrait as _;
use weft_domain::Clock as _;
use weft_proto::{
    conversation::v1::{UpdateConversationRequest, conversation::Status},
    convert::timestamp,
    events::v1::ConversationUpdated,
};

use crate::{
    adapter::Tenant,
    agent::{Conversation, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    async fn snooze(&self, conversation: &str, minutes: i64) -> weft_domain::Result<Conversation> {
        let until = timestamp(self.rig.clock.now() + TimeDelta::minutes(minutes));
        let (id, snoozed_until) = (conversation.to_owned(), Some(until));
        self.update(UpdateConversationRequest { id, snoozed_until, ..Default::default() }).await
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_snoozed_conversation_opens_at_its_time(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    let second = &tenant.receive("bert", "m2", "hello").await.conversation_id;
    let snoozed = tenant.snooze(first, 10).await.unwrap();
    assert_eq!((snoozed.status(), snoozed.snoozed_until.is_some()), (Status::Snoozed, true));
    tenant.snooze(second, 10).await.unwrap();
    tenant.snooze(second, 30).await.unwrap();
    rig.clock.advance(TimeDelta::minutes(11));
    let opened = |id: String| {
        move |event: &ConversationUpdated| {
            let shown = event.conversation.as_ref().unwrap();
            shown.id == id
                && shown.status() == Status::Open
                && shown.snoozed_until.is_none()
                && shown.unread_count == 1
        }
    };
    tenant.until("that it opened", opened(first.clone())).await;
    let list: Vec<_> = tenant.all().await.into_iter().map(|it| it.id).collect();
    assert_eq!(list, [first.clone(), second.clone()], "what comes back is at the top");
    assert_eq!(tenant.conversation(second).await.status(), Status::Snoozed);
    rig.clock.advance(TimeDelta::minutes(30));
    tenant.until("that it opened", opened(second.clone())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_open_holds_back_no_others() {
    let rig = Rig::new(Engine::Postgres).await;
    let (tenant, other) = (rig.tenant(), rig.tenant());
    let bad = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    let good = &other.receive("bert", "m2", "hello").await.conversation_id;
    tenant.snooze(bad, 10).await.unwrap();
    other.snooze(good, 20).await.unwrap();
    let database = rig.database().await;
    let of = tenant.id.uuid();
    let priority = |word: &str| {
        format!("UPDATE conversation.conversation SET priority = '{word}' WHERE tenant_id = '{of}'")
    };
    database.execute_unprepared(&priority("a word of tomorrow")).await.unwrap();
    rig.clock.advance(TimeDelta::minutes(30));
    let opened = |event: &ConversationUpdated| event.conversation.as_ref().unwrap().status() == Status::Open;
    other.until("that it opened", opened).await;
    database.execute_unprepared(&priority("normal")).await.unwrap();
    tenant.until("that it opened, too", opened).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_contacts_next_message_opens_it_before(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.set_status(id, "snoozed").await.unwrap();
    tenant.receive("anna", "m2", "hello?").await;
    assert_eq!(tenant.conversation(id).await.status(), Status::Open);
    tenant.snooze(id, 10).await.unwrap();
    tenant.send(id, "a note of ours does not").await.unwrap();
    assert_eq!(tenant.conversation(id).await.status(), Status::Snoozed);
    tenant.receive("anna", "m3", "hello??").await;
    let shown = tenant.conversation(id).await;
    assert_eq!((shown.status(), shown.snoozed_until), (Status::Open, None));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn it_is_put_away_until_a_time_to_come(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    for minutes in [-1, 0, 367 * 24 * 60] {
        let error = tenant.snooze(id, minutes).await.unwrap_err();
        assert_eq!(fault(&error), ("invalid_field", Some("snoozed_until")), "{minutes}");
    }
    let until = Some(timestamp(rig.clock.now() + TimeDelta::minutes(5)));
    let both = UpdateConversationRequest {
        id: id.clone(),
        status: Some("resolved".into()),
        snoozed_until: until,
        ..Default::default()
    };
    assert_eq!(fault(&tenant.update(both).await.unwrap_err()), ("invalid_field", Some("snoozed_until")));
    tenant.snooze(id, 10).await.unwrap();
    let resolved = tenant.set_status(id, "resolved").await.unwrap();
    assert_eq!(resolved.snoozed_until, None);
}
