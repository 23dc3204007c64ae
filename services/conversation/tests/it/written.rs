//! What is written and goes later: drafts, and messages with a time.

use chrono::TimeDelta;
use prost_types::Timestamp;
use rstest::rstest;
use tonic::{Response, Status};
use weft_domain::{ErrorCode, Result, Role, id};
use weft_proto::{
    conversation::v1::{
        CancelScheduledMessageRequest, ContactCard, Draft, GetDraftRequest, ListScheduledMessagesRequest,
        MessageDraft, PutDraftRequest, ScheduleMessageRequest, ScheduledMessage, SendMessageRequest,
        TestChannelRequest, UpdateScheduledMessageRequest, channel_tests_client::ChannelTestsClient,
        drafts_client::DraftsClient, scheduled_message::State,
        scheduled_messages_client::ScheduledMessagesClient,
    },
    convert::timestamp,
    directory::v1::Capabilities,
    events::v1::{MessageCreated, ScheduledMessageUpdated},
};

use crate::{
    adapter::Tenant,
    agent::fault,
    rig::{Engine, Rig},
};

fn answer<T>(answer: std::result::Result<Response<T>, Status>) -> Result<T> {
    answer.map(Response::into_inner).map_err(|status| weft_rpc::error(&status))
}

pub(crate) fn says(text: &str) -> Option<MessageDraft> {
    Some(MessageDraft { text: text.into(), ..MessageDraft::default() })
}

impl Tenant<'_> {
    pub(crate) async fn put_draft(&self, conversation: &str, message: Option<MessageDraft>) -> Result<Draft> {
        let request = PutDraftRequest { conversation_id: conversation.into(), message };
        answer(DraftsClient::new(self.rig.channel.clone()).put_draft(self.signed(request)).await)
    }

    pub(crate) async fn draft(&self, conversation: &str) -> Result<String> {
        let request = GetDraftRequest { conversation_id: conversation.into() };
        let draft =
            answer(DraftsClient::new(self.rig.channel.clone()).get_draft(self.signed(request)).await)?;
        Ok(draft.message.unwrap_or_default().text)
    }

    fn later(&self) -> ScheduledMessagesClient<tonic::transport::Channel> {
        ScheduledMessagesClient::new(self.rig.channel.clone())
    }

    fn in_minutes(&self, minutes: i64) -> Option<Timestamp> {
        use weft_domain::Clock as _;
        Some(timestamp(self.rig.clock.now() + TimeDelta::minutes(minutes)))
    }

    pub(crate) async fn schedule(
        &self,
        conversation: &str,
        text: &str,
        minutes: i64,
    ) -> Result<ScheduledMessage> {
        let (conversation_id, send_at) = (conversation.into(), self.in_minutes(minutes));
        let request = ScheduleMessageRequest { conversation_id, send_at, message: says(text) };
        answer(self.later().schedule_message(self.signed(request)).await)
    }

    async fn reschedule(
        &self,
        one: &ScheduledMessage,
        minutes: Option<i64>,
        text: Option<&str>,
    ) -> Result<ScheduledMessage> {
        let request = UpdateScheduledMessageRequest {
            conversation_id: one.conversation_id.clone(),
            id: one.id.clone(),
            send_at: minutes.and_then(|minutes| self.in_minutes(minutes)),
            message: text.and_then(says),
        };
        answer(self.later().update_scheduled_message(self.signed(request)).await)
    }

    async fn cancel(&self, one: &ScheduledMessage) -> Result<ScheduledMessage> {
        let (conversation_id, id) = (one.conversation_id.clone(), one.id.clone());
        let request = CancelScheduledMessageRequest { conversation_id, id };
        answer(self.later().cancel_scheduled_message(self.signed(request)).await)
    }

    async fn scheduled(&self, conversation: &str) -> Vec<ScheduledMessage> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let conversation_id = conversation.to_owned();
            let request = ListScheduledMessagesRequest { conversation_id, page_size: 2, page_token };
            let page = answer(self.later().list_scheduled_messages(self.signed(request)).await).unwrap();
            all.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    async fn became(&self, one: &ScheduledMessage, state: State) -> ScheduledMessage {
        let told = self
            .until::<ScheduledMessageUpdated>("what became of a scheduled message", |event| {
                let shown = event.scheduled_message.as_ref().unwrap();
                shown.id == one.id && shown.state() == state
            })
            .await;
        told.scheduled_message.unwrap()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn everybody_has_a_draft_of_their_own_until_they_send(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    assert_eq!(tenant.draft(&conversation).await.unwrap(), "");
    tenant.put_draft(&conversation, says("We are")).await.unwrap();
    let kept = tenant.put_draft(&conversation, says("We are on it")).await.unwrap();
    assert_eq!(kept.message, says("We are on it"));
    let colleague = tenant.another(Role::Agent);
    assert_eq!(colleague.draft(&conversation).await.unwrap(), "");
    colleague.put_draft(&conversation, says("mine")).await.unwrap();
    assert_eq!(tenant.draft(&conversation).await.unwrap(), "We are on it");

    tenant.send(&conversation, "We are on it!").await.unwrap();
    assert_eq!(tenant.draft(&conversation).await.unwrap(), "");
    assert_eq!(colleague.draft(&conversation).await.unwrap(), "mine");
    colleague.put_draft(&conversation, Some(MessageDraft::default())).await.unwrap();
    assert_eq!(colleague.draft(&conversation).await.unwrap(), "");

    let stranger = rig.tenant();
    assert_eq!(stranger.draft(&conversation).await.unwrap_err().code(), ErrorCode::NotFound);
    let put = stranger.put_draft(&conversation, says("x")).await.unwrap_err();
    assert_eq!(put.code(), ErrorCode::NotFound);
    let card = ContactCard { emails: vec!["x".repeat(1000); 300], ..ContactCard::default() };
    let huge = MessageDraft { contact_card: Some(card), ..MessageDraft::default() };
    assert_eq!(tenant.put_draft(&conversation, Some(huge)).await.unwrap_err().code(), ErrorCode::TooLarge);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_person_sends_or_schedules_takes_their_draft_with_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    let stands = async |text: &str| assert_eq!(tenant.draft(conversation).await.unwrap(), text);
    let note = MessageDraft { text: "a note".into(), internal: true, ..MessageDraft::default() };
    let send = async |tenant: &Tenant<'_>, client_id: &str, internal| {
        let (conversation_id, client_id) = (conversation.clone(), Some(client_id.to_owned()));
        let request =
            SendMessageRequest { conversation_id, client_id, internal, ..SendMessageRequest::default() };
        tenant.send_request(SendMessageRequest { text: "sent".into(), ..request }).await.unwrap();
    };

    tenant.put_draft(conversation, says("begun")).await.unwrap();
    let internal = Some(note.clone());
    let (conversation_id, send_at) = (conversation.clone(), tenant.in_minutes(5));
    let request = ScheduleMessageRequest { conversation_id, send_at, message: internal.clone() };
    let later = answer(tenant.later().schedule_message(tenant.signed(request)).await).unwrap();
    stands("begun").await;
    let scheduled = tenant.schedule(conversation, "begun", 5).await.unwrap();
    stands("").await;
    tenant.put_draft(conversation, says("begun anew")).await.unwrap();
    rig.clock.advance(TimeDelta::minutes(6));
    tenant.became(&later, State::Sent).await;
    tenant.became(&scheduled, State::Sent).await;
    stands("begun anew").await;

    send(&tenant, "1", true).await;
    send(&tenant.with_token(), "2", false).await;
    tenant.with_token().schedule(conversation, "by a program", 5).await.unwrap();
    stands("begun anew").await;
    send(&tenant, "3", false).await;
    stands("").await;
    tenant.put_draft(conversation, says("the next one")).await.unwrap();
    send(&tenant, "3", false).await;
    stands("the next one").await;

    tenant.put_draft(conversation, internal).await.unwrap();
    send(&tenant, "4", false).await;
    stands("a note").await;
    send(&tenant, "5", true).await;
    stands("").await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_the_channel_leaves_a_draft(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.tell_channel(tenant.channel, "the shop").await;
    tenant.knows(conversation, Capabilities::default()).await;
    let admin = tenant.another(Role::Admin);
    admin.put_draft(conversation, says("begun")).await.unwrap();
    let (id, to) = (tenant.channel.to_string(), "anna".to_owned());
    let request = admin.signed(TestChannelRequest { id, to });
    let test = async { answer(ChannelTestsClient::new(rig.channel.clone()).test_channel(request).await) };
    let goes = async { tenant.accepted(&tenant.order().await, &["out"]).await };
    let (tested, ()) = tokio::join!(test, goes);
    assert_eq!(&tested.unwrap().conversation_id, conversation);
    assert_eq!(admin.draft(conversation).await.unwrap(), "begun");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_when_its_time_has_come(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    let third = tenant.schedule(conversation, "third", 30).await.unwrap();
    let first = tenant.schedule(conversation, "first", 10).await.unwrap();
    let second = tenant.schedule(conversation, "twice", 20).await.unwrap();
    let listed: Vec<_> = tenant.scheduled(conversation).await.into_iter().map(|one| one.id).collect();
    assert_eq!(listed, [first.id.clone(), second.id.clone(), third.id.clone()]);
    tenant.no_more_orders().await;

    rig.clock.advance(TimeDelta::minutes(11));
    let sent = tenant.became(&first, State::Sent).await;
    let order = tenant.order().await;
    assert_eq!((Some(order.message_id), order.text.as_str()), (sent.message_id, "first"));
    assert_eq!(order.author.unwrap().id, tenant.user.to_string());

    let edited = tenant.reschedule(&second, Some(5), Some("second")).await.unwrap();
    assert_eq!((edited.state(), edited.message), (State::Waiting, says("second")));
    tenant.cancel(&third).await.unwrap();
    assert_eq!(tenant.cancel(&third).await.unwrap_err().code(), ErrorCode::NotFound);
    rig.clock.advance(TimeDelta::hours(1));
    tenant.became(&second, State::Sent).await;
    let texts: Vec<_> = tenant.messages(conversation).await.into_iter().map(|it| it.text).collect();
    assert_eq!(texts, ["hello", "first", "second"]);
    assert_eq!(tenant.scheduled(conversation).await, []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_send_a_message_once(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    rig.replica().await;
    let tenant = rig.tenant();
    let conversation = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    let mut all = Vec::new();
    for number in 0..20 {
        all.push(tenant.schedule(conversation, &number.to_string(), 1 + number).await.unwrap());
    }
    rig.clock.advance(TimeDelta::hours(1));
    for one in &all {
        tenant.became(one, State::Sent).await;
    }
    tenant.settle("anna").await;
    let created = rig.events.now(|events| tenant.told::<MessageCreated>(events).len());
    assert_eq!(created, 21);
    let texts: Vec<_> = tenant.messages(conversation).await.into_iter().skip(1).map(|it| it.text).collect();
    assert_eq!(
        texts,
        (0..20).map(|number| number.to_string()).collect::<Vec<_>>(),
        "in the order of their times"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_go_then_stays_and_says_why(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&conversation, Capabilities { reply_window_hours: 24, ..Capabilities::default() }).await;
    let late = tenant.schedule(&conversation, "too late", 25 * 60).await.unwrap();
    rig.clock.advance(TimeDelta::hours(26));
    let failed = tenant.became(&late, State::Failed).await;
    assert!(failed.reason.contains("24 hours"), "{}", failed.reason);
    assert_eq!(tenant.scheduled(&conversation).await, [failed]);

    // the provider has thought better of it
    tenant.knows(&conversation, Capabilities::default()).await;
    tenant.reschedule(&late, Some(1), None).await.unwrap();
    rig.clock.advance(TimeDelta::minutes(2));
    tenant.became(&late, State::Sent).await;

    let orphan = tenant.schedule(&conversation, "by somebody who left", 1).await.unwrap();
    tenant.tell_user(tenant.user, "Kim", true).await;
    let colleague = tenant.another(Role::Supervisor);
    tenant.tell_user(colleague.user, "Lou", false).await;
    colleague.assign(&conversation, &colleague.user.to_string()).await.unwrap();
    rig.clock.advance(TimeDelta::minutes(2));
    assert!(tenant.became(&orphan, State::Failed).await.reason.contains("sign in"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_or_no_time_is_not_scheduled(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = &tenant.receive("anna", "m1", "hello").await.conversation_id;
    for minutes in [-1, 0, 367 * 24 * 60] {
        let error = tenant.schedule(conversation, "x", minutes).await.unwrap_err();
        assert_eq!(fault(&error), ("invalid_field", Some("send_at")), "{minutes}");
    }
    let empty = tenant.schedule(conversation, " ", 1).await.unwrap_err();
    assert_eq!(empty.reason(), "empty_message");
    let unknown = id::new::<id::Conversation>().to_string();
    assert_eq!(tenant.schedule(&unknown, "x", 1).await.unwrap_err().code(), ErrorCode::NotFound);
    let one = tenant.schedule(conversation, "x", 1).await.unwrap();
    let colleague = tenant.another(Role::Agent);
    assert_eq!(colleague.cancel(&one).await.unwrap_err().code(), ErrorCode::Forbidden);
    assert_eq!(colleague.reschedule(&one, Some(2), None).await.unwrap_err().code(), ErrorCode::Forbidden);
    let stranger = rig.tenant();
    assert_eq!(stranger.cancel(&one).await.unwrap_err().code(), ErrorCode::NotFound);
    tenant.another(Role::Supervisor).cancel(&one).await.unwrap();
    for number in 0..100 {
        tenant.schedule(conversation, "x", 10 + number).await.unwrap();
    }
    assert_eq!(tenant.schedule(conversation, "x", 1).await.unwrap_err().reason(), "too_many_scheduled");
    tenant.set_status(conversation, "closed").await.unwrap();
    assert_eq!(tenant.schedule(conversation, "x", 1).await.unwrap_err().reason(), "conversation_closed");
}
