//! Notes that name people of ours.

use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::{Clock as _, ErrorCode, Result, Role, id};
use weft_proto::{
    conversation::v1::{
        GetDraftRequest, MessageDraft, PutDraftRequest, ScheduleMessageRequest, drafts_client::DraftsClient,
        scheduled_messages_client::ScheduledMessagesClient,
    },
    convert::timestamp,
};

use crate::{
    adapter::Tenant,
    agent::{Message, SendMessageRequest, answer, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) async fn name_in_note(
        &self,
        conversation: &str,
        text: &str,
        named: &[String],
    ) -> Result<Message> {
        self.send_request(SendMessageRequest {
            conversation_id: conversation.into(),
            text: text.into(),
            internal: true,
            mentions: named.to_vec(),
            ..Default::default()
        })
        .await
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_note_names_people_who_are_there(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let kim = tenant.colleague_of("Kim", Role::Agent).await.user.to_string();
    let lou = tenant.colleague_of("Lou", Role::Agent).await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let both = [lou.user.to_string(), kim.clone(), lou.user.to_string()];
    let note = tenant.name_in_note(&id, "look at this", &both).await.unwrap();
    assert_eq!(note.mentions, both[..2], "each once, in the order they are named in");
    assert_eq!(tenant.messages(&id).await[1].mentions, both[..2]);

    let outside = SendMessageRequest {
        conversation_id: id.clone(),
        text: "hello".into(),
        mentions: vec![kim.clone()],
        ..Default::default()
    };
    let error = tenant.send_request(outside).await.unwrap_err();
    assert_eq!(fault(&error), ("invalid_field", Some("mentions")));
    tenant.tell_user(lou.user, "Lou", true).await;
    let stranger = rig.tenant().user.to_string();
    for (wrong, reason) in [
        (stranger, "unknown_user"),
        (id::new::<id::User>().to_string(), "unknown_user"),
        ("Kim".into(), "invalid_id"),
    ] {
        let error = tenant.name_in_note(&id, "look", &[kim.clone(), wrong.clone()]).await.unwrap_err();
        assert_eq!((error.code(), fault(&error)), (ErrorCode::Invalid, (reason, Some("mentions[1]"))));
        assert!(reason == "invalid_id" || error.message().contains(&wrong), "{error}");
    }
    weft_testkit::eventually("Lou is disabled", std::time::Duration::from_secs(20), async || {
        let error = tenant.name_in_note(&id, "look", &[kim.clone(), lou.user.to_string()]).await.err()?;
        assert_eq!(fault(&error), ("unknown_user", Some("mentions[1]")));
        Some(())
    })
    .await;
    let error = tenant.name_in_note(&id, "look", &vec![kim.clone(); 51]).await.unwrap_err();
    assert_eq!(fault(&error), ("invalid_field", Some("mentions")));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whom_a_note_is_to_name_is_kept_until_it_is_written(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Ann", false).await;
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let message = MessageDraft {
        text: "in the morning".into(),
        internal: true,
        mentions: vec![kim.user.to_string()],
        ..Default::default()
    };
    let mut drafts = DraftsClient::new(rig.channel.clone());
    let put = PutDraftRequest { conversation_id: id.clone(), message: Some(message.clone()) };
    answer(drafts.put_draft(tenant.signed(put)).await).unwrap();
    let get = GetDraftRequest { conversation_id: id.clone() };
    let kept = answer(drafts.get_draft(tenant.signed(get)).await).unwrap();
    assert_eq!(kept.message.as_ref(), Some(&message));

    let send_at = Some(timestamp(rig.clock.now() + TimeDelta::minutes(10)));
    let request =
        ScheduleMessageRequest { conversation_id: id.clone(), send_at, message: Some(message.clone()) };
    let mut later = ScheduledMessagesClient::new(rig.channel.clone());
    let scheduled = answer(later.schedule_message(tenant.signed(request)).await).unwrap();
    assert_eq!(scheduled.message, Some(message));
    rig.clock.advance(TimeDelta::minutes(11));
    let sent = tenant.until_message(|message| message.text == "in the morning").await;
    assert_eq!(sent.mentions, [kim.user.to_string()]);
    assert_eq!(kim.notifications(false).await.items[0].message_id.as_deref(), Some(sent.id.as_str()));
}
