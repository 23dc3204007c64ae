use rstest::rstest;
use weft_domain::{ErrorCode, Role, id};
use weft_proto::automation::v1::{ListAgentsRequest, UpdateAgentRequest};

use crate::rig::{Engine, Rig};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_agents_are_never_given_anything(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (rig.team(), rig.team());
    let foreign = theirs.agent(100).await;
    let id = rig.talks.begin(ours.id).await;
    rig.until_settled(1, 1).await;
    let own = ours.agent(1).await;
    assert_eq!(rig.talks.wait_for_assigned(1).await, [(id, own)]);
    rig.talks.begin(ours.id).await;
    rig.until_settled(2, 1).await;
    assert_eq!(theirs.mine(&foreign).await.open, 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_of_other_tenants_unknown_and_malformed_ids_answer_exactly_alike(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (rig.team(), rig.team());
    let foreign = theirs.agent(2).await;
    let unknown = id::new::<id::User>().to_string();
    let conversation = id::new::<id::Conversation>().to_string();
    for user_id in [foreign.as_str(), &unknown, &conversation, "nobody", "' OR 1=1 --"] {
        let request = UpdateAgentRequest {
            user_id: user_id.into(),
            status: Some("offline".into()),
            ..Default::default()
        };
        let error = ours.update(Role::Supervisor, request).await.unwrap_err();
        assert_eq!(
            (error.code(), error.reason(), error.message()),
            (ErrorCode::NotFound, "not_found", "no such agent"),
            "{user_id}"
        );
    }
    assert_eq!(theirs.mine(&foreign).await.status, 1, "still available");
    assert_eq!(ours.list(Role::Supervisor, ListAgentsRequest::default()).await.unwrap().items, []);
    ours.switch(Role::Manager, Some(false)).await.unwrap();
    assert!(theirs.settings(Role::Supervisor).await.unwrap().enabled);
}
