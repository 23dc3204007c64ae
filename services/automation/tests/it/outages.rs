use chrono::Utc;
use rstest::rstest;
use weft_domain::id;

use crate::{
    rig::{Engine, Rig},
    talks::{Fault, State},
    team::Team,
};

fn asked(times: usize) -> impl Fn(&State) -> Option<()> {
    move |state| (state.asked >= times).then_some(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_outlives_the_conversation_services_absence_and_our_own(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let mut rig = Rig::new(engine).await;
    rig.talks.fail(Fault::Down).await;
    let tenant = id::new();
    let agent = Team::of(&rig, tenant).agent(10).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(rig.talks.begin(tenant).await);
    }
    rig.until_count("conversation WHERE chosen IS NOT NULL", 4).await;
    rig.talks.wait("it was tried more than once", asked(8)).await;
    let stopped = rig.replicas.remove(0);
    stopped.lifecycle.stop().await.unwrap();
    rig.talks.fail(Fault::None).await;
    assert!(rig.talks.look(|state| state.assigned.is_empty()).await);
    rig.start_replica().await;
    let mut assigned = rig.talks.wait_for_assigned(4).await;
    assigned.sort();
    assert_eq!(assigned, ids.into_iter().map(|id| (id, agent.clone())).collect::<Vec<_>>());
    rig.until_settled(4, 0).await;
    rig.assert_loads_are_true().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_assigns_once_and_does_not_overrule_a_person(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    rig.talks.fail(Fault::Mute).await;
    let agent = team.agent(5).await;
    let id = rig.talks.begin(team.id).await;
    rig.talks.wait_for_assigned(1).await;
    rig.talks.assign_by_hand(team.id, &id, None).await;
    rig.talks.fail(Fault::None).await;
    rig.until_count("conversation WHERE held AND due_at IS NULL", 1).await;
    assert_eq!(rig.talks.assignee(&id).await, None);
    assert_eq!(rig.talks.look(|state| state.assigned.len()).await, 1);
    assert_eq!(team.mine(&agent).await.open, 0);
    rig.assert_loads_are_true().await;
}

#[rstest]
#[case("away")]
#[case("offline")]
#[case("disabled")]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_for_somebody_who_leaves_before_it_is_told_goes_to_others(
    #[case] how: &str,
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    rig.talks.fail(Fault::Down).await;
    let leaves = team.agent(5).await;
    let id = rig.talks.begin(team.id).await;
    rig.until_count("conversation WHERE chosen IS NOT NULL", 1).await;
    match how {
        "disabled" => team.tell_user(&leaves, true, Utc::now()).await,
        status => drop(team.set(&leaves, status, None).await),
    }
    rig.until_settled(1, 1).await;
    assert_eq!(team.mine(&leaves).await.open, 0);
    rig.talks.fail(Fault::None).await;
    let stays = team.agent(5).await;
    assert_eq!(rig.talks.wait_for_assigned(1).await, [(id, stays)]);
    rig.until_settled(1, 0).await;
    rig.assert_loads_are_true().await;
}
