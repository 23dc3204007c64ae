//! Conversations that are with a team.

use std::{slice::from_ref, time::Duration};

use prost_types::Timestamp;
use rstest::rstest;
use serde_json::json;
use weft_bus::{Event, Stream};
use weft_domain::{ErrorCode, Result, id};
use weft_proto::{
    conversation::v1::{
        ConversationChange, ListConversationsRequest, StartBulkActionRequest,
        bulk_actions_client::BulkActionsClient,
    },
    directory::v1::Team,
    events::v1::{BulkActionUpdated, ConversationUpdated, TeamUpdated},
    json as proto_json,
};

use crate::{
    adapter::Tenant,
    agent::{Conversation, UpdateConversationRequest, answer, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    /// The directory tells what a team is, for the n-th time.
    pub(crate) async fn tell_team(&self, team: id::TeamId, n: i64, members: &[id::UserId], removed: bool) {
        let shown = Team {
            id: team.to_string(),
            name: format!("team {n}"),
            members: members.iter().map(ToString::to_string).collect(),
            updated_at: Some(Timestamp { seconds: 1_700_000_000 + n, nanos: 0 }),
            ..Team::default()
        };
        self.publish_team(team, TeamUpdated { team: Some(shown), removed }).await;
    }

    async fn publish_team(&self, team: id::TeamId, told: TeamUpdated) {
        let event = Event {
            kind: "weft.v1.team.updated".into(),
            subject: format!("weft.events.{}.team.updated", self.id),
            key: team.to_string(),
            ..self.raw("", proto_json::encode(&told).unwrap())
        };
        self.rig.bus.publish(Stream::Events, event).await.unwrap();
    }

    /// Waits until all that was told of a team is known: one that says nothing is put aside, and that can be seen.
    pub(crate) async fn until_known(&self, team: id::TeamId) {
        let letters = async || self.rig.bus.dead_letters(0, 100).await.unwrap().len();
        let before = letters().await;
        self.publish_team(team, TeamUpdated::default()).await;
        weft_testkit::eventually("a letter", Duration::from_secs(20), async || {
            (letters().await > before).then_some(())
        })
        .await;
    }

    /// A team of these people, that the service has heard of.
    pub(crate) async fn team(&self, members: &[id::UserId]) -> id::TeamId {
        let team = id::new();
        self.tell_team(team, 1, members, false).await;
        self.until_known(team).await;
        team
    }

    pub(crate) async fn give_to_team(&self, conversation: &str, team: &str) -> Result<Conversation> {
        let request = UpdateConversationRequest {
            id: conversation.into(),
            team: Some(team.into()),
            ..Default::default()
        };
        self.update(request).await
    }

    pub(crate) async fn of_team(&self, team: &str) -> Result<Vec<String>> {
        let request = ListConversationsRequest { team: Some(team.into()), ..Default::default() };
        Ok(self.list(request).await?.items.into_iter().map(|shown| shown.id).collect())
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_with_a_team_until_it_is_taken_from_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.another(weft_domain::Role::Agent);
    let (sales, support) = (tenant.team(&[tenant.user]).await, tenant.team(&[other.user]).await);
    let first = tenant.receive("first", "m1", "hello").await.conversation_id;
    let second = tenant.receive("second", "m2", "hello").await.conversation_id;
    let with = tenant.give_to_team(&first, &sales.to_string()).await.unwrap();
    assert_eq!(with.team, Some(sales.to_string()));
    let is_told = |event: &ConversationUpdated| event.conversation.as_ref() == Some(&with);
    tenant.until("that it is with a team", is_told).await;
    tenant.give_to_team(&second, &support.to_string()).await.unwrap();

    assert_eq!(tenant.of_team("mine").await.unwrap(), from_ref(&first));
    assert_eq!(other.of_team("mine").await.unwrap(), from_ref(&second));
    assert_eq!(tenant.of_team(&support.to_string()).await.unwrap(), from_ref(&second));
    assert!(!tenant.of_team("none").await.unwrap().contains(&first));
    tenant.give_to_team(&first, "").await.unwrap();
    assert_eq!(tenant.conversation(&first).await.team, None);
    assert!(tenant.of_team("none").await.unwrap().contains(&first));

    // who comes and goes sees other conversations as theirs
    tenant.tell_team(support, 2, &[tenant.user], false).await;
    tenant.until_known(support).await;
    assert_eq!(tenant.of_team("mine").await.unwrap(), [second]);
    assert!(other.of_team("mine").await.unwrap().is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_late_or_again_of_a_team_changes_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let team = tenant.team(&[]).await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.give_to_team(&id, &team.to_string()).await.unwrap();
    tenant.tell_team(team, 5, &[tenant.user], false).await;
    tenant.tell_team(team, 4, &[], false).await;
    tenant.tell_team(team, 5, &[], false).await;
    tenant.until_known(team).await;
    assert_eq!(tenant.of_team("mine").await.unwrap(), from_ref(&id));
    tenant.tell_team(team, 9, &[tenant.user], true).await;
    tenant.tell_team(team, 8, &[tenant.user], false).await;
    tenant.until_known(team).await;
    let error = tenant.give_to_team(&id, &team.to_string()).await.unwrap_err();
    assert_eq!(fault(&error), ("invalid_field", Some("team")));
    assert!(tenant.of_team("mine").await.unwrap().is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_team_that_is_deleted_leaves_its_conversations_without_one(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    rig.replica().await;
    let tenant = rig.tenant();
    let (team, other) = (tenant.team(&[tenant.user]).await, tenant.team(&[]).await);
    let mut ids = Vec::new();
    for n in 0..60 {
        let id = tenant.receive(&format!("t{n}"), &format!("m{n}"), "hello").await.conversation_id;
        tenant.give_to_team(&id, &team.to_string()).await.unwrap();
        ids.push(id);
    }
    let kept = tenant.receive("kept", "kept", "hello").await.conversation_id;
    tenant.give_to_team(&kept, &other.to_string()).await.unwrap();
    tenant.tell_team(team, 2, &[], true).await;
    for id in &ids {
        let is_free = |event: &ConversationUpdated| {
            event.conversation.as_ref().is_some_and(|shown| shown.id == *id && shown.team.is_none())
        };
        let last_is_free = |events: &[_]| {
            let mut told = tenant.told::<ConversationUpdated>(events);
            told.retain(|event| event.conversation.as_ref().unwrap().id == *id);
            told.last().filter(|event| is_free(event)).map(drop)
        };
        rig.events.wait("that it has no team any more", last_is_free).await;
    }
    assert_eq!(tenant.conversation(&kept).await.team, Some(other.to_string()));
    assert!(tenant.of_team(&team.to_string()).await.unwrap().is_empty());
    let told = rig.events.now(|events| tenant.told::<ConversationUpdated>(events).len());
    assert_eq!(told, 61 + 60, "each is given once, and taken once though two replicas do it");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_conversations_are_given_to_a_team_at_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let team = tenant.team(&[tenant.user]).await;
    let mut ids = Vec::new();
    for n in 0..30 {
        ids.push(tenant.receive(&format!("t{n}"), &format!("m{n}"), "hello").await.conversation_id);
    }
    for wanted in [team.to_string(), "none".to_owned()] {
        let change = ConversationChange { team: Some(wanted.clone()), ..Default::default() };
        let request = StartBulkActionRequest {
            conversation_ids: ids.clone(),
            change: Some(change),
            ..Default::default()
        };
        let mut client = BulkActionsClient::new(rig.channel.clone());
        let action = answer(client.start_bulk_action(tenant.signed(request)).await).unwrap();
        let is_end = |event: &BulkActionUpdated| {
            let told = event.bulk_action.as_ref().unwrap();
            told.id == action.id && told.done_count == 30
        };
        tenant.until("the end of a bulk action", is_end).await;
        let count = tenant.of_team("mine").await.unwrap().len();
        assert_eq!(count, if wanted == "none" { 0 } else { 30 });
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_team_is_named_that_there_is(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (rig.tenant(), rig.tenant());
    let foreign = theirs.team(&[theirs.user]).await.to_string();
    let id = ours.receive("anna", "m1", "hello").await.conversation_id;
    for wrong in
        [foreign.as_str(), &id::new::<id::Team>().to_string(), "sales", "mine", &ours.user.to_string()]
    {
        let error = ours.give_to_team(&id, wrong).await.unwrap_err();
        assert_eq!((error.code(), fault(&error).1), (ErrorCode::Invalid, Some("team")), "{wrong}");
    }
    assert_eq!(fault(&ours.of_team("sales").await.unwrap_err()).1, Some("team"));
    assert!(ours.of_team(&foreign).await.unwrap().is_empty());
    let filter = json!({"field": "team", "op": "is", "value": "mine"});
    let error = ours.save_view("wrong", &filter).await.unwrap_err();
    assert_eq!(fault(&error).1, Some("filter.value"));
}
