use std::time::Duration;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use weft_domain::{ErrorCode, id};
use weft_proto::conversation::v1::{SendMessageRequest, conversation::Status};

use crate::{
    adapter::{KIND, direct},
    agent::{UpdateConversationRequest, fault},
    rig::{Engine, Rig},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_resolved_conversation_opens_again_and_a_closed_one_gets_a_successor(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "hello").await.conversation_id;
    for (status, n) in [("pending", 2), ("snoozed", 3), ("resolved", 4)] {
        tenant.set_status(&first, status).await.unwrap();
        let message = tenant.receive("anna", &format!("m{n}"), "again").await;
        assert_eq!((message.conversation_id.as_str(), message.seq), (first.as_str(), n));
        assert_eq!(tenant.conversation(&first).await.status(), Status::Open, "after {status}");
    }
    tenant.set_status(&first, "closed").await.unwrap();
    let next = tenant.receive("anna", "m5", "once more").await;
    assert_ne!(next.conversation_id, first);
    assert_eq!(next.seq, 1);
    assert_eq!(tenant.conversation(&first).await.status(), Status::Closed);
    assert_eq!(tenant.all().await.len(), 2);

    let reopened = tenant.set_status(&first, "open").await.unwrap_err();
    assert_eq!((reopened.code(), reopened.reason()), (ErrorCode::Precondition, "conversation_closed"));
    let sent = tenant.send(&first, "too late").await.unwrap_err();
    assert_eq!((sent.code(), sent.reason()), (ErrorCode::Precondition, "conversation_closed"));
    let note = SendMessageRequest {
        conversation_id: first.clone(),
        text: "was a nice chat".into(),
        internal: true,
        ..Default::default()
    };
    tenant.send_request(note).await.expect("notes are for us");
    tenant.no_more_orders().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_meets_a_closing_conversation_opens_its_successor() {
    let rig = Rig::new(Engine::Postgres).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let database = rig.database().await;
    let closing = database.begin().await.unwrap();
    let close = "UPDATE conversation.conversation SET status = 'closed'";
    closing.execute_unprepared(close).await.unwrap();
    tenant.publish(tenant.message("anna", "m2", "wait")).await;
    let waits = Statement::from_string(DbBackend::Postgres, "SELECT 1 FROM pg_locks WHERE NOT granted");
    let waiting = async || database.query_one_raw(waits.clone()).await.unwrap();
    weft_testkit::eventually("the message waits for its turn", Duration::from_secs(10), waiting).await;
    closing.commit().await.unwrap();
    let next = tenant.until_message(|it| it.text == "wait").await;
    assert_ne!(next.conversation_id, first);
    assert_eq!(tenant.conversation(&first).await.last_seq, 1);
    assert_eq!(tenant.conversation(&next.conversation_id).await.status(), Status::Open);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn unread_and_waiting_follow_what_is_written_and_read(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "hello").await;
    let id = first.conversation_id.as_str();
    tenant.receive("anna", "m2", "are you there?").await;
    tenant.receive("anna", "m3", "hello?").await;
    let shown = tenant.conversation(id).await;
    assert_eq!((shown.unread_count, shown.waiting_since), (3, first.created_at));
    let subject = format!("weft.live.{}.read_out.{KIND}", tenant.id);
    let mut told = rig.bus.subscribe_live(&subject).await.unwrap();
    assert_eq!(tenant.mark_read(id, Some(2)).await.unread_count, 1);
    let (_, body) = tokio::time::timeout(Duration::from_secs(20), told.next()).await.unwrap().unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&body["thread_id"], &body["seq"]),
        (&direct("anna").id.into(), &2.into()),
        "its adapter may show it"
    );
    assert_eq!(tenant.mark_read(id, Some(1)).await.unread_count, 1, "reading is never taken back");
    assert_eq!(tenant.mark_read(id, Some(u64::MAX)).await.unread_count, 0);
    tenant.receive("anna", "m4", "well?").await;
    let read = tenant.mark_read(id, None).await;
    assert_eq!((read.unread_count, read.waiting_since), (0, first.created_at), "reading is no answer");
    let note = SendMessageRequest {
        conversation_id: id.into(),
        text: "who takes this?".into(),
        internal: true,
        ..Default::default()
    };
    tenant.send_request(note).await.unwrap();
    assert_eq!(tenant.conversation(id).await.waiting_since, first.created_at, "nor is a note");
    tenant.receive("anna", "m5", "?").await;
    tenant.send(id, "here I am").await.unwrap();
    let answered = tenant.conversation(id).await;
    assert_eq!((answered.unread_count, answered.waiting_since), (0, None));
    let again = tenant.receive("anna", "m6", "thanks").await;
    let shown = tenant.conversation(id).await;
    assert_eq!((shown.unread_count, shown.waiting_since), (1, again.created_at));
    assert_eq!(tenant.set_status(id, "resolved").await.unwrap().waiting_since, None);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_people_of_the_tenant_who_may_sign_in_are_assigned(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let (known, disabled, foreign) = (id::new(), id::new(), id::new::<id::User>());
    tenant.tell_user(known, "Kim", false).await;
    tenant.tell_user(disabled, "Lou", true).await;
    rig.tenant().tell_user(foreign, "Max", false).await;
    let assigned = tenant.assign(&conversation, &known.to_string()).await.unwrap();
    assert_eq!(assigned.assignee, Some(known.to_string()));
    for wrong in [disabled.to_string(), foreign.to_string(), id::new::<id::User>().to_string(), "kim".into()]
    {
        let error = tenant.assign(&conversation, &wrong).await.unwrap_err();
        assert_eq!((error.code(), fault(&error).1), (ErrorCode::Invalid, Some("assignee")), "{wrong}");
    }
    assert_eq!(tenant.conversation(&conversation).await.assignee, Some(known.to_string()));
    let mine = tenant.assign(&conversation, "me").await.unwrap();
    assert_eq!(mine.assignee, Some(tenant.user.to_string()));
    assert_eq!(tenant.assign(&conversation, "").await.unwrap().assignee, None);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cannot_be_names_its_field(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let status = tenant.set_status(&id, "finished").await.unwrap_err();
    assert_eq!(status.field(), Some("status"));
    let priority = Some("huge".to_owned());
    let priority = UpdateConversationRequest { id: id.clone(), priority, ..Default::default() };
    assert_eq!(tenant.update(priority).await.unwrap_err().field(), Some("priority"));
    let urgent = UpdateConversationRequest { id, priority: Some("urgent".into()), ..Default::default() };
    assert_eq!(tenant.update(urgent).await.unwrap().priority, 4);
}
