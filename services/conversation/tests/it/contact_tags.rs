//! What contacts are sorted by, and who is blocked.

use rstest::rstest;
use weft_domain::{Clock, Result};
use weft_proto::{
    channel::v1::{Inbound, attempt_ended, inbound},
    conversation::v1::{
        ListContactsRequest, MoveConversationRequest, ScheduleMessageRequest, SendMessageRequest,
        StartConversationRequest, UpdateContactRequest, conversation::Status, message::State,
        notification::Kind as Told, scheduled_messages_client::ScheduledMessagesClient,
    },
    events::v1::{ContactUpdated, ConversationCreated},
};

use crate::{
    adapter::{Tenant, direct},
    agent::{Contact, answer, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) async fn change_contact(&self, request: UpdateContactRequest) -> Result<Contact> {
        answer(self.contacts().update_contact(self.signed(request)).await)
    }

    pub(crate) async fn tag_contact(&self, id: &str, add: &[&str], remove: &[&str]) -> Result<Contact> {
        let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
        let (add_tags, remove_tags) = (owned(add), owned(remove));
        self.change_contact(UpdateContactRequest {
            id: id.into(),
            add_tags,
            remove_tags,
            ..Default::default()
        })
        .await
    }

    pub(crate) async fn block(&self, id: &str, blocked: bool) -> Contact {
        let change = UpdateContactRequest { id: id.into(), blocked: Some(blocked), ..Default::default() };
        self.change_contact(change).await.unwrap()
    }

    /// The names of all contacts that fit, page by page.
    async fn named(&self, tag: Option<&str>, blocked: Option<bool>) -> Vec<String> {
        let (mut names, mut page_token) = (Vec::new(), String::new());
        loop {
            let tag = tag.map(str::to_owned);
            let request = ListContactsRequest { page_size: 1, page_token, tag, blocked };
            let page = answer(self.contacts().list_contacts(self.signed(request)).await).unwrap();
            names.extend(page.items.into_iter().map(|contact| contact.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return names;
            }
        }
    }

    /// Whoever writes in a thread, by their contact's id.
    async fn writer(&self, thread: &str) -> String {
        self.receive(thread, &format!("first of {thread}"), "hello").await.author.unwrap().id
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_found_by_tags_however_they_are_written(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (anna, bert) = (tenant.writer("anna").await, tenant.writer("bert").await);
    let tagged = tenant.tag_contact(&anna, &["  VIP  Guest", "berlin"], &[]).await.unwrap();
    assert_eq!(tagged.tags, ["berlin", "vip guest"]);
    tenant.tag_contact(&bert, &["Vip Guest"], &[]).await.unwrap();
    assert_eq!(tenant.named(Some("VIP guest"), None).await, ["name of bert", "name of anna"]);
    assert_eq!(tenant.named(Some("berlin"), None).await, ["name of anna"]);
    tenant.tag_contact(&bert, &[], &["vip guest"]).await.unwrap();
    assert_eq!(tenant.named(Some("vip guest"), None).await, ["name of anna"]);
    assert_eq!(rig.tenant().named(Some("vip guest"), None).await, Vec::<String>::new());

    tenant.block(&anna, true).await;
    assert_eq!(tenant.named(None, Some(true)).await, ["name of anna"]);
    assert_eq!(tenant.named(None, Some(false)).await, ["name of bert"]);
    assert_eq!(tenant.named(Some("berlin"), Some(true)).await, ["name of anna"]);
    assert_eq!(tenant.named(Some("berlin"), Some(false)).await, Vec::<String>::new());

    let many: Vec<String> = (0..50).map(|n| format!("tag {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let refused = tenant.tag_contact(&anna, &many, &[]).await.unwrap_err();
    assert_eq!(fault(&refused), ("too_many_tags", Some("add_tags")));
    let refused = tenant.tag_contact(&anna, &[" "], &[]).await.unwrap_err();
    assert_eq!(fault(&refused), ("invalid_field", Some("add_tags[0]")));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_joins_tags_and_blocks_and_its_undoing_parts_them(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (kept, other) = (tenant.writer("anna").await, tenant.writer("bert").await);
    tenant.tag_contact(&kept, &["both", "hers"], &[]).await.unwrap();
    tenant.tag_contact(&other, &["both", "his"], &[]).await.unwrap();
    tenant.block(&other, true).await;
    let merge = tenant.merge(&kept, &other).await.unwrap();
    let contact = merge.contact.unwrap();
    assert_eq!(contact.tags, ["both", "hers", "his"]);
    assert!(contact.blocked_at.is_some(), "nobody is unblocked by a merge");
    assert_eq!(tenant.named(Some("his"), None).await, ["name of anna"]);
    assert_eq!(tenant.named(Some("both"), None).await, ["name of anna"], "once");

    tenant.undo(&merge.id).await.unwrap();
    let (kept, other) = (tenant.contact(&kept).await, tenant.contact(&other).await);
    assert_eq!((kept.tags, kept.blocked_at), (vec!["both".to_owned(), "hers".into()], None));
    assert_eq!(other.tags, ["both", "his"]);
    assert!(other.blocked_at.is_some());
    assert_eq!(tenant.named(Some("his"), None).await, ["name of bert"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_to_a_contact_who_is_blocked(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let first = tenant.receive("anna", "m1", "hello").await;
    let contact = first.author.unwrap().id;
    let id = first.conversation_id;
    tenant.send(&id, "on its way").await.unwrap();
    tenant.send(&id, "waits behind it").await.unwrap();
    let order = tenant.order().await;
    let mut schedule = ScheduledMessagesClient::new(rig.channel.clone());
    let at = |seconds| {
        let at = rig.clock.now() + chrono::TimeDelta::seconds(seconds);
        Some(weft_proto::convert::timestamp(at))
    };
    let later = ScheduleMessageRequest {
        conversation_id: id.clone(),
        send_at: at(600),
        message: Some(weft_proto::conversation::v1::MessageDraft {
            text: "later".into(),
            ..Default::default()
        }),
    };
    let scheduled = answer(schedule.schedule_message(tenant.signed(later.clone())).await).unwrap();

    let blocked = tenant.block(&contact, true).await;
    assert!(blocked.blocked_at.is_some());
    let told = |event: &ContactUpdated| event.contact.as_ref().unwrap().blocked_at.is_some();
    tenant.until("the block", told).await;
    assert_eq!(tenant.block(&contact, true).await.blocked_at, blocked.blocked_at, "since the first time");

    assert_eq!(fault(&tenant.send(&id, "no").await.unwrap_err()).0, "contact_blocked");
    let start = StartConversationRequest {
        channel_id: tenant.channel.to_string(),
        contact_id: Some(contact.clone()),
        ..Default::default()
    };
    let refused = answer(tenant.conversations().start_conversation(tenant.signed(start)).await).unwrap_err();
    assert!(["contact_blocked", "invalid_field"].contains(&refused.reason()), "{refused}");
    let go = MoveConversationRequest { id: id.clone(), channel_id: other.to_string(), ..Default::default() };
    let refused = answer(tenant.conversations().move_conversation(tenant.signed(go)).await).unwrap_err();
    assert_eq!(fault(&refused).0, "contact_blocked");
    let refused = answer(schedule.schedule_message(tenant.signed(later)).await).unwrap_err();
    assert_eq!(fault(&refused).0, "contact_blocked");
    let dry = SendMessageRequest {
        conversation_id: id.clone(),
        text: "no".into(),
        dry_run: true,
        ..Default::default()
    };
    let preview = tenant.send_request(dry).await.unwrap().preview.unwrap();
    assert_eq!((preview.sendable, preview.code.as_str()), (false, "contact_blocked"));
    let reply = tenant.conversation(&id).await.reply.unwrap();
    assert!(!reply.allowed && reply.reason.contains("blocked"), "{reply:?}");
    let note = SendMessageRequest {
        conversation_id: id.clone(),
        text: "a note".into(),
        internal: true,
        ..Default::default()
    };
    tenant.send_request(note).await.unwrap();

    // what is on its way ends as it ends, and what waits for it does not go
    tenant.started(&order, false).await;
    tenant.ended(&order, attempt_ended::Result::Accepted).await;
    let failed = |text: &'static str| {
        move |message: &crate::agent::Message| message.text == text && message.state() == State::Failed
    };
    let message = tenant.until_message(failed("waits behind it")).await;
    assert!(message.state_reason.as_ref().unwrap().contains("blocked"));
    tenant.until_notified(|shown, _| shown.kind() == Told::Failed && shown.excerpt == message.text).await;
    let refused = tenant.resolve(&message, "send_again").await.unwrap_err();
    assert_eq!(fault(&refused).0, "contact_blocked");
    rig.clock.advance(chrono::TimeDelta::seconds(601));
    let is_refused = |event: &weft_proto::events::v1::ScheduledMessageUpdated| {
        let shown = event.scheduled_message.as_ref().unwrap();
        shown.id == scheduled.id && shown.reason.contains("blocked")
    };
    tenant.until("the scheduled message's end", is_refused).await;
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_blocked_contact_writes_is_kept_and_disturbs_nobody(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "hello").await;
    let contact = first.author.unwrap().id;
    tenant.mark_read(&first.conversation_id, None).await;
    tenant.block(&contact, true).await;
    let second = tenant.receive("anna", "m2", "let me in").await;
    assert_eq!(second.conversation_id, first.conversation_id);
    let shown = tenant.conversation(&first.conversation_id).await;
    assert_eq!((shown.status(), shown.unread_count, shown.waiting_since), (Status::Resolved, 0, None));
    assert!(shown.archived_at.is_some());
    assert_eq!(tenant.messages(&first.conversation_id).await.len(), 2, "nothing is lost");
    assert_eq!(tenant.all().await, [], "it is out of the lists");

    // a conversation that begins while they are blocked is nobody's work either
    tenant.set_status(&first.conversation_id, "closed").await.unwrap();
    let third = tenant.receive("anna", "m3", "again").await;
    let begun = tenant
        .until("the new conversation", |event: &ConversationCreated| {
            event.conversation.as_ref().unwrap().id == third.conversation_id
        })
        .await;
    let begun = begun.conversation.unwrap();
    assert_eq!((begun.status(), begun.unread_count), (Status::Resolved, 0));
    assert!(begun.archived_at.is_some() && begun.assignee.is_none());

    tenant.block(&contact, false).await;
    assert_eq!(tenant.all().await, [], "unblocking alone brings nothing back");
    let fourth = tenant.receive("anna", "m4", "thanks").await;
    let back = tenant.conversation(&fourth.conversation_id).await;
    assert_eq!((back.status(), back.unread_count, back.archived_at), (Status::Open, 1, None));
    tenant.send(&fourth.conversation_id, "welcome back").await.unwrap();
    assert_eq!(tenant.order().await.text, "welcome back");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_opens_a_conversation_while_blocked_opens_none(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("anna", "m1", "hello").await;
    tenant.block(&first.author.unwrap().id, true).await;
    tenant.set_status(&first.conversation_id, "closed").await.unwrap();
    let started = Inbound {
        thread: Some(direct("anna")),
        ..tenant.event("anna", inbound::Event::Started(Default::default()))
    };
    tenant.publish(started).await;
    let is_new = |event: &ConversationCreated| {
        event.conversation.as_ref().is_some_and(|one| one.id != first.conversation_id)
    };
    let begun = tenant.until("a conversation", is_new).await.conversation.unwrap();
    assert_eq!((begun.status(), begun.archived_at.is_some()), (Status::Resolved, true));
}
