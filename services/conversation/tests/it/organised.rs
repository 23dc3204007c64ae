//! Tags, the archive, and marks of one's own.

use rstest::rstest;
use weft_proto::{
    conversation::v1::{
        ListConversationsRequest, ListTagsRequest, MarkConversationRequest, UnmarkConversationRequest,
        conversation::{Mark, Status},
        tags_client::TagsClient,
    },
    events::v1::{ConversationUpdated, MarkUpdated},
};

use crate::{
    adapter::Tenant,
    agent::{Conversation, UpdateConversationRequest, answer, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) async fn tag(
        &self,
        id: &str,
        add: &[&str],
        remove: &[&str],
    ) -> weft_domain::Result<Conversation> {
        let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
        let (add_tags, remove_tags) = (owned(add), owned(remove));
        self.update(UpdateConversationRequest { id: id.into(), add_tags, remove_tags, ..Default::default() })
            .await
    }

    pub(crate) async fn archive(&self, id: &str, archived: bool) -> Conversation {
        let archived = Some(archived);
        self.update(UpdateConversationRequest { id: id.into(), archived, ..Default::default() })
            .await
            .unwrap()
    }

    pub(crate) async fn mark(&self, id: &str, mark: &str) -> weft_domain::Result<Conversation> {
        let request = MarkConversationRequest { id: id.into(), mark: mark.into() };
        answer(self.conversations().mark_conversation(self.signed(request)).await)
    }

    pub(crate) async fn unmark(&self, id: &str, mark: &str) -> weft_domain::Result<Conversation> {
        let request = UnmarkConversationRequest { id: id.into(), mark: mark.into() };
        answer(self.conversations().unmark_conversation(self.signed(request)).await)
    }

    /// The tags that begin with something, and how many conversations have each.
    async fn tags(&self, prefix: &str, size: u32) -> Vec<(String, u64)> {
        let mut client = TagsClient::new(self.rig.channel.clone());
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let prefix = Some(prefix.to_owned());
            let request = ListTagsRequest { page_size: size, page_token, prefix };
            let page = client.list_tags(self.signed(request)).await.unwrap().into_inner();
            all.extend(page.items.into_iter().map(|tag| (tag.name, tag.conversations)));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    async fn threads(&self, request: ListConversationsRequest) -> Vec<String> {
        let items = self.list(request).await.unwrap().items;
        items.into_iter().map(|conversation| conversation.id).collect()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn tags_are_one_however_they_are_written_and_are_counted(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let one = tenant.receive("one", "m1", "hello").await.conversation_id;
    let other = tenant.receive("other", "m2", "hello").await.conversation_id;
    let tagged = tenant.tag(&one, &[" VIP ", "ГОРОД  Юг", "vip", "refund"], &[]).await.unwrap();
    assert_eq!(tagged.tags, ["refund", "vip", "город юг"]);
    tenant
        .until::<ConversationUpdated>("the tags", |event| event.conversation.as_ref() == Some(&tagged))
        .await;
    // what is there stays, and one that is added and removed goes
    let tagged = tenant.tag(&one, &["Refund", "late"], &["late", "город юг", "never there"]).await.unwrap();
    assert_eq!(tagged.tags, ["refund", "vip"]);
    tenant.tag(&other, &["vip", "v%"], &[]).await.unwrap();

    assert_eq!(tenant.tags("", 2).await, [("vip".into(), 2), ("refund".into(), 1), ("v%".into(), 1)]);
    assert_eq!(tenant.tags("V", 50).await, [("vip".into(), 2), ("v%".into(), 1)]);
    assert_eq!(tenant.tags("v%", 50).await, [("v%".into(), 1)]);
    let of_tag = |tag: &str| ListConversationsRequest { tag: Some(tag.into()), ..Default::default() };
    assert_eq!(tenant.threads(of_tag("Vip")).await, [other.clone(), one.clone()]);
    assert_eq!(tenant.threads(of_tag("refund")).await, std::slice::from_ref(&one));
    assert!(tenant.threads(of_tag("late")).await.is_empty());

    let stranger = rig.tenant();
    assert!(stranger.tags("", 50).await.is_empty() && stranger.threads(of_tag("vip")).await.is_empty());
    assert_eq!(stranger.tag(&one, &["theirs"], &[]).await.unwrap_err().reason(), "not_found");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn tags_that_cannot_be_are_named(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = tenant.receive("one", "m1", "hello").await.conversation_id;
    let long = "x".repeat(51);
    for (tags, field) in [
        (vec!["fine", " "], "add_tags[1]"),
        (vec![long.as_str()], "add_tags[0]"),
        (vec!["a\u{7}b"], "add_tags[0]"),
    ] {
        let error = tenant.tag(&id, &tags, &[]).await.unwrap_err();
        assert_eq!(fault(&error), ("invalid_field", Some(field)));
    }
    let many: Vec<String> = (0..50).map(|n| format!("tag {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(tenant.tag(&id, &many, &[]).await.unwrap().tags.len(), 50);
    let error = tenant.tag(&id, &["one more"], &[]).await.unwrap_err();
    assert_eq!(fault(&error), ("too_many_tags", Some("add_tags")));
    assert_eq!(tenant.tag(&id, &["one more"], &["tag 7"]).await.unwrap().tags.len(), 50);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn tags_that_many_give_at_once_are_all_there_and_counted_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = tenant.receive("one", "m1", "hello").await.conversation_id;
    let names: Vec<String> = (0..20).map(|n| format!("tag {:02}", n / 2)).collect();
    let (tenant, id) = (&tenant, &id);
    let tag = |name| async move { tenant.tag(id, &[name, "all"], &[]).await };
    futures::future::join_all(names.iter().map(|name| tag(name))).await;
    let shown = tenant.conversation(id).await;
    assert_eq!(shown.tags.len(), 11);
    let counts = tenant.tags("", 50).await;
    assert_eq!(counts.len(), 11);
    assert!(counts.iter().all(|(_, conversations)| *conversations == 1), "{counts:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_archived_is_out_of_the_lists_until_the_contact_writes(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let one = tenant.receive("one", "m1", "hello").await.conversation_id;
    let other = tenant.receive("other", "m2", "hello").await.conversation_id;
    let archived = tenant.archive(&one, true).await;
    assert!(archived.archived_at.is_some());
    assert_eq!(tenant.archive(&one, true).await.archived_at, archived.archived_at);
    let asked = |archived| ListConversationsRequest { archived, ..Default::default() };
    assert_eq!(tenant.threads(asked(None)).await, std::slice::from_ref(&other));
    assert_eq!(tenant.threads(asked(Some(false))).await, std::slice::from_ref(&other));
    assert_eq!(tenant.threads(asked(Some(true))).await, std::slice::from_ref(&one));
    // an answer of ours leaves it there
    tenant.send(&one, "one last thing").await.unwrap();
    assert!(tenant.conversation(&one).await.archived_at.is_some());
    tenant.receive("one", "m3", "I am back").await;
    let back = tenant.conversation(&one).await;
    assert_eq!((back.archived_at, back.status()), (None, Status::Open));
    assert_eq!(tenant.threads(asked(None)).await, [one, other]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_one_s_own(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let one = tenant.receive("one", "m1", "hello").await.conversation_id;
    tenant.receive("other", "m2", "hello").await;
    tenant.mark(&one, "star").await.unwrap();
    tenant.mark(&one, "star").await.unwrap();
    let marked = tenant.mark(&one, "pin").await.unwrap();
    assert_eq!(marked.marks, [i32::from(Mark::Star), i32::from(Mark::Pin)]);
    assert_eq!(tenant.conversation(&one).await.marks, marked.marks);
    let starred = ListConversationsRequest { mark: Some("star".into()), ..Default::default() };
    let listed = tenant.list(starred.clone()).await.unwrap().items;
    assert_eq!((listed.len(), &listed[0].id, &listed[0].marks), (1, &one, &marked.marks));

    let colleague = tenant.another(weft_domain::Role::Agent);
    assert!(colleague.conversation(&one).await.marks.is_empty());
    assert!(colleague.threads(starred.clone()).await.is_empty());
    colleague.unmark(&one, "star").await.unwrap();
    assert_eq!(tenant.threads(starred.clone()).await, std::slice::from_ref(&one));
    assert_eq!(tenant.unmark(&one, "star").await.unwrap().marks, [i32::from(Mark::Pin)]);
    assert!(tenant.threads(starred).await.is_empty());

    let three = |events: &[_]| Some(tenant.told::<MarkUpdated>(events)).filter(|told| told.len() >= 3);
    let told = rig.events.wait("three changes of marks", three).await;
    let told: Vec<(Mark, bool)> = told.iter().map(|event| (event.mark(), event.removed)).collect();
    assert_eq!(told, [(Mark::Star, false), (Mark::Pin, false), (Mark::Star, true)]);
    assert_eq!(fault(&tenant.mark(&one, "heart").await.unwrap_err()), ("invalid_field", Some("mark")));
    assert_eq!(rig.tenant().mark(&one, "star").await.unwrap_err().reason(), "not_found");
}
