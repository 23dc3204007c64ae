//! What becomes of conversations in which nobody writes any more.

use std::{collections::HashSet, time::Duration};

use chrono::TimeDelta;
use rstest::rstest;
use tonic::transport::Channel;
use weft_bus::Event;
use weft_domain::{Result, Role, id};
use weft_proto::{
    channel::v1::{Reachability, attempt_ended, inbound},
    conversation::v1::{
        GetSilenceSettingsRequest, Message, SendMessageRequest, SilenceSettings,
        UpdateSilenceSettingsRequest, author, conversation::Status, message::State,
        silence_client::SilenceClient,
    },
    events::v1::ConversationUpdated,
};
use weft_store::Tx;

use crate::{
    adapter::Tenant,
    agent::{Conversation, answer, fault},
    rig::{Engine, Rig},
};

mod many;

const PATIENCE: Duration = Duration::from_secs(20);

impl Tenant<'_> {
    fn silence_client(&self) -> SilenceClient<Channel> {
        SilenceClient::new(self.rig.channel.clone())
    }

    pub(crate) async fn set_silence(&self, change: UpdateSilenceSettingsRequest) -> Result<SilenceSettings> {
        let manager = self.another(Role::Manager);
        answer(self.silence_client().update_silence_settings(manager.signed(change)).await)
    }

    async fn silence(&self) -> SilenceSettings {
        let manager = self.another(Role::Manager);
        let request = manager.signed(GetSilenceSettingsRequest {});
        answer(self.silence_client().get_silence_settings(request).await).unwrap()
    }

    /// Answers, and the contact has it.
    pub(crate) async fn answer(&self, conversation: &str, text: &str) {
        self.send(conversation, text).await.unwrap();
        let order = self.order().await;
        self.accepted(&order, &[&order.message_id]).await;
        let sent = |message: &Message| message.id == order.message_id && message.state() == State::Sent;
        self.until_message(sent).await;
    }

    /// Puts a message into another place of its conversation, past the service.
    async fn shift(&self, message: &str, by: i64) {
        let message = id::parse::<id::Message>("id", message).unwrap().uuid();
        let shift = |tx: Tx| async move {
            let sql = "UPDATE message SET seq = seq + $3 WHERE tenant_id = $1 AND id = $2";
            tx.execute(sql, vec![message.into(), by.into()]).await
        };
        assert_eq!(self.rig.store.tenant(self.id).write(shift).await.unwrap(), 1);
    }

    async fn until_conversation(&self, id: &str, fits: impl Fn(&Conversation) -> bool) -> Conversation {
        let is_it = |event: &ConversationUpdated| {
            event.conversation.as_ref().is_some_and(|shown| shown.id == id && fits(shown))
        };
        self.until::<ConversationUpdated>("the conversation", is_it).await.conversation.unwrap()
    }
}

fn after(resolve: u32, archive: u32) -> UpdateSilenceSettingsRequest {
    UpdateSilenceSettingsRequest {
        resolve_after_hours: Some(resolve),
        archive_after_hours: Some(archive),
        ..Default::default()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_stays_silent_is_resolved_and_at_last_archived(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (tenant, other) = (rig.tenant(), rig.tenant());
    tenant.set_silence(after(48, 72)).await.unwrap();
    let answered = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.answer(&answered, "like this?").await;
    let waits = tenant.receive("bert", "m2", "hello").await.conversation_id;
    let in_vain = tenant.receive("emil", "m6", "hello").await.conversation_id;
    tenant.send(&in_vain, "like this?").await.unwrap();
    let order = tenant.order().await;
    tenant.ended(&order, attempt_ended::Result::Rejected).await;
    let theirs = other.receive("carl", "m3", "hello").await.conversation_id;
    other.answer(&theirs, "like this?").await;
    rig.clock.advance(TimeDelta::hours(47));
    let fresh = tenant.receive("dora", "m4", "hello").await.conversation_id;
    tenant.answer(&fresh, "like this?").await;
    rig.clock.advance(TimeDelta::hours(2));
    let resolved = tenant.until_conversation(&answered, |shown| shown.status() == Status::Resolved).await;
    assert!(resolved.archived_at.is_none());
    let states = [
        tenant.conversation(&waits).await.status(),
        tenant.conversation(&fresh).await.status(),
        other.conversation(&theirs).await.status(),
        tenant.conversation(&in_vain).await.status(),
    ];
    assert_eq!(states, [Status::Open; 4], "who waits, wrote lately, is another tenant's, or got no answer");
    rig.clock.advance(TimeDelta::hours(73));
    tenant.until_conversation(&answered, |shown| shown.archived_at.is_some()).await;
    tenant.until_conversation(&fresh, |shown| shown.status() == Status::Resolved).await;
    assert_eq!(tenant.conversation(&waits).await.status(), Status::Open);
    // the contact's next words bring it back
    tenant.receive("anna", "m5", "it broke again").await;
    let back = tenant.conversation(&answered).await;
    assert_eq!((back.status(), back.archived_at), (Status::Open, None));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_opens_again_stays_open(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let become_so = async |id: &str, what: &str, is_so: fn(&Conversation) -> bool| {
        let look = async || Some(tenant.conversation(id).await).filter(is_so);
        weft_testkit::eventually(what, PATIENCE, look).await
    };
    tenant.set_silence(after(2, 4)).await.unwrap();
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.answer(&id, "like this?").await;
    rig.clock.advance(TimeDelta::minutes(150));
    become_so(&id, "resolved", |shown| shown.status() == Status::Resolved).await;
    let other = tenant.receive("bert", "m2", "hello").await.conversation_id;
    tenant.answer(&other, "like this?").await;
    rig.clock.advance(TimeDelta::minutes(30));
    tenant.set_status(&id, "open").await.unwrap();
    rig.clock.advance(TimeDelta::minutes(100));
    become_so(&other, "resolved in turn", |shown| shown.status() == Status::Resolved).await;
    assert_eq!(tenant.conversation(&id).await.status(), Status::Open, "somebody opened it since");
    rig.clock.advance(TimeDelta::minutes(60));
    become_so(&id, "resolved again", |shown| shown.status() == Status::Resolved).await;

    rig.clock.advance(TimeDelta::hours(5));
    become_so(&id, "archived", |shown| shown.archived_at.is_some()).await;
    let third = tenant.receive("dora", "m4", "hello").await.conversation_id;
    tenant.set_status(&third, "resolved").await.unwrap();
    rig.clock.advance(TimeDelta::hours(1));
    tenant.archive(&id, false).await;
    rig.clock.advance(TimeDelta::minutes(200));
    become_so(&third, "archived in turn", |shown| shown.archived_at.is_some()).await;
    assert!(tenant.conversation(&id).await.archived_at.is_none(), "somebody took it out since");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn more_than_fits_into_one_look_ends_too(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    rig.replica().await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "hello").await;
    tenant.set_status(&first.conversation_id, "resolved").await.unwrap();
    tenant.copy(&first, 104).await;
    rig.clock.advance(TimeDelta::hours(2));
    tenant.set_silence(after(0, 1)).await.unwrap();
    let archived = |events: &[Event]| {
        let told =
            tenant.told::<ConversationUpdated>(events).into_iter().filter_map(|event| event.conversation);
        told.filter(|shown| shown.archived_at.is_some()).map(|shown| shown.id).collect::<Vec<_>>()
    };
    let ids =
        rig.events.wait("all of them", |events| Some(archived(events)).filter(|ids| ids.len() >= 105)).await;
    assert_eq!(
        (ids.len(), ids.iter().collect::<HashSet<_>>().len()),
        (105, 105),
        "each once, with two replicas"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_who_does_not_answer_is_reminded_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Ann", false).await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.answer(&id, "which size?").await;
    rig.clock.advance(TimeDelta::hours(30));
    let late = tenant.receive("carl", "m3", "hello").await.conversation_id;
    tenant.answer(&late, "which size?").await;
    let note = SendMessageRequest {
        conversation_id: late.clone(),
        text: "asked for the size".into(),
        internal: true,
        ..Default::default()
    };
    tenant.send_request(note).await.unwrap();
    let unheard = tenant.receive("emil", "m5", "hello").await.conversation_id;
    tenant.send(&unheard, "which size?").await.unwrap();
    let order = tenant.order().await;
    tenant.ended(&order, attempt_ended::Result::Unclear).await;
    rig.clock.advance(TimeDelta::hours(3));
    let remind = UpdateSilenceSettingsRequest {
        remind_after_hours: Some(2),
        reminder: Some("Are you still there, {{ contact.name }}?".into()),
        ..Default::default()
    };
    let kept = tenant.set_silence(remind).await.unwrap();
    assert_eq!(tenant.silence().await, kept);
    let order = tenant.order().await;
    assert_eq!(
        (order.text.as_str(), order.thread_id.as_str()),
        ("Are you still there, name of carl?", "carl")
    );
    let written = order.author.unwrap();
    assert_eq!((written.kind(), written.id.as_str()), (author::Kind::System, ""));
    assert_eq!(tenant.messages(&id).await.len(), 2, "that was over for more than a day");
    // nobody is reminded of a reminder, nor of what nobody asked
    rig.clock.advance(TimeDelta::hours(3));
    let asked = tenant.receive("dora", "m4", "hello").await.conversation_id;
    rig.clock.advance(TimeDelta::hours(3));
    tenant.set_silence(after(0, 0)).await.unwrap();
    tenant.no_more_orders().await;
    assert_eq!(tenant.conversation(&asked).await.last_seq, 1);
    assert_eq!(tenant.conversation(&late).await.last_seq, 4);
    assert_eq!(tenant.conversation(&unheard).await.last_seq, 2, "nobody knows whether they were asked");
}

fn remind(hours: u32) -> UpdateSilenceSettingsRequest {
    UpdateSilenceSettingsRequest {
        remind_after_hours: Some(hours),
        reminder: Some("Are you still there?".into()),
        ..Default::default()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_that_fails_in_passing_goes_with_the_next_look(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let fails = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.answer(&fails, "which size?").await;
    let note = SendMessageRequest {
        conversation_id: fails.clone(),
        text: "asked for the size".into(),
        internal: true,
        ..Default::default()
    };
    let note = tenant.send_request(note).await.unwrap();
    let goes = tenant.receive("bert", "m2", "hello").await.conversation_id;
    tenant.answer(&goes, "which size?").await;
    // the place of the reminder is taken
    tenant.shift(&note.id, 1).await;
    rig.clock.advance(TimeDelta::hours(3));
    tenant.set_silence(remind(2)).await.unwrap();
    assert_eq!(tenant.order().await.thread_id, "bert", "the others do not wait for it");
    tenant.shift(&note.id, -1).await;
    rig.clock.advance(TimeDelta::minutes(11));
    assert_eq!(tenant.order().await.thread_id, "anna");
    rig.clock.advance(TimeDelta::minutes(11));
    tenant.set_silence(after(0, 0)).await.unwrap();
    tenant.no_more_orders().await;
    assert_eq!(tenant.messages(&goes).await.len(), 3, "and nobody is reminded twice");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_reminded_at_an_address_of_theirs_where_they_cannot_be_reached(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (left, stayed) =
        (tenant.receive("anna", "m1", "hello").await, tenant.receive("bert", "m2", "hello").await);
    tenant.answer(&left.conversation_id, "which size?").await;
    tenant.answer(&stayed.conversation_id, "which size?").await;
    let (left, stayed) = (left.author.unwrap().id, stayed.author.unwrap().id);
    tenant.merge(&stayed, &left).await.unwrap();
    let gone = Reachability { reachable: false, reason: String::new() };
    tenant.tell("anna", inbound::Event::Reachability(gone)).await;
    tenant.settle("anna").await;
    rig.clock.advance(TimeDelta::hours(3));
    tenant.set_silence(remind(2)).await.unwrap();
    assert_eq!(tenant.order().await.thread_id, "bert");
    tenant.set_silence(after(0, 0)).await.unwrap();
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_say_why(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    assert_eq!(tenant.silence().await, SilenceSettings::default());
    let with = |remind: u32, reminder: Option<&str>| UpdateSilenceSettingsRequest {
        remind_after_hours: Some(remind),
        reminder: reminder.map(str::to_owned),
        ..Default::default()
    };
    for (request, field) in [
        (after(8_761, 0), "resolve_after_hours"),
        (after(0, 8_761), "archive_after_hours"),
        (with(721, Some("hello")), "remind_after_hours"),
        (with(1, None), "reminder"),
        (with(1, Some(" ")), "reminder"),
        (with(1, Some("{{ nothing.like.that }}")), "reminder"),
        (
            UpdateSilenceSettingsRequest { resolve_after_hours: Some(2), ..with(2, Some("hello")) },
            "remind_after_hours",
        ),
    ] {
        let error = tenant.set_silence(request).await.unwrap_err();
        assert_eq!(fault(&error).1, Some(field), "{error}");
    }
    assert_eq!(tenant.silence().await, SilenceSettings::default());
    assert_eq!(tenant.set_silence(after(1, 2)).await.unwrap(), tenant.silence().await);
    assert_eq!(rig.tenant().silence().await, SilenceSettings::default());
}
