//! Saved views, and how many conversations are in each.

use rstest::rstest;
use serde_json::{Value, json};
use weft_domain::Role;
use weft_proto::{
    conversation::v1::{
        CreateViewRequest, DeleteViewRequest, ListConversationsRequest, ListViewsRequest, UpdateViewRequest,
        View, views_client::ViewsClient,
    },
    events::v1::{ViewCounted, ViewUpdated},
};

use crate::{
    adapter::Tenant,
    agent::{answer, fault},
    filters::filter,
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) fn views_client(&self) -> ViewsClient<tonic::transport::Channel> {
        ViewsClient::new(self.rig.channel.clone())
    }

    pub(crate) async fn save_view(&self, name: &str, body: &Value) -> weft_domain::Result<View> {
        let request =
            CreateViewRequest { name: name.into(), filter: Some(filter(body)), ..Default::default() };
        self.create_view(request).await
    }

    pub(crate) async fn create_view(&self, request: CreateViewRequest) -> weft_domain::Result<View> {
        answer(self.views_client().create_view(self.signed(request)).await)
    }

    pub(crate) async fn change_view(&self, request: UpdateViewRequest) -> weft_domain::Result<View> {
        answer(self.views_client().update_view(self.signed(request)).await)
    }

    pub(crate) async fn delete_view(&self, view: &View) -> weft_domain::Result<()> {
        let request = DeleteViewRequest { id: view.id.clone() };
        answer(self.views_client().delete_view(self.signed(request)).await)
    }

    pub(crate) async fn views(&self) -> Vec<View> {
        let request = self.signed(ListViewsRequest {});
        self.views_client().list_views(request).await.unwrap().into_inner().items
    }

    /// Waits until what was last told of a view's count is this.
    pub(crate) async fn until_counted(&self, view: &View, count: u64) {
        self.until_counted_for(view, "", count).await;
    }

    /// The same for one user alone; the owner of a view that is theirs counts as everybody.
    pub(crate) async fn until_counted_for(&self, view: &View, user: &str, count: u64) {
        let what = format!("{count} in {} for {user}", view.name);
        let last = |events: &[_]| {
            let mut told = self.told::<ViewCounted>(events);
            told.retain(|event| event.view_id == view.id);
            told.retain(|event| user.is_empty() || event.user_id == user);
            told.pop().filter(|event| event.count == Some(count))
        };
        self.rig.events.wait(&what, last).await;
    }

    pub(crate) async fn in_view(&self, view: &View) -> weft_domain::Result<Vec<String>> {
        let request = ListConversationsRequest { view: Some(view.id.clone()), ..Default::default() };
        Ok(self.list(request).await?.items.into_iter().map(|conversation| conversation.id).collect())
    }
}

pub(crate) fn is(field: &str, value: &str) -> Value {
    json!({"field": field, "op": "is", "value": value})
}

fn for_everyone(name: &str, body: &Value) -> CreateViewRequest {
    let visibility = Some("everyone".to_owned());
    CreateViewRequest { name: name.into(), visibility, filter: Some(filter(body)), ..Default::default() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_view_s_count_follows_every_change_that_touches_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let first = tenant.receive("first", "m1", "hello").await.conversation_id;
    let view = tenant
        .save_view(" VIPs that are open ", &json!({"all": [is("tag", "vip"), is("status", "open")]}))
        .await;
    let view = view.unwrap();
    assert_eq!((view.name.as_str(), view.count), ("VIPs that are open", None));
    tenant.until_counted(&view, 0).await;
    tenant.tag(&first, &["vip"], &[]).await.unwrap();
    tenant.until_counted(&view, 1).await;
    let second = tenant.receive("second", "m2", "hello").await.conversation_id;
    tenant.tag(&second, &["vip"], &[]).await.unwrap();
    tenant.until_counted(&view, 2).await;
    assert_eq!(tenant.in_view(&view).await.unwrap(), [second.clone(), first.clone()]);
    assert_eq!(tenant.views().await[0].count, Some(2));
    tenant.set_status(&second, "resolved").await.unwrap();
    tenant.until_counted(&view, 1).await;
    tenant.receive("second", "m3", "one more thing").await;
    tenant.until_counted(&view, 2).await;
    tenant.tag(&first, &[], &["vip"]).await.unwrap();
    tenant.until_counted(&view, 1).await;
    assert_eq!(tenant.in_view(&view).await.unwrap(), [second]);

    // another filter is counted anew, and the old one's members are forgotten
    let request = UpdateViewRequest {
        id: view.id.clone(),
        filter: Some(filter(&is("status", "open"))),
        ..Default::default()
    };
    let changed = tenant.change_view(request).await.unwrap();
    assert_eq!(changed.count, None);
    tenant.until_counted(&view, 2).await;
    assert_eq!(tenant.views().await[0].count, Some(2));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_one_s_own_in_a_view_for_everyone_is_counted_for_each(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let supervisor = tenant.another(Role::Supervisor);
    for user in [tenant.user, supervisor.user] {
        tenant.tell_user(user, "somebody", false).await;
    }
    let mine = for_everyone("mine", &json!({"any": [is("assignee", "me"), is("mark", "follow")]}));
    let error = tenant.create_view(mine.clone()).await.unwrap_err();
    assert_eq!(error.reason(), "permission_denied");
    let view = supervisor.create_view(mine).await.unwrap();
    let first = tenant.receive("first", "m1", "hello").await.conversation_id;
    let second = tenant.receive("second", "m2", "hello").await.conversation_id;
    let (me, other) = (tenant.user.to_string(), supervisor.user.to_string());
    tenant.assign(&first, &me).await.unwrap();
    tenant.until_counted_for(&view, &me, 1).await;
    tenant.mark(&second, "follow").await.unwrap();
    tenant.until_counted_for(&view, &me, 2).await;
    supervisor.mark(&second, "follow").await.unwrap();
    tenant.until_counted_for(&view, &other, 1).await;
    tenant.assign(&first, &other).await.unwrap();
    tenant.until_counted_for(&view, &me, 1).await;
    tenant.until_counted_for(&view, &other, 2).await;
    assert_eq!(tenant.views().await[0].count, Some(1));
    assert_eq!(supervisor.views().await[0].count, Some(2));
    assert_eq!(tenant.in_view(&view).await.unwrap(), [second]);
    // what holds for whoever has nothing to do with a conversation is never counted
    let others = for_everyone("not mine", &json!({"not": is("assignee", "me")}));
    let others = supervisor.create_view(others).await.unwrap();
    assert_eq!(tenant.in_view(&others).await.unwrap().len(), 2);
    assert_eq!(tenant.views().await.iter().find(|view| view.id == others.id).unwrap().count, None);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_view_of_one_s_own_is_nobody_else_s(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let supervisor = tenant.another(Role::Supervisor);
    let own = tenant.save_view("own", &is("status", "open")).await.unwrap();
    assert!(supervisor.views().await.is_empty() && rig.tenant().views().await.is_empty());
    assert_eq!(supervisor.in_view(&own).await.unwrap_err().reason(), "unknown_view");
    assert_eq!(supervisor.delete_view(&own).await.unwrap_err().reason(), "not_found");
    let rename = |view: &View| UpdateViewRequest {
        id: view.id.clone(),
        name: Some("mine".into()),
        ..Default::default()
    };
    assert_eq!(supervisor.change_view(rename(&own)).await.unwrap_err().reason(), "not_found");
    assert_eq!(rig.tenant().change_view(rename(&own)).await.unwrap_err().reason(), "not_found");
    assert_eq!(tenant.change_view(rename(&own)).await.unwrap().name, "mine");

    let shared = supervisor.create_view(for_everyone("shared", &is("status", "open"))).await.unwrap();
    assert_eq!(tenant.delete_view(&shared).await.unwrap_err().reason(), "permission_denied");
    assert_eq!(tenant.change_view(rename(&shared)).await.unwrap_err().reason(), "permission_denied");
    let share =
        UpdateViewRequest { visibility: Some("everyone".into()), id: own.id.clone(), ..Default::default() };
    assert_eq!(tenant.change_view(share).await.unwrap_err().reason(), "permission_denied");
    // what was everybody's and is one's own now is gone for the others
    let back =
        UpdateViewRequest { visibility: Some("own".into()), id: shared.id.clone(), ..Default::default() };
    supervisor.change_view(back).await.unwrap();
    assert_eq!(tenant.views().await.len(), 1);
    let of_shared = |events: &[_]| {
        let told = tenant.told::<ViewUpdated>(events).into_iter();
        let told = told.filter(|event| event.view.as_ref().is_some_and(|view| view.id == shared.id));
        let told: Vec<_> = told.map(|event| (event.user_id.is_empty(), event.removed)).collect();
        Some(told).filter(|told| told.len() >= 3)
    };
    let told = rig.events.wait("three changes of a view", of_shared).await;
    assert_eq!(told, [(true, false), (true, true), (false, false)]);
    supervisor.delete_view(&shared).await.unwrap();
    assert_eq!(supervisor.delete_view(&shared).await.unwrap_err().reason(), "not_found");
    let error = tenant.save_view("  ", &is("status", "open")).await.unwrap_err();
    assert_eq!(fault(&error), ("missing_field", Some("name")));
    for n in 1..100 {
        tenant.save_view(&format!("view {n}"), &is("status", "open")).await.unwrap();
    }
    let error = tenant.save_view("one more", &is("status", "open")).await.unwrap_err();
    assert_eq!(error.reason(), "too_many_views");
}
