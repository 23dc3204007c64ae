use rstest::rstest;
use tonic::{Code, Status};
use weft_domain::id;
use weft_proto::conversation::v1::{
    GetContactRequest, GetConversationRequest, ListMessagesRequest, MarkReadRequest, ResolveMessageRequest,
    SendMessageRequest, SendTypingRequest, UpdateContactRequest, UpdateConversationRequest,
};

use crate::{
    adapter::Tenant,
    rig::{Engine, Rig},
};

/// What every method that takes these ids answers.
async fn answers(
    tenant: &Tenant<'_>,
    conversation: &str,
    contact: &str,
    message: &str,
) -> Vec<(&'static str, Status)> {
    let (mut conversations, mut chat, mut contacts) =
        (tenant.conversations(), tenant.chat(), tenant.contacts());
    let id = || conversation.to_owned();
    macro_rules! refused {
        ($client:ident.$method:ident($request:expr)) => {
            (stringify!($method), $client.$method(tenant.signed($request)).await.unwrap_err())
        };
    }
    vec![
        refused!(conversations.get_conversation(GetConversationRequest { id: id() })),
        refused!(conversations.update_conversation(UpdateConversationRequest {
            id: id(),
            status: Some("closed".into()),
            ..Default::default()
        })),
        refused!(conversations.mark_read(MarkReadRequest { id: id(), seq: None })),
        refused!(conversations.send_typing(SendTypingRequest { id: id() })),
        refused!(chat.list_messages(ListMessagesRequest { conversation_id: id(), ..Default::default() })),
        refused!(chat.send_message(SendMessageRequest {
            conversation_id: id(),
            text: "hi".into(),
            ..Default::default()
        })),
        refused!(chat.resolve_message(ResolveMessageRequest {
            conversation_id: id(),
            id: message.into(),
            action: "leave".into()
        })),
        refused!(contacts.get_contact(GetContactRequest { id: contact.into() })),
        refused!(contacts.update_contact(UpdateContactRequest {
            id: contact.into(),
            name: Some("x".into()),
            ..Default::default()
        })),
    ]
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ids_of_other_tenants_unknown_and_malformed_ids_answer_exactly_alike(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (rig.tenant(), rig.tenant());
    let mine = ours.receive("anna", "m1", "hello").await;
    let message = theirs.receive("anna", "m1", "secret").await;
    let contact = theirs.conversation(&message.conversation_id).await.contact.unwrap().id;
    let foreign = answers(&ours, &message.conversation_id, &contact, &message.id).await;
    let (conv, cont, msg) =
        (id::new::<id::Conversation>(), id::new::<id::Contact>(), id::new::<id::Message>());
    let unknown = answers(&ours, &conv.to_string(), &cont.to_string(), &msg.to_string()).await;
    let malformed = answers(&ours, "conv_x", "42", "' OR 1=1 --").await;
    for ((method, foreign), ((_, unknown), (_, malformed))) in
        foreign.iter().zip(unknown.iter().zip(&malformed))
    {
        let parts = |status: &Status| (status.code(), status.message().to_owned(), status.details().to_vec());
        assert_eq!(foreign.code(), Code::NotFound, "{method}");
        assert_eq!(parts(foreign), parts(unknown), "{method}");
        assert_eq!(parts(foreign), parts(malformed), "{method}");
    }
    // A message in a conversation that is not its own is not there either.
    let crossed = ours
        .chat()
        .resolve_message(ours.signed(ResolveMessageRequest {
            conversation_id: mine.conversation_id.clone(),
            id: message.id.clone(),
            action: "leave".into(),
        }))
        .await
        .unwrap_err();
    assert_eq!((crossed.code(), crossed.message()), (Code::NotFound, "no such message"));
    let reply = SendMessageRequest {
        conversation_id: mine.conversation_id,
        text: "hi".into(),
        reply_to: Some(message.id),
        ..Default::default()
    };
    assert_eq!(ours.send_request(reply).await.unwrap_err().reason(), "unknown_message");
    let shown = theirs.conversation(&message.conversation_id).await;
    assert_eq!((shown.unread_count, shown.last_seq, shown.status), (1, 1, 1), "nothing was changed");
    assert_eq!(ours.all().await.len(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_with_another_tenants_ids_finds_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (rig.tenant(), rig.tenant());
    let message = theirs.receive("anna", "m1", "secret").await;
    let contact = theirs.conversation(&message.conversation_id).await.contact.unwrap().id;
    let request = weft_proto::conversation::v1::ListConversationsRequest {
        contact: Some(contact),
        ..Default::default()
    };
    assert_eq!(ours.list(request).await.unwrap().items, []);
}
