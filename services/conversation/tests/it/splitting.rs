//! A conversation that becomes two, and one again.

use rstest::rstest;
use weft_domain::Result;
use weft_proto::{
    channel::v1::inbound,
    conversation::v1::{Regrouping, SplitConversationRequest, conversation::Status},
    events::v1::ConversationCreated,
};

use crate::{
    adapter::{Tenant, words},
    agent::{Message, answer, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) async fn split(&self, conversation: &str, messages: &[&Message]) -> Result<Regrouping> {
        let message_ids = messages.iter().map(|message| message.id.clone()).collect();
        self.split_as(SplitConversationRequest { id: conversation.into(), message_ids, from_message: None })
            .await
    }

    async fn split_as(&self, request: SplitConversationRequest) -> Result<Regrouping> {
        answer(self.regroupings().split_conversation(self.signed(request)).await)
    }

    /// A message that quotes another one.
    async fn quote(&self, thread: &str, quoted: &str, id: &str) -> Message {
        let message = weft_proto::channel::v1::MessageReceived {
            reply_to: Some(quoted.into()),
            ..words(id, "about that")
        };
        self.tell(thread, inbound::Event::Message(message)).await;
        self.until_message(|message| message.provider_message_id.as_deref() == Some(id)).await
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_matter_becomes_a_conversation_of_its_own_and_comes_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let one = tenant.receive("anna", "m1", "my invoice").await;
    let two = tenant.receive("anna", "m2", "and the crane is broken").await;
    let three = tenant.receive("anna", "m3", "it leaks oil").await;
    tenant.receive("anna", "m4", "the invoice is wrong").await;
    let source = one.conversation_id;
    let split = tenant.split(&source, &[&two, &three]).await.unwrap();
    let new = split.other.clone().unwrap();
    assert_eq!(split.message_count, 2);
    assert_eq!(tenant.words_of(&source).await, ["my invoice", "the invoice is wrong"]);
    assert_eq!(tenant.words_of(&new.id).await, ["and the crane is broken", "it leaks oil"]);
    assert_eq!(
        (new.status(), new.unread_count, new.contact),
        (Status::Open, 2, tenant.conversation(&source).await.contact)
    );
    assert_eq!(new.waiting_since, two.created_at);
    assert_eq!(tenant.conversation(&source).await.unread_count, 2);
    tenant
        .until("it is told of", |event: &ConversationCreated| {
            event.conversation.as_ref().is_some_and(|told| told.id == new.id)
        })
        .await;

    // the newest word was about the invoice: that is where the contact is
    assert!(new.detached && !tenant.conversation(&source).await.detached);
    assert_eq!(tenant.receive("anna", "m5", "hello?").await.conversation_id, source);
    // whoever answers last has them, and whom they quote
    let answered = tenant.send(&new.id, "we come with a new one").await.unwrap();
    tenant.accepted(&tenant.order().await, &["p1"]).await;
    assert!(tenant.conversation(&source).await.detached);
    assert_eq!(tenant.receive("anna", "m6", "thank you").await.conversation_id, new.id);
    assert_eq!(tenant.quote("anna", "m4", "m7").await.conversation_id, source);
    assert_eq!(tenant.receive("anna", "m8", "still").await.conversation_id, source);
    assert_eq!(tenant.quote("anna", "p1", "m9").await.reply_to, Some(answered.id));

    tenant.undo_regrouping(&split.id).await.unwrap();
    assert_eq!(
        tenant.words_of(&source).await,
        [
            "my invoice",
            "and the crane is broken",
            "it leaks oil",
            "the invoice is wrong",
            "hello?",
            "we come with a new one",
            "thank you",
            "about that",
            "still",
            "about that"
        ]
    );
    let gone = tenant.conversation(&new.id).await;
    assert_eq!((gone.merged_into.as_ref(), gone.status()), (Some(&source), Status::Closed));
    assert_eq!(tenant.receive("anna", "m10", "now?").await.conversation_id, source);
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn from_a_message_on_all_is_another_matter_and_the_contact_is_there(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let source = tenant.receive("anna", "m1", "one").await.conversation_id;
    let from = tenant.receive("anna", "m2", "two").await;
    tenant.receive("anna", "m3", "three").await;
    let request =
        SplitConversationRequest { id: source.clone(), from_message: Some(from.id), ..Default::default() };
    let new = tenant.split_as(request).await.unwrap().other.unwrap();
    assert_eq!(tenant.words_of(&new.id).await, ["two", "three"]);
    assert!(!new.detached && tenant.conversation(&source).await.detached);
    assert_eq!(tenant.receive("anna", "m4", "four").await.conversation_id, new.id);
    tenant.set_status(&new.id, "closed").await.unwrap();
    assert_eq!(tenant.receive("anna", "m5", "five").await.conversation_id, source, "the other one is left");
    assert!(!tenant.conversation(&source).await.detached);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_split_off_is_refused_and_nothing_moves(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let one = tenant.receive("anna", "m1", "one").await;
    let two = tenant.receive("anna", "m2", "two").await;
    let elsewhere = tenant.receive("bert", "m3", "other").await;
    let source = one.conversation_id.clone();
    let refused = tenant.split(&source, &[&one, &two]).await.unwrap_err();
    assert_eq!(fault(&refused).0, "nothing_left");
    let refused = tenant.split(&source, &[&one, &elsewhere]).await.unwrap_err();
    assert_eq!(fault(&refused), ("unknown_message", Some("message_ids[1]")));
    let refused = tenant.split(&source, &[]).await.unwrap_err();
    assert_eq!(fault(&refused), ("invalid_field", Some("message_ids")));
    let both = SplitConversationRequest {
        id: source.clone(),
        message_ids: vec![one.id.clone()],
        from_message: Some(two.id.clone()),
    };
    assert_eq!(fault(&tenant.split_as(both).await.unwrap_err()), ("invalid_field", Some("message_ids")));
    assert_eq!(tenant.words_of(&source).await, ["one", "two"]);
    assert_eq!(tenant.all().await.len(), 2, "nothing began");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_repeated_under_its_key_splits_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let source = tenant.receive("anna", "m1", "one").await.conversation_id;
    let two = tenant.receive("anna", "m2", "two").await;
    let request =
        SplitConversationRequest { id: source.clone(), message_ids: vec![two.id], from_message: None };
    let mut ids = Vec::new();
    for _ in 0..3 {
        let keyed = tenant.keyed("once", request.clone());
        ids.push(answer(tenant.regroupings().split_conversation(keyed).await).unwrap().id);
    }
    ids.dedup();
    assert_eq!((ids.len(), tenant.all().await.len()), (1, 2));
}
