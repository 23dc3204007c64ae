//! Views of a team: its people see them.

use rstest::rstest;
use serde_json::json;
use weft_domain::{Role, id};
use weft_proto::{
    conversation::v1::{CreateViewRequest, UpdateViewRequest, View, view::Visibility},
    events::v1::ViewUpdated,
};

use crate::{
    adapter::Tenant,
    agent::fault,
    filters::filter,
    rig::{Engine, Rig},
    views::is,
};

fn of(team: id::TeamId, name: &str, body: &serde_json::Value) -> CreateViewRequest {
    CreateViewRequest {
        name: name.into(),
        visibility: Some("team".into()),
        filter: Some(filter(body)),
        team_id: Some(team.to_string()),
        position: None,
    }
}

fn names(views: &[View]) -> Vec<&str> {
    views.iter().map(|view| view.name.as_str()).collect()
}

/// To whom what was told of a view, since it was saved.
async fn told_of(tenant: &Tenant<'_>, view: &View, count: usize) -> Vec<(String, bool)> {
    let of_it = |events: &[_]| {
        let mut told = tenant.told::<ViewUpdated>(events);
        told.retain(|event| event.view.as_ref().is_some_and(|shown| shown.id == view.id));
        let told: Vec<_> = told.into_iter().map(|event| (event.user_id, event.removed)).collect();
        Some(told).filter(|told| told.len() >= count)
    };
    let mut told = tenant.rig.events.wait("what is told of a view", of_it).await;
    told.sort();
    told
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_team_s_view_is_seen_and_counted_for_its_people_alone(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let lead = tenant.another(Role::Supervisor);
    let team = tenant.team(&[lead.user, tenant.user]).await;
    let outside = tenant.another(Role::Admin);
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let view = lead.create_view(of(team, "ours", &is("status", "open"))).await.unwrap();
    assert_eq!((view.visibility(), view.team_id.clone()), (Visibility::Team, Some(team.to_string())));
    tenant.until_counted(&view, 1).await;
    for one in [&lead, &tenant] {
        let views = one.views().await;
        assert_eq!((names(&views), views[0].count), (vec!["ours"], Some(1)));
        assert_eq!(one.in_view(&view).await.unwrap(), std::slice::from_ref(&id));
    }
    assert!(outside.views().await.is_empty());
    assert_eq!(outside.in_view(&view).await.unwrap_err().reason(), "unknown_view");
    let mut both = vec![(lead.user.to_string(), false), (tenant.user.to_string(), false)];
    both.sort();
    assert_eq!(told_of(&tenant, &view, 2).await, both, "its people alone are told");

    // what is one's own in it is counted for each
    let mine = lead.create_view(of(team, "mine", &is("assignee", "me"))).await.unwrap();
    tenant.assign(&id, "me").await.unwrap();
    tenant.until_counted_for(&mine, &tenant.user.to_string(), 1).await;
    assert_eq!(tenant.in_view(&mine).await.unwrap(), [id]);
    assert!(lead.in_view(&mine).await.unwrap().is_empty());

    tenant.tell_team(team, 2, &[lead.user, outside.user], false).await;
    tenant.until_known(team).await;
    assert!(tenant.views().await.is_empty(), "who left sees it no longer");
    assert_eq!(outside.views().await.len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_team_s_view_is_a_matter_of_its_people_and_of_managers(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (lead, other) = (tenant.another(Role::Supervisor), tenant.another(Role::Supervisor));
    let manager = tenant.another(Role::Manager);
    let team = tenant.team(&[lead.user, tenant.user]).await;
    let second = tenant.team(&[lead.user]).await;
    let open = is("status", "open");
    assert_eq!(tenant.create_view(of(team, "v", &open)).await.unwrap_err().reason(), "permission_denied");
    assert_eq!(
        fault(&other.create_view(of(team, "v", &open)).await.unwrap_err()),
        ("not_a_member", Some("team_id"))
    );
    let gone = lead.create_view(of(id::new(), "v", &open)).await.unwrap_err();
    assert_eq!(fault(&gone), ("invalid_field", Some("team_id")));
    let without = CreateViewRequest { team_id: None, ..of(team, "v", &open) };
    assert_eq!(fault(&lead.create_view(without).await.unwrap_err()).1, Some("team_id"));
    let own = CreateViewRequest { visibility: Some("own".into()), ..of(team, "v", &open) };
    assert_eq!(fault(&lead.create_view(own).await.unwrap_err()).1, Some("team_id"));

    let view = manager.create_view(of(team, "v", &open)).await.unwrap();
    assert!(manager.views().await.is_empty(), "they are not of the team");
    let change = UpdateViewRequest { id: view.id.clone(), ..Default::default() };
    let rename = UpdateViewRequest { name: Some("w".into()), ..change.clone() };
    assert_eq!(tenant.change_view(rename.clone()).await.unwrap_err().reason(), "permission_denied");
    assert_eq!(other.change_view(rename.clone()).await.unwrap_err().reason(), "not_found");
    assert_eq!(other.delete_view(&view).await.unwrap_err().reason(), "not_found");
    for one in [&lead, &manager] {
        assert_eq!(one.change_view(rename.clone()).await.unwrap().name, "w");
    }
    // to another team: those of the first one alone see it no longer
    let to_second = UpdateViewRequest { team_id: Some(second.to_string()), ..change.clone() };
    let moved = lead.change_view(to_second).await.unwrap();
    assert_eq!(moved.team_id, Some(second.to_string()));
    assert!(tenant.views().await.is_empty());
    assert_eq!(names(&lead.views().await), ["w"]);
    let everyone = UpdateViewRequest { visibility: Some("everyone".into()), ..change.clone() };
    let shared = lead.change_view(everyone).await.unwrap();
    assert_eq!((shared.visibility(), shared.team_id), (Visibility::Everyone, None));
    assert_eq!(names(&other.views().await), ["w"]);
    let back =
        UpdateViewRequest { visibility: Some("team".into()), team_id: Some(team.to_string()), ..change };
    lead.change_view(back).await.unwrap();
    assert!(other.views().await.is_empty());
    let is_gone = |event: &ViewUpdated| {
        let of_it = event.view.as_ref().is_some_and(|shown| shown.id == view.id);
        of_it && event.removed && event.user_id.is_empty()
    };
    tenant.until("that for everybody else it is gone", is_gone).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_team_that_is_deleted_takes_its_views_with_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let manager = tenant.another(Role::Manager);
    let team = tenant.team(&[tenant.user]).await;
    let view = manager.create_view(of(team, "ours", &is("status", "open"))).await.unwrap();
    let kept = tenant.save_view("kept", &json!({"field": "team", "op": "missing"})).await.unwrap();
    tenant.tell_team(team, 2, &[], true).await;
    tenant
        .until::<ViewUpdated>("those who saw it are told", |told| {
            let shown = told.view.as_ref().unwrap();
            told.removed && shown.id == view.id && told.user_id == tenant.user.to_string()
        })
        .await;
    weft_testkit::eventually("the view is gone", std::time::Duration::from_secs(20), async || {
        let rename = UpdateViewRequest { id: view.id.clone(), name: Some("x".into()), ..Default::default() };
        manager.change_view(rename).await.err().filter(|error| error.reason() == "not_found").map(drop)
    })
    .await;
    assert_eq!(names(&tenant.views().await), [kept.name.as_str()]);
}
