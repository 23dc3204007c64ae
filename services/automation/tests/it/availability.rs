use std::collections::HashSet;

use chrono::Utc;
use rstest::rstest;
use weft_bus::Stream;
use weft_domain::{ErrorCode, Role, id};
use weft_proto::{
    automation::v1::{ListAgentsRequest, UpdateAgentRequest, UpdateMyAvailabilityRequest, agent::Status},
    events::v1::AgentAvailabilityUpdated,
    json,
};

use crate::rig::{Engine, PATIENCE, Rig, USUAL};

fn user() -> String {
    id::new::<id::User>().to_string()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn everybody_begins_offline_and_says_for_themselves_when_they_are_available(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let me = user();
    let first = team.mine(&me).await;
    assert_eq!((first.status(), first.capacity, first.open, &*first.note), (Status::Offline, USUAL, 0, ""));
    let request = UpdateMyAvailabilityRequest {
        status: Some("available".into()),
        capacity: Some(7),
        note: Some(" on the phone ".into()),
    };
    let shown = team.update_mine(&me, request).await.unwrap();
    assert_eq!((shown.status(), shown.capacity, &*shown.note), (Status::Available, 7, "on the phone"));
    let nothing = team.update_mine(&me, UpdateMyAvailabilityRequest::default()).await.unwrap();
    assert_eq!(nothing, shown, "what is not said stays");
    let emptied = UpdateMyAvailabilityRequest { note: Some(String::new()), ..Default::default() };
    assert_eq!(team.update_mine(&me, emptied).await.unwrap().note, "");

    // The directory has not told of this person yet, and they are given work all the same.
    let id = rig.talks.begin(team.id).await;
    assert_eq!(rig.talks.wait_for_assigned(1).await, [(id, me.clone())]);
    rig.until_settled(1, 0).await;
    let busy = team.mine(&me).await;
    assert_eq!(busy.open, 1);
    assert!(busy.last_assigned_at.is_some());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_names_its_field(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let refused = async |status: Option<&str>, capacity: Option<u32>, note: Option<String>| {
        let request = UpdateMyAvailabilityRequest { status: status.map(str::to_owned), capacity, note };
        let error = team.update_mine(&user(), request).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid);
        error.field().unwrap().to_owned()
    };
    assert_eq!(refused(Some("busy"), None, None).await, "status");
    assert_eq!(refused(Some(""), None, None).await, "status");
    assert_eq!(refused(None, Some(0), None).await, "capacity");
    assert_eq!(refused(None, Some(101), None).await, "capacity");
    assert_eq!(refused(None, None, Some("x".repeat(201))).await, "note");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn supervisors_see_and_set_everybody_and_agents_only_themselves(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let mut people = HashSet::new();
    for _ in 0..5 {
        let person = user();
        team.tell_user(&person, false, Utc::now()).await;
        people.insert(person);
    }
    let gone = user();
    team.tell_user(&gone, true, Utc::now()).await;
    rig.until_count("agent", 6).await;
    let mut listed = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListAgentsRequest { page_size: 2, page_token };
        let page = team.list(Role::Supervisor, request).await.unwrap();
        assert!(page.items.len() <= 2);
        listed.extend(page.items.into_iter().map(|agent| agent.user_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!((listed.len(), listed.iter().cloned().collect()), (5, people), "each once, none disabled");

    let request = |user_id: &str| UpdateAgentRequest {
        user_id: user_id.into(),
        status: Some("available".into()),
        capacity: Some(2),
        note: None,
    };
    let shown = team.update(Role::Supervisor, request(&listed[0])).await.unwrap();
    assert_eq!((shown.status(), shown.capacity), (Status::Available, 2));
    assert_eq!(shown.name, format!("name of {}", listed[0]));
    let disabled = team.update(Role::Supervisor, request(&gone)).await.unwrap_err();
    assert_eq!(disabled.code(), ErrorCode::NotFound);
    for refused in [
        team.update(Role::Agent, request(&listed[0])).await.unwrap_err(),
        team.list(Role::Agent, ListAgentsRequest::default()).await.unwrap_err(),
        team.settings(Role::Agent).await.unwrap_err(),
        team.switch(Role::Supervisor, Some(false)).await.unwrap_err(),
    ] {
        assert_eq!(refused.code(), ErrorCode::Forbidden);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_availability_is_told_and_nothing_else(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let filter = format!("weft.events.{}.agent_availability.updated", team.id);
    let mut reader = rig.bus.read_from(Stream::Events, Some(0), vec![filter]).await.unwrap();
    let mut next = async || {
        let (_, event) = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(event.kind, "weft.v1.agent_availability.updated");
        json::decode::<AgentAvailabilityUpdated>(&event.data).unwrap().agent.unwrap()
    };
    let agent = team.agent(4).await;
    team.set(&agent, "available", Some(4)).await;
    let id = rig.talks.begin(team.id).await;
    rig.talks.wait("it is assigned", |state| state.conversations[&id].assignee.clone()).await;
    rig.until_settled(1, 0).await;
    team.set(&agent, "away", None).await;
    rig.until_count("agent WHERE name <> ''", 1).await;
    team.set(&agent, "available", None).await;
    team.tell_user(&agent, true, Utc::now()).await;
    let told = [next().await, next().await, next().await, next().await];
    let states = told.each_ref().map(|agent| (agent.status(), agent.open));
    let expected = [(Status::Available, 0), (Status::Away, 1), (Status::Available, 1), (Status::Offline, 1)];
    assert_eq!(states, expected);
    assert!(told.iter().all(|one| one.user_id == agent && one.capacity == 4));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn switched_off_nothing_is_given_out_and_switched_on_all_that_waits(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    assert!(team.settings(Role::Supervisor).await.unwrap().enabled, "on unless somebody says otherwise");
    team.agent(10).await;
    assert!(!team.switch(Role::Manager, Some(false)).await.unwrap().enabled);
    assert!(!team.switch(Role::Manager, None).await.unwrap().enabled);
    for _ in 0..3 {
        rig.talks.begin(team.id).await;
    }
    rig.until_settled(3, 3).await;
    assert!(team.switch(Role::Manager, Some(true)).await.unwrap().enabled);
    assert!(team.settings(Role::Supervisor).await.unwrap().enabled);
    rig.talks.wait_for_assigned(3).await;
    rig.until_settled(3, 0).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn other_services_learn_how_many_are_there_and_nobody_else_does(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (team, other) = (rig.team(), rig.team());
    let present = team.agent(1).await;
    let (away, gone) = (team.agent(1).await, team.agent(1).await);
    team.set(&away, "away", None).await;
    other.agent(1).await;
    assert_eq!(team.staffing().await, (2, 1));
    team.set(&present, "offline", None).await;
    team.set(&gone, "away", None).await;
    assert_eq!(team.staffing().await, (0, 2));
    assert_eq!(team.staffing_for(&present).await.unwrap_err().code(), ErrorCode::Unauthenticated);
}
