//! What is said by itself, as a service of the fleet decided.

use rstest::rstest;
use weft_domain::Result;
use weft_proto::{
    conversation::v1::{
        CheckAutomaticMessageRequest, SendAutomaticMessageRequest, SendAutomaticMessageResponse, author,
        automatic_messages_client::AutomaticMessagesClient,
    },
    directory::v1::Capabilities,
};
use weft_rpc::ClientAuth;

use crate::{
    adapter::Tenant,
    agent::{answer, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    fn automatically(
        &self,
        conversation: &str,
        seq: u64,
        decision: &str,
        text: &str,
    ) -> SendAutomaticMessageRequest {
        SendAutomaticMessageRequest {
            tenant_id: self.id.to_string(),
            conversation_id: conversation.into(),
            decision_id: decision.into(),
            answers_seq: seq,
            text: text.into(),
        }
    }

    async fn by_itself(&self, request: SendAutomaticMessageRequest) -> Result<SendAutomaticMessageResponse> {
        let client = ClientAuth::client(self.rig.channel.clone(), self.rig.authority.clone());
        answer(AutomaticMessagesClient::new(client).send_automatic_message(request).await)
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn it_goes_in_nobodys_name_once_and_the_contact_still_waits(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let before = tenant.conversation(&id).await;
    let request =
        tenant.automatically(&id, 1, "d1", "Dear {{ contact.name }}, we are closed. {{ agent.name }}");
    let sent = tenant.by_itself(request.clone()).await.unwrap();
    let message = sent.message.clone().unwrap();
    assert_eq!((message.text.trim(), sent.refused.as_str()), ("Dear name of anna, we are closed.", ""));
    let by = message.author.unwrap();
    assert_eq!((by.kind(), by.id.as_str(), by.name.as_str()), (author::Kind::System, "", ""));
    assert_eq!(tenant.by_itself(request).await.unwrap(), sent, "a decision has one answer");
    assert_eq!(tenant.order().await.text.trim(), "Dear name of anna, we are closed.");
    tenant.no_more_orders().await;
    let after = tenant.conversation(&id).await;
    assert_eq!((after.unread_count, after.waiting_since), (1, before.waiting_since));
    assert_eq!(tenant.messages(&id).await.len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_said_where_somebody_answered_or_nothing_goes(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let answered = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.send(&answered, "here I am").await.unwrap();
    let closed = tenant.receive("bert", "m2", "hello").await.conversation_id;
    tenant.set_status(&closed, "closed").await.unwrap();
    let first = tenant.receive("carl", "m3", "hello").await;
    tenant.block(&first.author.unwrap().id, true).await;
    let (blocked, empty) =
        (first.conversation_id, tenant.receive("dora", "m4", "hello").await.conversation_id);
    for (id, text, why) in [
        (&answered, "we are closed", "answered"),
        (&closed, "we are closed", "conversation_closed"),
        (&blocked, "we are closed", "contact_blocked"),
        (&empty, "{{ contact.email }}", "variables_not_filled"),
    ] {
        let before = tenant.conversation(id).await.last_seq;
        let answer = tenant.by_itself(tenant.automatically(id, 1, &format!("d-{id}"), text)).await.unwrap();
        assert_eq!((answer.refused.as_str(), answer.message), (why, None));
        assert_eq!(tenant.conversation(id).await.last_seq, before);
    }
    let foreign = rig.tenant().automatically(&answered, 1, "d", "hello");
    assert_eq!(tenant.by_itself(foreign).await.unwrap_err().reason(), "not_found");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_called_by_itself_nor_written_to_when_programs_may_not(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let can = Capabilities { content: vec!["text".into()], max_text_chars: 1000, ..Default::default() };
    tenant.knows(&id, Capabilities { calls: true, ..can.clone() }).await;
    let say = async |decision: &str| {
        tenant.by_itself(tenant.automatically(&id, 1, decision, "we are closed")).await.unwrap().refused
    };
    assert_eq!(say("d1").await, "channel_calls");
    let hours = Capabilities { reply_window_hours: 168, program_window_hours: 24, ..can };
    tenant.knows(&id, hours).await;
    rig.clock.advance(chrono::TimeDelta::hours(25));
    assert_eq!(say("d2").await, "reply_window_closed");
    tenant.send(&id, "a person may").await.unwrap();
    let refused = tenant.with_token().send(&id, "a program may not").await.unwrap_err();
    assert_eq!(refused.reason(), "reply_window_closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_for_services_and_a_text_is_checked_before_it_is_kept() {
    let rig = Rig::new(Engine::Sqlite).await;
    let tenant = rig.tenant();
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let request = tenant.signed(tenant.automatically(&id, 1, "d1", "hello"));
    let mut client = AutomaticMessagesClient::new(rig.channel.clone());
    assert_eq!(
        answer(client.send_automatic_message(request).await).unwrap_err().reason(),
        "not_of_the_fleet"
    );
    let services = ClientAuth::client(rig.channel.clone(), rig.authority.clone());
    let mut client = AutomaticMessagesClient::new(services);
    let check = |text: &str| CheckAutomaticMessageRequest { text: text.into() };
    client.check_automatic_message(check("Dear {{ contact.first_name }}")).await.unwrap();
    let refused = answer(client.check_automatic_message(check("{{ contact.shoes }}")).await).unwrap_err();
    assert_eq!(fault(&refused), ("invalid_variables", Some("text")));
}
