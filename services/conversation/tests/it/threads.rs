use rstest::rstest;
use tonic::Request;
use weft_proto::{
    channel::v1::{ConversationStarted, Inbound, MessageReceived, Reachability, ThreadMoved, inbound},
    conversation::v1::{
        ListThreadRequest, SendMessageRequest, author, message::Direction, threads_client::ThreadsClient,
    },
    events::v1::{ContactCreated, ContactUpdated, ConversationCreated},
};
use weft_rpc::ClientAuth;

use crate::{
    adapter::{Tenant, direct, group, person, words},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    /// What a contact sees of their thread, page by page.
    pub(crate) async fn seen_by(&self, contact: &str) -> Vec<String> {
        let client = ClientAuth::client(self.rig.channel.clone(), self.rig.authority.clone());
        let mut threads = ThreadsClient::new(client);
        let (mut seen, mut after_seq) = (Vec::new(), 0);
        loop {
            let request = ListThreadRequest {
                tenant_id: self.id.to_string(),
                channel_id: self.channel.to_string(),
                thread_id: direct(contact).id,
                after_seq,
                limit: 1,
            };
            let page = threads.list_thread(Request::new(request)).await.unwrap().into_inner().items;
            let Some(last) = page.last() else { return seen };
            after_seq = last.seq;
            seen.extend(page.into_iter().map(|message| message.text));
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_who_blocks_us_cannot_be_reached_until_they_come_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let contact = tenant.conversation(&conversation).await.contact.unwrap().id;
    for reachable in [false, false, true] {
        let change = Reachability { reachable, reason: String::new() };
        tenant.tell("anna", inbound::Event::Reachability(change)).await;
        tenant.settle("anna").await;
        let shown = tenant.contact(&contact).await;
        assert_eq!(shown.identities[0].reachable, reachable);
    }
    let told = |event: &ContactUpdated| event.contact.as_ref().unwrap().identities[0].reachable;
    tenant.until("the return", told).await;
    let count = rig.events.now(|events| tenant.told::<ContactUpdated>(events).len());
    assert_eq!(count, 2, "what changes nothing is not told");
    let unknown = Reachability { reachable: false, reason: String::new() };
    tenant.tell("stranger", inbound::Event::Reachability(unknown)).await;
    tenant.receive("stranger", "s1", "hello").await;
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_a_word_opens_a_conversation_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    for _ in 0..2 {
        let started = ConversationStarted { payload: "campaign".into() };
        tenant.tell("anna", inbound::Event::Started(started)).await;
    }
    tenant.until::<ConversationCreated>("the conversation", |_| true).await;
    let message = tenant.receive("anna", "m1", "hello").await;
    let [conversation] = &tenant.all().await[..] else { panic!("one conversation") };
    assert_eq!((conversation.id.clone(), conversation.last_seq), (message.conversation_id, 1));
    assert_eq!(rig.events.now(|events| tenant.told::<ContactCreated>(events).len()), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_moved_keeps_its_contact_and_conversation(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let in_group = |thread: &str, id: &str| Inbound {
        thread: Some(group(thread, "Friends")),
        sender: Some(person("bert")),
        ..tenant.message(thread, id, id)
    };
    tenant.publish(in_group("old", "g1")).await;
    let before = tenant.until_message(|it| it.text == "g1").await;
    tenant
        .tell("old", inbound::Event::Moved(ThreadMoved { new_id: "new".into(), ..ThreadMoved::default() }))
        .await;
    let moved = |event: &ContactUpdated| event.contact.as_ref().unwrap().identities[0].external_id == "new";
    tenant.until("the move", moved).await;
    tenant.publish(in_group("new", "g2")).await;
    let after = tenant.until_message(|it| it.text == "g2").await;
    assert_eq!((after.conversation_id.as_str(), after.seq), (before.conversation_id.as_str(), 2));
    tenant.send(&after.conversation_id, "hi").await.unwrap();
    assert_eq!(tenant.order().await.thread_id, "new");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_in_a_group_has_its_own_author(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    for (id, sender) in [("g1", "anna"), ("g2", "bert"), ("g3", "anna")] {
        let message = tenant.message("g", id, id);
        tenant
            .publish(Inbound { thread: Some(group("g", "Friends")), sender: Some(person(sender)), ..message })
            .await;
    }
    let last = tenant.until_message(|it| it.text == "g3").await;
    let messages = tenant.messages(&last.conversation_id).await;
    let authors: Vec<_> = messages.into_iter().map(|message| message.author.unwrap()).collect();
    let names: Vec<_> = authors.iter().map(|author| author.name.as_str()).collect();
    assert_eq!(names, ["name of anna", "name of bert", "name of anna"]);
    assert_eq!(authors[0].id, authors[2].id);
    assert_ne!(authors[0].id, authors[1].id);
    let [conversation] = &tenant.all().await[..] else { panic!("one conversation") };
    assert_eq!(conversation.contact.as_ref().unwrap().name, "Friends");
    // The same person in a chat of their own is the same contact, in another conversation.
    let alone = tenant.receive("anna", "m1", "hello").await;
    assert_eq!(alone.author.unwrap().id, authors[0].id);
    assert_ne!(alone.conversation_id, conversation.id);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_we_wrote_in_the_providers_app_is_ours_and_ends_the_waiting(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    assert!(tenant.conversation(&conversation).await.waiting_since.is_some());
    let ours = MessageReceived { from_us: true, ..words("m2", "hi from my phone") };
    tenant.tell("anna", inbound::Event::Message(ours)).await;
    let message = tenant.until_message(|it| it.text == "hi from my phone").await;
    assert_eq!(message.direction(), Direction::Outbound);
    assert_eq!(message.author.unwrap().kind(), author::Kind::Agent);
    let shown = tenant.conversation(&conversation).await;
    assert_eq!((shown.waiting_since, shown.unread_count), (None, 1));
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_what_it_answers(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let question = tenant.receive("anna", "m1", "tea or coffee?").await;
    let answer = SendMessageRequest {
        conversation_id: question.conversation_id.clone(),
        text: "tea".into(),
        reply_to: Some(question.id.clone()),
        ..Default::default()
    };
    let answer = tenant.send_request(answer).await.unwrap();
    let order = tenant.order().await;
    assert_eq!(order.reply_to.as_deref(), Some("m1"));
    tenant.accepted(&order, &["out-1", "out-2"]).await;
    // The contact answers one of the two parts that it was split into.
    let reply = MessageReceived { reply_to: Some("out-1".into()), ..words("m2", "good") };
    tenant.tell("anna", inbound::Event::Message(reply)).await;
    let reply = tenant.until_message(|it| it.text == "good").await;
    assert_eq!(reply.reply_to, Some(answer.id));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_sees_their_own_thread_without_our_notes(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    for n in 0..3 {
        let note = SendMessageRequest {
            conversation_id: conversation.clone(),
            text: format!("note {n}"),
            internal: true,
            ..Default::default()
        };
        tenant.send_request(note).await.unwrap();
    }
    tenant.send(&conversation, "hi").await.unwrap();
    tenant.receive("bert", "m2", "not anna's").await;
    assert_eq!(tenant.seen_by("anna").await, ["hello", "hi"]);
    let stranger = ThreadsClient::new(rig.channel.clone())
        .list_thread(tenant.signed(ListThreadRequest::default()))
        .await
        .unwrap_err();
    assert_eq!(stranger.code(), tonic::Code::Unauthenticated, "only services of the fleet may ask");
}
