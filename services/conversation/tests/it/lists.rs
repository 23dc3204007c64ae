use rstest::rstest;
use weft_proto::conversation::v1::{
    CreateContactRequest, ListContactsRequest, ListConversationsRequest, ListMessagesRequest,
};

use crate::{
    adapter::Tenant,
    agent::fault,
    rig::{Engine, Rig},
};

async fn ids(tenant: &Tenant<'_>, request: ListConversationsRequest) -> Vec<String> {
    let items = tenant.list(request).await.unwrap().items;
    items.into_iter().map(|conversation| conversation.id).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_narrowed_by_status_assignee_channel_contact_and_unread(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let anna = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let bert = tenant.receive("bert", "m2", "hello").await.conversation_id;
    let other = Tenant { channel: weft_domain::id::new(), ..rig.tenant() };
    let other = Tenant { id: tenant.id, token: tenant.token.clone(), user: tenant.user, ..other };
    let carl = other.receive("carl", "m3", "hello").await.conversation_id;
    tenant.set_status(&anna, "resolved").await.unwrap();
    tenant.assign(&bert, "me").await.unwrap();
    tenant.mark_read(&carl, None).await;
    let contact = tenant.conversation(&anna).await.contact.unwrap().id;
    let given = |text: &str| Some(text.to_owned());
    let none = ListConversationsRequest::default;
    let cases = [
        (none(), vec![&carl, &bert, &anna]),
        (ListConversationsRequest { status: given("resolved"), ..none() }, vec![&anna]),
        (ListConversationsRequest { status: given("closed"), ..none() }, vec![]),
        (ListConversationsRequest { assignee: given("me"), ..none() }, vec![&bert]),
        (ListConversationsRequest { assignee: given(&tenant.user.to_string()), ..none() }, vec![&bert]),
        (ListConversationsRequest { assignee: given("none"), ..none() }, vec![&carl, &anna]),
        (
            ListConversationsRequest { channel: given(&tenant.channel.to_string()), ..none() },
            vec![&bert, &anna],
        ),
        (ListConversationsRequest { contact: given(&contact), ..none() }, vec![&anna]),
        (ListConversationsRequest { unread: Some(false), ..none() }, vec![&carl]),
        (ListConversationsRequest { unread: Some(true), status: given("open"), ..none() }, vec![&bert]),
    ];
    for (request, expected) in cases {
        assert_eq!(ids(&tenant, request.clone()).await.iter().collect::<Vec<_>>(), expected, "{request:?}");
    }
    for (request, field) in [
        (ListConversationsRequest { status: given("new"), ..none() }, "status"),
        (ListConversationsRequest { assignee: given("kim"), ..none() }, "assignee"),
        (ListConversationsRequest { channel: given("x"), ..none() }, "channel"),
        (ListConversationsRequest { contact: given("x"), ..none() }, "contact"),
        (ListConversationsRequest { page_size: 201, ..none() }, "page_size"),
        (ListConversationsRequest { page_token: "x".into(), ..none() }, "page_token"),
    ] {
        let error = tenant.list(request).await.unwrap_err();
        assert_eq!(fault(&error).1, Some(field), "{error}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_conversations_show_each_once_though_new_ones_come_in(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let mut expected = Vec::new();
    for n in 0..7 {
        let id = tenant.receive(&format!("p{n}"), &format!("m{n}"), "hello").await.conversation_id;
        expected.insert(0, id);
    }
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = tenant
            .list(ListConversationsRequest { page_size: 2, page_token, ..Default::default() })
            .await
            .unwrap();
        seen.extend(page.items.into_iter().map(|conversation| conversation.id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
        // One more comes in, and one that was shown already moves to the top.
        let n = seen.len();
        tenant.receive(&format!("new-{n}"), &format!("new-{n}"), "hello").await;
        tenant.receive("p6", &format!("again-{n}"), "hello").await;
    }
    assert_eq!(seen, expected);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_messages_go_back_from_the_newest_and_on_from_a_seq(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let mut conversation = String::new();
    for n in 1..=7 {
        conversation = tenant.receive("anna", &format!("m{n}"), "hello").await.conversation_id;
    }
    let request = |page_token: &str, after_seq| ListMessagesRequest {
        conversation_id: conversation.clone(),
        page_size: 3,
        page_token: page_token.into(),
        after_seq,
    };
    let mut back = Vec::new();
    let mut token = String::new();
    for n in 8..=10 {
        let page = tenant.list_messages(request(&token, None)).await.unwrap();
        back.push(page.items.iter().map(|message| message.seq).collect::<Vec<_>>());
        token = page.next_page_token;
        tenant.receive("anna", &format!("m{n}"), "meanwhile").await;
    }
    assert_eq!((back, token.as_str()), (vec![vec![7, 6, 5], vec![4, 3, 2], vec![1]], ""));
    let mut on = Vec::new();
    loop {
        let page = tenant.list_messages(request(&token, Some(4))).await.unwrap();
        on.extend(page.items.iter().map(|message| message.seq));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(on, [5, 6, 7, 8, 9, 10]);
    let wrong = tenant.list_messages(request("", Some(u64::MAX))).await.unwrap_err();
    assert_eq!(wrong.field(), Some("after_seq"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_contacts_show_each_once_the_newest_first(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let mut expected = Vec::new();
    for n in 0..5 {
        let request = CreateContactRequest { name: format!(" contact {n} "), ..Default::default() };
        let contact = tenant.contacts().create_contact(tenant.signed(request)).await.unwrap().into_inner();
        assert_eq!(contact.name, format!("contact {n}"));
        expected.insert(0, contact.id);
    }
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListContactsRequest { page_size: 2, page_token, ..Default::default() };
        let page = tenant.contacts().list_contacts(tenant.signed(request)).await.unwrap().into_inner();
        seen.extend(page.items.into_iter().map(|contact| contact.id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
        tenant.receive(&format!("new-{}", seen.len()), &format!("m{}", seen.len()), "meanwhile").await;
    }
    assert_eq!(seen, expected);
}
