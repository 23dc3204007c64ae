//! One change to many conversations.

use rstest::rstest;
use serde_json::json;
use weft_proto::{
    conversation::v1::{
        BulkAction, BulkActionItem, CancelBulkActionRequest, ConversationChange, GetBulkActionRequest,
        ListBulkActionItemsRequest, ListConversationsRequest, StartBulkActionRequest, author,
        bulk_action::State, bulk_actions_client::BulkActionsClient,
    },
    events::v1::{BulkActionUpdated, ConversationUpdated},
};

use crate::{
    adapter::Tenant,
    agent::{answer, fault},
    filters::filter,
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    fn bulk_client(&self) -> BulkActionsClient<tonic::transport::Channel> {
        BulkActionsClient::new(self.rig.channel.clone())
    }

    async fn begin_bulk(&self, request: StartBulkActionRequest) -> weft_domain::Result<BulkAction> {
        answer(self.bulk_client().start_bulk_action(self.signed(request)).await)
    }

    async fn until_ended(&self, action: &BulkAction) -> BulkAction {
        let is_end = |event: &BulkActionUpdated| {
            event.bulk_action.as_ref().is_some_and(|told| told.id == action.id && told.ended_at.is_some())
        };
        self.until::<BulkActionUpdated>("the end of a bulk action", is_end).await.bulk_action.unwrap()
    }

    async fn items(&self, action: &BulkAction, state: Option<&str>) -> Vec<BulkActionItem> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListBulkActionItemsRequest {
                id: action.id.clone(),
                page_size: 20,
                page_token,
                state: state.map(str::to_owned),
            };
            let page =
                self.bulk_client().list_bulk_action_items(self.signed(request)).await.unwrap().into_inner();
            all.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    async fn crowd(&self, size: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for n in 0..size {
            ids.push(self.receive(&format!("thread-{n}"), &format!("m-{n}"), "hello").await.conversation_id);
        }
        ids
    }
}

fn change() -> ConversationChange {
    ConversationChange {
        status: Some("resolved".into()),
        assignee: Some("me".into()),
        add_tags: vec!["Swept".into()],
        mark_read: true,
        ..Default::default()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_conversation_is_changed_by_itself_and_once_with_two_replicas(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    rig.replica().await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Ann", false).await;
    let mut ids = tenant.crowd(60).await;
    let foreign = rig.tenant().receive("theirs", "m", "hello").await.conversation_id;
    tenant.set_status(&ids[7], "closed").await.unwrap();
    ids.push(foreign.clone());
    ids.push(ids[0].clone());
    let request = StartBulkActionRequest {
        conversation_ids: ids.clone(),
        change: Some(change()),
        ..Default::default()
    };
    let begun = tenant.begin_bulk(request).await.unwrap();
    assert_eq!((begun.total, begun.state()), (61, State::Running));
    let ended = tenant.until_ended(&begun).await;
    assert_eq!((ended.done_count, ended.failed_count, ended.state()), (59, 2, State::Done));

    let items = tenant.items(&begun, None).await;
    let order: Vec<&String> = items.iter().map(|item| &item.conversation_id).collect();
    assert_eq!(order, ids[..61].iter().collect::<Vec<_>>());
    let failed = tenant.items(&begun, Some("failed")).await;
    let failed: Vec<(&str, &str)> =
        failed.iter().map(|item| (item.conversation_id.as_str(), item.reason.as_str())).collect();
    assert_eq!(failed, [(ids[7].as_str(), "conversation_closed"), (foreign.as_str(), "not_found")]);
    let changed = tenant.conversation(&ids[0]).await;
    assert_eq!((changed.tags.as_slice(), changed.unread_count), (&["swept".to_owned()][..], 0));
    assert_eq!(changed.assignee, Some(tenant.user.to_string()));
    // once each: resolved is told of one time
    let told = rig.events.now(|events| tenant.told::<ConversationUpdated>(events));
    let of_first = told.iter().filter_map(|event| event.conversation.as_ref()).filter(|one| one.id == ids[0]);
    assert_eq!(of_first.filter(|one| one.tags.len() == 1 && one.unread_count > 0).count(), 1);

    let stranger = rig.tenant();
    let request = stranger.signed(GetBulkActionRequest { id: begun.id.clone() });
    assert_eq!(
        answer(tenant.bulk_client().get_bulk_action(request).await).unwrap_err().reason(),
        "not_found"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_filter_or_a_view_holds_is_changed_and_a_cancelled_action_stays_where_it_is(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let ids = tenant.crowd(5).await;
    tenant.tag(&ids[1], &["old"], &[]).await.unwrap();
    tenant.tag(&ids[3], &["old"], &[]).await.unwrap();
    tenant.archive(&ids[3], true).await;
    let old = json!({"field": "tag", "op": "is", "value": "old"});
    let urgent = ConversationChange { priority: Some("urgent".into()), ..Default::default() };
    let request = StartBulkActionRequest {
        filter: Some(filter(&old)),
        change: Some(urgent.clone()),
        ..Default::default()
    };
    let begun = tenant.begin_bulk(request).await.unwrap();
    tenant.until_ended(&begun).await;
    let items = tenant.items(&begun, Some("done")).await;
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].conversation_id, ids[1]);

    let view = tenant
        .save_view("urgent", &json!({"field": "priority", "op": "is", "value": "urgent"}))
        .await
        .unwrap();
    let archive = ConversationChange { archived: Some(true), ..Default::default() };
    let request =
        StartBulkActionRequest { view: Some(view.id.clone()), change: Some(archive), ..Default::default() };
    let begun = tenant.begin_bulk(request).await.unwrap();
    tenant.until_ended(&begun).await;
    assert_eq!(tenant.list(ListConversationsRequest::default()).await.unwrap().items.len(), 3);
    // it is empty now, and ends at once
    let request = StartBulkActionRequest { view: Some(view.id), change: Some(urgent), ..Default::default() };
    assert_eq!(tenant.begin_bulk(request).await.unwrap().state(), State::Done);

    let cancel = CancelBulkActionRequest { id: begun.id.clone() };
    let after = answer(tenant.bulk_client().cancel_bulk_action(tenant.signed(cancel)).await).unwrap();
    assert_eq!(after.state(), State::Done, "what has ended is not cancelled");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_changes_is_read_by_nobody_and_done_by_a_program(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Ann", false).await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let request = StartBulkActionRequest {
        conversation_ids: vec![id.clone()],
        change: Some(change()),
        ..Default::default()
    };
    let begun = tenant.with_token().begin_bulk(request).await.unwrap();
    tenant.until_ended(&begun).await;
    assert_eq!(tenant.conversation(&id).await.unread_count, 0);
    assert_eq!(tenant.readers(&id).await.unwrap(), []);
    let by = tenant.holders(&id, 5).await.remove(0).by.unwrap();
    assert_eq!((by.kind(), by.id), (author::Kind::Bot, tenant.user.to_string()));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_cannot_be_does_not_begin(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = tenant.receive("one", "m1", "hello").await.conversation_id;
    let ids = vec![id.clone()];
    let nothing = Some(ConversationChange::default());
    let unknown = Some(ConversationChange { assignee: Some("nobody".into()), ..Default::default() });
    let asleep = Some(ConversationChange { status: Some("asleep".into()), ..Default::default() });
    let fine = Some(change());
    for (conversation_ids, view, change, field) in [
        (vec![], None, fine.clone(), "conversation_ids"),
        (ids.clone(), Some("view_01h455vb4pex5vsknk084sn02q".to_owned()), fine.clone(), "conversation_ids"),
        (vec![id.clone(); 1001], None, fine.clone(), "conversation_ids"),
        (vec![id, "conv_x".into()], None, fine, "conversation_ids[1]"),
        (ids.clone(), None, nothing, "change"),
        (ids.clone(), None, unknown, "assignee"),
        (ids, None, asleep, "status"),
    ] {
        let request = StartBulkActionRequest { conversation_ids, view, change, ..Default::default() };
        let error = tenant.begin_bulk(request).await.unwrap_err();
        assert_eq!(fault(&error).1, Some(field));
    }
}
